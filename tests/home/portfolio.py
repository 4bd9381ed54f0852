"""A small portfolio in which everything that the first page and the reports count is there at least once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.entities.bills.model import Bill, BillLine
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.tasks.model import Task
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder
from tests.leases import days
from tests.web.conftest import Store

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Portfolio:
    """Alder has four units: let, let until soon, vacant for 30 days, never let. Birch has one that is let at will and
    one whose next lease begins in 20 days. Shut is inactive."""

    alder: Property
    birch: Property
    units: tuple[Unit, ...]
    jane: Owner
    oak: Owner
    ace: Vendor


def portfolio(store: Store) -> Portfolio:
    alder, birch, shut = Property(name="Alder"), Property(name="Birch"), Property(name="Shut", is_active=False)
    shut.status = "Inactive"
    numbers = ((alder, "1"), (alder, "2"), (alder, "3"), (alder, "4"), (birch, "1"), (birch, "2"), (shut, "1"))
    units = tuple(Unit(property=house, unit_number=number, market_rent=1000) for house, number in numbers)
    jane, oak = Owner(first_name="Jane", last_name="Adams"), Owner(is_company=True, company_name="Oak LLC")
    ace = Vendor(name="Ace Plumbing", insurance_expiration_date=days(-3))
    bolt = Vendor(name="bolt & co", insurance_expiration_date=days(20))
    store(alder, birch, shut, *units, jane, oak, ace, bolt)
    ids = {house.name: house.id for house in (alder, birch, shut)}
    store(
        Ownership(owner_id=jane.id, property_id=ids["Alder"], ownership_percentage=60),
        Ownership(owner_id=oak.id, property_id=ids["Alder"], ownership_percentage=40),
        Ownership(owner_id=oak.id, property_id=ids["Birch"], ownership_percentage=100),
    )
    let(store, units[0], -200, 300, rent=900)
    let(store, units[1], -400, 25, rent=800)
    let(store, units[2], -400, -30, status="Past", rent=700)
    let(store, units[4], -500, None, lease_type="AtWill", rent=100, rent_cycle="Weekly")
    let(store, units[5], 20, 385, status="Future", rent=950)
    owe(store, ace, ids)
    work(store, ace)
    return Portfolio(alder, birch, units, jane, oak, ace)


def let(store: Store, unit: Unit, start: int, end: int | None, out: int | None = None, **more: Any) -> Lease:
    """A lease whose days count from today, of one person, who moved out after as many of them."""
    dates = {"start_date": days(start), "end_date": None if end is None else days(end)}
    known = {"lease_type": "Fixed", "status": "Active", "rent_cycle": "Monthly", **dates, **more}
    lease = Lease(unit_id=unit.id, property_id=unit.property_id, **known)
    gone = None if out is None else days(out)
    lease.tenants = [LeaseTenant(tenant=Tenant(first_name="Tess", last_name="Tenant"), move_out_date=gone)]
    store(lease)
    return lease


def owe(store: Store, vendor: Vendor, ids: dict[str, Any]) -> None:
    """Bills that are overdue, due soon, due later, and paid; the last but one is for both properties."""
    account = GlAccount(name="Repairs", type="Expense", account_number="5100")
    store(account)
    for place, (due, houses) in enumerate(((-10, ["Alder"]), (3, ["Alder"]), (40, ["Alder", "Birch"]), (5, ["Birch"]))):
        bill = Bill(vendor_id=vendor.id, date=days(-40), due_date=days(due), reference_number=f"INV-{place}")
        bill.lines = [
            BillLine(gl_account_id=account.id, property_id=ids[house], amount=Decimal(100 + place), position=number,
                     accounting_entity_type="Rental")
            for number, house in enumerate(houses)
        ]  # fmt: skip
        bill.paid_date = days(-1) if place == 3 else None
        store(bill)


def work(store: Store, vendor: Vendor) -> None:
    late, done = Task(subject="Late", scheduled_date=NOW - timedelta(days=3)), Task(subject="Done", status="Completed")
    store(late, done)
    ages = (0, 40, 70, 200)
    orders = [
        WorkOrder(subject=f"Open {each}", vendor_id=vendor.id, opened_at=NOW - timedelta(days=each)) for each in ages
    ]
    store(*orders, WorkOrder(subject="Late", vendor_id=vendor.id, task_id=late.id))
