"""Values of Buildium's messages as people read them: parents by name, dates and numbers as on every page, lists part by
part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_

from portal.extensions import db
from portal.operations.words import kind, shown
from portal.sync.merge import equal
from portal.sync.models import SyncStatus
from portal.sync.resource import Field, at
from portal.web.formats import day, number

Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class Part:
    """One part of a list; `is_new` tells that it isn't what both sides had."""

    words: str
    is_new: bool


@dataclass(frozen=True)
class Side:
    """One side's value of a field: words, or the parts of a list."""

    words: str
    parts: tuple[Part, ...] = ()


def side_of(item: Field | None, value: Any, names: Names, base: Any = None) -> Side:
    """`base` is what the parts of a list are compared with."""
    if item is None or not item.items:
        return Side(words_of(item, value, names))
    known = list(base or ())
    parts = [
        Part(words_of_part(item, part, names), not any(equal(part, each) for each in known)) for part in value or ()
    ]
    return Side("", tuple(parts))


def words_of_part(item: Field, part: Mapping[str, Any], names: Names) -> str:
    """“Account: Repairs, Amount: 120, Memo: Roof”; the number of the part itself says nothing to people."""
    assert item.items
    told = [
        (each.words, words_of(each, at(part, each.remote), names))
        for each in item.items.fields
        if not item.items.key or each.name != item.items.key
    ]
    return ", ".join(f"{label}: {words}" for label, words in told if words)


def words_of(item: Field | None, value: Any, names: Names) -> str:
    if item is not None and item.refers_to and value not in (None, "", []):
        listed = value if isinstance(value, list) else [value]
        return ", ".join(names.get((item.refers_to, each)) or unnamed(item, each) for each in listed)
    local = localised(item, value)
    if isinstance(local, date):
        return day(local)
    return number(local) if isinstance(local, Decimal) else shown(value)


def unnamed(item: Field, value: Any) -> str:
    return f"{kind(item.refers_to)} {value} in Buildium"


def localised(item: Field | None, value: Any) -> Any:
    """The value in our spelling where it has one."""
    if item is None or value is None or isinstance(value, bool | list | dict):
        return value
    try:
        return item.to_local(value)
    except (ValueError, TypeError, ArithmeticError, KeyError):
        return value


def names_in(values: Iterable[tuple[Field | None, Any]]) -> Names:
    """The names of all records that the values refer to. One query at most."""
    wanted: set[tuple[str, int]] = set()
    for item, value in values:
        if item is not None and item.items:
            for each in item.items.fields:
                wanted |= references(each, [at(part, each.remote) for part in value or ()])
        elif item is not None:
            wanted |= references(item, value if isinstance(value, list) else [value])
    if not wanted:
        return {}
    columns = (SyncStatus.entity_type, SyncStatus.buildium_id)
    found = db.session.execute(select(*columns, SyncStatus.record_name).where(tuple_(*columns).in_(sorted(wanted))))
    return {(row.entity_type, row.buildium_id): row.record_name for row in found if row.record_name}


def references(item: Field, values: Sequence[Any]) -> set[tuple[str, int]]:
    return {(item.refers_to, each) for each in values if isinstance(each, int)} if item.refers_to else set()
