"""What the pages of tasks show of one."""

from __future__ import annotations

from datetime import date, timedelta

from portal.database import now
from portal.entities.days import day_of
from portal.entities.tasks.model import Task
from portal.entities.tasks.queries import sub_category_name
from portal.web.formats import today
from portal.web.screen import Column, Sort, by_name
from portal.web.values import State
from portal.words import TASK_PRIORITIES, TASK_STATUSES, TASK_TYPES

TONES = {"New": "info", "InProgress": "wait", "Completed": "good", "Deferred": "off", "Closed": "off"}
PRIORITY_TONES = {"High": "bad", "Normal": "off", "Low": "off"}


def due_on(task: Task) -> date | None:
    return day_of(task.scheduled_date) if task.scheduled_date else None


def status(task: Task) -> State:
    words, due = TASK_STATUSES.get(task.status, task.status), due_on(task)
    if task.is_open and due and due < today():
        return State(f"{words}, overdue", "bad")
    return State(words, TONES.get(task.status, "off"))


def priority(task: Task) -> State:
    return State(TASK_PRIORITIES.get(task.priority, task.priority), PRIORITY_TONES.get(task.priority, "off"))


def age(task: Task) -> int:
    """Days from its creation until it was completed, or until now."""
    until = now() if task.is_open or not task.completed_date else task.completed_date
    return max(timedelta(0), until - (task.buildium_created_at or task.created_at)).days


def contact(task: Task) -> str:
    """Whoever asked in a contact request, one line each."""
    name = " ".join(filter(None, (task.contact_first_name, task.contact_last_name)))
    phones = (task.contact_phone_home, task.contact_phone_work, task.contact_phone_mobile)
    return "\n".join(filter(None, (name, task.contact_email, *phones)))


SUBJECT = Column("subject", "Subject", "name", sort=by_name(Task.subject))
STATUS = Column("status", "Status", value=status, sort=Sort(Task.status))
DUE = Column("scheduled_date", "Due", "day", value=due_on, sort=Sort(Task.scheduled_date, nullable=True))
PRIORITY = Column("priority", "Priority", value=priority, sort=Sort(Task.priority))
ASSIGNEE = Column("assigned_to", "Assigned to", sort=Sort(Task.assigned_to, nullable=True))
KIND = Column("task_type", "Kind", words=TASK_TYPES, shown=False)
CATEGORY = Column("category", "Category", shown=False)
SUB_CATEGORY = Column("sub_category_id", "Sub category", value=sub_category_name, shown=False)
PROPERTY = Column("property_id", "Property", "record", value=lambda it: it.property, to="properties")
UNIT = Column("unit_id", "Unit", "record", value=lambda it: it.unit, to="units", shown=False)
AGE = Column("age", "Age (days)", "number", value=age)
COMPLETED = Column("completed_date", "Completed", "moment", shown=False)
ESTIMATE = Column("estimated_cost", "Estimated cost", "money", shown=False)
COST = Column("actual_cost", "Actual cost", "money", shown=False)
LEASE = Column("lease_id", "Lease", "record", value=lambda it: it.lease, to="leases")
TENANT = Column(
    "requested_by_tenant_id", "Asked for by tenant", "record", value=lambda it: it.requested_by_tenant, to="tenants"
)
OWNER = Column(
    "requested_by_owner_id", "Asked for by owner", "record", value=lambda it: it.requested_by_owner, to="owners"
)
CONTACT = Column("contact_first_name", "Asked for by", value=contact)
BUILDIUM = Column("buildium_task_id", "Buildium id", shown=False)
CREATED = Column("created_at", "Created", "moment", sort=Sort(Task.created_at), shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Task.updated_at), shown=False)
