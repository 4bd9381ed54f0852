"""The pages of work orders."""

from __future__ import annotations

from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from portal.entities.days import day_of
from portal.entities.work_orders import views
from portal.entities.work_orders.form import WorkOrderForm
from portal.entities.work_orders.mapping import WORK_ORDER
from portal.entities.work_orders.model import WorkOrder
from portal.entities.work_orders.queries import (
    AGES,
    BILLED,
    DUE,
    STANDINGS,
    aged,
    days_open,
    days_overdue,
    due_day,
    is_billed,
    is_due,
    stands,
)
from portal.entity import Entity, marks, wanted
from portal.web.access import Permission
from portal.web.filters import Choice, Of
from portal.web.formats import plural
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Related, Route, Screen, Section, Sort, by_name
from portal.web.values import State
from portal.words import ENTRY_ALLOWED, TASK_PRIORITIES, TASK_STATUSES

TONES = {"New": "info", "InProgress": "wait", "Deferred": "off", "Completed": "good", "Closed": "off"}
PRIORITY_TONES = {"High": "bad", "Normal": "off", "Low": "off"}


def standing(order: WorkOrder) -> State | None:
    if order.status is None:
        return None
    words, late = TASK_STATUSES[order.status], days_overdue(order)
    if late:
        return State(f"{words}, {plural(late, 'day')} overdue", "bad")
    return State(words, TONES[order.status])


def priority(order: WorkOrder) -> State | None:
    return State(TASK_PRIORITIES[order.priority], PRIORITY_TONES[order.priority]) if order.priority else None


def history(order: WorkOrder) -> Markup | None:
    if order.task_id is None:
        return None
    target = url_for("tasks.show", record_id=order.task_id)
    return Markup('<a href="{}#history">What was done so far</a>').format(target)


def contacts(order: WorkOrder) -> str:
    number = len(order.entry_contact_ids or ())
    return f"{number} {'people' if number > 1 else 'person'}, chosen in Buildium" if number else ""


NAME = Column("subject", "Work order", "name", value=str, sort=by_name(WorkOrder.subject, nullable=True))
VENDOR = Column("vendor_id", "Vendor", "record", value=lambda it: it.vendor, to="vendors")
HOUSE = Column("property_id", "Property", "record", value=lambda it: it.property, to="properties")
UNIT = Column("unit_id", "Unit", "record", value=lambda it: it.unit, to="units", shown=False)
TASK = Column("task_id", "Task", "record", value=lambda it: it.task, to="tasks", shown=False)
STATUS = Column("status", "Status", value=standing)
PRIORITY = Column("priority", "Priority", value=priority, shown=False)
DUE_ON = Column("scheduled_date", "Due", "day", value=due_day, sort=Sort(WorkOrder.scheduled_date, nullable=True))
OPENED = Column("opened_at", "Opened", "day", value=lambda it: day_of(it.opened_at), sort=Sort(WorkOrder.opened_at))
DAYS = Column("days_open", "Days open", "number", value=days_open)
AMOUNT = Column("actual_cost", "Amount", "money")
ASSIGNED = Column("assigned_to", "Assigned to", shown=False)
INVOICE = Column("invoice_number", "Invoice number", shown=False)
BUILDIUM = Column("buildium_work_order_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(WorkOrder.updated_at), shown=False)

SECTIONS = (
    Section(
        "Work order",
        (
            VENDOR,
            AMOUNT,
            Column("estimated_cost", "Estimated cost", "money"),
            INVOICE,
            Column("chargeable_to", "Chargeable to"),
            Column("description", "Work details", wide=True),
            Column("notes", "Notes for the vendor", wide=True),
        ),
    ),
    Section(
        "Its task",
        (
            TASK,
            Column("history", "Its history", value=history),
            STATUS,
            PRIORITY,
            DUE_ON,
            HOUSE,
            UNIT,
            ASSIGNED,
            Column("category", "Category"),
            OPENED,
            Column("completed_date", "Completed", "moment"),
        ),
    ),
    Section(
        "Entry",
        (
            Column("entry_allowed", "Vendor may enter", words=ENTRY_ALLOWED),
            Column("entry_contact_ids", "People to call", value=contacts),
            Column("entry_notes", "Notes about entering", wide=True),
        ),
    ),
    Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
)

OF_TASK = ("status", "priority", "scheduled_date", "property_id", "unit_id", "assigned_to_user_id", "assigned_to")
MARKED: dict[str, Any] = {
    **marks(WORK_ORDER),
    **dict.fromkeys(OF_TASK, MARKS["both"]),
    **dict.fromkeys(("completed_date", "category"), MARKS["pull"]),
}

WORK_ORDERS = Entity(
    screen=Screen(
        singular="work_order",
        plural="work_orders",
        model=WorkOrder,
        form=WorkOrderForm,
        icon="journal-text",
        columns=(
            *(NAME, VENDOR, HOUSE, UNIT, TASK, STATUS, PRIORITY, DUE_ON, OPENED, DAYS, AMOUNT),
            *(ASSIGNED, INVOICE, BUILDIUM, CHANGED),
        ),
        order="-opened_at",
        empty="A work order tells a vendor what to do about a task, and what came of it: hours, material, a bill.",
        search=WorkOrder.search_text,
        filters=(
            Choice("status", "Status", STANDINGS, stands),
            Choice("due", "Due", DUE, is_due),
            Choice("age", "Age", {age: words for age, (words, *_) in AGES.items()}, aged),
            Choice("priority", "Priority", TASK_PRIORITIES, lambda value: WorkOrder.priority == value),
            Choice("billed", "Bill", BILLED, is_billed, rare=True),
            Choice("vendor", "Vendor", {"none": "None"}, lambda _: WorkOrder.vendor_id.is_(None), rare=True),
            Of("vendor_id", "Vendor", "vendors", lambda value: WorkOrder.vendor_id == value),
            Of("property_id", "Property", "properties", lambda value: WorkOrder.property_id == value),
            Of("unit_id", "Unit", "units", lambda value: WorkOrder.unit_id == value),
            Of("task_id", "Task", "tasks", lambda value: WorkOrder.task_id == value),
        ),
        loads=(
            joinedload(WorkOrder.vendor),
            joinedload(WorkOrder.property),
            joinedload(WorkOrder.unit),
            joinedload(WorkOrder.task),
        ),
        sections=SECTIONS,
        related=(
            Related(
                "Bills",
                WorkOrder.bills,
                "bills",
                "work_order_id",
                ("reference_number", "date", "due_date", "amount", "status"),
                "What the vendor charges for this work comes as a bill.",
                "Make a bill",
            ),
        ),
        routes=(
            Route("/board", "board", views.board, Permission.VIEW_RECORDS),
            Route("/<uuid:record_id>/status", "status", views.move, Permission.EDIT_RECORDS, ("POST",)),
        ),
        marks=MARKED,
        wanted=wanted(WORK_ORDER) - {"entry_allowed"},
        buildium_id="buildium_work_order_id",
        buildium_page="manager/app/tasks/work-orders/{id}",
    ),
    resource=WORK_ORDER,
)
