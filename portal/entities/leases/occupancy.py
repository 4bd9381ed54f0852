"""What a lease keeps occupied and brings in a month; as SQL, for lists, numbers and reports alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, Numeric, Select, and_, case, cast, column, func, or_, select, table

# How often rent is charged in a month.
CHARGES_A_MONTH: Mapping[str, Decimal] = {
    "Weekly": Decimal(52) / 12,
    "Every2Weeks": Decimal(26) / 12,
    "Every2Months": Decimal(1) / 2,
    "Quarterly": Decimal(1) / 3,
    "Every6Months": Decimal(1) / 6,
    "Yearly": Decimal(1) / 12,
    "Daily": Decimal(365) / 12,
    "OneTime": Decimal(0),
}

# By name, because the people of a lease are in the model that this is a part of.
PEOPLE = table("lease_tenants", column("lease_id"), column("move_out_date", Date))


class Occupying:
    """Part of the model of leases."""

    if TYPE_CHECKING:
        start_date: Any
        rent: Any
        rent_cycle: Any

        @classmethod
        def last_days(cls, day: date, today: date, everybody: Any = None) -> ColumnElement[date]: ...

    @classmethod
    def covers(cls, day: date, today: date, everybody: Any = None) -> ColumnElement[bool]:
        """Whether somebody lives in the unit under the lease on `day`, as far as anybody knows today. `everybody` is
        that of `last_days`."""
        last = cls.last_days(max(day, today), today, everybody)
        return and_(cast(cls.start_date, Date) <= day, or_(last.is_(None), last >= day))

    @classmethod
    def move_outs(cls) -> Select[Any]:
        """(lease_id, moved_out) of the leases that everybody leaves: what `last_days` asks lease by lease."""
        leaving = PEOPLE.alias("leaving")
        somebody = select(leaving.c.lease_id).where(leaving.c.move_out_date.is_not(None))
        last, all_left = func.max(PEOPLE.c.move_out_date), func.bool_and(PEOPLE.c.move_out_date.is_not(None))
        found = select(PEOPLE.c.lease_id, last.label("moved_out")).where(PEOPLE.c.lease_id.in_(somebody))
        return found.group_by(PEOPLE.c.lease_id).having(all_left)

    @classmethod
    def monthly_rent(cls) -> ColumnElement[Decimal]:
        """Zero where the rent isn't known."""
        times = case(CHARGES_A_MONTH, value=func.coalesce(cls.rent_cycle, "Monthly"), else_=Decimal(1))
        return func.round(cast(func.coalesce(cls.rent, 0) * times, Numeric), 2)
