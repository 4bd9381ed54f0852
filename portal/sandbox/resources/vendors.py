"""Vendors (MAPPING §4.8): a person or a company, always with a category."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

from portal.sandbox.collection import Record, Values, filled
from portal.sandbox.errors import RefusedError, broken_rule
from portal.sandbox.filters import UPDATED, active, contains, derived_choices
from portal.sandbox.messages import enums
from portal.sandbox.messages.shared import phone_list
from portal.sandbox.messages.vendors import VendorPost, VendorPut
from portal.sandbox.resource import Answer, Create, Event, Resource, Update
from portal.sandbox.resources.rental_owners import tax_answer
from portal.sandbox.resources.users import full_name, searchable_phones
from portal.sandbox.resources.vendor_categories import AREA
from portal.sandbox.rules import check_address, check_name, check_tax
from portal.sandbox.world import World

_DAYS = {"ThirtyDaysOrLess": 30, "SixtyDaysOrLess": 60, "NinetyDaysOrLess": 90}
_EMPTY: Values = {
    "IsCompany": True,
    "IsActive": True,
    "FirstName": None,
    "LastName": None,
    "PrimaryEmail": None,
    "AlternateEmail": None,
    "CompanyName": None,
    "PhoneNumbers": [],
    "Website": None,
    "CategoryId": None,
    "Address": None,
    "VendorInsurance": None,
    "Comments": None,
    "AccountNumber": None,
    "ExpenseGLAccountId": None,
    "TaxInformation": None,
}


def vendor_values(**fields: Any) -> Values:
    """The stored values of a vendor: those of the answer, with `CategoryId` in place of `Category` and a date without
    time as the insurance's `ExpirationDate`. What isn't given is empty. Raises KeyError for an unknown field."""
    return filled(_EMPTY, fields)


def insurance_windows(world: World, vendor: Record) -> list[str]:
    """The values of the filter that fit: without a date `None`, with one `Any`, and how soon it runs out."""
    expires = (vendor["VendorInsurance"] or {}).get("ExpirationDate")
    if expires is None:
        return ["None"]
    left = (date.fromisoformat(expires) - world.now.date()).days
    if left < 0:
        return ["Any", "Expired"]
    return ["Any", *(window for window, days in _DAYS.items() if left <= days)]


def _answer(world: World, vendor: Record) -> Answer:
    category = world.get("vendor_categories", vendor["CategoryId"])
    shown = {name: value for name, value in vendor.values.items() if name != "CategoryId"}
    return {
        "Id": vendor.id,
        **shown,
        "Category": {"Id": category.id, "Name": category["Name"]} if category else None,
        "VendorInsurance": _insurance(vendor["VendorInsurance"]),
    }


def _insurance(insurance: Values | None) -> Values | None:
    """A date goes in and a date-time comes out."""
    if insurance is None or insurance["ExpirationDate"] is None:
        return insurance
    return {**insurance, "ExpirationDate": f"{insurance['ExpirationDate']}T00:00:00Z"}


def _create(world: World, body: VendorPost) -> Record:
    return world.insert("vendors", vendor_values(**_fields(world, body)))


def _update(world: World, vendor: Record, body: VendorPut) -> Record:
    return world.change(vendor, _fields(world, body))


def _fields(world: World, body: VendorPost | VendorPut) -> Values:
    _check(world, body)
    tax = body.TaxInformation
    fields = body.model_dump(exclude={"ExpenseGlAccountId"})
    unused = ("FirstName", "LastName") if body.IsCompany else ("CompanyName",)
    return {
        **fields,
        **dict.fromkeys(unused),
        "PhoneNumbers": phone_list(body.PhoneNumbers),
        "ExpenseGLAccountId": body.ExpenseGlAccountId,
        "TaxInformation": tax_answer(tax.model_dump() if tax else None),
    }


def _check(world: World, body: VendorPost | VendorPut) -> None:
    check_name(body)
    world.needed("vendor_categories", body.CategoryId, "CategoryId")
    if body.ExpenseGlAccountId is not None:
        world.needed("gl_accounts", body.ExpenseGlAccountId, "ExpenseGlAccountId")
    if body.Address is not None:
        check_address(body.Address, "Address")
    if not body.website_is_valid():
        raise broken_rule("Website", f"'{body.Website}' is not a valid URL, such as http://www.example.com.")
    if body.TaxInformation is not None:
        check_tax(body.TaxInformation)


def _delete(world: World, vendor: Record) -> None:
    if world.find("bills", "VendorId", vendor.id) or world.find("work_orders", "VendorId", vendor.id):
        raise RefusedError(409, message="The vendor has bills or work orders.")


VENDORS = Resource(
    kind="vendors",
    path="/v1/vendors",
    area=AREA,
    answer=_answer,
    create=Create(VendorPost, _create),
    update=Update(VendorPut, _update),
    event=Event("Vendor", "VendorId"),
    indexes=("CategoryId",),
    title=full_name,
    on_delete=_delete,
    filters={
        "status": active(get_args(enums.StatusInactive)),
        "email": contains(lambda vendor: [vendor["PrimaryEmail"], vendor["AlternateEmail"]]),
        "website": contains(lambda vendor: [vendor["Website"]]),
        "name": contains(lambda vendor: [full_name(vendor)]),
        "insuranceexpiration": derived_choices(get_args(enums.InsuranceWindow), insurance_windows),
        "phone": contains(searchable_phones),
        **UPDATED,
    },
)
