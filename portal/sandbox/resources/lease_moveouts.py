"""Move-outs of a lease (MAPPING §4.5): one per tenant, found by the tenant, and one of the few things with a DELETE."""

from __future__ import annotations

from portal.sandbox.collection import Record
from portal.sandbox.errors import broken_rule
from portal.sandbox.messages.leases import MoveOutPost
from portal.sandbox.resource import Area, Create, Delete, Event, Resource
from portal.sandbox.resources.lease_answers import move_out_answer
from portal.sandbox.resources.lease_terms import links
from portal.sandbox.world import World

_TENANTS = "Rentals > Tenants"


def _create(world: World, body: MoveOutPost) -> Record:
    lease = world.needed("leases", world.scope["LeaseId"], "LeaseId", missing=404)
    if body.TenantId not in [link["TenantId"] for link in links(world, lease)]:
        raise broken_rule("TenantId", f"Tenant {body.TenantId} is not on this lease.")
    if any(out["TenantId"] == body.TenantId for out in world.find("lease_moveouts", "LeaseId", lease.id)):
        raise broken_rule("TenantId", f"Tenant {body.TenantId} already has a move-out.")
    out = world.insert("lease_moveouts", {"LeaseId": lease.id, **body.model_dump()})
    _touch(world, lease)
    return out


def _delete(world: World, out: Record) -> None:
    lease = world.get("leases", out["LeaseId"])
    world.remove(out)
    if lease is not None:
        _touch(world, lease)


def _touch(world: World, lease: Record) -> None:
    """A move-out shows in its lease, so the lease has changed."""
    world.change(lease, {})


LEASE_MOVEOUTS = Resource(
    kind="lease_moveouts",
    path="/v1/leases/{LeaseId}/moveouts",
    area=Area("Rentals > Leases"),
    also=(f"{_TENANTS}: View",),
    answer=move_out_answer,
    create=Create(MoveOutPost, _create, also=(f"{_TENANTS}: View+Edit",)),
    delete=Delete(_delete, right="View+Edit", also=(f"{_TENANTS}: View",)),
    # Taking one back has no webhook of its own.
    event=Event("Lease.MoveOut", "", lambda out: {name: out[name] for name in ("LeaseId", "TenantId")}, ("Created",)),
    parents={"LeaseId": "leases"},
    key="TenantId",
    indexes=("LeaseId", "TenantId"),
    title=lambda out: f"Tenant {out['TenantId']} on {out['MoveOutDate']}",
)
