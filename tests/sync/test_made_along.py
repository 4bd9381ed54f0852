"""A child that its parent's create makes, while somebody else has the child: the record and its row stay of one mind.

Found by a chaos run: a tenant was on the lease in Buildium and here, and its row went on creating it for ever.
"""

from __future__ import annotations

from sqlalchemy import update

from portal.entities.leases.model import Lease
from portal.entities.tenants.mapping import TENANT
from portal.entities.tenants.model import Tenant
from portal.extensions import db
from portal.sync import leases
from portal.sync.models import SyncStatus
from portal.sync.page import Outcome
from portal.sync.push import attempt, push_now
from portal.sync.states import Event
from tests.leases import lease_of, let_unit, synced_lease, tenant_of
from tests.live import Live
from tests.sync.test_pull import pull

PEOPLE = "/v1/leases/tenants"


def held_tenant(live: Live) -> tuple[Lease, Tenant, leases.Lease]:
    """A lease that has just arrived with its tenant, whom another worker had taken before."""
    tenant = tenant_of()
    lease = lease_of(let_unit(live), tenant)
    live.save(lease)
    hold = leases.claim("tenant", str(tenant.id))
    assert hold
    push_now("lease", str(lease.id))
    assert (live.state(lease), live.state(tenant)) == ("synced", "syncing")
    db.session.refresh(tenant)
    return lease, tenant, hold


def is_settled(live: Live, tenant: Tenant) -> bool:
    live.work_later()
    db.session.refresh(tenant)
    row = live.row(tenant)
    assert live.asked("POST", PEOPLE) == 0
    return row.sync_status == "synced" and row.buildium_id == tenant.buildium_tenant_id


def test_the_row_learns_the_id_also_while_a_worker_has_it(live: Live) -> None:
    _, tenant, hold = held_tenant(live)
    assert tenant.buildium_tenant_id
    assert live.row(tenant).buildium_id == tenant.buildium_tenant_id
    leases.settle(hold, Event.REFUSED, cause="refused 409", error_message="It is there already.")
    db.session.commit()
    assert is_settled(live, tenant)


def test_whoever_had_the_child_does_not_create_it_once_more(live: Live) -> None:
    _, tenant, hold = held_tenant(live)
    assert attempt(hold, None)
    assert is_settled(live, tenant)


def test_a_row_that_has_lost_its_id_gets_it_back_with_the_next_answer(live: Live) -> None:
    tenant = tenant_of()
    synced_lease(live, tenant)
    number = tenant.buildium_tenant_id
    lost = {"buildium_id": None, "remote_snapshot": None, "remote_hash": None, "sync_status": "failed"}
    db.session.execute(update(SyncStatus).where(SyncStatus.entity_id == str(tenant.id)).values(lost))
    db.session.commit()
    assert pull(TENANT.name, number) is Outcome.UPDATED
    row = live.row(tenant)
    assert (row.buildium_id, row.synced_version) == (number, row.local_version)
    assert is_settled(live, tenant)
