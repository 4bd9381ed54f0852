"""Filters by calendar days (`YYYY-MM-DD`), and the pair of parameters that names a property or owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import get_args

from portal.sandbox.collection import Record
from portal.sandbox.errors import RefusedError
from portal.sandbox.filters import whole_number
from portal.sandbox.messages import enums
from portal.sandbox.resource import Filter, Predicate, Query
from portal.sandbox.switches import Switches
from portal.sandbox.world import World

Day = Callable[[World, Record], str | None]
# (type, id) of everything that a record concerns, such as ("Rental", 1001).
Entities = Callable[[World, Record], Iterable[tuple[str, int | None]]]


def from_day(of: Day) -> Filter:
    """Keeps records whose day is the given one or later; none at all never fits."""
    return _day(of, lambda found, limit: found >= limit)


def to_day(of: Day) -> Filter:
    """Keeps records whose day is the given one or earlier."""
    return _day(of, lambda found, limit: found <= limit)


def day_of(name: str, text: str) -> date:
    """A query value as a date; refuses anything else with 400."""
    try:
        if len(text) != len("YYYY-MM-DD"):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(400, [(name, f"'{text}' is not a date formatted as YYYY-MM-DD.")]) from None


def _checked_id(name: str, raw: list[str], switches: Switches) -> Predicate:
    whole_number(name, raw[-1])
    return lambda world, record: True


def _checked_type(name: str, raw: list[str], switches: Switches) -> Predicate:
    allowed = get_args(enums.EntityTypeFilter)
    if raw[-1] not in allowed:
        raise RefusedError(400, [(name, f"'{raw[-1]}' is not one of {', '.join(allowed)}.")])
    return lambda world, record: True


# What each of the two is by itself; together they are `of_entity`.
ENTITY = {"entityid": Filter(_checked_id), "entitytype": Filter(_checked_type)}


def of_entity(entities: Entities) -> Callable[[Query, Switches], list[Predicate]]:
    """For `Resource.narrow`: keeps records that concern the entity; an id without its type is refused with 422."""

    def narrow(query: Query, switches: Switches) -> list[Predicate]:
        if not query.get("entityid"):
            return []
        if not query.get("entitytype"):
            raise RefusedError(422, [("entitytype", "entitytype is required if entityid is specified.")])
        wanted = query["entitytype"], int(query["entityid"])
        return [lambda world, record: wanted in entities(world, record)]

    return narrow


def _day(of: Day, compare: Callable[[date, date], bool]) -> Filter:
    def parse(name: str, raw: list[str], switches: Switches) -> Predicate:
        limit = day_of(name, raw[-1])

        def test(world: World, record: Record) -> bool:
            text = of(world, record)
            return text is not None and compare(date.fromisoformat(text), limit)

        return test

    return Filter(parse)


# On tasks and work orders the time of the last change counts by the day only (MAPPING §1.4).
UPDATED_BY_DAY = {
    "lastupdatedfrom": from_day(lambda world, record: record.updated.date().isoformat()),
    "lastupdatedto": to_day(lambda world, record: record.updated.date().isoformat()),
}
