"""Vacant units on one day: since when, and what rent that has cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from portal.extensions import db
from portal.home.occupancy import terms_on
from portal.web.screen import by_name
from portal.web.screens import screens
from portal.web.values import Counted

ZERO, CENT = Decimal(0), Decimal("0.01")
ONE_DAY = timedelta(days=1)
HEADINGS = ("Property", "Unit", "Vacant since", "Days vacant", "Market rent", "Rent lost", "Next lease")


@dataclass(frozen=True)
class Line:
    """One vacant unit. `last_let` is the last day on which somebody lived there (None: it was never let here),
    `next_lease` the day on which the next lease begins."""

    day: date
    property_id: UUID
    house: str
    unit_id: UUID
    unit: str
    market_rent: Decimal | None
    last_let: date | None
    next_lease: date | None

    @property
    def since(self) -> date | None:
        return self.last_let + ONE_DAY if self.last_let else None

    @property
    def days(self) -> int | None:
        return (self.day - self.last_let).days if self.last_let else None

    @property
    def lost(self) -> Decimal:
        """The market rent of these days, a year having twelve months and 365 days."""
        return ((self.market_rent or ZERO) * 12 * (self.days or 0) / 365).quantize(CENT)

    def cells(self) -> list[object]:
        return [self.house, self.unit, self.since, self.days, self.market_rent, self.lost, self.next_lease]


@dataclass(frozen=True)
class House:
    """One property, or all of them (`id` None). `days` is the average of the units for which it is known."""

    id: UUID | None
    name: str
    units: int
    vacant: Counted
    days: int | None
    rent: Decimal
    lost: Decimal

    @property
    def percent(self) -> Decimal:
        return (Decimal(100 * self.vacant.number) / self.units).quantize(Decimal("0.1")) if self.units else ZERO


@dataclass(frozen=True)
class Report:
    """`house` is the property that was asked about, if one was. `houses` are those with vacant units, the dearest
    first; `lines` are the units, the longest vacant first."""

    day: date
    house: Any
    houses: Sequence[House]
    lines: Sequence[Line]
    total: House

    def table(self) -> list[list[object]]:
        return [list(HEADINGS), *(line.cells() for line in self.lines)]


def read(day: date, property_id: UUID | None, today: date) -> Report:
    """Three queries at most, however many properties there are."""
    house = db.session.get(screens()["properties"].model, property_id) if property_id else None
    known = [Line(day, *row) for row in db.session.execute(vacant_units(day, property_id, today))]
    lines = sorted(known, key=lambda line: -1 if line.days is None else line.days, reverse=True)
    units = active_units(property_id)
    by_house: dict[UUID, list[Line]] = {}
    for line in lines:
        by_house.setdefault(line.property_id, []).append(line)
    houses = [summed(each[0].house, each, units[each[0].property_id], day) for each in by_house.values()]
    houses.sort(key=lambda each: (-each.lost, each.name.casefold(), str(each.id)))
    total = summed("", lines, sum(units.values()), day, property_id)
    return Report(day, house, houses, lines, total)


def vacant_units(day: date, property_id: UUID | None, today: date) -> Select[Any]:
    """The fields of a Line after the day."""
    unit, house, terms = screens()["units"].model, screens()["properties"].model, terms_on(day, today)
    lived_in = func.bool_or((terms.c.first <= day) & or_(terms.c.last.is_(None), terms.c.last >= day))
    before = func.max(terms.c.last).filter(terms.c.last < day, terms.c.first <= day)
    after = func.min(terms.c.first).filter(terms.c.first > day)
    known = select(terms.c.unit_id, lived_in.label("lived_in"), before.label("before"), after.label("after"))
    known_by_unit = known.group_by(terms.c.unit_id).subquery()
    here = known_by_unit.c
    found = select(house.id, house.name, unit.id, unit.unit_number, unit.market_rent, here.before, here.after)
    found = found.select_from(unit).join(house, unit.property_id == house.id)
    found = found.outerjoin(known_by_unit, here.unit_id == unit.id)
    found = found.where(unit.is_active, here.lived_in.is_not(True))
    if property_id:
        found = found.where(unit.property_id == property_id)
    return found.order_by(by_name(house.name).by, house.id, by_name(unit.unit_number).by, unit.id)


def active_units(property_id: UUID | None) -> dict[UUID, int]:
    unit = screens()["units"].model
    found = select(unit.property_id, func.count()).where(unit.is_active).group_by(unit.property_id)
    if property_id:
        found = found.where(unit.property_id == property_id)
    return {each: number for each, number in db.session.execute(found)}


def summed(name: str, lines: Sequence[Line], units: int, day: date, property_id: UUID | None = None) -> House:
    """What these lines come to: those of the property `name`, or all (""), perhaps `property_id`'s only."""
    known = [line.days for line in lines if line.days is not None]
    house = lines[0].property_id if name else property_id
    filters: dict[str, object] = {"status": "active", "vacant_on": day.isoformat()}
    return House(
        lines[0].property_id if name else None,
        name,
        units,
        Counted(len(lines), "units", filters | ({"property_id": house} if house else {})),
        round(sum(known) / len(known)) if known else None,
        sum((line.market_rent or ZERO for line in lines), ZERO),
        sum((line.lost for line in lines), ZERO),
    )
