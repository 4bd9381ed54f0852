"""The rent roll: who rents what for how much on one day, what comes, what ends, what has ended, and what is empty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select

from portal.extensions import db
from portal.web.screen import by_name
from portal.web.screens import screens

SHOWS = {
    "current": "Current",
    "upcoming": "Upcoming",
    "expiring": "Ending within 90 days",
    "past": "Ended in the last year",
    "vacant": "Vacant",
}
HEADINGS = ("Property", "Unit", "Tenants", "Start", "End", "Rent", "Deposit", "Market rent")
SOON, YEAR = timedelta(days=90), timedelta(days=365)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """A lease, or a unit without one (`lease_id` None): then `end` is the last day on which it was let, if it was."""

    property_id: UUID
    property: str
    unit_id: UUID
    unit: str
    market_rent: Decimal | None
    lease_id: int | None = None
    tenants: str = ""
    start: date | None = None
    end: date | None = None
    rent: Decimal | None = None
    deposit: Decimal | None = None

    def days_vacant(self, day: date) -> int | None:
        """Since its last lease ended; None where it was never let."""
        return (day - self.end).days if self.end else None

    def cells(self) -> list[object]:
        return [self.property, self.unit, self.tenants, self.start, self.end, self.rent, self.deposit, self.market_rent]


@dataclass(frozen=True)
class Sums:
    """What the lines of one property, or of all, add up to."""

    lines: int = 0
    rent: Decimal = ZERO
    deposit: Decimal = ZERO
    market_rent: Decimal = ZERO


@dataclass(frozen=True)
class House:
    """One property with its lines, and how many of its active units there are and are let on the day."""

    id: UUID
    name: str
    lines: tuple[Line, ...]
    sums: Sums
    units: int
    let: int


@dataclass(frozen=True)
class Report:
    day: date
    show: str
    counts: dict[str, int]
    houses: tuple[House, ...]
    sums: Sums
    units: int
    let: int

    @property
    def occupancy(self) -> Decimal:
        """In percent of the active units."""
        return Decimal(100 * self.let) / self.units if self.units else ZERO

    def table(self) -> list[list[object]]:
        return [list(HEADINGS), *(line.cells() for house in self.houses for line in house.lines)]


def read(day: date, show: str, today: date) -> Report:
    """Three queries, however many properties there are."""
    terms = terms_of(day, today)
    occupied = occupied_on(day, terms)
    counts, units = count(day, terms, occupied)
    lines = vacant(day, terms, occupied) if show == "vacant" else let(show, day, terms)
    houses = tuple(house(list(group), units) for _, group in groupby(lines, key=lambda line: line.property_id))
    everything = [line for each in houses for line in each.lines]
    number, are_let = (sum(each[place] for each in units.values()) for place in (0, 1))
    return Report(day, show, counts, houses, sums_of(everything), number, are_let)


def terms_of(day: date, today: date) -> Subquery:
    """Every lease with the last day on which somebody lives there, as far as anybody knows."""
    lease = screens()["leases"].model
    last = lease.last_days(max(day, today), today).label("last_day")
    first = func.date(lease.start_date).label("first_day")
    return select(lease.id, lease.unit_id.label("unit_id"), first, last).subquery()


def condition(show: str, day: date, terms: Subquery) -> ColumnElement[bool]:
    first, last = terms.c.first_day, terms.c.last_day
    is_current = and_(first <= day, or_(last.is_(None), last >= day))
    found: dict[str, ColumnElement[bool]] = {
        "current": is_current,
        "upcoming": first > day,
        "expiring": and_(is_current, last <= day + SOON),
        "past": and_(last < day, last >= day - YEAR),
    }
    return found[show]


def occupied_on(day: date, terms: Subquery) -> ColumnElement[bool]:
    unit = screens()["units"].model
    return select(terms.c.id).where(terms.c.unit_id == unit.id, condition("current", day, terms)).exists()


def count(
    day: date, terms: Subquery, occupied: ColumnElement[bool]
) -> tuple[dict[str, int], dict[UUID, tuple[int, int]]]:
    """How many lines each view has, and by property how many active units there are and are let."""
    shown = [show for show in SHOWS if show != "vacant"]
    wanted = [func.count().filter(condition(show, day, terms)) for show in shown]
    counts = dict(zip(shown, db.session.execute(select(*wanted).select_from(terms)).one(), strict=True))
    unit = screens()["units"].model
    rows = db.session.execute(
        select(unit.property_id, func.count(), func.count().filter(occupied))
        .where(unit.is_active)
        .group_by(unit.property_id)
    )
    units = {property_id: (number, are_let) for property_id, number, are_let in rows}
    return counts | {"vacant": sum(number - are_let for number, are_let in units.values())}, units


def let(show: str, day: date, terms: Subquery) -> list[Line]:
    lease, tenant = screens()["leases"].model, screens()["tenants"].model
    person = lease.tenants.property.mapper.class_
    names = (
        select(func.string_agg(func.concat_ws(" ", tenant.first_name, tenant.last_name), ", "))
        .join(person, person.tenant_id == tenant.id)
        .where(person.lease_id == lease.id)
        .correlate(lease)
        .scalar_subquery()
    )
    columns = (lease.id, func.coalesce(names, ""), terms.c.first_day, terms.c.last_day, lease.rent, lease.deposit_amt)
    statement = places(*columns).join(lease, lease.unit_id == screens()["units"].model.id)
    statement = statement.join(terms, terms.c.id == lease.id).where(condition(show, day, terms))
    return [Line(*row) for row in db.session.execute(statement.order_by(terms.c.first_day, lease.id))]


def vacant(day: date, terms: Subquery, occupied: ColumnElement[bool]) -> list[Line]:
    unit = screens()["units"].model
    earlier = select(func.max(terms.c.last_day)).where(terms.c.unit_id == unit.id, terms.c.last_day < day)
    last_let = earlier.correlate(unit).scalar_subquery()
    statement = places(last_let).where(unit.is_active, ~occupied)
    return [
        Line(house_id, name, unit_id, number, rent, end=last)
        for house_id, name, unit_id, number, rent, last in db.session.execute(statement)
    ]


def places(*columns: Any) -> Select[Any]:
    """Property and unit of each line, and then `columns`; in the order of their names."""
    unit, house = screens()["units"].model, screens()["properties"].model
    named = select(house.id, house.name, unit.id, unit.unit_number, unit.market_rent, *columns).select_from(unit)
    in_order = (by_name(house.name).by, house.id, by_name(unit.unit_number).by, unit.id)
    return named.join(house, unit.property_id == house.id).order_by(*in_order)


def house(lines: list[Line], units: dict[UUID, tuple[int, int]]) -> House:
    number, are_let = units.get(lines[0].property_id, (0, 0))
    return House(lines[0].property_id, lines[0].property, tuple(lines), sums_of(lines), number, are_let)


def sums_of(lines: Iterable[Line]) -> Sums:
    kept = list(lines)
    return Sums(
        len(kept),
        sum((each.rent or ZERO for each in kept), ZERO),
        sum((each.deposit or ZERO for each in kept), ZERO),
        sum((each.market_rent or ZERO for each in kept), ZERO),
    )
