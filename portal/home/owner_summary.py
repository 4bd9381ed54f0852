"""What each owner has: properties, units, how many are occupied, the rent they bring, and the bills that are open.

A property counts whole for each of its owners, whatever their shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.home.figures import Figure, counted
from portal.home.occupancy import occupancy_on
from portal.web.lists import Asked, read_list
from portal.web.pagination import Page, ordering
from portal.web.screens import screens
from portal.web.values import Counted

ZERO = Decimal(0)
HEADINGS = ("Owner", "Properties", "Units", "Occupied", "Rent a month", "Open bills", "Open amount")


@dataclass(frozen=True)
class Line:
    """One owner, or the whole portfolio (`owner` None). `amount` is what is open of the bills."""

    owner: Any
    properties: Counted
    units: Counted
    occupied: Counted
    leases: Counted
    rent: Decimal
    bills: Counted
    amount: Decimal

    def cells(self) -> list[object]:
        return [str(self.owner or "Whole portfolio"), self.properties.number, self.units.number, self.occupied.number,
                self.rent, self.bills.number, self.amount]  # fmt: skip


@dataclass(frozen=True)
class Report:
    """`asked` is the list of owners that `page` is a page of."""

    day: date
    asked: Asked
    page: Page
    lines: Sequence[Line]
    total: Line


def read(given: MultiDict[str, str], today: date) -> Report:
    """One page of owners: eight queries, however many they are."""
    asked = read_list(screens()["owners"], asked_for(given))
    page = asked.page()
    return Report(today, asked, page, lines_of(page.records, today), whole(today))


def table(given: MultiDict[str, str], today: date) -> list[list[object]]:
    """All owners that the list has."""
    asked = read_list(screens()["owners"], asked_for(given))
    owners = db.session.scalars(asked.statement().order_by(*ordering(asked.order))).all()
    rows = [each.cells() for each in lines_of(owners, today)]
    return [list(HEADINGS), *rows, whole(today).cells()]


def asked_for(given: MultiDict[str, str]) -> MultiDict[str, str]:
    """What the report takes of the list's parameters."""
    known = {name: given[name] for name in ("q", "after", "before") if name in given}
    return MultiDict({"status": "active", **known})


def lines_of(owners: Sequence[Any], today: date) -> list[Line]:
    ids = [each.id for each in owners]
    houses, units, rents, bills = (
        {row[0]: tuple(row[1:]) for row in db.session.execute(statement)}
        for statement in (properties_of(ids), units_of(ids, today), rents_of(ids, today), bills_of(ids))
    )
    nothing = (0, ZERO)
    return [
        line(
            each,
            houses.get(each.id, (0,))[0],
            units.get(each.id, (0, 0)),
            rents.get(each.id, nothing),
            bills.get(each.id, nothing),
            today,
        )
        for each in owners
    ]


def line(
    owner: Any,
    properties: int,
    units: tuple[int, int],
    rents: tuple[int, Decimal],
    bills: tuple[int, Decimal],
    today: date,
) -> Line:
    """`units` are (all, occupied), the last two (number, amount)."""
    own: dict[str, object] = {"owner_id": owner.id} if owner else {}
    active = {"status": "active", **own}
    return Line(
        owner,
        Counted(properties, "properties", active),
        Counted(units[0], "units", active),
        Counted(units[1], "units", {**active, "occupancy": "occupied"}),
        Counted(rents[0], "leases", {"runs_on": today.isoformat(), **own}),
        rents[1],
        Counted(bills[0], "bills", {"status": "open", **own}),
        bills[1],
    )


def whole(today: date) -> Line:
    """Everything, with and without an owner."""
    figures = (
        Figure("", "properties", {"status": "active"}),
        Figure("", "bills", {"status": "open"}, "", "open_amount"),
    )
    properties, bills = counted(figures)
    (now,) = occupancy_on([today], today)
    lease = screens()["leases"].model
    left = lease.move_outs().subquery()
    sums = select(func.count(), func.coalesce(func.sum(lease.monthly_rent()), 0)).select_from(lease)
    sums = sums.outerjoin(left, left.c.lease_id == lease.id).where(lease.covers(today, today, left.c.moved_out))
    number, rent = db.session.execute(sums).one()
    return line(None, properties.number, (now.units, now.occupied), (number, rent), (bills.number, bills.amount), today)


def shares(ids: Sequence[UUID], *columns: Any) -> Select[Any]:
    share = screens()["ownerships"].model
    return select(share.owner_id, *columns).select_from(share).where(share.owner_id.in_(ids)).group_by(share.owner_id)


def properties_of(ids: Sequence[UUID]) -> Select[Any]:
    share, house = screens()["ownerships"].model, screens()["properties"].model
    return shares(ids, func.count()).join(house, house.id == share.property_id).where(house.is_active)


def units_of(ids: Sequence[UUID], today: date) -> Select[Any]:
    share, unit = screens()["ownerships"].model, screens()["units"].model
    lease = screens()["leases"].model
    occupied = select(lease.id).where(lease.unit_id == unit.id, lease.covers(today, today)).correlate(unit).exists()
    found = shares(ids, func.count(), func.count().filter(occupied))
    return found.join(unit, unit.property_id == share.property_id).where(unit.is_active)


def rents_of(ids: Sequence[UUID], today: date) -> Select[Any]:
    share, lease = screens()["ownerships"].model, screens()["leases"].model
    found = shares(ids, func.count(), func.sum(lease.monthly_rent()))
    return found.join(lease, lease.property_id == share.property_id).where(lease.covers(today, today))


def bills_of(ids: Sequence[UUID]) -> Select[Any]:
    """A bill with lines for several properties of an owner counts once."""
    share, bill = screens()["ownerships"].model, screens()["bills"].model
    part = bill.lines.property.mapper.class_
    owed = read_list(screens()["bills"], MultiDict({"status": "open"})).statement()
    parts = owed.with_only_columns(share.owner_id, bill.id, bill.open_amount).join(part, part.bill_id == bill.id)
    parts = parts.join(share, share.property_id == part.property_id).where(share.owner_id.in_(ids))
    each = parts.distinct().subquery()
    return select(each.c.owner_id, func.count(), func.sum(each.c.open_amount)).group_by(each.c.owner_id)
