"""Rows that tasks need, for tests of their pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.database import now
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.model import Task
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from tests.web.conftest import Store

BY = "Pat Manager"


def staff_member(store: Store, number: int = 7, **values: Any) -> StaffUser:
    who = StaffUser(
        **{"buildium_user_id": number, "first_name": "Sam", "last_name": "Staff", "email": "sam@example.com", **values}
    )
    store(who)
    return who


def task_of(store: Store, **values: Any) -> Task:
    task = Task(**{"subject": "Fix the tap", "status": "New", "priority": "Normal", "task_type": "Todo", **values})
    task.begin(BY, now())
    store(task)
    return task


def tenancy(store: Store, **of_property: Any) -> tuple[Lease, Tenant]:
    """A tenant who lives in a unit."""
    house = Property(name="Alder", **of_property)
    unit, tenant = Unit(property=house, unit_number="1"), Tenant(first_name="Tina", last_name="Tenant")
    lease = Lease(property=house, unit=unit, start_date=date(2025, 1, 1), lease_type="AtWill")
    lease.tenants.append(LeaseTenant(tenant=tenant))
    store(house, unit, tenant, lease)
    return lease, tenant
