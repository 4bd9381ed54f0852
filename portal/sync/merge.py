"""Three versions of a record become one: what both sides last agreed on, ours, and Buildium's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class Difference:
    """A field that both sides changed, differently."""

    base: Any
    ours: Any
    theirs: Any


@dataclass
class Merge:
    """`values` is what both sides should hold; `incoming` and `outgoing` are the keys only one side changed."""

    values: dict[str, Any] = field(default_factory=dict)
    incoming: set[str] = field(default_factory=set)
    outgoing: set[str] = field(default_factory=set)
    conflicts: dict[str, Difference] = field(default_factory=dict)


def three_way(
    base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any], sets: frozenset[str] = frozenset()
) -> Merge:
    """Merge field by field. Only one side moved: that value. Both to the same: fine. Both apart: a conflict, where
    `values` keeps ours. The keys in `sets` hold lists whose elements are added and removed one by one."""
    merge = Merge()
    for key, our_value in ours.items():
        if key in sets:
            merge_sets(merge, key, base.get(key), our_value, theirs.get(key))
        else:
            merge_values(merge, key, base.get(key), our_value, theirs.get(key))
    return merge


def merge_values(merge: Merge, key: str, base: Any, ours: Any, theirs: Any) -> None:
    merge.values[key] = ours
    if equal(ours, theirs):
        # Spelled their way, so that no update changes as much as a line's end that nobody touched.
        merge.values[key] = theirs
        return
    if equal(ours, base):
        merge.values[key] = theirs
        merge.incoming.add(key)
    elif equal(theirs, base):
        merge.outgoing.add(key)
    else:
        merge.conflicts[key] = Difference(base, ours, theirs)


def merge_sets(merge: Merge, key: str, base: Any, ours: Any, theirs: Any) -> None:
    before, mine, yours = set(base or ()), set(ours or ()), set(theirs or ())
    result = (yours | (mine - before)) - (before - mine)
    merge.values[key] = sorted(result)
    if result != mine:
        merge.incoming.add(key)
    if result != yours:
        merge.outgoing.add(key)


def equal(one: Any, other: Any) -> bool:
    return bool(canonical(one) == canonical(other))


def canonical(value: Any) -> Any:
    """The form in which two spellings of one value are equal: no value, "" and [] are; so are 1, 1.0 and Decimal 1."""
    if value is None or value == "" or value == [] or value == {}:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return number(value)
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items() if canonical(item) is not None} or None
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def number(value: float | Decimal) -> Any:
    try:
        return Decimal(str(value)).normalize()
    except InvalidOperation:
        return str(value)
