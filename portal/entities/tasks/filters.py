"""The filters of the list of tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_login import current_user
from sqlalchemy import ColumnElement, false

from portal.entities.tasks.model import FINISHED, Task
from portal.entities.tasks.queries import categories, due_before, own_staff_id, staff
from portal.web.filters import Choice, Filter, Of
from portal.words import TASK_PRIORITIES, TASK_STATUSES, TASK_TYPES

STATUSES = {"open": "Open (not completed or closed)", "finished": "Completed or closed", **TASK_STATUSES}
DUE = {"overdue": "Overdue", "today": "Today", "week": "In the next seven days", "none": "No due date"}
MINE, NOBODY = "mine", "nobody"


def in_status(value: str) -> Any:
    # Spelled out, so that the index on the status serves it.
    open_ones = [each for each in TASK_STATUSES if each not in FINISHED]
    several: dict[str, list[str]] = {"open": open_ones, "finished": list(FINISHED)}
    return Task.status.in_(several.get(value, [value]))


def is_due(value: str) -> Any:
    """Overdue are open tasks only."""
    if value == "none":
        return Task.scheduled_date.is_(None)
    if value == "overdue":
        return in_status("open") & due_before(0)
    return ~due_before(0) & due_before({"today": 1, "week": 7}[value])


@dataclass(frozen=True)
class Chosen:
    """One of those that there are at this moment; `known` gives them, by code."""

    name: str
    label: str
    known: Callable[[], Mapping[str, str]]
    condition: Callable[[str], ColumnElement[bool]]
    gone: str
    field: str = "choice"
    rare: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        return self.known()

    def read(self, raw: str) -> str:
        self.condition(raw)  # a ValueError for what is no code
        return raw

    def words(self, value: str) -> str:
        return self.known().get(value, self.gone)

    def where(self, value: str) -> ColumnElement[bool]:
        return self.condition(value)


def assignees() -> Mapping[str, str]:
    return {MINE: "Me", NOBODY: "Nobody", **staff()}


def is_assigned(value: str) -> ColumnElement[bool]:
    if value == NOBODY:
        return Task.assigned_to_user_id.is_(None)
    if value != MINE:
        return Task.assigned_to_user_id == int(value[:9])
    mine = own_staff_id(current_user.email)
    return Task.assigned_to_user_id == mine if mine else false()


def of(name: str, label: str, plural: str, column: Any) -> Of:
    return Of(name, label, plural, lambda value: column == value)


FILTERS: tuple[Filter, ...] = (
    Choice("status", "Status", STATUSES, in_status),
    Chosen("assigned_to_user_id", "Assigned to", assignees, is_assigned, "somebody who isn’t known"),
    Choice("due", "Due", DUE, is_due),
    Choice("priority", "Priority", TASK_PRIORITIES, lambda value: Task.priority == value),
    Choice("task_type", "Kind", TASK_TYPES, lambda value: Task.task_type == value),
    Chosen("category_id", "Category", categories, lambda value: Task.category_id == UUID(value), "one that is gone"),
    of("property_id", "Property", "properties", Task.property_id),
    of("unit_id", "Unit", "units", Task.unit_id),
    of("lease_id", "Lease", "leases", Task.lease_id),
    of("requested_by_tenant_id", "Tenant", "tenants", Task.requested_by_tenant_id),
    of("requested_by_owner_id", "Owner", "owners", Task.requested_by_owner_id),
)
