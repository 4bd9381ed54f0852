"""Tasks of all kinds (MAPPING §4.13): read here, written under the paths of their kinds (`task_requests`)."""

from __future__ import annotations

from typing import Any, get_args

from portal.sandbox.collection import Record, Values, filled
from portal.sandbox.day_filters import ENTITY, UPDATED_BY_DAY, from_day, of_entity, to_day
from portal.sandbox.filters import choices, contains, ids
from portal.sandbox.messages import enums
from portal.sandbox.resource import Event, Filter, Resource
from portal.sandbox.resources.task_answers import any_task
from portal.sandbox.resources.task_categories import AREA
from portal.sandbox.world import World

_EMPTY: Values = {
    "TaskType": "Todo",
    "Title": "",
    "Description": None,
    "CategoryId": None,
    "SubCategoryId": None,
    "PropertyId": None,
    "UnitId": None,
    "UnitAgreementId": None,
    "RequestedByType": None,
    "RequestedById": None,
    "AssignedToUserId": None,
    "TaskStatus": "New",
    "Priority": "Normal",
    "DueDate": None,
    "ContactDetail": None,
    "IsEntryPermittedByResident": None,
    "DoesResidentHavePets": None,
    "ResidentEntryNotes": None,
}


def task_values(task_type: enums.TaskType, title: str, **fields: Any) -> Values:
    """The stored values of a task of any kind; what isn't given is empty, the status New and the priority Normal.

    A resident request has the lease as `UnitAgreementId`, its property and unit, RentalTenant as `RequestedByType` and
    the tenant as `RequestedById`; an owner's request has RentalOwner and the owner; a contact request has
    ContactRequestor and `ContactDetail`. Raises KeyError for an unknown field."""
    return filled(_EMPTY, {"TaskType": task_type, "Title": title, **fields})


def entities(world: World, task: Record) -> list[tuple[str, int | None]]:
    """What `entitytype` and `entityid` find a task by: its property, and the owner who asked."""
    asked_by_owner = task["RequestedByType"] == "RentalOwner"
    owner = [("RentalOwner", task["RequestedById"])] if asked_by_owner else []
    return [("Rental", task["PropertyId"]), *owner]


# The lists of the four kinds have these, too.
FILTERS: dict[str, Filter] = {
    **ENTITY,
    "statuses": choices(get_args(enums.TaskStatus), lambda task: [task["TaskStatus"]]),
    "unitid": ids(lambda world, task: [task["UnitId"]]),
    **UPDATED_BY_DAY,
    "duedatefrom": from_day(lambda world, task: task["DueDate"]),
    "duedateto": to_day(lambda world, task: task["DueDate"]),
    "taskcategoryid": ids(lambda world, task: [task["CategoryId"]]),
    "priorities": choices(get_args(enums.TaskPriority), lambda task: [task["Priority"]]),
    "assignedtoid": ids(lambda world, task: [task["AssignedToUserId"]]),
    "tasktitle": contains(lambda task: [task["Title"]]),
}
BY_AGREEMENT = {"unitagreementid": ids(lambda world, task: [task["UnitAgreementId"]])}


def _delete(world: World, task: Record) -> None:
    """Takes the history and its files along; work orders stay, without a task."""
    for entry in world.find("task_history", "TaskId", task.id):
        for file in world.find("files", "TaskHistoryId", entry.id):
            world.remove(file)
        world.remove(entry)


TASKS = Resource(
    kind="tasks",
    path="/v1/tasks",
    area=AREA,
    answer=any_task,
    event=Event("Task", "TaskId", lambda task: {"TaskType": task["TaskType"]}),
    title=lambda task: f"{task['TaskType']}: {task['Title']}",
    blank=_EMPTY,
    on_delete=_delete,
    narrow=of_entity(entities),
    filters={
        **FILTERS,
        **BY_AGREEMENT,
        "type": choices(get_args(enums.TaskType), lambda task: [task["TaskType"]]),
    },
)
