"""Tasks as answers show them: what all kinds have, and what each kind adds (MAPPING §4.13)."""

from __future__ import annotations

from portal.sandbox.collection import Record, Values
from portal.sandbox.messages.shared import moment_text
from portal.sandbox.resource import Answer
from portal.sandbox.resources.task_categories import sub_category
from portal.sandbox.world import World

# Who can ask for something, and where such people are kept.
_REQUESTERS = {"RentalTenant": "tenants", "RentalOwner": "owners"}
_PATHS = {"tenants": "/v1/leases/tenants", "owners": "/v1/rentals/owners"}


def any_task(world: World, task: Record) -> Answer:
    """The task among those of all kinds. An assignee can't be null there, so nobody is 0 (MAPPING §4.13)."""
    return {
        **_shared(world, task),
        "TaskType": task["TaskType"],
        "UnitAgreement": _agreement(task),
        "RequestedByUserEntity": _requester(world, task),
        "AssignedToUserId": task["AssignedToUserId"] or 0,
    }


def to_do(world: World, task: Record) -> Answer:
    return _shared(world, task)


def resident_request(world: World, task: Record) -> Answer:
    return {
        **_shared(world, task),
        "UnitId": task["UnitId"] or 0,
        "UnitAgreement": _agreement(task),
        "RequestedByUserEntity": _requester(world, task),
        "Appliance": None,
        **{name: task[name] for name in ("IsEntryPermittedByResident", "DoesResidentHavePets", "ResidentEntryNotes")},
    }


def owner_request(world: World, task: Record) -> Answer:
    return {**_shared(world, task), "RequestedByUserEntity": _requester(world, task)}


def contact_request(world: World, task: Record) -> Answer:
    return {**_shared(world, task), "ContactDetail": task["ContactDetail"]}


def _shared(world: World, task: Record) -> Answer:
    building_id = task["PropertyId"]
    place = {"Id": building_id, "Type": "Rental", "Href": f"/v1/rentals/{building_id}"}
    return {
        "Id": task.id,
        "Category": _category(world, task),
        "Title": task["Title"],
        "Description": task["Description"],
        "Property": None if building_id is None else place,
        "UnitId": task["UnitId"],
        "AssignedToUserId": task["AssignedToUserId"],
        "TaskStatus": task["TaskStatus"],
        "Priority": task["Priority"],
        "DueDate": task["DueDate"],
        "CreatedDateTime": moment_text(task.created),
        "LastUpdatedDateTime": moment_text(task.updated),
    }


def _category(world: World, task: Record) -> Values | None:
    category = world.get("task_categories", task["CategoryId"])
    if category is None:
        return None
    return {
        "Id": category.id,
        "Name": category["Name"],
        "Href": f"/v1/tasks/categories/{category.id}",
        "SubCategory": sub_category(category, task["SubCategoryId"]),
    }


def _agreement(task: Record) -> Values | None:
    lease_id = task["UnitAgreementId"]
    return None if lease_id is None else {"Id": lease_id, "Type": "Lease", "Href": f"/v1/leases/{lease_id}"}


def _requester(world: World, task: Record) -> Values | None:
    """Who asked: a contact has no record of its own, a company no first and last name."""
    asked_by = task["RequestedByType"]
    if asked_by is None:
        return None
    kind = _REQUESTERS.get(asked_by)
    person = world.get(kind, task["RequestedById"]) if kind else None
    names = person.values if person else task["ContactDetail"] or {}
    return {
        "Type": asked_by,
        "Id": person.id if person else None,
        "FirstName": names.get("FirstName"),
        "LastName": names.get("LastName"),
        "IsCompany": bool(names.get("IsCompany")),
        "Href": f"{_PATHS[kind]}/{person.id}" if kind and person else None,
    }
