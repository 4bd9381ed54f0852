"""Columns, filters and facts of leases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.web.filters import Choice, Day, Of, ends
from portal.web.formats import today
from portal.web.screen import Column, Sort
from portal.web.values import State
from portal.words import LEASE_STATUSES, LEASE_TYPES, RENEWAL_OFFERS, RENT_CYCLES

ENDING = {
    "30": "Within 30 days",
    "60": "Within 60 days",
    "90": "Within 90 days",
    "open": "No last day",
}
TERMS = {"monthly": "Month to month", "fixed": "Within a fixed term"}
EVICTIONS = {"yes": "Pending", "no": "None"}
NOTICES = {"given": "Somebody moves out", "none": "Nobody moves out"}
TONES = {"Active": "good", "Future": "info", "Past": "off"}


def status(lease: Lease) -> State:
    return State(LEASE_STATUSES.get(lease.status, lease.status), TONES.get(lease.status, "off"))


def names(lease: Lease) -> str:
    """Those who stay first; of a lease that is over, everybody."""
    people = lease.staying() or lease.tenants
    return ", ".join(sorted(str(each.tenant) for each in people))


def term(lease: Lease) -> str:
    return "Month to month" if lease.is_month_to_month() else LEASE_TYPES.get(lease.lease_type, lease.lease_type)


def ending(value: str) -> ColumnElement[bool]:
    """Active leases whose last day comes within so many days, today included."""
    return and_(Lease.status == "Active", ends(Lease.end_date, "open")(value))


def of_owner(owner_id: Any) -> ColumnElement[bool]:
    return Lease.property.has(Property.ownerships.any(Ownership.owner_id == owner_id))


def month_to_month() -> ColumnElement[bool]:
    return or_(Lease.lease_type == "AtWill", func.coalesce(Lease.term_type, "") == "MonthToMonth")


def noticed() -> ColumnElement[bool]:
    return Lease.tenants.any(LeaseTenant.move_out_date.is_not(None))


UNIT = Column("unit", "Unit", "name", value=lambda it: f"{it.property} – {it.unit.unit_number}")
PEOPLE = Column("tenants", "Tenants", value=names)
START = Column("start_date", "Start", "day", sort=Sort(Lease.start_date))
END = Column("end_date", "End", "day", sort=Sort(Lease.end_date, nullable=True))
STATUS = Column("status", "Status", value=status)
RENT = Column("rent", "Rent", "money")
TYPE = Column("lease_type", "Type", words=LEASE_TYPES)
TERM = Column("term_type", "Term now", value=term, shown=False)
DEPOSIT = Column("deposit_amt", "Deposit", "money", shown=False)
EVICTION = Column("is_eviction_pending", "Eviction pending", "flag", shown=False)
RENEWAL = Column("renewal_offer_status", "Renewal offer", words=RENEWAL_OFFERS, shown=False)
CYCLE = Column("rent_cycle", "Charged", words=RENT_CYCLES)
BUILDIUM = Column("buildium_lease_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Lease.updated_at), shown=False)

FILTERS = (
    Choice("status", "Status", LEASE_STATUSES, lambda value: Lease.status == value),
    Choice("ending", "Ends", ENDING, ending),
    Choice("lease_type", "Type", LEASE_TYPES, lambda value: Lease.lease_type == value),
    Choice(
        "term", "Term now", TERMS, lambda value: month_to_month() if value == "monthly" else ~month_to_month(),
    ),
    Choice("moving", "Move-outs", NOTICES, lambda value: noticed() if value == "given" else ~noticed(), rare=True),
    Choice(
        "eviction", "Eviction", EVICTIONS, lambda value: Lease.is_eviction_pending.is_(value == "yes"), rare=True
    ),
    Day("runs_on", "In force on", lambda value: Lease.covers(value, today()), rare=True),
    Day("ends_from", "Ends on or after", lambda value: Lease.end_date >= value, rare=True),
    Choice("ends", "End", {"never": "No last day"}, lambda _: Lease.end_date.is_(None), rare=True),
    Day("ends_until", "Ends on or before", lambda value: Lease.end_date <= value, rare=True),
    Of("property_id", "Property", "properties", lambda value: Lease.property_id == value),
    Of("owner_id", "Owner", "owners", of_owner),
    Of("unit_id", "Unit", "units", lambda value: Lease.unit_id == value),
    Of("tenant_id", "Tenant", "tenants", lambda value: Lease.tenants.any(LeaseTenant.tenant_id == value)),
)  # fmt: skip
