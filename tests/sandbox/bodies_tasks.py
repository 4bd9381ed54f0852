"""Valid request bodies of vendors and tasks; keywords change or add fields."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tests.sandbox.bodies import Body, address, lease, phones, tax, tenant
from tests.sandbox.running import Served

# Method, path, and a maker of full, fresh, valid bodies.
Write = tuple[str, str, Callable[[], Body]]

_numbers = itertools.count(1)


def category(**changes: Any) -> Body:
    return {"Name": f"Category {next(_numbers)}", **changes}


def vendor(category_id: int, **changes: Any) -> Body:
    return {"IsCompany": True, "CompanyName": f"Vendor {next(_numbers)}", "CategoryId": category_id, **changes}


def full_vendor(category_id: int, **changes: Any) -> Body:
    extras = {
        "FirstName": None,
        "LastName": None,
        "PrimaryEmail": "office@example.com",
        "AlternateEmail": "home@example.com",
        "PhoneNumbers": phones(),
        "Address": address(),
        "AccountNumber": "HV-1000",
        "Website": "https://www.example.com/plumbing",
        "VendorInsurance": insurance(),
        "Comments": "Ring twice.",
        "TaxInformation": tax(),
    }
    return vendor(category_id, **{**extras, **changes})


def insurance(**changes: Any) -> Body:
    return {"Provider": "Dirigo Mutual", "PolicyNumber": "DM-77", "ExpirationDate": "2031-05-31", **changes}


def to_do(assignee_id: int, **changes: Any) -> Body:
    return {"AssignedToUserId": assignee_id, **_task(), **changes}


def full_to_do(assignee_id: int, place: Body, **changes: Any) -> Body:
    """`place` holds the ids of category, sub category, property and unit."""
    return to_do(assignee_id, **{"Description": "Since Monday.", "DueDate": "2031-02-03", **place, **changes})


def resident_request(lease_id: int, tenant_id: int, **changes: Any) -> Body:
    return {"UnitAgreementId": lease_id, "RequestedByEntityId": tenant_id, **_task(), **changes}


def full_resident_request(lease_id: int, tenant_id: int, **changes: Any) -> Body:
    extras = {
        "Description": "The tap drips.",
        "DueDate": "2031-02-03",
        "IsEntryPermittedByResident": True,
        "DoesResidentHavePets": False,
        "ResidentEntryNotes": "Knock first.",
        "ShareWithRentalOwners": True,
        "ShareWithBoardMembers": False,
    }
    return resident_request(lease_id, tenant_id, **{**extras, **changes})


def owner_request(owner_id: int, **changes: Any) -> Body:
    return {"RequestedByRentalOwnerId": owner_id, **_task(), **changes}


def contact_request(assignee_id: int, **changes: Any) -> Body:
    return to_do(assignee_id, **{"ContactDetail": contact(), **changes})


def contact(**changes: Any) -> Body:
    numbers = {name: number for name, number in phones().items() if name != "Fax"}
    return {"FirstName": "Edith", "LastName": "Clarke", "Email": "e@example.com", "PhoneNumbers": numbers, **changes}


def update(**changes: Any) -> Body:
    """A PUT of a kind whose assignee is optional."""
    return {**_task(), "TaskStatus": "InProgress", **changes}


def _task() -> Body:
    return {"Title": f"Task {next(_numbers)}", "TaskStatus": "New", "Priority": "Normal"}


WRITES = (
    "create a vendor category",
    "update a vendor category",
    "create a vendor",
    "update a vendor",
    "create a task category",
    "update a task category",
    "create a to-do",
    "update a to-do",
    "create a resident request",
    "update a resident request",
    "create an owner request",
    "update an owner request",
    "create a contact request",
    "update a contact request",
    "update a history entry",
    "upload a file of a task",
    "update a document",
)


def writes(server: Served, unit_id: int, owner_id: int, gl_account: int) -> dict[str, Write]:
    """Every POST and PUT of these records, by the names of `WRITES`, after making what they are about."""
    building = server.api.get(f"/v1/rentals/units/{unit_id}").json()["PropertyId"]
    made = server.control("POST", "/records/task_categories", category())["id"]
    sub = [{"Id": made * 100, "Name": "Leak"}]
    server.control("PATCH", f"/records/task_categories/{made}", {"SubCategories": sub})
    sorts = {"CategoryId": made, "SubCategoryId": made * 100}
    return {
        **_vendor_writes(server, gl_account),
        "create a task category": ("POST", "/v1/tasks/categories", category),
        "update a task category": ("PUT", f"/v1/tasks/categories/{made}", category),
        **_task_writes(server, {**sorts, "PropertyId": building, "UnitId": unit_id}, owner_id),
        **_resident_writes(server, sorts, unit_id),
        **_file_writes(server),
    }


def _vendor_writes(server: Served, gl_account: int) -> dict[str, Write]:
    sort = server.made("/v1/vendors/categories", category())["Id"]
    known = server.made("/v1/vendors", vendor(sort))["Id"]

    def changed() -> Body:
        return full_vendor(sort, ExpenseGlAccountId=gl_account, TaxInformation=tax(IncludeIn1099=True))

    return {
        "create a vendor category": ("POST", "/v1/vendors/categories", category),
        "update a vendor category": ("PUT", f"/v1/vendors/categories/{sort}", category),
        "create a vendor": ("POST", "/v1/vendors", lambda: full_vendor(sort, ExpenseGlAccountId=gl_account)),
        "update a vendor": ("PUT", f"/v1/vendors/{known}", changed),
    }


def _task_writes(server: Served, place: Body, owner_id: int) -> dict[str, Write]:
    to_dos, asked, calls = (f"/v1/tasks/{kind}requests" for kind in ("todo", "rentalowner", "contact"))
    first = [
        server.made(path, body)["Id"]
        for path, body in (
            (to_dos, to_do(1002)),
            (asked, owner_request(owner_id)),
            (calls, contact_request(1002)),
        )
    ]
    more = {"Description": "Since Monday.", "DueDate": "2031-02-03", "AssignedToUserId": 1002, **place}
    later = {"Message": "Called them.", "DueDate": "2031-02-03", "AssignedToUserId": 1002, **place}
    return {
        "create a to-do": ("POST", to_dos, lambda: full_to_do(1002, place)),
        "update a to-do": ("PUT", f"{to_dos}/{first[0]}", lambda: update(**later)),
        "create an owner request": ("POST", asked, lambda: owner_request(owner_id, **more)),
        "update an owner request": ("PUT", f"{asked}/{first[1]}", lambda: update(**later)),
        "create a contact request": ("POST", calls, lambda: contact_request(1002, **more)),
        "update a contact request": ("PUT", f"{calls}/{first[2]}", lambda: update(**later, ContactDetail=contact())),
    }


def _resident_writes(server: Served, sorts: Body, unit_id: int) -> dict[str, Write]:
    dates = {"LeaseFromDate": "2035-01-01", "LeaseToDate": "2035-12-31"}
    let = server.made("/v1/leases", lease(unit_id, Tenants=[tenant()], **dates))
    people = let["Id"], let["Tenants"][0]["Id"]
    path = "/v1/tasks/residentrequests"
    first = server.made(path, resident_request(*people))["Id"]
    later = {"Message": "Called them.", "DueDate": "2031-02-03", "AssignedToUserId": 1002, **sorts}
    return {
        "create a resident request": (
            "POST",
            path,
            lambda: full_resident_request(*people, AssignedToUserId=1002, **sorts),
        ),
        "update a resident request": ("PUT", f"{path}/{first}", lambda: update(**later)),
    }


def _file_writes(server: Served) -> dict[str, Write]:
    made = server.made("/v1/tasks/todorequests", to_do(1002))["Id"]
    entry = server.first(f"/v1/tasks/{made}/history")["Id"]
    path = f"/v1/tasks/{made}/history/{entry}"
    document = server.control("POST", "/records/files", {"Title": "Rules"})["id"]
    new = {"Title": "Rules", "Description": "For the lobby", "CategoryId": 7}
    return {
        "update a history entry": ("PUT", path, lambda: {"Message": "It pours."}),
        "upload a file of a task": ("POST", f"{path}/files/uploads", lambda: {"FileName": "roof.jpg"}),
        "update a document": ("PUT", f"/v1/files/{document}", lambda: new),
    }
