"""The kinds of filter a list can have. Each function makes a `Filter` from a function that reads the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from portal.sandbox.collection import Record
from portal.sandbox.errors import RefusedError
from portal.sandbox.resource import Filter, Predicate
from portal.sandbox.switches import Switches
from portal.sandbox.world import World

Texts = Callable[[Record], Iterable[str | None]]
INT32_MAX = 2**31 - 1


def ids(of: Callable[[World, Record], Iterable[int | None]], *, index: str = "") -> Filter:
    """Keeps records that have any of the given ids (the key is repeated, never separated by commas)."""

    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        wanted = {whole_number(name, text) for text in raw}
        return lambda world, record: not wanted.isdisjoint(of(world, record))

    return Filter(parse, index)


def choices(allowed: tuple[Any, ...], of: Callable[[Record], Iterable[str | None]]) -> Filter:
    """Keeps records with any of the given enum values."""
    return derived_choices(allowed, lambda world, record: of(record))


def derived_choices(allowed: tuple[Any, ...], of: Callable[[World, Record], Iterable[str | None]]) -> Filter:
    """Keeps records with any of the given enum values, where other records or the time of day decide them."""

    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        wanted = {_one_of(allowed, name, text) for text in raw}
        return lambda world, record: not wanted.isdisjoint(of(world, record))

    return Filter(parse)


def active(allowed: tuple[Any, ...]) -> Filter:
    """Keeps active or inactive records; `allowed` holds the endpoint's own spelling, the active one first."""

    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        wanted = _one_of(allowed, name, raw[-1]) == allowed[0]
        return lambda world, record: record["IsActive"] is wanted

    return Filter(parse)


def exactly(of: Callable[[Record], str | None]) -> Filter:
    """Keeps records whose text is any of the given ones, letter for letter."""
    return Filter(lambda name, raw, switches: lambda world, record: of(record) in raw)


def contains(of: Texts) -> Filter:
    """Keeps records with any text that contains any of the given ones."""
    return derived_contains(lambda world, record: of(record))


def derived_contains(of: Callable[[World, Record], Iterable[str | None]]) -> Filter:
    """Keeps records with any text, their own or of other records, that contains any of the given ones."""

    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        fold = str.casefold if switches.contains_ignores_case else str
        wanted = [fold(text) for text in raw]

        def test(world: World, record: Record) -> bool:
            return any(part in fold(text) for text in of(world, record) if text for part in wanted)

        return test

    return Filter(parse)


def within_days(of: Callable[[Record], str | None]) -> Filter:
    """Keeps records whose date lies between today and the given number of days ahead."""

    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        days = whole_number(name, raw[-1])

        def test(world: World, record: Record) -> bool:
            text = of(record)
            return text is not None and 0 <= (datetime.fromisoformat(text).date() - world.now.date()).days <= days

        return test

    return Filter(parse)


def from_moment(of: Callable[[Record], datetime]) -> Filter:
    """Keeps records whose moment is the given one or later, both in whole seconds."""
    return _moments(of, lambda moment, limit: moment >= limit)


def to_moment(of: Callable[[Record], datetime]) -> Filter:
    """Keeps records whose moment is the given one or earlier, both in whole seconds."""
    return _moments(of, lambda moment, limit: moment <= limit)


def _moments(of: Callable[[Record], datetime], compare: Callable[[datetime, datetime], bool]) -> Filter:
    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        limit = _moment(name, raw[-1])
        # The filters have whole seconds, so a change within the second of the limit counts on both sides.
        return lambda world, record: compare(of(record).replace(microsecond=0), limit)

    return Filter(parse)


UPDATED = {
    "lastupdatedfrom": from_moment(lambda record: record.updated),
    "lastupdatedto": to_moment(lambda record: record.updated),
}


def whole_number(name: str, text: str) -> int:
    """An int32 query value; refuses anything else with 400."""
    if not text.removeprefix("-").isdecimal() or abs(int(text)) > INT32_MAX:
        raise RefusedError(400, [(name, f"'{text}' is not a valid integer.")])
    return int(text)


def _one_of(allowed: tuple[Any, ...], name: str, text: str) -> str:
    if text not in allowed:
        raise RefusedError(400, [(name, f"'{text}' is not one of {', '.join(allowed)}.")])
    return text


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(400, [(name, f"'{text}' is not a date formatted as YYYY-MM-DDTHH:MM:SSZ.")]) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
