"""Bills that stand in every way a bill can stand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.database import now
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bills.model import Bill, BillFile, BillLine
from portal.entities.bills.schedule import Schedule
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from tests.live import Live


def bills(live: Live, vendor: Vendor, long: str) -> dict[str, UUID]:
    """One with everything, partly paid and overdue; one with the longest texts; one that repeats, and one it made."""
    ledger = db.session.scalars(select(GlAccount).where(GlAccount.account_number == "5100")).one()
    unit = db.session.scalars(select(Unit).where(Unit.buildium_unit_id.is_not(None))).first()
    bank = db.session.scalars(select(BankAccount).where(BankAccount.gl_account.is_not(None))).first()
    assert unit
    assert bank
    today = date.today()

    def bill(name: str, days: int, **values: Any) -> Bill:
        due = today + timedelta(days=days)
        line = {"gl_account_id": ledger.id, "property_id": unit.property_id, "unit_id": unit.id, "amount": Decimal(250)}
        lines = [
            BillLine(position=0, memo=f"{name}, materials", markup_type="Percent", markup_amount=Decimal(10), **line),
            BillLine(position=1, memo=f"{name}, labor", **{**line, "unit_id": None}),
        ]
        given = {"date": due - timedelta(days=30), "due_date": due, "reference_number": name, **values}
        return Bill(vendor_id=vendor.id, amount=Decimal(500), lines=lines, **given)

    overdue, wordy = bill("INV-4711", -45), bill(long[:40], 10, description=f"{long} " * 4)
    cancelled, repeats = bill("Void", -3, status="cancelled"), bill("Cleaning", 20)
    overdue.files = [
        BillFile(file_name="invoice.pdf", file_type="application/pdf", file_size=48_213, file_url=f"{'a' * 32}.pdf"),
        BillFile(file_name=f"{long}.jpg", file_type="image/jpeg", upload_state="failed", description=long),
        BillFile(file_name="receipt.png", file_type="image/png", upload_state="sent", buildium_file_id=7),
    ]
    overdue.approve("Pat Example", None, now())
    repeats.repeat(Schedule("month", 1, today, day=31, made=1), today + timedelta(days=1))
    live.save(overdue, wordy, cancelled, repeats)
    made = repeats.repeated(today)
    paid = BillPayment(bill_id=overdue.id, bank_account_id=bank.id, amount=Decimal(120), date=today)
    live.save(made, paid)
    return {
        "bill": overdue.id,
        "bill_long": wordy.id,
        "bill_cancelled": cancelled.id,
        "bill_repeats": repeats.id,
        "bill_made": made.id,
    }
