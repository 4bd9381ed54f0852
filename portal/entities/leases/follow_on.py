"""What the next lease of the same people begins with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from portal.entities.leases.model import Lease


def follow_on(lease: Lease, today: date) -> dict[str, Any]:
    """The values of the form that renews `lease`: the same unit, people and money, as long a term, right after it."""
    last = lease.last_day_on(today)
    start = last + timedelta(days=1) if last else first_of_next_month(today)
    staying = [each for each in lease.tenants if each.move_out_date is None] or lease.tenants
    return {
        "unit_id": lease.unit_id,
        "lease_type": "Fixed" if lease.lease_type == "None" else lease.lease_type,
        "start_date": start,
        "end_date": term_from(start, lease),
        "rent": lease.rent,
        "rent_cycle": lease.rent_cycle or "Monthly",
        "auto_move_out": lease.auto_move_out,
        "tenants": [{"id": "", "tenant_id": each.tenant_id} for each in staying][:5],
    }


def term_from(start: date, lease: Lease) -> date | None:
    """The last day of a term as long as the lease's, in months where it is some."""
    if lease.end_date is None or lease.lease_type == "AtWill":
        return None
    months = (lease.end_date + timedelta(days=1)).year * 12 + (lease.end_date + timedelta(days=1)).month
    months -= lease.start_date.year * 12 + lease.start_date.month
    return months_later(start, max(months, 1)) - timedelta(days=1)


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def first_of_next_month(day: date) -> date:
    return months_later(day.replace(day=1), 1)
