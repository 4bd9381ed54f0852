"""The four kinds of task under their own paths, where they are written (MAPPING §4.13). They share one id space."""

from __future__ import annotations

from typing import Any

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import broken_rule
from portal.sandbox.messages import enums, tasks
from portal.sandbox.messages.base import Message
from portal.sandbox.resource import Create, Resource, Update
from portal.sandbox.resources import task_answers
from portal.sandbox.resources.task_categories import AREA, sub_category
from portal.sandbox.resources.task_history import add_entry
from portal.sandbox.resources.tasks import BY_AGREEMENT, FILTERS, TASKS, task_values
from portal.sandbox.resources.users import staff_member
from portal.sandbox.world import World

# What a message has under another name than the stored task, or not for it at all.
_NOT_STORED = {
    "Message",
    "RequestedByEntityId",
    "RequestedByRentalOwnerId",
    "ShareWithRentalOwners",
    "ShareWithBoardMembers",
}


def _create_to_do(world: World, body: tasks.ToDoPost) -> Record:
    return _created(world, "Todo", body)


def _create_resident_request(world: World, body: tasks.ResidentRequestPost) -> Record:
    lease = world.needed("leases", body.UnitAgreementId, "UnitAgreementId")
    tenant = world.needed("tenants", body.RequestedByEntityId, "RequestedByEntityId")
    if all(link["TenantId"] != tenant.id for link in world.find("lease_tenants", "LeaseId", lease.id)):
        raise broken_rule("RequestedByEntityId", "The resident must be a tenant of the lease.")
    _check_property(world, lease["PropertyId"], "UnitAgreementId")
    extra = {"PropertyId": lease["PropertyId"], "UnitId": lease["UnitId"], **_asked_by("RentalTenant", tenant.id)}
    shared_with = ["Residents", "RentalOwners"] if body.ShareWithRentalOwners else ["Residents"]
    return _created(world, "ResidentRequest", body, extra, shared_with)


def _create_owner_request(world: World, body: tasks.OwnerRequestPost) -> Record:
    owner = world.needed("owners", body.RequestedByRentalOwnerId, "RequestedByRentalOwnerId")
    return _created(world, "RentalOwnerRequest", body, _asked_by("RentalOwner", owner.id), ["RentalOwners"])


def _create_contact_request(world: World, body: tasks.ContactRequestPost) -> Record:
    return _created(world, "ContactRequest", body, _asked_by("ContactRequestor", None))


def _asked_by(requester: str, person_id: int | None) -> Values:
    return {"RequestedByType": requester, "RequestedById": person_id}


def _created(
    world: World,
    task_type: enums.TaskType,
    body: tasks.AnyPost,
    extra: Values | None = None,
    shared_with: list[str] | None = None,
) -> Record:
    _check(world, body)
    fields = {**body.model_dump(exclude={*_NOT_STORED, "Title"}), **(extra or {})}
    task = world.insert("tasks", task_values(task_type, body.Title, **fields))
    if world.switches.task_history_on_create:
        add_entry(world, task, body.Description, shared_with=shared_with)
    return task


def _update(world: World, task: Record, body: tasks.AnyPut) -> Record:
    """Replace the task. Each update makes an entry in its history, or as a switch has it only those with a message."""
    _check(world, body)
    changed = world.change(task, body.model_dump(exclude=_NOT_STORED))
    if body.Message or world.switches.task_history_on_update:
        add_entry(world, changed, body.Message)
    return changed


def _check(world: World, body: tasks.AnyPost | tasks.AnyPut) -> None:
    """The rules of every kind, for a creation and for an update."""
    _check_category(world, body)
    if body.AssignedToUserId is not None and not staff_member(world, body.AssignedToUserId):
        raise broken_rule("AssignedToUserId", "The user must be an active staff member.")
    if isinstance(body, tasks.Located):
        _check_place(world, body)


def _check_category(world: World, body: tasks.Task) -> None:
    category = None
    if body.CategoryId is not None:
        category = world.needed("task_categories", body.CategoryId, "CategoryId")
    if body.SubCategoryId is not None and sub_category(category, body.SubCategoryId) is None:
        raise broken_rule("SubCategoryId", "The sub category must be one of the category's.")


def _check_place(world: World, body: tasks.Located) -> None:
    if body.PropertyId is not None:
        _check_property(world, body.PropertyId, "PropertyId")
    if body.UnitId is not None and world.needed("units", body.UnitId, "UnitId")["PropertyId"] != body.PropertyId:
        raise broken_rule("UnitId", "The unit must belong to the property.")


def _check_property(world: World, property_id: int, field: str) -> None:
    if not world.needed("rentals", property_id, field)["IsActive"]:
        raise broken_rule(field, "The property must be active.")


def _requests(task_type: enums.TaskType, path: str, create: Create, put: type[Message], **more: Any) -> Resource:
    return Resource(
        kind=TASKS.kind,
        path=path,
        area=AREA,
        create=create,
        update=Update(put, _update),
        serves=lambda world, task: task["TaskType"] == task_type,
        narrow=TASKS.narrow,
        **{"filters": FILTERS, **more},
    )


TO_DOS = _requests(
    "Todo",
    "/v1/tasks/todorequests",
    Create(tasks.ToDoPost, _create_to_do),
    tasks.ToDoPut,
    answer=task_answers.to_do,
)
RESIDENT_REQUESTS = _requests(
    "ResidentRequest",
    "/v1/tasks/residentrequests",
    Create(tasks.ResidentRequestPost, _create_resident_request),
    tasks.ResidentRequestPut,
    answer=task_answers.resident_request,
    filters={**FILTERS, **BY_AGREEMENT},
)
OWNER_REQUESTS = _requests(
    "RentalOwnerRequest",
    "/v1/tasks/rentalownerrequests",
    Create(tasks.OwnerRequestPost, _create_owner_request),
    tasks.OwnerRequestPut,
    answer=task_answers.owner_request,
    paged=False,
)
CONTACT_REQUESTS = _requests(
    "ContactRequest",
    "/v1/tasks/contactrequests",
    Create(tasks.ContactRequestPost, _create_contact_request),
    tasks.ContactRequestPut,
    answer=task_answers.contact_request,
)
