"""The pages of payments."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from portal.entities.bill_payments import views
from portal.entities.bill_payments.form import BillPaymentForm
from portal.entities.bill_payments.mapping import BILL_PAYMENT
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bill_payments.queries import LOADS, Payments, Through
from portal.entities.bills.model import Bill
from portal.entity import Entity, marks, wanted
from portal.web.access import Permission
from portal.web.filters import Choice, Day, Of
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Route, Section, Sort
from portal.web.values import State

STANDINGS = {"sent": "In Buildium", "waiting": "Not in Buildium yet", "void": "Void"}
TONES = {"sent": "good", "waiting": "wait", "void": "bad"}


def standing(payment: BillPayment) -> State:
    word = "void" if payment.is_void else "sent" if payment.is_frozen else "waiting"
    return State(STANDINGS[word], TONES[word])


def stands(value: str) -> ColumnElement[bool]:
    if value == "void":
        return BillPayment.voided_at.is_not(None)
    there = BillPayment.buildium_payment_id
    return BillPayment.voided_at.is_(None) & (there.is_not(None) if value == "sent" else there.is_(None))


PAYMENT = Column("reference_number", "Payment", "name", value=str)
BILL = Column("bill_id", "Bill", "record", value=lambda it: it.bill, to="bills")
VENDOR = Column("vendor_id", "Vendor", "record", value=lambda it: it.bill.vendor, to="vendors")
ACCOUNT = Column("bank_account_id", "Bank account", "record", value=lambda it: it.bank_account, to="bank_accounts")
DATE = Column("date", "Date", "day", sort=Sort(BillPayment.date))
AMOUNT = Column("amount", "Amount", "money", sort=Sort(BillPayment.amount))
STATUS = Column("status", "Status", value=standing)
MEMO = Column("memo", "Memo", shown=False)
BUILDIUM = Column("buildium_payment_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(BillPayment.updated_at), shown=False)

BILL_PAYMENTS = Entity(
    screen=Payments(
        singular="bill_payment",
        plural="bill_payments",
        called=("payment", "payments"),
        model=BillPayment,
        form=BillPaymentForm,
        icon="cash-coin",
        columns=(PAYMENT, BILL, VENDOR, ACCOUNT, DATE, AMOUNT, STATUS, MEMO, BUILDIUM, CHANGED),
        order="-date",
        empty="What you pay on bills is listed here, and what was paid in Buildium.",
        search=BillPayment.search_text,
        filters=(
            Through(),
            Day("from", "From", lambda value: BillPayment.date >= value),
            Day("until", "Until", lambda value: BillPayment.date <= value),
            Choice("status", "Status", STANDINGS, stands),
            Of("bill_id", "Bill", "bills", lambda value: BillPayment.bill_id == value),
            Of("vendor_id", "Vendor", "vendors", lambda value: BillPayment.bill.has(Bill.vendor_id == value)),
        ),
        loads=LOADS,
        sections=(
            Section(
                "Payment",
                (
                    VENDOR,
                    ACCOUNT,
                    DATE,
                    Column("reference_number", "Check number"),
                    STATUS,
                    Column("voided_at", "Found void", "moment"),
                    MEMO,
                ),
            ),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        routes=(Route("/confirmation", "confirmation", views.confirmation, Permission.EDIT_RECORDS, ("POST",)),),
        unique={
            "bill_payments_sent_check": (
                "date",
                "This payment was sent, or is being sent right now, and Buildium can’t change one. It stays as it is.",
            )
        },
        marks={**marks(BILL_PAYMENT), **dict.fromkeys(("amount", "bills", "bill_id"), MARKS["create"])},
        wanted=wanted(BILL_PAYMENT),
        buildium_id="buildium_payment_id",
    ),
    resource=BILL_PAYMENT,
)
