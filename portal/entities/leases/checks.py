"""What Buildium would refuse about a lease, or can't be told (MAPPING §4.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from portal.entities.leases.model import Lease, LeaseTenant
from portal.sync.resource import Body, Problem, at

NO_REMOVAL = "Buildium keeps every note. Write what should stand there instead of emptying it."


def check(record: Lease, snapshot: Body) -> list[Problem]:
    """What has to be settled before the lease can be sent."""
    return [
        *term_problems(record),
        *(money_problems(record) if record.buildium_lease_id is None else ()),
        *people_problems(record, snapshot),
        *([Problem("notes", NO_REMOVAL)] if at(snapshot, "Note.Note") and not record.notes else []),
    ]


def term_problems(record: Lease) -> Iterator[Problem]:
    if record.unit is not None and record.unit.property_id != record.property_id:
        yield Problem("unit_id", "The unit belongs to another property than the lease. Choose the unit again.")
    if record.lease_type != "AtWill" and record.end_date is None:
        yield Problem("end_date", "A lease with a fixed term needs its last day.")
    if record.end_date is not None and record.end_date <= record.start_date:
        yield Problem("end_date", "The lease has to end after it starts.")


def money_problems(record: Lease) -> Iterator[Problem]:
    """What goes once, with the create."""
    account = record.rent_gl_account
    if record.rent and account is None:
        yield Problem("rent_gl_account_id", "Choose the income account that the rent is booked to.")
    elif record.rent and account is not None and account.buildium_gl_account_id is None:
        words = f"Waiting for ledger account “{account}” to arrive in Buildium first."
        yield Problem("rent_gl_account_id", words, ("gl_account", str(account.id)))
    if record.prorated_first_month_rent and record.start_date.day == 1:
        yield Problem("prorated_first_month_rent", "The lease starts with the month, so its first rent is whole.")
    if record.prorated_last_month_rent and (record.end_date is None or is_last_of_month(record)):
        yield Problem("prorated_last_month_rent", "The last rent is whole: the lease doesn’t end within a month.")


def is_last_of_month(record: Lease) -> bool:
    return record.end_date is not None and (record.end_date + timedelta(days=1)).day == 1


def people_problems(record: Lease, snapshot: Body) -> Iterator[Problem]:
    """A new lease takes known tenants along; a lease that exists takes new people only."""
    known = [each.tenant for each in record.tenants if each.tenant.buildium_tenant_id is not None]
    if record.buildium_lease_id is not None:
        there = {each.get("Id") for each in snapshot.get("Tenants") or ()}
        for tenant in [each for each in known if snapshot and each.buildium_tenant_id not in there]:
            if tenant.lease is record:
                continue  # it came with this lease, whose answer is only older
            yield Problem("tenants", f"Buildium can’t put {tenant}, whom it knows, on a lease that exists.")
        yield from (waits_for(each) for each in record.tenants if each.move_out_date and is_unknown(each))
        return
    if len(known) > 5:
        yield Problem("tenants", "Buildium takes five known tenants at most with a new lease.")
    for person in record.tenants:
        first = person.tenant.lease
        if is_unknown(person) and first is not None and first is not record:
            yield waits_for(person)


def is_unknown(person: LeaseTenant) -> bool:
    return person.tenant.buildium_tenant_id is None


def waits_for(person: LeaseTenant) -> Problem:
    words = f"Waiting for tenant “{person.tenant}” to arrive in Buildium first."
    return Problem("tenants", words, ("tenant", str(person.tenant.id)))
