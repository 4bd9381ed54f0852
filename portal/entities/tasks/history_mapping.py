"""Task history (MAPPING §4.15): read entry by entry; new ones go out with their task, see `errands`."""

from __future__ import annotations

from typing import Any

from portal.entities.days import moment_in
from portal.entities.tasks.history import TaskHistory
from portal.sync.conversions import day
from portal.sync.resource import Body, Direction, Field, Nested, Resource, at

PULL = Direction.PULL


def author(body: Body) -> str | None:
    """Whoever wrote the entry, by name."""
    names = (at(body, "CreatedByUser.FirstName"), at(body, "CreatedByUser.LastName"))
    return " ".join(filter(None, names))[:255] or None


FIELDS = (
    Field("task_id", "TaskId", PULL, read=lambda body: body.get("TaskId"), refers_to="task"),
    Field("told_status", "TaskStatus", PULL, label="Status"),
    Field("notes", "Message", Direction.SWITCH, label="Note"),
    Field("told_by", "CreatedByUser", PULL, read=author, label="By"),
    Field("told_at", "CreatedDateTIme", PULL, to_local=moment_in, label="At"),  # spelt like this by Buildium
    Field("priority", "Priority", PULL),
    day("due_date", "DueDate", direction=PULL),
    Field("file_ids", "FileIds", PULL, read=lambda body: sorted(body.get("FileIds") or []), label="Files"),
    Field("buildium_updated_at", "LastUpdatedDateTime", PULL, to_local=moment_in),
)


def derive(body: Body) -> dict[str, Any]:
    completed = body.get("TaskStatus") == "Completed"
    return {"completed_date": moment_in(body.get("CreatedDateTIme")) if completed else None}


TASK_HISTORY = Resource(
    name="task_history",
    model=TaskHistory,
    path="/v1/tasks/{}/history",
    id_column="buildium_history_id",
    fields=FIELDS,
    permission="Tasks > Tasks",
    events={"Task.History": "TaskHistoryId"},
    pushed=False,
    # Each change of a task makes an entry. Webhooks bring entries as they are made, and the event of one brings those
    # before it; what a run can't find is a text that was changed in Buildium and whose event was lost.
    nested=Nested("task", "task_id", "TaskId", as_of="buildium_updated_at", together=True),
    derive=derive,
)
