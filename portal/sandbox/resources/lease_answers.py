"""Leases and tenants as answers show them: each holds the other, so the nesting has to end somewhere.

A lease shows its current tenants in full with their leases, and those show no tenants but their ids (trap 17).
"""

from __future__ import annotations

from portal.sandbox.collection import Record, Values
from portal.sandbox.messages.shared import moment_text
from portal.sandbox.resource import Answer
from portal.sandbox.resources.lease_terms import is_month_to_month, lease_status, members
from portal.sandbox.world import World

_STORED_LEASE = ("Rent", "SecurityDeposit", "RentCycle")


def lease_answer(world: World, lease: Record) -> Answer:
    current = [member.tenant_id for member in members(world, lease) if member.status == "Current"]
    tenants = [tenant for tenant_id in current if (tenant := world.get("tenants", tenant_id))]
    return {**_lease(world, lease), "CurrentTenants": [tenant_answer(world, tenant) for tenant in tenants]}


def tenant_answer(world: World, tenant: Record) -> Answer:
    leases = [world.get("leases", link["LeaseId"]) for link in world.find("lease_tenants", "TenantId", tenant.id)]
    return {
        "Id": tenant.id,
        **tenant.values,
        "CreatedDateTime": moment_text(tenant.created),
        "Leases": [_lease(world, lease) for lease in leases if lease],
    }


def move_out_answer(world: World, out: Record) -> Answer:
    return {name: out[name] for name in ("TenantId", "MoveOutDate", "NoticeGivenDate")}


def _lease(world: World, lease: Record) -> Values:
    """A lease without its people, of whom only ids, status and move-in are shown."""
    everyone = members(world, lease)
    unit = world.get("units", lease["UnitId"])
    shown = {name: value for name, value in lease.values.items() if name not in _STORED_LEASE}
    return {
        "Id": lease.id,
        **shown,
        "UnitNumber": unit["UnitNumber"] if unit else None,
        "LeaseStatus": lease_status(world, lease),
        "TermType": "MonthToMonth" if is_month_to_month(world, lease) else "Standard",
        "CurrentTenants": None,
        "CurrentNumberOfOccupants": sum(member.status == "Current" for member in everyone),
        "AccountDetails": {"SecurityDeposit": lease["SecurityDeposit"], "Rent": lease["Rent"]},
        "Cosigners": [_cosigner(each) for each in world.find("cosigners", "LeaseId", lease.id)],
        "AutomaticallyMoveOutTenants": bool(lease["AutomaticallyMoveOutTenants"]),
        "CreatedDateTime": moment_text(lease.created),
        "LastUpdatedDateTime": moment_text(lease.updated),
        "MoveOutData": [move_out_answer(world, out) for out in world.find("lease_moveouts", "LeaseId", lease.id)],
        "Tenants": [{"Id": each.tenant_id, "Status": each.status, "MoveInDate": each.move_in} for each in everyone],
    }


def _cosigner(cosigner: Record) -> Values:
    shown = {name: value for name, value in cosigner.values.items() if name != "LeaseId"}
    return {"Id": cosigner.id, **shown, "CreatedDateTime": moment_text(cosigner.created)}
