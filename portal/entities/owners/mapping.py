"""Owner ↔ Rental owner (MAPPING §4.3). Who owns what travels here too: Buildium keeps it with the owner (§4.4)."""

from __future__ import annotations

import re
from typing import Any

from portal.entities.checks import agree, other_phones, region_problems
from portal.entities.owners.model import Owner
from portal.sync.conversions import address, day, phone
from portal.sync.likeness import ADDRESS, COMPANY, PERSON, Likeness, Trait
from portal.sync.resource import SENT, Body, Direction, Field, Problem, Resource, Search, at
from portal.words import COUNTRIES, TAX_PAYER_TYPES

TAX_ID = {"SSN": re.compile(r"\d{3}-\d{2}-\d{4}"), "EIN": re.compile(r"\d{2}-\d{7}")}


FIELDS = (
    Field("is_company", "IsCompany", label="Company"),
    Field("first_name", "FirstName", longest=127),
    Field("last_name", "LastName", longest=127),
    Field("company_name", "CompanyName", longest=127),
    day("date_of_birth", "DateOfBirth", direction=Direction.WRITE),
    day("management_agreement_start_date", "ManagementAgreementStartDate"),
    day("management_agreement_end_date", "ManagementAgreementEndDate"),
    Field("email", "Email"),
    Field("alternate_email", "AlternateEmail"),
    phone("phone_home", "Home", "Home"),
    phone("phone_work", "Work", "Office"),
    phone("phone_mobile", "Mobile", "Cell"),
    phone("phone_fax", "Fax", "Fax"),
    *address(countries=frozenset(COUNTRIES)),
    Field("comment", "Comment", longest=65_535),
    Field("property_ids", "PropertyIds", refers_to="property", many=True, required=True, label="A property"),
    Field("tax_payer_id", "TaxInformation.TaxPayerId", Direction.CREATE),
    Field(
        "tax_payer_type", "TaxInformation.TaxPayerType", Direction.CREATE, read="TaxInformation.TaxPayerIdType",
        choices=frozenset(TAX_PAYER_TYPES),
    ),
    Field("tax_payer_name1", "TaxInformation.TaxPayerName1", Direction.CREATE, longest=40),
    Field("tax_payer_name2", "TaxInformation.TaxPayerName2", Direction.CREATE, longest=40),
    *address("tax_", "TaxInformation.Address", Direction.CREATE, frozenset(COUNTRIES)),
    Field("include_in_1099", "IncludeIn1099", Direction.PULL, read="TaxInformation.IncludeIn1099"),
    Field("is_active", "IsActive", Direction.PULL),
    Field("extra_phones", "", Direction.PULL, read=other_phones),
)  # fmt: skip


def sought(sent: Body) -> dict[str, Any]:
    return {"ownername": sent.get("CompanyName") or sent.get("LastName") or "", "propertyids": sent["PropertyIds"]}


def same(sent: Body, found: Body) -> bool:
    return agree(sent, found, "IsCompany", "CompanyName", "FirstName", "LastName", "Email")


def check(record: Owner, snapshot: Body) -> list[Problem]:
    return name_problems(record) + tax_problems(record) + region_problems(record) + losses(record, snapshot)


def name_problems(record: Owner) -> list[Problem]:
    if record.is_company:
        return [] if record.company_name else [Problem("company_name", "A company needs its company name.")]
    missing = [name for name in ("first_name", "last_name") if not getattr(record, name)]
    return [Problem(name, f"A person needs a {name.replace('_', ' ')}.") for name in missing]


def tax_problems(record: Owner) -> list[Problem]:
    """Only at creation: later changes of tax values can't be sent at all."""
    if record.buildium_owner_id is not None or not record.tax_payer_id:
        return []
    pattern = TAX_ID.get(record.tax_payer_type or "")
    if pattern is None:
        return [Problem("tax_payer_type", "Say whether the tax payer id is an SSN or an EIN.")]
    if not pattern.fullmatch(record.tax_payer_id):
        example = "123-45-6789" if record.tax_payer_type == "SSN" else "12-3456789"
        return [Problem("tax_payer_id", f"The tax payer id must look like {example}.")]
    return []


def losses(record: Owner, snapshot: Body) -> list[Problem]:
    """Values that Buildium keeps and no update can carry: a PUT would erase them, so a person has to agree first."""
    if record.buildium_owner_id is None or record.losses_accepted:
        return []
    found = [f"the phone number {each['Number']} ({each.get('Type')})" for each in other_phones(snapshot) or ()]
    if not record.is_company and not record.date_of_birth and "DateOfBirth" not in (at(snapshot, SENT) or {}):
        found.append("a date of birth, if Buildium has one (it never shows it)")
    if not found:
        return []
    words = "An update from here would erase in Buildium " + " and ".join(found) + "."
    return [Problem("losses_accepted", f"{words} Enter it here, or tick that it may be erased.")]


def derive(body: Body) -> dict[str, Any]:
    # The seeds keep the tax payer id twice (MAPPING §4.3).
    return {"tax_id": at(body, "TaxInformation.TaxPayerId")}


OWNER = Resource(
    name="owner",
    model=Owner,
    path="/v1/rentals/owners",
    id_column="buildium_owner_id",
    fields=FIELDS,
    permission="Rentals > Property Rental Owners",
    has_changed_filter=True,
    likeness=Likeness((COMPANY, PERSON), (Trait("e-mail", ("Email",)), ADDRESS)),
    search=Search(sought, same),
    check=check,
    derive=derive,
    secrets=frozenset({"TaxPayerId"}),
    loads=("ownerships",),
    consents=("losses_accepted",),
    here=("last_contacted", "tax_id", "buildium_created_at", "buildium_updated_at"),
)
