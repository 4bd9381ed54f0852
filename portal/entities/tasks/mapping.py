"""Task ↔ Task (MAPPING §4.13): four kinds in one space of ids, written each in a place of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.entities.checks import agree
from portal.entities.days import day_in, day_out, moment_in
from portal.entities.tasks.errands import errands
from portal.entities.tasks.model import Task
from portal.sync.likeness import Likeness, Trait
from portal.sync.resource import Body, Direction, Field, Kinds, Problem, Resource, Search, at
from portal.words import TASK_PRIORITIES, TASK_STATUSES

TODO, RESIDENT = frozenset({"Todo"}), frozenset({"ResidentRequest"})
OWNER, CONTACT = frozenset({"RentalOwnerRequest"}), frozenset({"ContactRequest"})
PLACED = TODO | OWNER | CONTACT  # a resident's request is where the lease is
LONGEST = 65_500


def known(place: str) -> Callable[[Body], Any]:
    """An id that answers give as 0 where there is none."""
    return lambda body: at(body, place) or None


def asked_by(kind: str) -> Callable[[Body], Any]:
    return lambda body: at(body, "RequestedByUserEntity.Id") if at(body, "RequestedByUserEntity.Type") == kind else None


def lease_of(body: Body) -> Any:
    return at(body, "UnitAgreement.Id") if at(body, "UnitAgreement.Type") == "Lease" else None


def phone(name: str, slot: str) -> Field:
    return Field(name, f"ContactDetail.PhoneNumbers.{slot}", only=CONTACT, shortest=10, longest=20)


PLACE = (
    Field("property_id", "Property.Id", Direction.PULL, refers_to="property", only=RESIDENT),
    Field("unit_id", "Unit", Direction.PULL, read=known("UnitId"), refers_to="unit", only=RESIDENT),
    Field("property_id", "PropertyId", read="Property.Id", refers_to="property", only=PLACED),
    Field("unit_id", "UnitId", read=known("UnitId"), refers_to="unit", only=PLACED),
)
ASSIGNEE = tuple(
    Field(
        "assigned_to_user_id", "AssignedToUserId", read=known("AssignedToUserId"), label="Assignee",
        only=kinds, required=required,
    )
    for kinds, required in ((RESIDENT | OWNER, False), (TODO | CONTACT, True))
)  # fmt: skip
ASKED = (
    Field("lease_id", "UnitAgreementId", Direction.CREATE, lease_of, refers_to="lease", only=RESIDENT, required=True),
    Field(
        "requested_by_tenant_id", "RequestedByEntityId", Direction.CREATE, asked_by("RentalTenant"),
        refers_to="tenant", label="Tenant", only=RESIDENT, required=True,
    ),
    Field(
        "requested_by_owner_id", "RequestedByRentalOwnerId", Direction.CREATE, asked_by("RentalOwner"),
        refers_to="owner", label="Owner", only=OWNER, required=True,
    ),
    Field("entry_permitted", "IsEntryPermittedByResident", Direction.CREATE, only=RESIDENT),
    Field("has_pets", "DoesResidentHavePets", Direction.CREATE, only=RESIDENT),
    Field("entry_notes", "ResidentEntryNotes", Direction.CREATE, only=RESIDENT, longest=65_535),
    Field("contact_first_name", "ContactDetail.FirstName", label="First name", only=CONTACT, required=True),
    Field("contact_last_name", "ContactDetail.LastName", label="Last name", only=CONTACT),
    Field("contact_email", "ContactDetail.Email", label="E-mail", only=CONTACT),
    phone("contact_phone_home", "Home"),
    phone("contact_phone_work", "Work"),
    phone("contact_phone_mobile", "Mobile"),
)  # fmt: skip
FIELDS = (
    Field("subject", "Title", required=True, longest=127),
    Field("description", "Description", Direction.CREATE, longest=LONGEST),
    Field("category_id", "CategoryId", read="Category.Id", refers_to="task_category"),
    Field("sub_category_id", "SubCategoryId", read="Category.SubCategory.Id"),
    *PLACE,
    *ASSIGNEE,
    *ASKED,
    Field("status_to_send", "TaskStatus", required=True, choices=frozenset(TASK_STATUSES), label="Status"),
    Field("priority", "Priority", required=True, choices=frozenset(TASK_PRIORITIES)),
    Field("scheduled_date", "DueDate", to_remote=day_out, to_local=day_in, label="Due date"),
    Field("buildium_created_at", "CreatedDateTime", Direction.PULL, to_local=moment_in),
    Field("buildium_updated_at", "LastUpdatedDateTime", Direction.PULL, to_local=moment_in),
)


def accepts(body: Body) -> bool:
    """Associations and their people are outside the portal."""
    kinds = {at(body, "Property.Type"), at(body, "UnitAgreement.Type")}
    return not kinds & {"Association", "OwnershipAccount"}


def sought(sent: Body) -> dict[str, Any]:
    place = {"entitytype": "Rental", "entityid": sent["PropertyId"]} if sent.get("PropertyId") else {}
    return {"tasktitle": sent["Title"], **place}


def same(sent: Body, found: Body) -> bool:
    """`found` is in the kind's own listing, so its kind is right; who asked tells apart what has no place."""
    if not agree(sent, found, "Title", "Description"):
        return False
    pairs = (
        ("PropertyId", at(found, "Property.Id")),
        ("UnitId", found.get("UnitId") or None),
        ("UnitAgreementId", lease_of(found)),
        ("RequestedByEntityId", at(found, "RequestedByUserEntity.Id")),
        ("RequestedByRentalOwnerId", at(found, "RequestedByUserEntity.Id")),
        ("ContactDetail.FirstName", at(found, "ContactDetail.FirstName")),
    )
    return all(at(sent, place) in (None, value) for place, value in pairs)


