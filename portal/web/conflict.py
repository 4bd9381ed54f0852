"""Two people edited the same record: what each of them changed, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wtforms import BooleanField, SelectField

from portal.web.fields import SecretField
from portal.web.formats import day
from portal.web.forms import RecordForm, comparable, short_hash
from portal.web.record_field import RecordField
from portal.web.rows import RowsField


@dataclass(frozen=True)
class Difference:
    """A field whose two values differ. `whose` says who changed it: "you", "them" or "both"."""

    name: str
    label: str
    yours: str
    theirs: str
    whose: str


def differences(yours: RecordForm, theirs: RecordForm) -> list[Difference]:
    """`yours` is the form as it was sent, `theirs` the same form of the record as it is now."""
    return list(compare(yours, theirs, hashes(yours.seen.data)))


def merge(yours: RecordForm, theirs: RecordForm, found: list[Difference]) -> None:
    """Make `yours` the proposal to go on with: their value where only they changed the field, yours everywhere else."""
    for difference in found:
        if difference.whose == "them":
            put(yours[difference.name], theirs[difference.name].data)
    for field in yours.values():
        if isinstance(field, RowsField):
            field.forget_missing(theirs[field.short_name])
    rebase(yours, theirs)


def leave_unseen(yours: RecordForm, theirs: RecordForm) -> None:
    """Of a field that wasn't there when the form was opened, nothing was said: it keeps what is stored."""
    seen = hashes(yours.seen.data)
    for field in yours.values():
        if seen and field.short_name not in seen:
            put(field, theirs[field.short_name].data)


def rebase(yours: RecordForm, theirs: RecordForm) -> None:
    """Make the next save of `yours` one of the record as it is now."""
    yours.version.data, yours.seen.data = theirs.version.data, theirs.seen.data


def goes_on(yours: RecordForm, theirs: RecordForm) -> bool:
    """Whether nothing that the form shows was changed by anybody else, as where Buildium's answer was written down
    meanwhile. Then `yours` is rebased on what is stored now. A sealed value can't be compared. In any case, what wasn't
    on the form keeps what is stored."""
    leave_unseen(yours, theirs)
    sealed = any(isinstance(field, SecretField) and field.data for field in yours.values())
    if sealed or gone(yours) or not yours.is_older(theirs.record):
        return False
    if by_others(differences(yours, theirs)):
        return False
    rebase(yours, theirs)
    return True


def by_others(found: list[Difference]) -> list[Difference]:
    """What somebody else has changed, alone or as well."""
    return [each for each in found if each.whose != "you"]


def is_told(form: RecordForm, found: list[Difference]) -> bool:
    """Whether the record's own history says who changed one of them. That of rows isn't in it."""
    return any(not isinstance(form[each.name], RowsField) for each in found)


def gone(form: RecordForm) -> list[str]:
    """The labels of the fields that were changed in the form, and that it can't have any more."""
    seen = hashes(form.seen.data)
    had = [field for field in form.taken_away if field.short_name in seen]
    return [field.label.text for field in had if short_hash(field) != seen[field.short_name]]


def take_theirs(form: RecordForm, names: list[str]) -> None:
    """Put the stored value into the fields whose box “take theirs” was ticked."""
    for name in names:
        if name in form and hasattr(form.record, name):
            put(form[name], getattr(form.record, name))


def put(field: Any, value: Any) -> None:
    """Make `value` what the field holds, as if it had been typed."""
    field.process(None, value)
    for inner in (inner for _, row in field.filled() for inner in row) if isinstance(field, RowsField) else (field,):
        inner.raw_data = None if inner.data is None else [str(inner.data)]


def compare(yours: RecordForm, theirs: RecordForm, seen: dict[str, str]) -> Iterator[Difference]:
    for field in yours.values():
        other = theirs[field.short_name]
        if comparable(field) == comparable(other):
            continue
        before = seen.get(field.short_name)
        you, them = short_hash(field) != before, short_hash(other) != before
        whose = "both" if before is None or (you and them) else "you" if you else "them"
        yield Difference(field.short_name, field.label.text, say(field), say(other), whose)


def hashes(text: str | None) -> dict[str, str]:
    """What the hidden field `seen` holds; nothing for anything that isn't ours."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def say(field: Any) -> str:
    if isinstance(field, RecordField):
        return field.words()
    if isinstance(field, RowsField):
        return field.words(say)
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    if isinstance(field, SelectField):
        words = {str(value): label for value, label, *_ in field.iter_choices()}
        return words.get(text_of(field), text_of(field))
    if isinstance(field.data, date) and not isinstance(field.data, datetime):
        return day(field.data)
    return text_of(field)


def text_of(field: Any) -> str:
    return "" if field.data is None else str(field.data)
