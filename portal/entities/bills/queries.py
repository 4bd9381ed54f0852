"""Questions about bills: how they stand today, how old the open ones are, which look like the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from flask import g
from sqlalchemy import ColumnElement, and_, case, func, literal_column, select, table
from sqlalchemy import column as plain_column

from portal.entities.bill_categories.model import BillCategory
from portal.entities.bills.model import OPEN, Bill, BillLine
from portal.entities.gl_accounts.queries import billable
from portal.entities.ownerships.model import Ownership
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.web.formats import today
from portal.web.screen import by_name

Found = TypeVar("Found")

STANDINGS: Mapping[str, str] = {
    "pending": "Pending",
    "overdue": "Overdue",
    "paid": "Paid",
    "cancelled": "Cancelled",
}
# Days overdue, both ends included. What is due today isn't overdue yet.
AGES: Mapping[str, tuple[str, int | None, int | None]] = {
    "not-due": ("Not due yet", None, 0),
    "0-30": ("Up to 30 days overdue", 1, 30),
    "31-60": ("31–60 days overdue", 31, 60),
    "61-90": ("61–90 days overdue", 61, 90),
    "90+": ("More than 90 days overdue", 91, None),
}
DUE_IN: Mapping[str, str] = {"today": "Today", "week": "Within 7 days", "month": "Within 30 days"}
DAYS_UNTIL_DUE: Mapping[str, int] = {"today": 0, "week": 7, "month": 30}


def is_open() -> ColumnElement[bool]:
    """Spelled out, so that PostgreSQL knows that the partial index of open bills holds them."""
    return Bill.status.in_([literal_column(f"'{each}'") for each in OPEN])


def stands(standing: str) -> ColumnElement[bool]:
    """The bills of one of STANDINGS, or "open" for all that are owed."""
    if standing == "open":
        return is_open()
    if standing in OPEN:
        overdue = Bill.due_date < today()
        return and_(is_open(), overdue if standing == "overdue" else ~overdue)
    return Bill.status == standing


def aged(age: str) -> ColumnElement[bool]:
    """The open bills of one of AGES."""
    _, least, most = AGES[age]
    conditions: list[ColumnElement[bool]] = [is_open()]
    if least is not None:
        conditions.append(Bill.due_date <= today() - timedelta(days=least))
    if most is not None:
        conditions.append(Bill.due_date >= today() - timedelta(days=most))
    return and_(*conditions)


def is_due(value: str) -> ColumnElement[bool]:
    """The open bills of one of DUE_IN; what is overdue is in none of them."""
    last = today() + timedelta(days=DAYS_UNTIL_DUE[value])
    return and_(is_open(), Bill.due_date.between(today(), last))


def of_owner(owner_id: UUID) -> ColumnElement[bool]:
    """A line of the bill is for a property of the owner."""
    return Bill.lines.any(BillLine.property_id.in_(select(Ownership.property_id).where(Ownership.owner_id == owner_id)))


@dataclass(frozen=True)
class Aged:
    """What is owed to one vendor, or to all where `vendor` is None: (number of bills, open amount) by AGES."""

    vendor: tuple[UUID, str] | None
    parts: Mapping[str, tuple[int, Decimal]]

    @property
    def number(self) -> int:
        return sum(number for number, _ in self.parts.values())

    @property
    def amount(self) -> Decimal:
        return sum((amount for _, amount in self.parts.values()), Decimal(0))


def ageing() -> tuple[Aged, Sequence[Aged]]:
    """(everything, vendor by vendor as people sort them). One query."""
    age = case(*((aged(each), each) for each in AGES)).label("age")
    sums = select(Vendor.id, Vendor.name, age, func.count(), func.sum(Bill.open_amount)).join(Bill.vendor)
    order = by_name(Vendor.name).by
    rows = db.session.execute(sums.where(is_open()).group_by(Vendor.id, age).order_by(order, Vendor.id))
    by_vendor: dict[tuple[UUID, str], dict[str, tuple[int, Decimal]]] = {}
    for vendor_id, name, its_age, number, amount in rows:
        by_vendor.setdefault((vendor_id, name), {})[its_age] = (number, amount)
    lines = [Aged(vendor, parts) for vendor, parts in by_vendor.items()]
    return Aged(None, {each: added(lines, each) for each in AGES}), lines


def added(lines: Sequence[Aged], age: str) -> tuple[int, Decimal]:
    found = [line.parts[age] for line in lines if age in line.parts]
    return sum(number for number, _ in found), sum((amount for _, amount in found), Decimal(0))


def twin_of(vendor_id: UUID | None, reference: str | None, own_id: UUID | None) -> Bill | None:
    """Another bill of the vendor with the same reference number, letter case aside, that wasn't cancelled."""
    if vendor_id is None or not reference:
        return None
    same = (Bill.vendor_id == vendor_id, func.lower(Bill.reference_number) == reference.lower())
    found = select(Bill).where(*same, Bill.status != "cancelled")
    if own_id is not None:
        found = found.where(Bill.id != own_id)
    return db.session.scalars(found.order_by(Bill.date.desc(), Bill.id).limit(1)).first()


def accounts() -> Mapping[str, str]:
    """The ledger accounts that a line may be booked to; read once per request, however many lines ask."""
    return once("accounts of bills", billable)


def categories() -> Mapping[str, str]:
    """Bill categories that stand for such an account, by id."""
    return once("categories of bills", lambda: {key: name for key, (name, _) in category_accounts().items()})


def category_accounts() -> Mapping[str, tuple[str, UUID]]:
    """(name, ledger account) by the id of the category."""

    def read() -> dict[str, tuple[str, UUID]]:
        usable = (BillCategory.is_active, BillCategory.gl_account_id.is_not(None))
        rows = select(BillCategory.id, BillCategory.name, BillCategory.gl_account_id).where(*usable)
        found = db.session.execute(rows.order_by(by_name(BillCategory.name).by, BillCategory.id))
        return {str(key): (name, account) for key, name, account in found if account and str(account) in accounts()}

    return once("accounts of bill categories", read)


def paid_lines(bill: Bill) -> set[UUID]:
    """The lines that money was paid for. By names: payments know bills, and not the reverse."""
    payments = table("bill_payment_lines", plain_column("bill_line_id"))
    ids = [line.id for line in bill.lines]
    return set(db.session.scalars(select(payments.c.bill_line_id).where(payments.c.bill_line_id.in_(ids))))


def once(name: str, read: Callable[[], Found]) -> Found:
    """What `read` gives, asked for the first time in a request."""
    known: dict[str, Found] = g.setdefault("bill_choices", {})
    if name not in known:
        known[name] = read()
    return known[name]
