"""Tenant ↔ Rental tenant (MAPPING §4.5). One that is new with a lease travels inside it, every other one alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from portal.entities.checks import agree, other_phones
from portal.entities.days import moment_in
from portal.entities.tenants.checks import check
from portal.entities.tenants.model import Tenant
from portal.sync.conversions import address, day, phone
from portal.sync.likeness import ADDRESS, PERSON, Likeness, Trait
from portal.sync.resource import Body, Direction, Field, Resource, Search, at
from portal.words import COUNTRIES, MAILING_PREFERENCES

LEASES = "Leases"
ALTERNATE = "AlternateAddress"
NEEDED = ("AddressLine1", "PostalCode", "Country")


def as_the_unit(name: str) -> Callable[[Tenant], Any]:
    """Buildium wants an address of every tenant: one without has that of the unit (MAPPING §4.5)."""

    def value(tenant: Tenant) -> Any:
        if tenant.address_line1 or tenant.lease is None:
            return None
        unit = tenant.lease.unit
        if unit.address_line1:
            return getattr(unit, name)
        return unit.unit_number if name == "address_line2" else getattr(unit.property, name)

    return value


def in_whole_address(key: str) -> Callable[[Body], Any]:
    """A part of the second address. Buildium may name a country where there is none, and it takes only whole ones."""

    def read(body: Body) -> Any:
        whole = all(at(body, f"{ALTERNATE}.{each}") for each in NEEDED)
        return at(body, f"{ALTERNATE}.{key}") if whole else None

    return read


def first_address() -> tuple[Field, ...]:
    parts = address(countries=frozenset(COUNTRIES))
    return tuple(replace(each, instead=as_the_unit(each.name or "")) for each in parts)


def second_address() -> tuple[Field, ...]:
    """It may be missing as a whole; that it is complete where it is given is said by `check`."""
    parts = address("alternate_", ALTERNATE, countries=frozenset(COUNTRIES))
    return tuple(
        replace(
            each,
            required=False,
            read=in_whole_address(each.remote.rpartition(".")[2]),
            label=f"Second address, {each.label.lower()}",
        )
        for each in parts
    )


def lease_ids(body: Body) -> list[int] | None:
    return sorted(each["Id"] for each in body.get(LEASES) or () if isinstance(each.get("Id"), int)) or None


FIELDS = (
    Field("first_name", "FirstName", required=True, longest=127),
    Field("last_name", "LastName", required=True, longest=127),
    Field("email", "Email", label="E-mail"),
    Field("alternate_email", "AlternateEmail", label="Second e-mail"),
    replace(phone("phone_home", "Home", "Home"), label="Home phone"),
    replace(phone("phone_work", "Work", "Office"), label="Work phone"),
    replace(phone("phone_mobile", "Mobile", "Cell"), label="Mobile phone"),
    replace(phone("phone_fax", "Fax", "Fax"), label="Fax"),
    Field("extra_phones", "", Direction.PULL, read=other_phones),
    day("date_of_birth", "DateOfBirth"),
    Field("comment", "Comment", longest=65_535),
    Field("tax_id", "TaxId", label="Tax id"),
    Field("emergency_name", "EmergencyContact.Name", label="Emergency contact"),
    Field("emergency_relationship", "EmergencyContact.RelationshipDescription", label="Relationship"),
    Field("emergency_phone", "EmergencyContact.Phone", label="Emergency phone"),
    Field("emergency_email", "EmergencyContact.Email", label="Emergency e-mail"),
    *first_address(),
    *second_address(),
    Field(
        "mailing_preference",
        "MailingPreference",
        choices=frozenset(MAILING_PREFERENCES),
        instead=lambda _: "PrimaryAddress",  # what Buildium makes of nothing
        label="Mail goes to",
    ),
    # Not followed, as leases hold tenants again; but a tenant who comes to another lease is a change.
    Field(None, LEASES, Direction.PULL, read=lease_ids),
    Field("buildium_created_at", "CreatedDateTime", Direction.PULL, to_local=moment_in),
)


def sought(sent: Body) -> dict[str, Any]:
    query = {"name": sent.get("LastName"), "email": sent.get("Email")}
    return {key: value for key, value in query.items() if value}


def same(sent: Body, found: Body) -> bool:
    on_lease = "LeaseId" not in sent or sent["LeaseId"] in (lease_ids(found) or ())
    return on_lease and agree(sent, found, "FirstName", "LastName", "Email")


def request(record: Tenant, path: str, body: Body, ids: Any) -> tuple[str, Body]:
    """A tenant comes to be on a lease, and only the create says on which: answers list all that came after."""
    lease = record.lease
    return path, {"LeaseId": ids.remote("lease", lease.id) if lease else None, **body}


TENANT = Resource(
    name="tenant",
    model=Tenant,
    path="/v1/leases/tenants",
    id_column="buildium_tenant_id",
    fields=FIELDS,
    permission="Rentals > Tenants",
    events={"LeaseTenant": "TenantId"},
    has_changed_filter=True,
    likeness=Likeness((PERSON,), (Trait("e-mail", ("Email",)), ADDRESS)),
    search=Search(sought, same),
    request=request,
    check=check,
    secrets=frozenset({"TaxId"}),
    consents=("losses_accepted",),
    names=(LEASES, "lease"),
)
