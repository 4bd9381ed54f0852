"""The history of a task (MAPPING §4.15): no POST; entries are made by the creation and the updates of the task."""

from __future__ import annotations

from typing import Any

from portal.sandbox.collection import Record, Values, filled
from portal.sandbox.messages.shared import moment_text
from portal.sandbox.messages.tasks import HistoryMessage
from portal.sandbox.resource import Answer, Event, Resource, Update
from portal.sandbox.resources.files import has_appeared
from portal.sandbox.resources.task_categories import AREA
from portal.sandbox.world import World

# Where the people of each user type are kept, and under which path.
_PEOPLE = {
    "Staff": ("users", "/v1/users"),
    "Tenant": ("tenants", "/v1/leases/tenants"),
    "RentalOwner": ("owners", "/v1/rentals/owners"),
    "Vendor": ("vendors", "/v1/vendors"),
}
_OF_THE_TASK = ("TaskStatus", "Priority", "AssignedToUserId", "DueDate")
_EMPTY: Values = {
    "TaskId": None,
    "TaskStatus": "New",
    "Priority": "Normal",
    "AssignedToUserId": None,
    "DueDate": None,
    "Message": None,
    "SharedWith": [],
    "CreatedByType": "Staff",
    "CreatedById": None,
    "LastUpdatedById": None,
}


def history_values(task_id: int, task: Values, message: str | None, **fields: Any) -> Values:
    """The stored values of an entry: how the task stood after it (`task` are stored values of the task), its message,
    and who made it (`CreatedByType`, `CreatedById`; last changed by the staff user `LastUpdatedById`).
    Raises KeyError for an unknown field."""
    standing = {name: task[name] for name in _OF_THE_TASK}
    return filled(_EMPTY, {"TaskId": task_id, **standing, "Message": message, **fields})


def add_entry(world: World, task: Record, message: str | None, *, shared_with: list[str] | None = None) -> Record:
    """Write down how the task stands now, in the name of whoever the key belongs to."""
    author = _author(world)
    values = history_values(
        task.id,
        task.values,
        message or None,
        SharedWith=shared_with or [],
        CreatedById=author,
        LastUpdatedById=author,
    )
    return world.insert("task_history", values)


def _answer(world: World, entry: Record) -> Answer:
    files = [file.id for file in world.find("files", "TaskHistoryId", entry.id) if has_appeared(world, file)]
    return {
        "Id": entry.id,
        **{name: entry[name] for name in (*_OF_THE_TASK, "Message", "SharedWith")},
        "AssignedToUserId": entry["AssignedToUserId"] or 0,
        "FileIds": sorted(files),
        # Spelt like this by Buildium.
        "CreatedDateTIme": moment_text(entry.created),
        "CreatedByUser": _person(world, entry["CreatedByType"], entry["CreatedById"]),
        "LastUpdatedDateTime": moment_text(entry.updated),
        "LastUpdatedByUser": _person(world, "Staff", entry["LastUpdatedById"]),
    }


def _person(world: World, user_type: str, person_id: int | None) -> Values | None:
    kind, path = _PEOPLE[user_type]
    person = world.get(kind, person_id)
    if person is None:
        return None
    names = {name: person[name] for name in ("FirstName", "LastName")}
    return {"Id": person.id, **names, "Href": f"{path}/{person.id}", "UserType": user_type}


def _author(world: World) -> int | None:
    """The key belongs to whoever set it up: the first of the staff."""
    return next((user.id for user in world.all("users") if "Staff" in user["UserTypes"]), None)


def _update(world: World, entry: Record, body: HistoryMessage) -> Record:
    return world.change(entry, {"Message": body.Message, "LastUpdatedById": _author(world)})


def _delete(world: World, entry: Record) -> None:
    for file in world.find("files", "TaskHistoryId", entry.id):
        world.remove(file)


TASK_HISTORY = Resource(
    kind="task_history",
    path="/v1/tasks/{TaskId}/history",
    area=AREA,
    answer=_answer,
    update=Update(HistoryMessage, _update),
    event=Event("Task.History", "TaskHistoryId", lambda entry: {"TaskId": entry["TaskId"]}),
    parents={"TaskId": "tasks"},
    indexes=("TaskId",),
    title=lambda entry: f"Task {entry['TaskId']}: {entry['TaskStatus']} {(entry['Message'] or '')[:60]}".strip(),
    blank=_EMPTY,
    on_delete=_delete,
)
