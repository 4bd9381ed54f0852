"""Three versions of a record become one: what both sides last agreed on, ours, and Buildium's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from portal.sync.paths import at, filled


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


@dataclass(frozen=True)
class Parts:
    """A list of parts with an identity each: `key` is its place inside a part, `pulled` are places only they decide."""

    key: str
    pulled: frozenset[str] = frozenset()


def three_way(
    base: Mapping[str, Any],
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    sets: frozenset[str] = frozenset(),
    parts: Mapping[str, Parts] = MappingProxyType({}),
) -> Merge:
    """Merge field by field. Only one side moved: that value. Both to the same: fine. Both apart: a conflict, where
    `values` keeps ours. The keys in `sets` hold lists whose elements are added and removed one by one; those in `parts`
    lists whose elements are merged one by one."""
    merge = Merge()
    for key, our_value in ours.items():
        if key in parts:
            merge_parts(merge, key, parts[key], [each.get(key) or [] for each in (base, ours, theirs)])
        elif key in sets:
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


def merge_parts(merge: Merge, key: str, parts: Parts, versions: Sequence[list[Any]]) -> None:
    """Parts are added, removed and changed independently; a part that one side removed and the other changed, or that
    both changed in one place, is a conflict of the whole list."""
    before, mine, yours = ({at(each, parts.key): each for each in version} for version in versions)
    new = [each for each in versions[1] if at(each, parts.key) is None]
    result, apart = [], False
    for name in [*yours, *(each for each in mine if each is not None and each not in yours)]:
        part, clash = merged_part(before.get(name), mine.get(name), yours.get(name), parts.pulled)
        result += [] if part is None else [part]
        apart = apart or clash
    result += new
    merge.values[key] = result
    if apart:
        merge.values[key] = versions[1]
        merge.conflicts[key] = Difference(*versions)
        return
    # The order in which the two sides list the same parts says nothing.
    if not equal(*(ordered(each, parts.key) for each in (result, versions[1]))):
        merge.incoming.add(key)
    if not equal(*(ordered(each, parts.key) for each in (result, versions[2]))):
        merge.outgoing.add(key)


def ordered(bodies: Sequence[Any], key: str) -> list[Any]:
    return sorted(bodies, key=lambda each: str(at(each, key)))


def merged_part(base: Any, mine: Any, yours: Any, pulled: frozenset[str]) -> tuple[Any, bool]:
    """One part as both sides should have it (None: neither), and whether they disagree about it."""
    if mine is None or yours is None:
        left = yours if mine is None else mine
        if base is None:
            return left, False
        return None, not equal(left, base)
    places = {place for each in (base or {}, mine, yours) for place in flat(each)}
    merge = Merge()
    for place in sorted(places):
        ours = at(yours, place) if place in pulled else at(mine, place)
        merge_values(merge, place, at(base, place), ours, at(yours, place))
    return filled(merge.values), bool(merge.conflicts)


def flat(body: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The places of all values in a body."""
    return [
        place
        for key, value in body.items()
        for place in (flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key])
    ]


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
