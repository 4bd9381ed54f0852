"""The form of a payment: how much of which bills of a vendor, from which account.

A new payment is never saved by it. Once it is complete, the page asks, and only the confirmation pays (views.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from flask import current_app, request
from sqlalchemy.orm.attributes import flag_modified
from wtforms import HiddenField

from portal.entities.bill_payments.model import BillPayment, paid
from portal.entities.bill_payments.queries import bills_by_id, id_in, payable_bills, vendors_to_pay
from portal.entities.bills.model import Bill
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.web.fields import DayField, MoneyField, line
from portal.web.formats import money, today
from portal.web.forms import Group, RecordForm
from portal.web.record_field import RecordField
from portal.web.rows import Row, RowsField

LARGEST = Decimal("99999999.99")  # bill_payments.amount is DECIMAL(10, 2)
ALONE = "Buildium takes no {} for one check that pays several bills. Leave it empty, and enter it there."
ONCE = ("csrf_token", "again", "confirmation")


class BillRow(Row):
    """One bill that can be paid. Left empty, nothing of it is."""

    bill_id = HiddenField()
    amount = MoneyField("Pay")


def usual_account(bills: Sequence[Bill]) -> UUID | None:
    """The operating account of the bills' properties, where they have the same."""
    known = {bill.property.operating_bank_account_id for bill in bills if bill.property}
    return known.pop() if len(known) == 1 else None


class BillPaymentForm(RecordForm):
    groups = (
        Group("Payment", ("bank_account_id", "date", "reference_number", "memo", "amount")),
        Group("Bills", ("bills",)),
    )

    bank_account_id = RecordField("Bank account", "bank_accounts", required="Choose the bank account to pay from.")
    date = DayField("Date", default=today)
    reference_number = line("Check number", 30, hint="Only for a payment of a single bill.")
    memo = line("Memo", 240, hint="Only for a payment of a single bill.")
    amount = MoneyField("Amount")
    bills = RowsField(
        "Bills", BillRow, BillPayment, noun="bill", required="Enter how much to pay of which bill.", growing=False
    )

    asks = False  # whether the page is to ask before it pays

    def adapt(self) -> None:
        del self[("bills" if self.record else "amount")]

    def prefill(self, given: Mapping[str, str]) -> None:
        """`bill_id` is to be paid in full; `vendor_id` offers all of a vendor's, and `all` fills them in."""
        super().prefill(given)
        bill = db.session.get(Bill, id_in(given.get("bill_id")))
        offered = payable_bills(bill.vendor_id if bill else id_in(given.get("vendor_id")))
        chosen = {each.id for each in offered if "all" in given or each is bill}
        self.bills.process(None, [self.offer(each, each.id in chosen) for each in offered])
        if "bank_account_id" not in given:
            self.bank_account_id.process(None, usual_account([bill] if bill else offered))

    def offer(self, bill: Bill, in_full: bool) -> dict[str, Any]:
        return {"id": "", "bill_id": str(bill.id), "amount": bill.open_amount if in_full else None}

    # What the pages show

    @cached_property
    def known(self) -> Mapping[UUID, Bill]:
        return bills_by_id(self.named())

    def named(self) -> list[UUID]:
        """The ids of the bills on the page."""
        return [id_in(entry.form["bill_id"].data) for entry in self.bills.entries]

    def bill_of(self, row: Row) -> Bill | None:
        return self.known.get(id_in(row["bill_id"].data))

    def offered(self) -> list[tuple[Row, Bill]]:
        """(row, its bill) of every bill that can be chosen."""
        found = [(entry.form, self.bill_of(entry.form)) for entry in self.bills.entries]
        return [(row, bill) for row, bill in found if bill is not None]

    def chosen(self) -> list[tuple[Bill, Decimal]]:
        """The bills to be paid, and how much of each."""
        return [(bill, row["amount"].data) for row, bill in self.offered() if row["amount"].data]

    def total(self) -> Decimal:
        return sum((amount for _, amount in self.chosen()), Decimal(0))

    def vendor(self) -> Vendor | None:
        return next((bill.vendor for _, bill in self.offered()), None)

    def vendors(self) -> Sequence[tuple[Vendor, int, Decimal]]:
        return vendors_to_pay(request.args.get("q", "").strip()[:200])

    def carried(self) -> list[tuple[str, str]]:
        """Everything typed, for the page that asks."""
        return [(name, value) for name, value in request.form.items(multi=True) if name not in ONCE]

    def new_confirmation(self) -> UUID:
        """Of this one showing of the page that asks: sent twice, it pays once."""
        return uuid4()

    # Checking

    def rearranged(self) -> bool:
        """A new payment that is complete is shown once more, and nothing is saved by that."""
        if self.record is not None:
            return False
        self.asks = "again" not in request.form and self.validate()
        return self.asks or "again" in request.form

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        for row, message in () if self.record else self.bill_problems():
            row["amount"].errors = [*row["amount"].errors, message]
            good = False
        return good

    def bill_problems(self) -> Iterator[tuple[Row, str]]:
        """(row, message). What is open may have changed since the page was shown."""
        needs_approval, vendor = current_app.config["BILLS_NEED_APPROVAL"], self.vendor()
        for _, row in self.bills.filled():
            bill, amount = self.bill_of(row), row["amount"].data
            if row["amount"].errors:
                continue
            if bill is None or bill.vendor is not vendor:
                yield row, "One payment pays bills of one vendor. Start again."
            elif why_not := bill.why_not_payable(needs_approval):
                yield row, why_not
            elif not amount:
                yield row, "Enter more than nothing, or leave it empty."
            elif amount > bill.open_amount:
                yield row, f"Only {money(bill.open_amount)} of this bill is left to pay."

    def checks(self) -> Iterator[tuple[str, str]]:
        if self.date.data is None and not self.date.errors:
            yield "date", "Enter the date of the payment."
        account = self.bank_account_id.chosen
        if account is not None and not account.is_active:
            yield "bank_account_id", "This account is inactive. Choose another one."
        if self.several():
            for name, words in (("reference_number", "check number"), ("memo", "memo")):
                if self[name].data:
                    yield name, ALONE.format(words)
        if self.record:
            yield from self.amount_problems()

    def several(self) -> bool:
        return len(self.record.together()) > 1 if self.record else len(self.chosen()) > 1

    def amount_problems(self) -> Iterator[tuple[str, str]]:
        """Of a payment that wasn't sent yet. The lock makes whoever pays the same bill at the same time wait."""
        if self.amount.errors:
            return
        bill = self.record.bill
        db.session.refresh(bill, ["open_amount", "version"], with_for_update=True)
        most = bill.open_amount + self.record.amount
        if not self.amount.data:
            yield "amount", "Enter the amount."
        elif self.amount.data > most:
            yield "amount", f"Only {money(most)} of this bill is left to pay."

    # Saving

    def payments(self, confirmation: UUID) -> list[BillPayment]:
        """What the confirmed form pays; it must be valid."""
        account, on = self.bank_account_id.chosen, self.date.data
        assert account
        assert on
        made = paid(self.chosen(), account, on, confirmation)
        for each in made:
            each.reference_number, each.memo = self.reference_number.data, self.memo.data
        return made

    def fill(self, record: Any) -> None:
        """What one check pays changes together, and the one that is sent says so."""
        together = record.together()
        if self.amount.data != record.amount:
            record.pay(self.amount.data)
            flag_modified(together[0], "amount")
        for each in together:
            for name in ("bank_account_id", "date", "reference_number", "memo"):
                self[name].populate_obj(each, name)
