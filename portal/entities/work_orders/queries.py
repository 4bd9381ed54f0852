"""Which work orders are late, how old they are, which have a bill; and the small lists that their form chooses from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from flask import g
from sqlalchemy import ColumnElement, and_, column, exists, not_, or_, select, table

from portal.entities.days import day_of, midnight
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.gl_accounts.queries import can_be_billed, chosen_from
from portal.entities.work_orders.model import FINISHED, WorkOrder
from portal.web.formats import today
from portal.words import TASK_STATUSES

# What the filter of the list knows besides single statuses.
STANDINGS: Mapping[str, str] = {"open": "Not completed yet", **TASK_STATUSES}
DUE: Mapping[str, str] = {
    "overdue": "Overdue",
    "today": "Today",
    "week": "Within 7 days",
    "none": "Without a due date",
}
# Days since it was opened, both ends included.
AGES: Mapping[str, tuple[str, int, int | None]] = {
    "0-7": ("Up to 7 days", 0, 7),
    "8-30": ("8–30 days", 8, 30),
    "31-60": ("31–60 days", 31, 60),
    "61-90": ("61–90 days", 61, 90),
    "over-90": ("More than 90 days", 91, None),
}
BILLED = {"yes": "Billed", "no": "Not billed"}


def stands(standing: str) -> ColumnElement[bool]:
    """The work orders of one of STANDINGS. One of which Buildium doesn't say how it stands counts as new."""
    if standing == "open":
        return or_(WorkOrder.status.is_(None), WorkOrder.status.not_in(FINISHED))
    if standing == "New":
        return or_(WorkOrder.status.is_(None), WorkOrder.status == "New")
    return WorkOrder.status == standing


def is_due(value: str) -> ColumnElement[bool]:
    """The open work orders of one of DUE. What is due today isn't overdue yet."""
    due, begins = WorkOrder.scheduled_date, midnight(today())
    conditions: dict[str, ColumnElement[bool]] = {
        "overdue": due < begins,
        "today": and_(due >= begins, due < midnight(today() + timedelta(days=1))),
        "week": and_(due >= begins, due < midnight(today() + timedelta(days=8))),
        "none": due.is_(None),
    }
    return and_(stands("open"), conditions[value])


def aged(age: str) -> ColumnElement[bool]:
    """The work orders that were opened as many days ago as one of AGES says."""
    _, least, most = AGES[age]
    conditions = [WorkOrder.opened_at < midnight(today() - timedelta(days=least - 1))]
    if most is not None:
        conditions.append(WorkOrder.opened_at >= midnight(today() - timedelta(days=most)))
    return and_(*conditions)


def is_billed(value: str) -> ColumnElement[bool]:
    """Whether a bill is for them. By name: bills know work orders, and not the reverse."""
    bills = table("bills", column("work_order_id"))
    found = exists().where(bills.c.work_order_id == WorkOrder.id)
    return found if value == "yes" else ~found


def due_day(order: WorkOrder) -> date | None:
    return day_of(order.scheduled_date) if order.scheduled_date else None


def days_overdue(order: WorkOrder) -> int:
    """Zero for one that is finished, or isn't late."""
    due = due_day(order)
    return max(0, (today() - due).days) if due and order.is_open else 0


def days_open(order: WorkOrder) -> int | None:
    """None for one that is finished."""
    return max(0, (today() - day_of(order.opened_at)).days) if order.is_open else None


def accounts() -> Mapping[str, str]:
    """The ledger accounts that an item may be for, those that bills are booked to first; read once per request,
    however many items ask."""
    if "accounts_of_work" not in g:
        order = (GlAccount.type != "Expense", GlAccount.type, GlAccount.account_number, GlAccount.name)
        g.accounts_of_work = chosen_from(select(GlAccount).order_by(not_(can_be_billed()), *order))
    found: Mapping[str, str] = g.accounts_of_work
    return found
