"""The pages of tasks."""

from __future__ import annotations

from sqlalchemy.orm import joinedload

from portal.entities.tasks import columns as shown
from portal.entities.tasks import files, views
from portal.entities.tasks.filters import FILTERS
from portal.entities.tasks.form import TaskForm
from portal.entities.tasks.mapping import TASK
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from portal.entity import Entity, marks, wanted
from portal.web.access import Permission
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Related, Route, Screen, Section

SECTIONS = (
    Section(
        "Task",
        (
            shown.STATUS,
            shown.PRIORITY,
            shown.DUE,
            shown.ASSIGNEE,
            shown.KIND,
            shown.CATEGORY,
            shown.SUB_CATEGORY,
            Column("description", "Description", wide=True),
        ),
    ),
    Section(
        "Where, and for whom",
        (
            shown.PROPERTY,
            shown.UNIT,
            shown.LEASE,
            shown.TENANT,
            Column("entry_permitted", "May be entered", "flag"),
            Column("has_pets", "There are pets", "flag"),
            Column("entry_notes", "What to mind when entering", wide=True),
            shown.OWNER,
            shown.CONTACT,
        ),
    ),
    Section(
        "Record",
        (
            shown.ESTIMATE,
            shown.COST,
            shown.AGE,
            shown.COMPLETED,
            Column("buildium_created_at", "Created in Buildium", "moment"),
            shown.BUILDIUM,
            shown.CREATED,
            shown.CHANGED,
        ),
    ),
)

EDIT, BOTH = Permission.EDIT_RECORDS, ("GET", "POST")
FILE = "/<uuid:record_id>/files/<uuid:file_id>"
ENTRY = "/<uuid:record_id>/history/<uuid:entry_id>"
ROUTES = (
    Route("/<uuid:record_id>/history", "history", views.history, EDIT, BOTH),
    Route(ENTRY, "entry", views.entry, EDIT, BOTH),
    Route(f"{ENTRY}/files", "listing", files.listing, EDIT, ("POST",)),
    Route(FILE, "file", files.file, Permission.VIEW_RECORDS),
    Route(f"{FILE}/copy", "asking", files.asking, EDIT, ("POST",)),
    Route(f"{FILE}/upload", "sending", files.sending, EDIT, ("POST",)),
    Route(f"{FILE}/removal", "removal", files.removal, EDIT, BOTH),
)

TASKS = Entity(
    screen=Screen(
        singular="task",
        plural="tasks",
        model=Task,
        form=TaskForm,
        icon="clipboard",
        columns=(
            shown.SUBJECT,
            shown.STATUS,
            shown.DUE,
            shown.PRIORITY,
            shown.ASSIGNEE,
            shown.PROPERTY,
            shown.UNIT,
            shown.CATEGORY,
            shown.SUB_CATEGORY,
            shown.AGE,
            shown.KIND,
            shown.COMPLETED,
            shown.ESTIMATE,
            shown.COST,
            shown.BUILDIUM,
            shown.CREATED,
            shown.CHANGED,
        ),
        order="-updated_at",
        empty="A task is something to be done: for yourself, a tenant, an owner or somebody who called.",
        search=Task.search_text,
        filters=FILTERS,
        loads=(
            joinedload(Task.property),
            joinedload(Task.unit).joinedload(Unit.property),
            joinedload(Task.task_category),
        ),
        sections=SECTIONS,
        related=(
            Related(
                "Work orders",
                Task.work_orders,
                "work_orders",
                "task_id",
                ("subject", "vendor_id", "status", "scheduled_date", "actual_cost"),
                "A work order asks a vendor to see to this task.",
                "Make a work order",
            ),
        ),
        routes=ROUTES,
        marks={**marks(TASK), "status": MARKS["both"], "notes": MARKS["both"], "task_type": MARKS["create"]},
        wanted=wanted(TASK),
        buildium_id="buildium_task_id",
        buildium_page="manager/app/tasks/{id}",
    ),
    resource=TASK,
)
