"""Payments of bills: sent once, never on a guess, and kept when Buildium has them no more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func

from portal.entities.bill_payments.model import BillPayment
from portal.entities.bills.model import Bill
from portal.extensions import db
from portal.sync.leases import claim, note
from portal.sync.page import Outcome
from portal.sync.resolve import create_anew, link_to
from portal.sync.sweep import free_expired_leases
from portal.webhooks.handlers import map_bill_to_buildium
from tests.bills import PATH, Books, books, open_of, pull, pulled_payments
from tests.live import Live

SEVERAL = f"{PATH}/payments"


@pytest.fixture(name="books")
def their_books(live: Live) -> Books:
    return books(live)


def place(bill: Bill) -> str:
    return f"{PATH}/{bill.buildium_bill_id}/payments"


def test_a_payment_of_a_whole_bill_makes_it_paid_on_both_sides(live: Live, books: Books) -> None:
    bill = books.sent(100, 50)
    (payment,) = books.pay((bill, 150), reference_number="1042", memo="March")
    live.work()
    assert live.state(payment) == "synced", live.row(payment).error_message
    (there,) = books.payments(bill)
    assert (there["Id"], there["CheckNumber"], there["Memo"]) == (payment.buildium_payment_id, "1042", "March")
    assert [each["Amount"] for each in there["Lines"]] == [100.0, 50.0]
    assert books.there(bill)["PaidDate"] == "2026-03-20"
    db.session.refresh(bill)
    assert (bill.paid_date, bill.open_amount, bill.status) == (date(2026, 3, 20), Decimal(0), "paid")


def test_parts_of_a_bill_fill_its_lines_in_their_order(live: Live, books: Books) -> None:
    bill, made = books.sent(100, 50), []
    for amount in (30, 80, 40):
        made += books.pay((bill, amount))
        live.work()
        db.session.refresh(bill)
        db.session.expire(bill, ["payments"])
    shares = [[each.shares().get(line.id, 0) for line in bill.lines] for each in made]
    assert shares == [[30, 0], [70, 10], [0, 40]]
    there = [sorted(line["Amount"] for line in each["Lines"]) for each in books.payments(bill)]
    assert there == [[30.0], [10.0, 70.0], [40.0]]
    assert open_of(bill) == 0
    assert books.there(bill)["PaidDate"] == "2026-03-20"


def test_a_line_that_takes_something_off_is_no_hindrance(live: Live, books: Books) -> None:
    bill = books.sent(-20, 100)
    (payment,) = books.pay((bill, 80))
    live.work()
    assert live.state(payment) == "synced", live.row(payment).error_message
    assert books.there(bill)["PaidDate"] == "2026-03-20"


def test_more_than_is_open_in_buildium_is_not_sent(live: Live, books: Books) -> None:
    bill = books.sent(100)
    number = books.paid_there(bill, 60.0)
    assert pull(bill, number) is Outcome.CREATED
    made = BillPayment(bill=bill, bank_account=books.bank, date=date(2026, 3, 21), amount=Decimal(50))
    made.spread({bill.lines[0].id: Decimal(50)})
    live.forget_requests()
    live.save(made)
    live.work()
    row = live.row(made)
    assert (row.sync_status, live.asked("POST", place(bill))) == ("blocked", 0)
    assert "Only $40.00 of bill “W-4711” is left to pay." in (row.error_message or "")


def test_a_payment_waits_for_its_bill_and_both_arrive(live: Live, books: Books) -> None:
    bill = books.bill(100)
    live.save(bill)
    (payment,) = books.pay((bill, 100))
    live.work()
    live.work_later()
    assert (live.state(bill), live.state(payment)) == ("synced", "synced")
    assert len(books.payments(bill)) == 1


class TestOneCheckForSeveralBills:
    def test_it_is_one_request_and_one_payment_there(self, live: Live, books: Books) -> None:
        first, second = books.sent(100, 50), books.sent(70, reference_number="W-4712")
        made = books.pay((first, 150), (second, 30))
        live.work()
        live.work_later()
        assert [live.state(each) for each in made] == ["synced", "synced"], live.row(made[1]).error_message
        assert made[0].buildium_payment_id == made[1].buildium_payment_id
        assert (live.asked("POST", SEVERAL), live.asked("POST", place(first))) == (1, 0)
        assert [each["Id"] for each in books.payments(first)] == [each["Id"] for each in books.payments(second)]
        assert [each.amount for each in made] == [Decimal(150), Decimal(30)]
        assert [open_of(first), open_of(second)] == [0, 40]
        assert (books.there(first)["PaidDate"], books.there(second)["PaidDate"]) == ("2026-03-20", None)

    def test_whose_lost_answer_is_found_by_its_bills(self, live: Live, books: Books) -> None:
        first, second = books.sent(100), books.sent(70, reference_number="W-4712")
        live.fault("commit_then_drop", method="POST", path=SEVERAL)
        made = books.pay((first, 100), (second, 30))
        live.work()
        assert [live.state(each) for each in made] == ["uncertain", "blocked"]
        for _ in range(3):
            live.work_later()
        assert [live.state(each) for each in made] == ["synced", "synced"], live.row(made[0]).error_message
        assert len(books.payments(first)) == len(books.payments(second)) == 1
        assert live.asked("POST", SEVERAL) == 1

    def test_an_event_about_it_makes_no_twin_while_it_is_under_way(self, live: Live, books: Books) -> None:
        first, second = books.sent(100), books.sent(70, reference_number="W-4712")
        live.fault("commit_then_drop", method="POST", path=SEVERAL)
        made = books.pay((first, 100), (second, 30))
        live.work()
        number = books.payments(first)[0]["Id"]
        assert [pull(bill, number) for bill in (first, second)] == [Outcome.BUSY, Outcome.BUSY]
        for _ in range(3):
            live.work_later()
        assert [pull(bill, number) for bill in (first, second)] == [Outcome.UNCHANGED, Outcome.UNCHANGED]
        assert [pulled_payments(bill) for bill in (first, second)] == [[made[0]], [made[1]]]

    def test_what_buildium_takes_with_one_bill_only_is_said_before(self, live: Live, books: Books) -> None:
        first, second = books.sent(100), books.sent(70, reference_number="W-4712")
        made = books.pay((first, 100), (second, 30), reference_number="1042")
        live.work()
        assert live.state(made[0]) == "blocked"
        assert "no check number for one check that pays several bills" in (live.row(made[0]).error_message or "")


LOST: list[tuple[str, dict[str, Any]]] = [
    ("commit_then_drop", {}),
    ("commit_then_status", {"status": 502}),
    ("truncate", {}),
    ("garbage", {}),
    ("empty", {}),
]


@pytest.mark.parametrize(("fault", "rule"), LOST, ids=lambda value: str(value))
def test_a_payment_whose_answer_was_lost_is_adopted_and_never_repeated(
    live: Live, books: Books, fault: str, rule: dict[str, Any]
) -> None:
    bill = books.sent(100)
    live.fault(fault, method="POST", path=place(bill), **rule)
    (payment,) = books.pay((bill, 60), reference_number="1042")
    live.work()
    assert live.state(payment) == "uncertain"
    live.work_later()
    live.work_later()
    assert live.state(payment) == "synced", live.row(payment).error_message
    assert [each["Id"] for each in books.payments(bill)] == [payment.buildium_payment_id]
    assert live.asked("POST", place(bill)) == 1


def test_a_payment_that_is_claimed_already_is_never_taken_for_the_lost_one(live: Live, books: Books) -> None:
    bill = books.sent(100)
    (first,) = books.pay((bill, 30))
    live.work()
    live.fault("drop", method="POST", path=place(bill))
    db.session.expire(bill)
    (second,) = books.pay((bill, 30))
    live.work()
    for _ in range(5):
        live.work_later()
    assert (live.state(first), live.state(second)) == ("synced", "uncertain")
    assert second.buildium_payment_id is None


def waits_for_a_person(live: Live, books: Books) -> tuple[Bill, BillPayment]:
    """A payment that was sent into nowhere."""
    bill = books.sent(100)
    live.fault("drop", method="POST", path=place(bill))
    (payment,) = books.pay((bill, 60))
    live.work()
    for _ in range(5):
        live.work_later()
    row = live.row(payment)
    assert (row.sync_status, row.cause, row.next_attempt_at) == ("uncertain", "not found after a lost answer", None)
    return bill, payment


def test_a_lost_payment_that_is_not_there_is_sent_again_only_by_a_person(live: Live, books: Books) -> None:
    bill, payment = waits_for_a_person(live, books)
    assert (books.payments(bill), live.asked("POST", place(bill))) == ([], 1)
    create_anew(live.row(payment))
    live.work()
    assert live.state(payment) == "synced", live.row(payment).error_message
    assert len(books.payments(bill)) == 1


def test_of_two_payments_that_could_be_it_a_person_names_the_one(live: Live, books: Books) -> None:
    bill = books.sent(100)
    live.fault("drop", method="POST", path=place(bill))
    (payment,) = books.pay((bill, 30))
    live.work()
    numbers = [books.paid_there(bill, 30.0) for _ in range(2)]
    live.work_later()
    row = live.row(payment)
    assert (row.sync_status, [each["Id"] for each in row.candidates or []]) == ("uncertain", numbers)
    link_to(row, numbers[1])
    live.work()
    assert (live.state(payment), payment.buildium_payment_id) == ("synced", numbers[1])


def test_a_worker_killed_between_the_post_and_its_answer_leaves_one_payment(live: Live, books: Books) -> None:
    bill = books.sent(100)
    (payment,) = books.pay((bill, 60))
    lease = claim("bill_payment", str(payment.id))
    assert lease
    note(lease, last_post_attempt_at=func.clock_timestamp(), last_post_fingerprint="x")
    db.session.commit()
    books.paid_there(bill, 60.0)
    row = live.row(payment)
    row.leased_until = row.created_at
    db.session.commit()
    free_expired_leases()
    assert live.state(payment) == "uncertain"
    live.work_later()
    live.work_later()
    assert live.state(payment) == "synced"
    assert [each["Id"] for each in books.payments(bill)] == [payment.buildium_payment_id]


class TestLockedBooks:
    def test_a_payment_in_a_locked_period_is_not_sent(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        live.switch(lock_date="2026-03-31")
        (payment,) = books.pay((bill, 60))
        live.work()
        row = live.row(payment)
        assert (row.sync_status, live.asked("POST", place(bill))) == ("blocked", 0)
        assert "The books are locked up to Mar 31, 2026" in (row.error_message or "")

    def test_with_a_later_date_it_goes(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        live.switch(lock_date="2026-03-31")
        (payment,) = books.pay((bill, 60))
        live.work()
        payment.date = date(2026, 4, 1)
        live.save(payment)
        live.work()
        assert live.state(payment) == "synced", live.row(payment).error_message
        assert books.payments(bill)[0]["EntryDate"] == "2026-04-01"

    def test_the_answer_is_kept_for_the_next_payments(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        for amount in (10, 20, 30):
            books.pay((bill, amount))
            live.work()
            db.session.expire(bill)
        assert len(books.payments(bill)) == 3
        assert live.asked("GET", "/v1/administration/accountinglockperiod") == 1

    def test_a_key_that_may_not_read_it_pays_all_the_same(self, live: Live, books: Books) -> None:
        bill = books.sent(100)
        live.switch(permissions={"Administration > Application Settings": "None"})
        (payment,) = books.pay((bill, 60))
        live.work()
        live.switch(permissions={})
        assert live.state(payment) == "synced", live.row(payment).error_message


def test_the_request_that_would_make_a_bill_can_be_seen(live: Live, books: Books) -> None:
    bill = books.sent(100)
    entity = {"Id": books.house.buildium_property_id, "AccountingEntityType": "Rental"}
    line = {"AccountingEntity": entity, "GlAccountId": books.account.buildium_gl_account_id, "Amount": 100.0}
    sent = map_bill_to_buildium(bill.id)
    assert [{key: each[key] for key in line} for each in sent["Lines"]] == [line]
    assert (sent["VendorId"], sent["Date"]) == (books.vendor.buildium_vendor_id, "2026-03-02")
