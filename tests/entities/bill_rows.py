"""Records that tests of bills begin with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_categories.model import BillCategory
from portal.entities.bill_payments.model import BillPayment
from portal.entities.bills.model import Bill, BillLine
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor

DAY = date(2026, 3, 10)


@dataclass(frozen=True)
class Books:
    """A small company: one vendor, two houses, two expense accounts, a category for the first of them."""

    vendor: Vendor
    house: Property
    other_house: Property
    unit: Unit
    repairs: GlAccount
    cleaning: GlAccount
    bank: BankAccount
    category: BillCategory

    def records(self) -> tuple[Any, ...]:
        return (
            *(self.vendor, self.house, self.other_house, self.unit),
            *(self.repairs, self.cleaning, self.bank.gl, self.bank, self.category),
        )


def new_books() -> Books:
    house, repairs = Property(name="Alder Court"), expense("6100", "Repairs")
    ledger = GlAccount(name="Trust bank", account_number="1010", type="Asset", is_bank_account=True)
    return Books(
        vendor=Vendor(name="Pipes & Co"),
        house=house,
        other_house=Property(name="Birch House"),
        unit=Unit(property=house, unit_number="2B"),
        repairs=repairs,
        cleaning=expense("6200", "Cleaning"),
        bank=BankAccount(name="Trust", gl=ledger),
        category=BillCategory(name="Plumbing", gl_account=repairs),
    )


def expense(number: str, name: str) -> GlAccount:
    return GlAccount(account_number=number, name=name, type="Expense", sub_type="OperatingExpenses")


def line_of(books: Books, amount: Any = 100, **values: Any) -> BillLine:
    given = {"gl_account_id": books.repairs.id, "property_id": books.house.id, "memo": "Valve", **values}
    return BillLine(amount=Decimal(amount), **given)


def bill_of(books: Books, *lines: BillLine, **values: Any) -> Bill:
    """Of March 10, due on March 31, over 100 unless the lines say otherwise."""
    given = {"vendor_id": books.vendor.id, "date": DAY, "due_date": date(2026, 3, 31), "amount": Decimal(0), **values}
    bill = Bill(**given)
    bill.lines = list(lines) or [line_of(books)]
    for place, line in enumerate(bill.lines):
        line.position = place
    return bill


def payment_of(books: Books, bill: Bill, amount: Any) -> BillPayment:
    return BillPayment(bill_id=bill.id, bank_account_id=books.bank.id, amount=Decimal(amount), date=DAY)
