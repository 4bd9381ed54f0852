"""The base of every form that edits a record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField
from wtforms.fields import FieldList, FormField
from wtforms.validators import Optional

from portal.database import Record
from portal.vault import SealedError
from portal.web.fields import Checked, Trimming
from portal.web.record_field import RecordField
from portal.web.rows import RowsField

OWN_FIELDS = {"version", "seen", "csrf_token"}


@dataclass(frozen=True)
class Group:
    """Fields under one heading."""

    title: str
    names: tuple[str, ...]
    hint: str = ""


class Readable:
    """A record to a form: a value that no key opens is one the record doesn't have, so that the rest can be edited."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._record, name)
        except SealedError as error:
            raise AttributeError(name) from error


class RecordForm(Checked, FlaskForm):
    """`groups` say which fields are shown in which order.

    Two hidden fields tell a later save what this one was based on: `version`, and `seen`, a short hash of each field's
    value as the person was shown it. `taken_away` are the fields that `adapt` took, with what was sent for them: the
    form may have been opened before they had to go.
    """

    groups: ClassVar[tuple[Group, ...]] = ()

    version = HiddenField(validators=[Optional()])
    seen = HiddenField()

    class Meta(Trimming):
        """What is typed is trimmed."""

    def __init__(self, record: Any = None, **options: Any) -> None:
        """`record` is what is edited, None for a new one."""
        super().__init__(  # type: ignore[no-untyped-call]
            obj=None if record is None else Readable(record), **options
        )
        self.record = record
        whole = list(self)
        self.adapt()
        self.taken_away = [field for field in whole if field.short_name not in self]
        if not self.is_submitted():
            self.show(record)

    def adapt(self) -> None:
        """Take away fields that this record can't have. For forms to override."""

    def show(self, record: Any) -> None:
        """Base the next save on the record as it is now, and on the values that the form shows."""
        self.version.data = str(record.version) if record else ""
        self.seen.data = json.dumps({field.short_name: short_hash(field) for field in self.values()})

    def prefill(self, given: Mapping[str, str]) -> None:
        """Choose the records that an address names, as in /units/new?property_id=…"""
        for field in self.values():
            if isinstance(field, RecordField) and field.name in given:
                field.process(None, given[field.name])

    def values(self) -> Iterator[Any]:
        """The fields that are values of the record itself."""
        for field in self.in_order():
            if isinstance(field, RowsField) or not isinstance(field, FieldList | FormField):
                yield field

    def has_rows(self) -> bool:
        return any(isinstance(field, RowsField) for field in self)

    def rearranged(self) -> bool:
        """Whether the form was sent to add or remove a row: then it is shown again, and nothing is saved."""
        return any(field.pressed for field in self if isinstance(field, RowsField))

    def in_order(self) -> Iterator[Any]:
        """All fields that people see: as the groups have them, then the others."""
        named = [name for group in self.groups for name in group.names if name in self]
        others = [field.short_name for field in self if field.short_name not in {*named, *OWN_FIELDS}]
        return (self[name] for name in (*named, *others))

    def is_of(self, record: Record) -> bool:
        """Whether the form was filled in on the record's present version."""
        return bool(self.version.data == str(record.version))

    def is_older(self, record: Record) -> bool:
        """Whether it was filled in on an earlier version of the record. One that was sent without a version holds the
        record's own."""
        version = str(self.version.data or "")
        return version.isdecimal() and len(version) < 10 and int(version) < record.version

    def fill(self, record: Any) -> None:
        for field in self.values():
            field.populate_obj(record, field.short_name)

    def shown_groups(self) -> Iterator[tuple[Group, list[Any]]]:
        for group in self.groups:
            fields = [self[name] for name in group.names if name in self]
            if fields:
                yield group, fields

    def all_errors(self) -> Iterator[tuple[str, str]]:
        """(id of the input, message), in the order of the fields; also those of lines."""
        for field in self.in_order():
            yield from errors_of(field)


def errors_of(field: Any) -> Iterator[tuple[str, str]]:
    if isinstance(field, RowsField):
        yield from field.all_errors()
    elif isinstance(field, FieldList):
        yield from ((f"{field.id}-0", message) for message in field.errors if isinstance(message, str))
        for entry in field.entries:
            yield from errors_of(entry)
    elif isinstance(field, FormField):
        for inner in field.form:
            yield from errors_of(inner)
    else:
        yield from ((field.id, message) for message in field.errors)


def short_hash(field: Field) -> str:
    return hashlib.blake2b(repr(comparable(field)).encode(), digest_size=6).hexdigest()


def comparable(field: Field) -> Any:
    """The field's value so that the same value compares equal, however it was typed: 1 is 1.00."""
    if isinstance(field, RowsField):
        return [[str(row["id"].data or ""), *map(comparable, row.values())] for _, row in field.filled()]
    value = field.data
    if isinstance(value, Decimal):
        return value.normalize()
    return bool(value) if isinstance(field, BooleanField) else value
