"""Bills for the tests of the sync: a vendor, an account and a property that Buildium has, and bills of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.acting import Actor, Door, acting_as
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.model import BillPayment, paid
from portal.entities.bills.model import Bill, BillLine
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.vendor_categories.model import VendorCategory
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import synced_property

PATH = "/v1/bills"


@dataclass(frozen=True)
class Books:
    """What bills refer to. All of it is in Buildium."""

    live: Live
    house: Property
    vendor: Vendor
    account: GlAccount
    bank: BankAccount

    def bill(self, *amounts: Any, **values: Any) -> Bill:
        """A bill with a line of each amount, not saved yet."""
        lines = [self.line(amount, position=place) for place, amount in enumerate(amounts)]
        given = {"date": date(2026, 3, 2), "due_date": date(2026, 4, 1), "reference_number": "W-4711"}
        return Bill(vendor_id=self.vendor.id, lines=lines, **{**given, **values})

    def line(self, amount: Any, **values: Any) -> BillLine:
        given = {"gl_account_id": self.account.id, "property_id": self.house.id, "accounting_entity_type": "Rental"}
        return BillLine(amount=Decimal(amount), **{**given, **values})

    def sent(self, *amounts: Any, **values: Any) -> Bill:
        """A bill that Buildium has."""
        bill = self.bill(*amounts, **values)
        self.live.save(bill)
        self.live.work()
        assert self.live.state(bill) == "synced", self.live.row(bill).error_message
        self.live.forget_requests()
        return bill

    def pay(self, *shares: tuple[Bill, Any], on: date = date(2026, 3, 20), **values: Any) -> list[BillPayment]:
        """Save one payment, as the page does that asks before."""
        made = paid([(bill, Decimal(amount)) for bill, amount in shares], self.bank, on)
        for each in made:
            for name, value in values.items():
                setattr(each, name, value)
        self.live.save(*made)
        return made

    def payments(self, bill: Bill) -> list[Any]:
        """Those that Buildium has."""
        found: list[Any] = self.live.get(f"{PATH}/{bill.buildium_bill_id}/payments")
        return found

    def there(self, bill: Bill) -> Any:
        return self.live.get(f"{PATH}/{bill.buildium_bill_id}")

    def paid_there(self, bill: Bill, *amounts: float, **values: Any) -> int:
        """A payment of the first lines of a bill, made in Buildium; its id there."""
        rows = self.there(bill)["Lines"]
        lines = [{"BillLineId": each["Id"], "Amount": amount} for each, amount in zip(rows, amounts, strict=False)]
        body = {"BankAccountId": self.bank.buildium_bank_id, "EntryDate": "2026-03-20", "Lines": lines, **values}
        made = self.live.http.post(f"{PATH}/{bill.buildium_bill_id}/payments", json=body).raise_for_status().json()
        return int(made["Id"])


def books(live: Live) -> Books:
    house = synced_property(live)
    vendor = Vendor(name="Wharf Plumbing", category=VendorCategory(name="Plumbing"))
    account = GlAccount(account_number="5110", name="Pipes", sub_type="OperatingExpenses")
    live.save(vendor, account)
    live.work()
    assert live.state(vendor) == live.state(account) == "synced", live.row(vendor).error_message
    bank = house.operating_bank_account
    assert bank
    live.forget_requests()
    return Books(live, house, vendor, account, bank)


def pulled_bill(buildium_id: int) -> Bill:
    """Buildium's bill, as it comes here."""
    pull_one(current_sync().resource("bill"), buildium_id)
    return db.session.scalars(select(Bill).where(Bill.buildium_bill_id == buildium_id)).one()


def pulled_payments(bill: Bill) -> list[BillPayment]:
    db.session.rollback()
    found = select(BillPayment).where(BillPayment.bill_id == bill.id)
    return list(db.session.scalars(found.order_by(BillPayment.created_at, BillPayment.id)))


def pull(bill: Bill, payment_id: int) -> Outcome:
    """Read one payment of a bill, as after an event."""
    hint = {"BillId": [bill.buildium_bill_id]}
    db.session.rollback()
    with acting_as(Actor.machine(Door.WEBHOOK)):
        return pull_one(current_sync().resource("bill_payment"), payment_id, hint=hint)


def open_of(bill: Bill) -> Decimal:
    """What is open of it now."""
    db.session.rollback()
    db.session.refresh(bill)
    return bill.open_amount
