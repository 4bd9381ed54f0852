"""The pages of bills."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import joinedload

from portal.entities.bills import files, mapping, views
from portal.entities.bills.form import BillForm
from portal.entities.bills.model import Bill
from portal.entities.bills.queries import AGES, DUE_IN, STANDINGS, aged, is_due, of_owner, stands
from portal.entity import Entity, marks, wanted
from portal.web.access import Permission
from portal.web.filters import Choice, Day, Of
from portal.web.formats import today
from portal.web.screen import Column, Route, Screen, Section, Sort, by_name
from portal.web.values import State

OWED = {"open": "Not paid yet", **STANDINGS}
APPROVALS = {"approved": "Approved", "waiting": "Not approved"}
THEIR_APPROVALS = {
    "NotNeeded": "Not needed",
    "ApprovalRequired": "Required",
    "Approved": "Approved",
    "Pending": "Pending",
    "Rejected": "Rejected",
}
REPEATING = {"on": "Repeats", "made": "Made by a repeating bill"}
TONES = {"paid": "good", "overdue": "bad", "pending": "wait", "cancelled": "off"}


def standing(bill: Bill) -> State:
    days = bill.days_overdue(today())
    word = bill.standing(today())
    return State(f"{STANDINGS[word]}, {days} day{'s' if days > 1 else ''}" if days else STANDINGS[word], TONES[word])


def approval(bill: Bill) -> str:
    return f"Approved by {bill.approved_by}" if bill.approved_at else "Not approved"


def is_approved(value: str) -> Any:
    return Bill.approved_at.is_not(None) if value == "approved" else Bill.approved_at.is_(None)


def repeats(value: str) -> Any:
    return Bill.is_recurring if value == "on" else Bill.source_bill_id.is_not(None)


NUMBER = Column("reference_number", "Bill", "name", value=str, sort=by_name(Bill.reference_number, nullable=True))
VENDOR = Column("vendor_id", "Vendor", "record", value=lambda it: it.vendor, to="vendors")
HOUSE = Column("property_id", "Property", "record", value=lambda it: it.property, to="properties")
UNIT = Column("unit_id", "Unit", "record", value=lambda it: it.unit, to="units", shown=False)
CATEGORY = Column("category_id", "Category", "record", value=lambda it: it.category, to="bill_categories", shown=False)
DATE = Column("date", "Date", "day", sort=Sort(Bill.date))
DUE = Column("due_date", "Due", "day", sort=Sort(Bill.due_date))
AMOUNT = Column("amount", "Amount", "money", sort=Sort(Bill.amount))
OPEN_AMOUNT = Column("open_amount", "Open", "money", sort=Sort(Bill.open_amount))
STATUS = Column("status", "Status", value=standing)
APPROVED = Column("approved_at", "Approval here", value=approval, shown=False)
THEIRS = Column("approval_status", "Approval in Buildium", words=THEIR_APPROVALS, shown=False)
BUILDIUM = Column("buildium_bill_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(Bill.updated_at), shown=False)

SECTIONS = (
    Section(
        "Bill",
        (
            VENDOR,
            Column("reference_number", "Reference number"),
            DATE,
            DUE,
            STATUS,
            Column("paid_date", "Paid on", "day"),
            AMOUNT,
            OPEN_AMOUNT,
            Column("work_order_id", "Work order", "record", value=lambda it: it.work_order, to="work_orders"),
            HOUSE,
            UNIT,
            CATEGORY,
            Column("description", "Memo", wide=True),
        ),
    ),
    Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
)

ONE = "/<uuid:record_id>"
EDIT = Permission.EDIT_RECORDS
ROUTES = (
    Route("/ageing", "ageing", views.show_ageing, Permission.VIEW_RECORDS),
    Route(f"{ONE}/approval", "approval", views.approval, EDIT, ("POST",)),
    Route(f"{ONE}/cancellation", "cancellation", views.cancellation, EDIT, ("GET", "POST")),
    Route(f"{ONE}/schedule", "schedule", views.schedule, EDIT, ("GET", "POST")),
    Route(f"{ONE}/schedule/pause", "pausing", views.pausing, EDIT, ("POST",)),
    Route(f"{ONE}/schedule/removal", "stopping", views.stopping, EDIT, ("POST",)),
    Route(f"{ONE}/files", "adding_file", files.adding, EDIT, ("GET", "POST")),
    Route(f"{ONE}/files/<uuid:file_id>", "file", files.file, Permission.VIEW_RECORDS),
    Route(f"{ONE}/files/<uuid:file_id>/removal", "file_removal", files.removal, EDIT, ("POST",)),
)

BILLS = Entity(
    screen=Screen(
        singular="bill",
        plural="bills",
        model=Bill,
        form=BillForm,
        icon="receipt",
        columns=(
            NUMBER,
            VENDOR,
            HOUSE,
            UNIT,
            CATEGORY,
            DATE,
            DUE,
            AMOUNT,
            OPEN_AMOUNT,
            STATUS,
            APPROVED,
            THEIRS,
            BUILDIUM,
            CHANGED,
        ),
        order="-due_date",
        empty="A bill says what a vendor wants to be paid, for which property, and by when.",
        search=Bill.search_text,
        filters=(
            Choice("status", "Status", OWED, stands),
            Choice("age", "Age", {age: words for age, (words, *_) in AGES.items()}, aged),
            Choice("due", "Due", DUE_IN, is_due),
            Choice("approval", "Approval here", APPROVALS, is_approved, rare=True),
            Choice("repeats", "Repeating", REPEATING, repeats, rare=True),
            Day("due_from", "Due on or after", lambda value: Bill.due_date >= value, rare=True),
            Day("due_until", "Due on or before", lambda value: Bill.due_date <= value, rare=True),
            Of("vendor_id", "Vendor", "vendors", lambda value: Bill.vendor_id == value),
            Of("property_id", "Property", "properties", lambda value: Bill.lines.any(property_id=value)),
            Of("unit_id", "Unit", "units", lambda value: Bill.lines.any(unit_id=value)),
            Of("owner_id", "Owner", "owners", of_owner),
            Of("category_id", "Category", "bill_categories", lambda value: Bill.category_id == value),
            Of("work_order_id", "Work order", "work_orders", lambda value: Bill.work_order_id == value),
            Of("source_bill_id", "Made by", "bills", lambda value: Bill.source_bill_id == value),
        ),
        loads=(
            joinedload(Bill.vendor),
            joinedload(Bill.property),
            joinedload(Bill.unit),
            joinedload(Bill.category),
        ),
        sections=SECTIONS,
        unique={"bill_payment_lines_bill_line_id_fkey": ("lines", "A line that was paid can’t be removed.")},
        routes=ROUTES,
        marks=marks(mapping.BILL),
        wanted=wanted(mapping.BILL) - {"lines"},
        buildium_id="buildium_bill_id",
        buildium_page="manager/app/bills/{id}",
    ),
    resource=mapping.BILL,
)
