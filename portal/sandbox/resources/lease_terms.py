"""What a lease is on a given day: who lives there, since when, and whether it is past, active or yet to come.

A lease and its people are linked by records of the kind `lease_tenants`; nothing here is stored, all of it follows
from dates (MAPPING §4.5 calls status, term type and the current tenants read-only).
"""

from __future__ import annotations

from typing import NamedTuple

from portal.sandbox.collection import Record
from portal.sandbox.messages.enums import LeaseStatus, LeaseTenantStatus
from portal.sandbox.world import World

_LAST_DAY = "9999-12-31"


class Member(NamedTuple):
    """One tenant of a lease, present, past or to come."""

    tenant_id: int
    move_in: str
    status: LeaseTenantStatus


def members(world: World, lease: Record) -> list[Member]:
    """Everyone who was ever on the lease, in the order in which they came to it."""
    if _ended(world, lease):
        return [Member(link["TenantId"], link["MoveInDate"], "MovedOut") for link in links(world, lease)]
    today, out = world.now.date().isoformat(), _move_outs(world, lease)
    return [
        Member(link["TenantId"], link["MoveInDate"], _standing(link["MoveInDate"], out.get(link["TenantId"]), today))
        for link in links(world, lease)
    ]


def lease_status(world: World, lease: Record) -> LeaseStatus:
    """Future until its first day; past once its time is over or everybody has moved out."""
    if lease["LeaseFromDate"] > world.now.date().isoformat():
        return "Future"
    if _ended(world, lease):
        return "Past"
    everyone = members(world, lease)
    return "Past" if everyone and all(member.status == "MovedOut" for member in everyone) else "Active"


def is_month_to_month(world: World, lease: Record) -> bool:
    """At will from the start, or by rolling over at the end of a fixed term."""
    end = lease["LeaseToDate"]
    rolled_over = lease["LeaseType"] == "FixedWithRollover" and end and end < world.now.date().isoformat()
    return lease["LeaseType"] == "AtWill" or bool(rolled_over)


def is_occupied(world: World, unit: Record) -> bool:
    return any(lease_status(world, lease) == "Active" for lease in world.find("leases", "UnitId", unit.id))


def overlapping(world: World, unit_id: int, start: str, end: str | None, own: Record | None) -> Record | None:
    """Another lease of the unit that is not over and shares a day with these dates."""
    for other in world.find("leases", "UnitId", unit_id):
        is_own = own is not None and other.id == own.id
        if is_own or lease_status(world, other) == "Past":
            continue
        if other["LeaseFromDate"] <= (end or _LAST_DAY) and start <= (other["LeaseToDate"] or _LAST_DAY):
            return other
    return None


def links(world: World, lease: Record) -> list[Record]:
    return world.find("lease_tenants", "LeaseId", lease.id)


def _ended(world: World, lease: Record) -> bool:
    """Whether the last day is over. Without automatic move-outs a lease with rollover goes on after it, and whether
    a fixed one does isn't stated."""
    if not lease["LeaseToDate"] or lease["LeaseToDate"] >= world.now.date().isoformat():
        return False
    goes_on = lease["LeaseType"] == "FixedWithRollover" or world.switches.expired_leases_stay_active
    return bool(lease["AutomaticallyMoveOutTenants"]) or not goes_on


def _move_outs(world: World, lease: Record) -> dict[int, str]:
    return {out["TenantId"]: out["MoveOutDate"] for out in world.find("lease_moveouts", "LeaseId", lease.id)}


def _standing(move_in: str, move_out: str | None, today: str) -> LeaseTenantStatus:
    if move_out is not None and move_out <= today:
        return "MovedOut"
    return "Future" if move_in > today else "Current"
