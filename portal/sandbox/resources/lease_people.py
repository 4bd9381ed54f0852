"""Who belongs to a lease, and the mail they were sent: kept for the rules, served by no path of the API."""

from __future__ import annotations

from portal.sandbox.collection import Record
from portal.sandbox.resource import Answer, Area, Resource
from portal.sandbox.world import World


def _answer(world: World, record: Record) -> Answer:
    return {"Id": record.id, **record.values}


LEASE_TENANTS = Resource(
    kind="lease_tenants",
    path="",
    area=Area("Rentals > Leases"),
    answer=_answer,
    indexes=("LeaseId", "TenantId"),
    title=lambda link: f"Tenant {link['TenantId']} of lease {link['LeaseId']}",
    blank={"LeaseId": None, "TenantId": None, "MoveInDate": None},
)

COSIGNERS = Resource(
    kind="cosigners",
    path="",
    area=Area("Rentals > Leases"),
    answer=_answer,
    indexes=("LeaseId",),
    title=lambda cosigner: f"{cosigner['FirstName']} {cosigner['LastName']}",
)

EMAILS = Resource(
    kind="emails",
    path="",
    area=Area("Communication > Emails"),
    answer=_answer,
    title=lambda mail: f"{mail['Subject']}, to {mail['To']}",
)
