"""Leases (MAPPING §4.5). A new one brings its tenants, books its deposit, starts its rent, and can send mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import get_args

from portal.sandbox.collection import Record
from portal.sandbox.day_filters import from_day, to_day
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.filters import (
    UPDATED,
    choices,
    derived_choices,
    derived_contains,
    from_moment,
    ids,
    to_moment,
)
from portal.sandbox.messages import enums
from portal.sandbox.messages.leases import LeasePost, LeasePut, LeaseTerms
from portal.sandbox.resource import Area, Create, Event, Resource, Update
from portal.sandbox.resources.lease_answers import lease_answer
from portal.sandbox.resources.lease_charges import book_charges, check_charges, money_values
from portal.sandbox.resources.lease_terms import lease_status, links, members, overlapping
from portal.sandbox.resources.tenants import add_tenant, check_cosigner, check_tenant, join, person_name, person_values
from portal.sandbox.world import World

AREA = Area("Rentals > Leases")
_ALSO_TO_CREATE = (
    "Rentals > Tenants: View+Edit",
    "Rentals > Lease transactions: View+Edit",
    "Rentals > Applicants: View",
)
_TERMS = {"LeaseType", "UnitId", "LeaseFromDate", "LeaseToDate"}


def _create(world: World, body: LeasePost) -> Record:
    unit = world.needed("units", body.UnitId, "UnitId", missing=world.switches.missing_parent_status)
    _check_terms(world, body, None)
    _check_prorations(body)
    _check_people(world, body)
    check_charges(world, body)
    values = {
        "PropertyId": unit["PropertyId"],
        **body.model_dump(include=_TERMS),
        **money_values(body),
        "IsEvictionPending": False,
        "AutomaticallyMoveOutTenants": False,
        "RenewalOfferStatus": None,
    }
    lease = world.insert("leases", values)
    _add_people(world, lease, body)
    book_charges(world, lease, body)
    return lease


def _update(world: World, lease: Record, body: LeasePut) -> Record:
    unit = world.needed("units", body.UnitId, "UnitId")
    _check_terms(world, body, lease)
    moves = bool(body.AutomaticallyMoveOutTenants)
    values = {**body.model_dump(), "PropertyId": unit["PropertyId"], "AutomaticallyMoveOutTenants": moves}
    return world.change(lease, values)


def _check_terms(world: World, body: LeaseTerms, own: Record | None) -> None:
    if body.LeaseToDate is None and body.LeaseType != "AtWill" and world.switches.fixed_lease_needs_end:
        raise broken_rule("LeaseToDate", f"LeaseToDate is required when LeaseType is {body.LeaseType}.")
    if body.LeaseToDate is not None and body.LeaseToDate <= body.LeaseFromDate:
        raise broken_rule("LeaseToDate", "LeaseToDate must be after LeaseFromDate.")
    if world.switches.overlapping_leases == "refuse":
        other = overlapping(world, body.UnitId, body.LeaseFromDate, body.LeaseToDate, own)
        if other is not None:
            raise broken_rule("LeaseFromDate", f"The dates overlap with lease {other.id} of the same unit.")


def _check_prorations(body: LeasePost) -> None:
    if body.ProratedFirstMonthRent is not None and date.fromisoformat(body.LeaseFromDate).day == 1:
        raise broken_rule("ProratedFirstMonthRent", "Must be null if the lease begins on the first day of a month.")
    last = date.fromisoformat(body.LeaseToDate) if body.LeaseToDate else None
    if body.ProratedLastMonthRent is not None and last and _ends_a_month(last):
        raise broken_rule("ProratedLastMonthRent", "Must be null if the lease ends on the last day of a month.")


def _ends_a_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1


def _check_people(world: World, body: LeasePost) -> None:
    missing = world.switches.missing_parent_status
    for number, tenant in enumerate(body.Tenants or []):
        check_tenant(tenant, f"Tenants[{number}].")
    for number, cosigner in enumerate(body.Cosigners or []):
        check_cosigner(cosigner, f"Cosigners[{number}].")
    for tenant_id in body.TenantIds or []:
        world.needed("tenants", tenant_id, "TenantIds", missing=missing)
    for applicant_id in body.ApplicantIds or []:
        # Applicants are outside this simulation, so there is none to refer to.
        raise RefusedError(missing, [("ApplicantIds", f"Applicant {applicant_id} does not exist.")])


def _add_people(world: World, lease: Record, body: LeasePost) -> None:
    known = [world.needed("tenants", tenant_id, "TenantIds") for tenant_id in dict.fromkeys(body.TenantIds or [])]
    tenants = [*(add_tenant(world, tenant) for tenant in body.Tenants or []), *known]
    for tenant in tenants:
        join(world, lease, tenant)
        if body.SendWelcomeEmail and tenant["Email"]:
            world.insert(
                "emails", {"To": tenant["Email"], "Subject": "Welcome to the resident center", "LeaseId": lease.id}
            )
    for cosigner in body.Cosigners or []:
        world.insert("cosigners", {"LeaseId": lease.id, **person_values(cosigner)})


def _tenant_names(world: World, lease: Record) -> Iterable[str]:
    current = [world.get("tenants", each.tenant_id) for each in members(world, lease) if each.status == "Current"]
    return (person_name(tenant) for tenant in current if tenant)


def _unit_number(world: World, lease: Record) -> list[str | None]:
    unit = world.get("units", lease["UnitId"])
    return [unit["UnitNumber"] if unit else None]


def remove_lease(world: World, lease: Record) -> None:
    """Delete a lease as the web pages do: with all that is about it. Its tenants stay."""
    take_along(world, lease)
    world.remove(lease)


def take_along(world: World, lease: Record) -> None:
    for kind in ("lease_notes", "lease_moveouts", "cosigners", "lease_transactions"):
        for record in world.find(kind, "LeaseId", lease.id):
            world.remove(record)
    for link in links(world, lease):
        world.remove(link)


LEASES = Resource(
    kind="leases",
    path="/v1/leases",
    area=AREA,
    answer=lease_answer,
    create=Create(LeasePost, _create, also=_ALSO_TO_CREATE),
    update=Update(LeasePut, _update),
    event=Event("Lease", "LeaseId"),
    indexes=("UnitId", "PropertyId"),
    title=lambda lease: f"Unit {lease['UnitId']}, from {lease['LeaseFromDate']}",
    on_delete=take_along,
    filters={
        "propertyids": ids(lambda world, lease: [lease["PropertyId"]], index="PropertyId"),
        "rentalownerids": ids(
            lambda world, lease: [owner.id for owner in world.find("owners", "PropertyIds", lease["PropertyId"])]
        ),
        "unitnumber": derived_contains(_unit_number),
        "tenantname": derived_contains(_tenant_names),
        "leasedatefrom": from_day(lambda world, lease: lease["LeaseFromDate"]),
        "leasedateto": to_day(lambda world, lease: lease["LeaseToDate"]),
        "leasetypes": choices(get_args(enums.LeaseTypeRead), lambda lease: [lease["LeaseType"]]),
        "leasestatuses": derived_choices(
            get_args(enums.LeaseStatus), lambda world, lease: [lease_status(world, lease)]
        ),
        "createddatetimefrom": from_moment(lambda lease: lease.created),
        "createddatetimeto": to_moment(lambda lease: lease.created),
        **UPDATED,
    },
)
