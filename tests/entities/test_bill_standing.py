"""How bills stand on a day, how old they are, who approved them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from portal.entities.bills.model import Bill
from portal.entities.bills.queries import AGES, ageing, stands
from portal.entities.bills.recurring import mark_overdue
from portal.extensions import db
from tests.entities.bill_rows import Books, bill_of, line_of, new_books, payment_of
from tests.people import sign_in, speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import parsed, rows, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture
def books(store: Store) -> Books:
    books = new_books()
    store(*books.records())
    return books


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(client: FlaskClient, clock: time_machine.Traveller) -> FlaskClient:
    """Somebody signed in on that day."""
    sign_in(client, "manager")
    return client


def due(books: Books, days: int, name: str, amount: Any = 100, **values: Any) -> Bill:
    """A bill that is due so many days from TODAY."""
    day = TODAY + timedelta(days=days)
    given = {"date": day - timedelta(days=20), "due_date": day, "reference_number": name, **values}
    return bill_of(books, line_of(books, amount), **given)


def of_every_standing(books: Books) -> tuple[Bill, ...]:
    return (
        due(books, 1, "tomorrow"),
        due(books, 0, "today"),
        due(books, -1, "yesterday"),
        due(books, -9, "paid", paid_date=TODAY),
        due(books, -9, "cancelled", status="cancelled"),
    )


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("pending", ["tomorrow", "today"]),
        ("overdue", ["yesterday"]),
        ("open", ["tomorrow", "today", "yesterday"]),
        ("paid", ["paid"]),
        ("cancelled", ["cancelled"]),
    ],
)
def test_the_list_says_how_bills_stand_today(
    browser: FlaskClient, books: Books, store: Store, status: str, names: list[str]
) -> None:
    store(*of_every_standing(books))
    assert rows(browser.get(f"/bills?status={status}")) == names


def test_a_bill_is_overdue_from_midnight_on_without_anybody_writing(
    browser: FlaskClient, books: Books, store: Store, clock: time_machine.Traveller
) -> None:
    bill = due(books, 0, "today")
    store(bill)
    assert "Overdue" not in browser.get(f"/bills/{bill.id}").text
    clock.move_to(NOON + timedelta(hours=11, minutes=59))
    assert rows(browser.get("/bills?status=overdue")) == []
    clock.move_to(NOON + timedelta(hours=12))
    sign_in(browser)
    assert rows(browser.get("/bills?status=overdue")) == ["today"]
    assert "Overdue, 1 day<" in browser.get(f"/bills/{bill.id}").text


def test_the_day_is_that_of_the_portals_time_zone(
    app: Flask, books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    store(due(books, 0, "today"))
    clock.move_to(NOON + timedelta(hours=14))
    settings = app.extensions["settings"]
    assert len(stored(select(Bill).where(stands("overdue")))) == 1
    app.extensions["settings"] = replace(settings, time_zone=ZoneInfo("America/New_York"))
    try:
        assert len(stored(select(Bill).where(stands("overdue")))) == 0
    finally:
        app.extensions["settings"] = settings


def test_the_stored_status_follows_the_clock_and_pushes_nothing(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    store(*of_every_standing(books))
    before = stored(select(Bill.version))
    with speaking_as(IMPORT):
        mark_overdue()
    by_name = {each.reference_number: each.status for each in stored(select(Bill))}
    assert by_name == {
        "tomorrow": "pending",
        "today": "pending",
        "yesterday": "overdue",
        "paid": "paid",
        "cancelled": "cancelled",
    }
    assert stored(select(Bill.version)) == before
    with speaking_as(IMPORT):
        late = db.session.scalars(select(Bill).where(Bill.reference_number == "yesterday")).one()
        late.due_date = TODAY
        db.session.commit()
    assert stored(select(Bill.status).where(Bill.reference_number == "yesterday")) == ["pending"]


def test_paid_and_reopened_is_said_at_once(books: Books, store: Store, stored: Stored) -> None:
    bill = due(books, -1, "one")
    store(bill)
    with speaking_as(IMPORT):
        for paid_date, status in ((TODAY, "paid"), (None, "pending")):
            found = db.session.scalars(select(Bill)).one()
            found.paid_date = paid_date
            db.session.commit()
            assert (found.status, found.open_amount) == (status, Decimal(0 if paid_date else 100))


def test_payments_lower_what_is_open(books: Books, store: Store, stored: Stored) -> None:
    bill = due(books, -1, "one")
    store(bill)
    store(payment_of(books, bill, "40.25"))
    assert stored(select(Bill.open_amount)) == [Decimal("59.75")]
    assert stored(select(Bill.status)) == ["pending"]
    store(payment_of(books, bill, "59.75"))
    assert stored(select(Bill.open_amount)) == [0]
    assert stored(select(Bill.status)) == ["paid"]


AGED = {"not-due": (5, 0), "0-30": (-1, -30), "31-60": (-31, -60), "61-90": (-61, -90), "90+": (-91, -400)}


def test_each_number_of_the_ageing_opens_the_bills_it_counts(browser: FlaskClient, books: Books, store: Store) -> None:
    bills = {age: [due(books, days, f"{age} {days}", 100 - days) for days in each] for age, each in AGED.items()}
    others = (due(books, -40, "paid", paid_date=TODAY), due(books, -40, "cancelled", status="cancelled"))
    store(*(bill for each in bills.values() for bill in each), *others)
    page = browser.get("/bills/ageing")
    by_vendor = next(parsed(page).iter("tbody"))
    cells = [words(cell) for cell in by_vendor.iter("td")]
    for (age, each), cell in zip(AGED.items(), cells, strict=False):
        total = sum(100 - days for days in each)
        assert cell == f"${total:,.2f} , 2 bills".replace(" ,", ",", 1)
        assert f"/bills?age={age.replace('+', '%2B')}&amp;vendor_id={books.vendor.id}" in page.text
        listed = browser.get("/bills", query_string={"age": age, "vendor_id": str(books.vendor.id)})
        assert sorted(rows(listed)) == sorted(f"{age} {days}" for days in each)
    assert cells[-1].endswith("10 bills")
    assert len(rows(browser.get("/bills?status=open"))) == 10


def test_ageing_counts_what_is_left_to_pay(books: Books, store: Store, clock: time_machine.Traveller) -> None:
    bill = due(books, -45, "half")
    store(bill)
    store(payment_of(books, bill, 60))
    with speaking_as(IMPORT):
        total, vendors = ageing()
        assert total.parts["31-60"] == (1, Decimal(40))
        assert (total.number, total.amount) == (1, Decimal(40))
        assert vendors[0].vendor == (books.vendor.id, "Pipes & Co")
        assert set(total.parts) == set(AGES)


def test_nothing_owed_is_said_too(browser: FlaskClient) -> None:
    assert "Nothing is owed" in browser.get("/bills/ageing").text


def test_a_bill_is_approved_by_somebody_and_it_can_be_taken_back(
    browser: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = due(books, 5, "one")
    store(bill)
    assert browser.post(f"/bills/{bill.id}/approval", data={"approve": "1"}).status_code == 303
    (approved,) = stored(select(Bill))
    assert approved.approved_by.startswith("Manager")
    assert approved.approved_by_id is not None
    assert approved.approved_at == NOON
    assert f"Approved here by {approved.approved_by}" in words(parsed(browser.get(f"/bills/{bill.id}")))
    assert rows(browser.get("/bills?approval=approved")) == ["one"]
    browser.post(f"/bills/{bill.id}/approval", data={"approve": "0"})
    (back,) = stored(select(Bill))
    assert (back.approved_by, back.approved_by_id, back.approved_at) == (None, None, None)
    assert rows(browser.get("/bills?approval=approved")) == []


def test_approval_is_needed_before_payment_where_the_settings_say_so() -> None:
    bill = Bill(status="pending", open_amount=Decimal(5), date=date(2026, 1, 1), due_date=date(2026, 1, 2))
    assert bill.why_not_payable(needs_approval=False) == ""
    assert "approved" in bill.why_not_payable(needs_approval=True)
    bill.approve("Ada", None, NOON)
    assert bill.why_not_payable(needs_approval=True) == ""
    bill.cancel()
    assert "cancelled" in bill.why_not_payable(needs_approval=False)


def test_the_page_offers_payment_only_where_it_may_be_paid(
    app: Flask, browser: FlaskClient, books: Books, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bill = due(books, 5, "one")
    store(bill)
    pay = f"/bill-payments/new?bill_id={bill.id}"
    assert pay in browser.get(f"/bills/{bill.id}").text
    monkeypatch.setitem(app.config, "BILLS_NEED_APPROVAL", True)
    assert pay not in browser.get(f"/bills/{bill.id}").text
    assert "Waiting for approval" in browser.get(f"/bills/{bill.id}").text


def test_a_bill_is_cancelled_here_after_a_question_and_it_can_be_taken_back(
    browser: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = due(books, -5, "one")
    store(bill)
    page = f"/bills/{bill.id}/cancellation"
    assert "void it there too" in browser.get(page).text
    assert stored(select(Bill.status)) == ["pending"]
    assert browser.post(page, data={"cancel": "1"}).status_code == 303
    assert stored(select(Bill.status)) == ["cancelled"]
    assert "cancelled here" in browser.get(f"/bills/{bill.id}").text
    assert "Take it back" in browser.get(page).text
    browser.post(page, data={"cancel": "0"})
    assert stored(select(Bill.status)) == ["pending"]


def test_a_bill_that_was_paid_in_part_is_not_cancelled(
    browser: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = due(books, -5, "one")
    store(bill)
    store(payment_of(books, bill, 1))
    assert browser.post(f"/bills/{bill.id}/cancellation", data={"cancel": "1"}).status_code == 409
    assert stored(select(Bill.status)) == ["pending"]
