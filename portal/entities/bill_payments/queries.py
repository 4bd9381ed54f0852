"""What the pages of payments ask the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bills.model import Bill
from portal.entities.bills.queries import is_open
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.web.lists import Asked
from portal.web.screen import Screen, by_name
from portal.web.search import found

MOST_BILLS = 100
MOST_VENDORS = 50
NAMES = (joinedload(Bill.vendor), joinedload(Bill.property))
LOADS = (
    joinedload(BillPayment.bill).joinedload(Bill.vendor),
    joinedload(BillPayment.bank_account),
)


def id_in(text: object) -> UUID:
    """The id that an address or a form names; one that nothing has, where it is none."""
    try:
        return UUID(str(text).strip())
    except ValueError:
        return UUID(int=0)


def payable() -> ColumnElement[bool]:
    """Bills that may be paid now, see Bill.why_not_payable."""
    approved = Bill.approved_at.is_not(None) if current_app.config["BILLS_NEED_APPROVAL"] else True
    return is_open() & (Bill.open_amount > 0) & approved


def payable_bills(vendor_id: UUID) -> Sequence[Bill]:
    """Those of one vendor, what is due first in front."""
    mine = select(Bill).where(Bill.vendor_id == vendor_id, payable()).order_by(Bill.due_date, Bill.id)
    return db.session.scalars(mine.limit(MOST_BILLS).options(joinedload(Bill.property))).all()


def bills_by_id(ids: Iterable[UUID], *, locked: bool = False) -> Mapping[UUID, Bill]:
    """`locked` makes whoever pays one of them at the same time wait, and what is read is what is stored by then."""
    wanted = select(Bill).where(Bill.id.in_(list(ids))).options(*NAMES).order_by(Bill.id)
    if locked:
        shares = (selectinload(Bill.lines), selectinload(Bill.payments).selectinload(BillPayment.lines))
        wanted = wanted.options(*shares).with_for_update(of=Bill).execution_options(populate_existing=True)
    return {bill.id: bill for bill in db.session.scalars(wanted)}


def vendors_to_pay(sought: str) -> Sequence[tuple[Vendor, int, Decimal]]:
    """Whom something is owed to: (vendor, number of bills, what is open of them), by name."""
    rows = select(Vendor, func.count(), func.sum(Bill.open_amount)).join(Bill, Bill.vendor_id == Vendor.id)
    if sought:
        rows = rows.where(found(Vendor.search_text, sought))
    order = (by_name(Vendor.name).by, Vendor.id)
    answer = db.session.execute(rows.where(payable()).group_by(Vendor.id).order_by(*order).limit(MOST_VENDORS))
    return [(vendor, number, amount) for vendor, number, amount in answer]


def made_by(confirmation: UUID) -> BillPayment | None:
    """The payment that this confirmation has made."""
    return db.session.scalar(select(BillPayment).where(BillPayment.confirmation == confirmation))


def sharers(payment: BillPayment) -> Sequence[BillPayment]:
    """All that one check pays, of ours and of Buildium's."""
    mine = [each.id for each in payment.together()]
    same: ColumnElement[bool] = BillPayment.id.in_(mine)
    if payment.buildium_payment_id is not None:
        same = same | (BillPayment.buildium_payment_id == payment.buildium_payment_id)
    order = (BillPayment.created_at, BillPayment.id)
    return db.session.scalars(select(BillPayment).where(same).options(*LOADS).order_by(*order)).all()


@dataclass(frozen=True)
class Through:
    """A filter that asks for one of the bank accounts there are."""

    name: str = "bank_account_id"
    label: str = "Bank account"
    field: str = "choice"
    rare: bool = False

    @property
    def choices(self) -> Mapping[str, str]:
        accounts = db.session.scalars(select(BankAccount).order_by(by_name(BankAccount.name).by))
        return {str(each.id): str(each) for each in accounts}

    def read(self, raw: str) -> UUID:
        return UUID(raw)

    def words(self, value: UUID) -> str:
        account = db.session.get(BankAccount, value)
        return str(account) if account else "one that does not exist"

    def where(self, value: UUID) -> ColumnElement[bool]:
        return BillPayment.bank_account_id == value


@dataclass(frozen=True)
class Payments(Screen):
    """The screen of payments: their list says what its rows add up to, their page what else a check has paid."""

    def together(self, payment: BillPayment) -> Sequence[BillPayment]:
        return sharers(payment)

    def total(self, asked: Asked) -> Decimal:
        """What the payments of the list, on all of its pages, have paid: void ones pay nothing."""
        rows = asked.statement().where(BillPayment.voided_at.is_(None)).subquery()
        return db.session.scalar(select(func.coalesce(func.sum(rows.c.amount), 0))) or Decimal(0)
