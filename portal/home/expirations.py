"""Leases that run on one day, by the month in which they end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, case, cast, func, select

from portal.extensions import db
from portal.home.months import DAY, Stretch, months_from
from portal.web.charts import Bar, Point, bars_of, short
from portal.web.screens import screens
from portal.web.values import Counted

MONTHS_SHOWN = 12
OVER, LATER, NEVER = "Past their last day", "Later", "No last day"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """How many leases end in a stretch, and what they bring a month."""

    words: str
    leases: Counted
    rent: Decimal


@dataclass(frozen=True)
class House:
    """`months` are the numbers of the months shown, `rest` of everything else."""

    id: UUID
    name: str
    months: tuple[int, ...]
    rest: tuple[int, ...]
    leases: Counted
    rent: Decimal


@dataclass(frozen=True)
class Report:
    """`houses` are those with leases that end in the months shown, most of them first."""

    day: date
    months: Sequence[Line]
    rest: Sequence[Line]
    houses: Sequence[House]
    ending: Line
    total: Line

    @property
    def bars(self) -> list[Bar]:
        return bars_of(
            [Point(each.words[:3], each.leases.number, short(Decimal(each.leases.number))) for each in self.months]
        )

    def table(self) -> list[list[object]]:
        """By property, all of them."""
        words = [each.words for each in (*self.months, *self.rest)]
        lines: list[list[object]] = [
            [each.name, *each.months, *each.rest, each.leases.number, each.rent] for each in self.houses
        ]
        sums = [each.leases.number for each in (*self.months, *self.rest, self.ending)]
        heading: list[object] = ["Property", *words, f"In {MONTHS_SHOWN} months", "Rent a month of these"]
        return [heading, *lines, ["All properties", *sums, self.ending.rent]]


@dataclass(frozen=True)
class Part:
    """Leases of one property that end in one stretch."""

    property_id: UUID
    property: str
    place: int
    number: int
    rent: Decimal


def read(day: date, today: date) -> Report:
    """One query. A place is the number of a month, or one of the three after them."""
    months = list(months_from(day, MONTHS_SHOWN))
    parts = parts_of(day, today, months)
    spans = spans_of(day, months)
    lines = [line(words, filters, (each for each in parts if each.place == place), day)
             for place, (words, filters) in enumerate(spans)]  # fmt: skip
    within = {"ends_from": months[0].first.isoformat(), "ends_until": months[-1].last.isoformat()}
    ending = line("", within, (each for each in parts if each.place < MONTHS_SHOWN), day)
    houses = houses_of(parts, within, day)
    return Report(day, lines[:MONTHS_SHOWN], lines[MONTHS_SHOWN:], houses, ending, line("", {}, parts, day))


def spans_of(day: date, months: Sequence[Stretch]) -> list[tuple[str, dict[str, str]]]:
    """(words, filters of the list of leases) by place."""
    shown = [(each.words, {"ends_from": each.first.isoformat(), "ends_until": each.last.isoformat()})
             for each in months]  # fmt: skip
    over = {"ends_until": (day - DAY).isoformat()}
    later = {"ends_from": (months[-1].last + DAY).isoformat()}
    return [*shown, (OVER, over), (LATER, later), (NEVER, {"ends": "never"})]


def parts_of(day: date, today: date, months: Sequence[Stretch]) -> list[Part]:
    lease, house = screens()["leases"].model, screens()["properties"].model
    end = cast(lease.end_date, Date)
    in_months = [(end <= each.last, place) for place, each in enumerate(months)]
    rest = len(months)
    place = case((end.is_(None), rest + 2), (end < day, rest), *in_months, else_=rest + 1)
    found = select(house.id, house.name, place, func.count(), func.sum(lease.monthly_rent())).select_from(lease)
    left = lease.move_outs().subquery()
    found = found.join(house, lease.property_id == house.id).outerjoin(left, left.c.lease_id == lease.id)
    found = found.where(lease.covers(day, today, left.c.moved_out))
    return [Part(*row) for row in db.session.execute(found.group_by(house.id, place))]


def line(words: str, filters: dict[str, str], parts: Iterable[Part], day: date) -> Line:
    kept = list(parts)
    shown: dict[str, Any] = {"runs_on": day.isoformat(), **filters}
    counted = Counted(sum(each.number for each in kept), "leases", shown)
    return Line(words, counted, sum((each.rent for each in kept), ZERO))


def houses_of(parts: Sequence[Part], within: dict[str, str], day: date) -> list[House]:
    by_house: dict[UUID, list[Part]] = {}
    for each in parts:
        by_house.setdefault(each.property_id, []).append(each)
    houses = [house_of(its, within, day) for its in by_house.values()]
    kept = [each for each in houses if each.leases.number]
    return sorted(kept, key=lambda each: (-each.leases.number, each.name.casefold(), str(each.id)))


def house_of(parts: Sequence[Part], within: dict[str, str], day: date) -> House:
    numbers = {each.place: each.number for each in parts}
    its = {**within, "property_id": str(parts[0].property_id)}
    ending = line("", its, (each for each in parts if each.place < MONTHS_SHOWN), day)
    return House(
        parts[0].property_id,
        parts[0].property,
        tuple(numbers.get(place, 0) for place in range(MONTHS_SHOWN)),
        tuple(numbers.get(MONTHS_SHOWN + place, 0) for place in range(3)),
        ending.leases,
        ending.rent,
    )
