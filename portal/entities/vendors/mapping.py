"""Vendor ↔ Vendor (MAPPING §4.8). A PUT replaces the whole vendor, so what no page shows is carried along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.entities.checks import agree, other_phones
from portal.entities.vendors.checks import check
from portal.entities.vendors.model import Vendor
from portal.sync.conversions import address, day, phone
from portal.sync.likeness import ADDRESS, COMPANY, PERSON, Likeness, Trait
from portal.sync.resource import Body, Direction, Field, Resource, Search, at, carried
from portal.words import COUNTRIES, TAX_PAYER_TYPES


def country(body: Body) -> Any:
    """Buildium names a country even where there is no address; alone it is none, and couldn't be sent back."""
    given = at(body, "Address") or {}
    return given.get("Country") if any(given.get(key) for key in given if key != "Country") else None


def expiry(body: Body) -> str | None:
    """A date in requests, a moment in answers: its time says nothing (MAPPING §10.37)."""
    found = at(body, "VendorInsurance.ExpirationDate")
    return str(found)[:10] if found else None


def tax_address(body: Body) -> Body | None:
    """The address on tax forms, if it is one that a request may hold."""
    given = at(body, "TaxInformation.Address") or {}
    whole = all(given.get(key) for key in ("AddressLine1", "PostalCode", "Country"))
    return {key: value for key, value in given.items() if value} if whole else None


def optional_address() -> tuple[Field, ...]:
    """The address may be missing as a whole; that it is complete where it is given is said by `check`."""
    parts = (replace(each, required=False) for each in address(countries=frozenset(COUNTRIES)))
    return tuple(replace(each, read=country) if each.name == "country" else each for each in parts)


def number(name: str, slot: str, kind: str, label: str) -> Field:
    return replace(phone(name, slot, kind), label=label)


def has_tax_id(record: Vendor) -> bool | None:
    # Buildium counts a vendor in unless it is told otherwise.
    return True if record.sealed_tax_id else None


FIELDS = (
    Field("is_company", "IsCompany", required=True, label="Company or person"),
    Field("notes", "Comments", longest=65_535, label="Comments"),
    Field("company_name", "CompanyName", longest=127),
    Field("first_name", "FirstName", longest=127),
    Field("last_name", "LastName", longest=127),
    Field("category_id", "CategoryId", read="Category.Id", refers_to="vendor_category", required=True),
    Field("email", "PrimaryEmail", label="E-mail"),
    Field("alternate_email", "AlternateEmail", label="Second e-mail"),
    number("phone_work", "Work", "Office", "Work phone"),
    number("phone_mobile", "Mobile", "Cell", "Mobile phone"),
    number("phone_home", "Home", "Home", "Home phone"),
    number("phone_fax", "Fax", "Fax", "Fax"),
    Field("other_phones", "", Direction.PULL, read=other_phones),
    *optional_address(),
    Field("website", "Website", longest=100),
    Field("account_number", "AccountNumber", longest=30),
    Field(
        "expense_gl_account_id", "ExpenseGlAccountId", read="ExpenseGLAccountId", refers_to="gl_account",
        label="Expense account",
    ),
    Field("insurance_provider", "VendorInsurance.Provider", longest=65),
    Field("insurance_policy_number", "VendorInsurance.PolicyNumber", longest=65),
    day("insurance_expiration_date", "VendorInsurance.ExpirationDate", read=expiry, label="Insurance runs out"),
    Field("tax_id", "TaxInformation.TaxPayerId", label="Tax payer id"),
    Field(
        "tax_payer_type", "TaxInformation.TaxPayerType", read="TaxInformation.TaxPayerIdType",
        choices=frozenset(TAX_PAYER_TYPES), label="Kind of tax payer id",
    ),
    Field("include_in_1099", "TaxInformation.IncludeIn1099", Direction.UPDATE, instead=has_tax_id, label="Gets a 1099"),
    carried("TaxInformation.TaxPayerName1"),
    carried("TaxInformation.TaxPayerName2"),
    carried("TaxInformation.Address", tax_address),
    Field("is_active", "IsActive", Direction.PULL),
)  # fmt: skip


def sought(sent: Body) -> dict[str, Any]:
    query = {"name": sent.get("CompanyName") or sent.get("LastName"), "email": sent.get("PrimaryEmail")}
    return {key: value for key, value in query.items() if value}


def same(sent: Body, found: Body) -> bool:
    named = agree(sent, found, "IsCompany", "CompanyName", "FirstName", "LastName", "PrimaryEmail")
    return named and sent.get("CategoryId") == at(found, "Category.Id")


VENDOR = Resource(
    name="vendor",
    model=Vendor,
    path="/v1/vendors",
    id_column="buildium_vendor_id",
    fields=FIELDS,
    permission="Maintenance > Vendors",
    events={"Vendor": "VendorId"},
    has_changed_filter=True,
    likeness=Likeness((COMPANY, PERSON), (Trait("e-mail", ("PrimaryEmail",)), ADDRESS)),
    search=Search(sought, same),
    check=check,
    secrets=frozenset({"TaxPayerId", "AccountNumber"}),
    consents=("losses_accepted",),
    here=("contact_name",),
)
