"""Leases and tenants for tests, complete enough for Buildium unless a test takes something away."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.entities.gl_accounts.mapping import GL_ACCOUNT
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.leases.mapping import LEASE
from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.tenants.mapping import TENANT
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import THERE, synced_property

TODAY = date.today()


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def tenant_of(first: str = "Jane", last: str = "Adams", **values: Any) -> Tenant:
    return Tenant(first_name=first, last_name=last, **values)


def lease_of(unit: Unit, *tenants: Tenant, **values: Any) -> Lease:
    given = {"lease_type": "Fixed", "start_date": days(-30), "end_date": days(335), "status": "Active", **values}
    with db.session.no_autoflush:
        people = [LeaseTenant(tenant=tenant) for tenant in tenants]
        return Lease(unit=unit, property=unit.property, tenants=people, **given)


def let_unit(live: Live, number: int = 0) -> Unit:
    """The unit of a property that Buildium has."""
    return synced_property(live).units[number]


def synced_lease(live: Live, *tenants: Tenant, **values: Any) -> Lease:
    """A lease that Buildium has, with its people."""
    lease = lease_of(let_unit(live), *(tenants or (tenant_of(),)), **values)
    live.save(lease)
    live.work()
    assert live.state(lease) == "synced", live.row(lease).error_message
    live.forget_requests()
    return lease


def there(live: Live, lease: Lease) -> dict[str, Any]:
    """What Buildium says of the lease."""
    answer: dict[str, Any] = live.get(f"/v1/leases/{lease.buildium_lease_id}")
    return answer


def sent(live: Live, method: str, path: str) -> list[dict[str, Any]]:
    """The bodies that came to this listing, or to one record of it, oldest first."""
    asked = live.http.get("/_control/requests", params={"method": method, "path": path, "limit": 100}).json()["items"]
    exact = [each for each in asked if each["path"] in (path, f"{path}/{each['path'].rpartition('/')[2]}")]
    return [json.loads(each["body"]) for each in sorted(exact, key=lambda each: each["number"]) if each["body"]]


def rent_income(live: Live) -> GlAccount:
    """An income account of Buildium's, pulled."""
    body = {"Name": "Rent Income", "SubType": "Income", "AccountNumber": "4000"}
    made = live.http.post("/v1/glaccounts", json=body).raise_for_status().json()
    pull_one(GL_ACCOUNT, made["Id"])
    return db.session.scalars(select(GlAccount).where(GlAccount.buildium_gl_account_id == made["Id"])).one()


def lease_made_there(live: Live, unit: Unit, *people: dict[str, Any], **values: Any) -> int:
    """A lease that somebody enters in Buildium; not here yet."""
    body = {
        "LeaseType": "Fixed", "UnitId": unit.buildium_unit_id, "LeaseFromDate": days(-30).isoformat(),
        "LeaseToDate": days(335).isoformat(), "SendWelcomeEmail": False,
        "Tenants": [{"Address": THERE, **each} for each in people], **values,
    }  # fmt: skip
    made: int = live.http.post("/v1/leases", json=body).raise_for_status().json()["Id"]
    live.forget_requests()
    return made


def pulled_lease(lease_id: int) -> Lease:
    pull_one(LEASE, lease_id)
    return db.session.scalars(select(Lease).where(Lease.buildium_lease_id == lease_id)).one()


def pulled_tenant(tenant_id: int) -> Tenant:
    pull_one(TENANT, tenant_id)
    return db.session.scalars(select(Tenant).where(Tenant.buildium_tenant_id == tenant_id)).one()
