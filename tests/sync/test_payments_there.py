"""Payments that were made or voided in Buildium: told by events, or found by runs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.entities.bills.model import Bill
from portal.extensions import db
from portal.sync.runs import Kind, begin
from portal.webhooks.handlers import process_buildium_webhook_event
from tests.bills import PATH, Books, books, open_of, pulled_payments
from tests.live import Live

SEVERAL = f"{PATH}/payments"


@pytest.fixture(name="books")
def their_books(live: Live) -> Books:
    return books(live)


def place(bill: Bill) -> str:
    return f"{PATH}/{bill.buildium_bill_id}/payments"


def told(event: str, payment_id: int, *bills: Bill, number: int = 1) -> str:
    """An event about a payment, handled at once; its state."""
    body = {"EventName": event, "EventDateTime": f"2026-05-10T15:12:4{number}.2317653Z", "AccountId": 450123}
    named = {"PaymentId": payment_id, "BillIds": [bill.buildium_bill_id for bill in bills]}
    return process_buildium_webhook_event(f"e{number}", event, {**body, **named})


class TestPaymentsMadeInBuildium:
    def test_an_event_brings_the_payment_and_refreshes_its_bill(self, live: Live, books: Books) -> None:
        bill = books.sent(100, 50)
        number = books.paid_there(bill, 100.0, 50.0, CheckNumber="7", Memo="Theirs")
        assert told("Bill.Payment.Created", number, bill) == "processed"
        (payment,) = pulled_payments(bill)
        assert (payment.amount, payment.reference_number, payment.memo) == (Decimal(150), "7", "Theirs")
        assert (payment.bank_account_id, payment.date) == (books.bank.id, date(2026, 3, 20))
        # Both lines are booked alike, so only the amounts tell them apart.
        assert payment.shares() == {line.id: line.amount for line in bill.lines}
        db.session.refresh(bill)
        assert (bill.paid_date, bill.status) == (date(2026, 3, 20), "paid")
        assert told("Bill.Payment.Updated", number, bill, number=2) == "echo"

    def test_a_check_of_several_bills_is_split_by_what_its_lines_are_booked_to(self, live: Live, books: Books) -> None:
        first, second = books.sent(100), books.sent(70, reference_number="W-4712")
        body = {
            "BankAccountId": books.bank.buildium_bank_id,
            "EntryDate": "2026-03-20",
            "BillIds": [first.buildium_bill_id, second.buildium_bill_id],
        }
        number = live.http.post(SEVERAL, json=body).raise_for_status().json()["Id"]
        assert told("Bill.Payment.Created", number, first, second) == "processed"
        amounts = {bill.reference_number: [each.amount for each in pulled_payments(bill)] for bill in (first, second)}
        assert amounts == {"W-4711": [Decimal(100)], "W-4712": [Decimal(70)]}
        assert [open_of(first), open_of(second)] == [0, 0]

    def test_an_import_reads_the_payments_of_each_bill_once(self, live: Live, books: Books) -> None:
        paid, unpaid = books.sent(100), books.sent(70, reference_number="W-4712")
        books.paid_there(paid, 100.0)
        live.forget_requests()
        for asked in (2, 3):
            begin(Kind.FULL, ["bill", "bill_payment"], "test")
            live.work()
            assert live.asked("GET", place(paid)) + live.asked("GET", place(unpaid)) == asked
        assert [open_of(paid), len(pulled_payments(paid))] == [0, 1]


class TestVoiding:
    def test_a_void_payment_is_kept_and_the_bill_is_open_again(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        (payment,) = books.pay((bill, 100))
        live.work()
        assert open_of(bill) == 0
        number = payment.buildium_payment_id or 0
        live.delete_there("bill_payments", number)
        assert told("Bill.Payment.Deleted", number, bill) == "processed"
        assert open_of(bill) == 100
        db.session.refresh(payment)
        assert (live.state(payment), payment.is_void, payment.amount) == ("missing", True, Decimal(100))
        assert (bill.status, bill.paid_amount, bill.paid_date) == ("pending", Decimal(0), None)

    def test_the_bill_can_be_paid_again(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        (payment,) = books.pay((bill, 100))
        live.work()
        number = payment.buildium_payment_id or 0
        live.delete_there("bill_payments", number)
        told("Bill.Payment.Deleted", number, bill)
        db.session.expire_all()
        (again,) = books.pay((bill, 100))
        live.work()
        assert live.state(again) == "synced", live.row(again).error_message
        assert open_of(bill) == 0

    def test_one_that_nobody_announced_is_found_by_the_nightly_run(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        payments = books.pay((bill, 60))
        live.work()
        db.session.expire(bill)
        payments += books.pay((bill, 40))
        live.work()
        live.delete_there("bill_payments", payments[0].buildium_payment_id or 0)
        begin(Kind.FULL, ["bill", "bill_payment"], "test")
        live.work()
        assert [live.state(each) for each in payments] == ["missing", "synced"]
        assert open_of(bill) == 60

    def test_a_void_check_opens_all_of_its_bills(self, live: Live, books: Books) -> None:
        first, second = books.sent(100), books.sent(70, reference_number="W-4712")
        made = books.pay((first, 100), (second, 70))
        live.work()
        live.work_later()
        number = made[0].buildium_payment_id or 0
        live.delete_there("bill_payments", number)
        told("Bill.Payment.Deleted", number, first, second)
        assert (open_of(first), open_of(second)) == (Decimal(100), Decimal(70))
