"""How many units somebody lived in, on some days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, CTE, ColumnElement, Date, case, cast, func, literal, literal_column, select

from portal.extensions import db
from portal.web.screens import screens

ALL_BITS: ColumnElement[int] = literal_column("-1")


@dataclass(frozen=True)
class Occupancy:
    """Of the units that are active now, so many were occupied on the day."""

    day: date
    occupied: int
    units: int

    @property
    def vacant(self) -> int:
        return self.units - self.occupied

    @property
    def percent(self) -> Decimal:
        return (Decimal(100 * self.occupied) / self.units).quantize(Decimal("0.1")) if self.units else Decimal(0)


def occupancy_on(days: Sequence[date], today: date) -> list[Occupancy]:
    """One query that reads each lease once, however many `days` there are; they come in order, and none is after today.

    For each of the days it says what the list of units has with the filter “occupied on”: a test holds them together.
    A lease covers a row of neighbouring days, which are kept as the bits of a number, the first day being the lowest.
    """
    unit = screens()["units"].model
    terms = terms_on(today, today)
    known = literal(list(days), ARRAY(Date))
    before_first = func.width_bucket(terms.c.first - 1, known)
    until_last = case((terms.c.last.is_(None), len(days)), else_=func.width_bucket(terms.c.last, known))
    bits = bits_below(until_last).op("&")(bits_below(before_first).op("#")(ALL_BITS))
    lived_in = select(terms.c.unit_id, func.bit_or(bits).label("bits")).group_by(terms.c.unit_id).subquery()
    sums: list[Any] = [
        func.count().filter(lived_in.c.bits.op("&")(literal_column(str(1 << place))) != 0) for place in range(len(days))
    ]
    found = select(func.count(), *sums).select_from(unit).outerjoin(lived_in, lived_in.c.unit_id == unit.id)
    units, *numbers = db.session.execute(found.where(unit.is_active)).one()
    return [Occupancy(day, number, units) for day, number in zip(days, numbers, strict=True)]


def terms_on(day: date, today: date) -> CTE:
    """(unit_id, first, last) of every lease, as it looks on `day`; worked out once for the whole query."""
    lease = screens()["leases"].model
    left = lease.move_outs().subquery()
    last = lease.last_days(max(day, today), today, left.c.moved_out)
    terms = select(lease.unit_id.label("unit_id"), cast(lease.start_date, Date).label("first"), last.label("last"))
    return terms.outerjoin(left, left.c.lease_id == lease.id).cte("terms").prefix_with("MATERIALIZED")


def bits_below(place: ColumnElement[int]) -> ColumnElement[int]:
    """The number with as many low bits set."""
    return literal_column("1").op("<<")(place) - literal_column("1")
