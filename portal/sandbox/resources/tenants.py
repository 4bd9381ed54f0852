"""Tenants (MAPPING §4.5). None exists alone: each comes to be on a lease."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import get_args

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.filters import UPDATED, contains, derived_choices, derived_contains, ids
from portal.sandbox.messages import enums
from portal.sandbox.messages.leases import CosignerPost, TenantPost, TenantPut
from portal.sandbox.messages.shared import phone_list
from portal.sandbox.resource import Area, Create, Event, Resource, Update
from portal.sandbox.resources.lease_answers import tenant_answer
from portal.sandbox.resources.lease_terms import lease_status, links
from portal.sandbox.resources.users import searchable_phones
from portal.sandbox.rules import check_address
from portal.sandbox.world import World

_TAX_ID = re.compile(r"\d{2}-\d{7}|\d{3}-\d{2}-\d{4}|\d{9}", re.ASCII)


def person_name(person: Record) -> str:
    return f"{person['FirstName']} {person['LastName']}"


def check_tenant(body: TenantPut, place: str = "") -> None:
    """The rules of one person; `place` is what stands before its fields in an error, like `Tenants[0].`."""
    _check_addresses(body, place)
    if body.TaxId and not _TAX_ID.fullmatch(body.TaxId):
        raise broken_rule(f"{place}TaxId", "The value must be formatted as 12-1234567, 123-12-1234 or 123456789.")


def check_cosigner(body: CosignerPost, place: str) -> None:
    _check_addresses(body, place)


def add_tenant(world: World, body: TenantPut) -> Record:
    return world.insert("tenants", {**person_values(body), "SMSOptInStatus": None})


def join(world: World, lease: Record, tenant: Record) -> None:
    """Put a tenant on a lease, moving in with its first day."""
    values = {"LeaseId": lease.id, "TenantId": tenant.id, "MoveInDate": lease["LeaseFromDate"]}
    world.insert("lease_tenants", values)


def person_values(body: TenantPut | CosignerPost) -> Values:
    """The stored values of a tenant or a cosigner; mail goes to the primary address unless told otherwise."""
    phones = phone_list(body.PhoneNumbers)
    preference = body.MailingPreference or "PrimaryAddress"
    return {**body.model_dump(exclude={"LeaseId"}), "PhoneNumbers": phones, "MailingPreference": preference}


def _create(world: World, body: TenantPost) -> Record:
    lease = world.needed("leases", body.LeaseId, "LeaseId", missing=world.switches.missing_parent_status)
    check_tenant(body)
    if world.switches.tenant_twice == "refuse":
        _refuse_twin(world, lease, body)
    tenant = add_tenant(world, body)
    join(world, lease, tenant)
    world.change(lease, {})
    return tenant


def _update(world: World, tenant: Record, body: TenantPut) -> Record:
    check_tenant(body)
    return world.change(tenant, person_values(body))


def _check_addresses(body: TenantPut | CosignerPost, place: str) -> None:
    for field, address in (("Address", body.Address), ("AlternateAddress", body.AlternateAddress)):
        if address is not None:
            check_address(address, f"{place}{field}")


def _refuse_twin(world: World, lease: Record, body: TenantPut) -> None:
    """What the 409 of this POST is for isn't stated (MAPPING §9 takes it for this)."""
    wanted = (body.FirstName.casefold(), body.LastName.casefold(), (body.Email or "").casefold())
    for link in links(world, lease):
        other = world.get("tenants", link["TenantId"])
        if other and wanted == tuple((other[name] or "").casefold() for name in ("FirstName", "LastName", "Email")):
            raise RefusedError(409, [("LeaseId", f"{person_name(other)} is already a tenant of this lease.")])


def _leases(world: World, tenant: Record) -> Iterable[Record]:
    for link in world.find("lease_tenants", "TenantId", tenant.id):
        lease = world.get("leases", link["LeaseId"])
        if lease:
            yield lease


def _building_statuses(world: World, tenant: Record) -> Iterable[str]:
    for lease in _leases(world, tenant):
        building = world.get("rentals", lease["PropertyId"])
        if building:
            yield "Active" if building["IsActive"] else "InActive"


def _unit_numbers(world: World, tenant: Record) -> Iterable[str]:
    units = (world.get("units", lease["UnitId"]) for lease in _leases(world, tenant))
    return (unit["UnitNumber"] for unit in units if unit)


def _owners(world: World, tenant: Record) -> Iterable[int]:
    for lease in _leases(world, tenant):
        yield from (owner.id for owner in world.find("owners", "PropertyIds", lease["PropertyId"]))


def _delete(world: World, tenant: Record) -> None:
    for kind in ("lease_tenants", "lease_moveouts"):
        for record in world.find(kind, "TenantId", tenant.id):
            world.remove(record)


TENANTS = Resource(
    kind="tenants",
    path="/v1/leases/tenants",
    area=Area("Rentals > Tenants"),
    answer=tenant_answer,
    create=Create(TenantPost, _create, also=("Rentals > Leases: View+Edit",)),
    update=Update(TenantPut, _update),
    event=Event("LeaseTenant", "TenantId"),
    title=person_name,
    on_delete=_delete,
    filters={
        "propertyids": ids(lambda world, tenant: [lease["PropertyId"] for lease in _leases(world, tenant)]),
        "unitids": ids(lambda world, tenant: [lease["UnitId"] for lease in _leases(world, tenant)]),
        "rentalownerids": ids(_owners),
        "buildingstatuses": derived_choices(get_args(enums.StatusInActive), _building_statuses),
        "leasetermstatuses": derived_choices(
            get_args(enums.LeaseStatus),
            lambda world, tenant: [lease_status(world, lease) for lease in _leases(world, tenant)],
        ),
        "unitnumber": derived_contains(_unit_numbers),
        "name": contains(lambda tenant: [person_name(tenant)]),
        "phone": contains(searchable_phones),
        "email": contains(lambda tenant: [tenant["Email"], tenant["AlternateEmail"]]),
        **UPDATED,
    },
)