def check(record: Task, _: Body) -> list[Problem]:
    """A task can only be attached to an active property (MAPPING §10.29), and to a unit of that."""
    found: list[Problem] = []
    if record.task_type == "ResidentRequest" and record.buildium_task_id:
        return found  # its place is not part of an update
    if record.property and not record.property.is_active:
        words = f"“{record.property}” is inactive, and Buildium takes tasks of active properties only."
        found.append(Problem("property_id", words))
    if record.unit and record.unit.property_id != record.property_id:
        found.append(Problem("unit_id", f"The unit “{record.unit}” belongs to another property."))
    return found


def derive(body: Body) -> dict[str, Any]:
    """The kind, by the place it was read from; the names that a trigger writes beside ids go with the ids."""
    kind = {"task_type": body["TaskType"]} if "TaskType" in body else {}
    nobody = {} if body.get("AssignedToUserId") else {"assigned_to": None}
    return kind | nobody | ({} if body.get("Category") else {"category": None})


TASK = Resource(
    name="task",
    model=Task,
    path="/v1/tasks",
    id_column="buildium_task_id",
    fields=FIELDS,
    permission="Tasks > Tasks",
    events={"Task": "TaskId"},
    has_changed_filter=True,
    changed_by_day=True,
    kinds=Kinds(
        attribute="task_type",
        key="TaskType",
        paths={
            "Todo": "/v1/tasks/todorequests",
            "ResidentRequest": "/v1/tasks/residentrequests",
            "RentalOwnerRequest": "/v1/tasks/rentalownerrequests",
            "ContactRequest": "/v1/tasks/contactrequests",
        },
        every="/v1/tasks",
        unpaged=frozenset({"RentalOwnerRequest"}),
    ),
    accepts=accepts,
    likeness=Likeness((Trait("title", ("Title",)),)),
    search=Search(sought, same, made=lambda body: moment_in(body.get("CreatedDateTime"))),
    errands=errands,
    check=check,
    derive=derive,
    loads=("history",),
    carries=("status", "notes", "history_changed_at"),
    here=("estimated_cost", "actual_cost", "completed_date"),
)
