"""What Buildium would answer to a request, as MAPPING.md tells it, written without a look at how mappings read it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from portal.sync.resource import Body, Resource

PHONE_TYPES = {"Home": "Home", "Work": "Office", "Mobile": "Cell", "Fax": "Fax"}  # MAPPING §3.2

# Place in a request → place in an answer (the fourth chapter of MAPPING.md, resource by resource).
MOVED: dict[str, dict[str, str]] = {
    "property": {"PropertyManagerId": "RentalManager.Id"},
    "owner": {"TaxInformation.TaxPayerType": "TaxInformation.TaxPayerIdType"},
    "bank_account": {"AccountNumber": "AccountNumberUnmasked"},
    "vendor": {
        "CategoryId": "Category.Id",
        "ExpenseGlAccountId": "ExpenseGLAccountId",
        "TaxInformation.TaxPayerType": "TaxInformation.TaxPayerIdType",
    },
    "task": {
        "PropertyId": "Property.Id",
        "CategoryId": "Category.Id",
        "SubCategoryId": "Category.SubCategory.Id",
        "UnitAgreementId": "UnitAgreement.Id",
        "RequestedByEntityId": "RequestedByUserEntity.Id",
        "RequestedByRentalOwnerId": "RequestedByUserEntity.Id",
    },
    "work_order": {"TaskId": "Task.Id"},
}
OF_A_BILL_LINE = {"GlAccountId": "GLAccount.Id", "AccountingEntity.UnitId": "AccountingEntity.Unit.Id"}


def answered(resource: Resource, sent: Body, number: int = 1) -> Body:
    """The record as a GET gives it after `sent` was accepted."""
    answer = {**deepcopy(sent), **resource.tag, "Id": number}
    if resource.name in ("owner", "vendor", "tenant"):
        slots = answer.pop("PhoneNumbers", None) or {}
        answer["PhoneNumbers"] = [{"Number": slots[key], "Type": PHONE_TYPES[key]} for key in slots]
    for before, after in MOVED.get(resource.name, {}).items():
        move(answer, before, after)
    said = {"task": of_a_task, "bill": of_a_bill, "work_order": of_an_order, "vendor": of_a_vendor}
    return said[resource.name](answer) if resource.name in said else answer


def of_a_task(answer: Body) -> Body:
    if "UnitAgreement" in answer:
        answer["UnitAgreement"]["Type"] = "Lease"
    if "RequestedByUserEntity" in answer:
        kind = "RentalTenant" if answer["TaskType"] == "ResidentRequest" else "RentalOwner"
        answer["RequestedByUserEntity"]["Type"] = kind
    return {"UnitId": 0, "AssignedToUserId": 0, **answer}


def of_a_bill(answer: Body) -> Body:
    for place, line in enumerate(answer.get("Lines") or (), start=1):
        line.setdefault("Id", 1000 + place)
        for before, after in OF_A_BILL_LINE.items():
            move(line, before, after)
    return answer


def of_an_order(answer: Body) -> Body:
    if contacts := answer.pop("EntryContactIds", None):
        answer["EntryContacts"] = [{"Id": each, "Type": "Tenant"} for each in contacts]
    return answer


def of_a_vendor(answer: Body) -> Body:
    insurance = answer.get("VendorInsurance") or {}
    if day := insurance.get("ExpirationDate"):
        insurance["ExpirationDate"] = f"{day}T00:00:00Z"
    return answer


def move(body: Body, before: str, after: str) -> None:
    value = take(body, before.split("."))
    if value is not None:
        *parents, last = after.split(".")
        for step in parents:
            body = body.setdefault(step, {})
        body[last] = value


def take(body: Any, steps: list[str]) -> Any:
    *parents, last = steps
    for step in parents:
        body = body.get(step) if isinstance(body, dict) else None
    return body.pop(last, None) if isinstance(body, dict) else None
