from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from sqlalchemy import func, select

from portal.acting import acting_as
from portal.app import create_app
from portal.config import Settings
from portal.entities.bills.model import Bill, BillLine
from portal.entities.bills.recurring import make_due_bills
from portal.entities.bills.schedule import Schedule
from portal.extensions import db
from tests.entities.bill_rows import Books, bill_of, line_of, new_books
from tests.people import sign_in, speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import errors, fields

if TYPE_CHECKING:
    from flask.testing import FlaskClient

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
MONTHLY = Schedule("month", 1, date(2026, 4, 10))


@pytest.fixture
def books(store: Store) -> Books:
    books = new_books()
    store(*books.records())
    return books


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MARCH, tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(client: FlaskClient, clock: time_machine.Traveller) -> FlaskClient:
    sign_in(client, "manager")
    return client


def repeating(books: Books, schedule: Schedule = MONTHLY, *lines: BillLine) -> Bill:
    bill = bill_of(books, *lines, reference_number="Rent of the office", description="Office")
    bill.repeat(schedule, schedule.first)
    return bill


def run() -> int:
    with speaking_as(IMPORT):
        return make_due_bills()


def made(stored: Stored) -> list[date]:
    return sorted(stored(select(Bill.date).where(Bill.source_bill_id.is_not(None))))


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        (Schedule("week", 2, date(2026, 12, 21)), ["2026-12-21", "2027-01-04", "2027-01-18"]),
        (Schedule("month", 1, date(2026, 12, 31)), ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]),
        (Schedule("month", 1, date(2027, 12, 31), day=31), ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]),
        (Schedule("month", 1, date(2026, 2, 28), day=31), ["2026-02-28", "2026-03-31", "2026-04-30"]),
        (Schedule("quarter", 1, date(2026, 11, 15)), ["2026-11-15", "2027-02-15", "2027-05-15"]),
        (
            Schedule("year", 1, date(2028, 2, 29)),
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
    ],
)
def test_dates_follow_from_the_rule(schedule: Schedule, days: list[str]) -> None:
    assert [day.isoformat() for day in islice(schedule.dates(), len(days))] == days
    assert Schedule.read(schedule.stored()) == schedule


def test_a_rule_ends_with_a_date_or_a_number() -> None:
    ends = replace(MONTHLY, until=date(2026, 6, 9))
    assert list(ends.dates()) == [date(2026, 4, 10), date(2026, 5, 10)]
    assert ends.next_from(date(2026, 5, 11)) is None
    assert replace(MONTHLY, most=3, made=3).next_from(date(2026, 4, 1)) is None
    assert replace(MONTHLY, most=3, made=1).coming(date(2026, 4, 1), 5) == [date(2026, 4, 10), date(2026, 5, 10)]
    assert replace(MONTHLY, paused=True).next_from(date(2026, 4, 1)) is None


@pytest.mark.parametrize("stored", [None, {}, {"unit": "fortnight", "every": 1, "first": "2026-01-01"}, {"every": 2}])
def test_what_is_no_rule_is_none(stored: Any) -> None:
    assert Schedule.read(stored) is None


def test_the_form_makes_a_bill_repeat(browser: FlaskClient, books: Books, store: Store, stored: Stored) -> None:
    bill = bill_of(books)
    store(bill)
    page = f"/bills/{bill.id}/schedule"
    form = fields(browser.get(page))
    assert (form["every"], form["unit"], form["first"]) == ("1", "month", "2026-04-10")
    answer = browser.post(page, data={**form, "every": "2", "day": "31", "most": "6"})
    assert answer.status_code == 303
    (kept,) = stored(select(Bill))
    assert (kept.is_recurring, kept.next_bill_on) == (True, date(2026, 4, 30))
    rule = Schedule("month", 2, date(2026, 4, 10), day=31, most=6)
    assert kept.recurring_schedule == rule.stored()
    shown = browser.get(f"/bills/{bill.id}").text
    assert "Every 2 months on the last day of the month" in shown
    assert "Jun 30, 2026" in shown
    again = fields(browser.get(page))
    assert (again["every"], again["first"], again["day"]) == ("2", "2026-04-30", "31")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("every", "", "Enter a whole number from 1 to 99."),
        ("every", "0", "Enter a whole number from 1 to 99."),
        ("unit", "", "Choose the unit."),
        ("first", "", "Enter the date of the next bill."),
        ("first", "2026-03-09", "The next date can’t be in the past."),
        ("until", "2026-04-09", "The end can’t be before the next date."),
        ("day", "32", "Enter a whole number from 1 to 31."),
        ("most", "x", "Enter a whole number from 1 to 999."),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said(
    browser: FlaskClient, books: Books, store: Store, stored: Stored, field: str, value: str, message: str
) -> None:
    bill = bill_of(books)
    store(bill)
    page = f"/bills/{bill.id}/schedule"
    refused = browser.post(page, data={**fields(browser.get(page)), field: value})
    assert refused.status_code == 422
    assert errors(refused)[field] == message
    assert stored(select(Bill.next_bill_on)) == [None]


def test_a_schedule_of_an_older_version_is_not_saved(
    browser: FlaskClient, books: Books, store: Store, stored: Stored
) -> None:
    bill = bill_of(books)
    store(bill)
    page = f"/bills/{bill.id}/schedule"
    form = fields(browser.get(page))
    assert browser.post(page, data=form).status_code == 303
    assert browser.post(page, data={**form, "every": "9"}).status_code == 409


def test_on_its_day_a_bill_is_made_once(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    lines = (
        line_of(books, 70, memo="Rooms"),
        line_of(books, 30, unit_id=books.unit.id, markup_amount=5, markup_type="Amount"),
    )
    source = repeating(books, MONTHLY, *lines)
    store(source)
    assert run() == 0
    clock.move_to(datetime(2026, 4, 10, 0, 1, tzinfo=UTC))
    assert (run(), run()) == (1, 0)
    (bill,) = stored(select(Bill).where(Bill.source_bill_id == source.id))
    assert (bill.date, bill.due_date, bill.amount) == (date(2026, 4, 10), date(2026, 5, 1), 100)
    assert (bill.vendor_id, bill.description, bill.reference_number) == (books.vendor.id, "Office", None)
    assert (bill.buildium_bill_id, bill.is_recurring, bill.occurrence_date) == (None, False, date(2026, 4, 10))
    copied = stored(select(BillLine).where(BillLine.bill_id == bill.id).order_by(BillLine.position))
    assert [(each.memo, each.amount, each.unit_id, each.markup_amount) for each in copied] == [
        ("Rooms", 70, None, None),
        ("Valve", 30, books.unit.id, 5),
    ]
    (again,) = stored(select(Bill).where(Bill.id == source.id))
    assert (again.next_bill_on, again.schedule().made) == (date(2026, 5, 10), 1)


def test_after_a_time_without_a_clock_all_that_was_missed_is_made(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    store(repeating(books))
    clock.move_to(datetime(2026, 7, 9, tzinfo=UTC))
    assert run() == 3
    assert made(stored) == [date(2026, 4, 10), date(2026, 5, 10), date(2026, 6, 10)]


def test_it_ends_when_it_said_it_would(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    store(repeating(books, replace(MONTHLY, most=2)), repeating(books, replace(MONTHLY, until=date(2026, 4, 30))))
    clock.move_to(datetime(2027, 1, 1, tzinfo=UTC))
    assert run() == 3
    assert stored(select(Bill.next_bill_on).where(Bill.is_recurring)) == [None, None]


def test_a_crash_before_the_commit_leaves_nothing_and_the_next_run_makes_it(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    source = repeating(books)
    store(source)
    clock.move_to(datetime(2026, 4, 10, tzinfo=UTC))
    with speaking_as(IMPORT):
        db.session.add(db.session.get_one(Bill, source.id).repeated(date(2026, 4, 10)))
        db.session.flush()
        db.session.rollback()
    assert made(stored) == []
    assert run() == 1


def test_a_schedule_that_was_turned_back_makes_no_bill_twice(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    source = repeating(books)
    store(source)
    clock.move_to(datetime(2026, 4, 10, tzinfo=UTC))
    run()
    with speaking_as(IMPORT):
        db.session.get_one(Bill, source.id).next_bill_on = date(2026, 4, 10)
        db.session.commit()
    assert run() == 1
    assert made(stored) == [date(2026, 4, 10)]
    assert stored(select(Bill.next_bill_on).where(Bill.id == source.id)) == [date(2026, 5, 10)]


def test_pause_leaves_out_what_passes_and_stop_ends_it(
    browser: FlaskClient, books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    source = repeating(books)
    store(source)
    assert browser.post(f"/bills/{source.id}/schedule/pause", data={"pause": "1"}).status_code == 303
    assert "Paused" in browser.get(f"/bills/{source.id}").text
    clock.move_to(datetime(2026, 5, 11, tzinfo=UTC))
    sign_in(browser)
    assert run() == 0
    browser.post(f"/bills/{source.id}/schedule/pause", data={"pause": "0"})
    assert stored(select(Bill.next_bill_on)) == [date(2026, 6, 10)]
    browser.post(f"/bills/{source.id}/schedule/removal")
    (bill,) = stored(select(Bill))
    assert (bill.is_recurring, bill.recurring_schedule, bill.next_bill_on) == (False, None, None)


def test_a_cancelled_bill_repeats_no_more(
    books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    source = repeating(books)
    source.status = "cancelled"
    store(source)
    clock.move_to(datetime(2026, 4, 10, tzinfo=UTC))
    run()
    assert made(stored) == []
    assert stored(select(Bill.next_bill_on)) == [None]


def test_the_bills_it_made_can_be_listed_and_say_where_they_come_from(
    browser: FlaskClient, books: Books, store: Store, stored: Stored, clock: time_machine.Traveller
) -> None:
    source = repeating(books)
    store(source)
    clock.move_to(datetime(2026, 5, 10, tzinfo=UTC))
    sign_in(browser)
    run()
    assert "2 bills made so far" in browser.get(f"/bills/{source.id}").text
    assert "2 bills found" in browser.get(f"/bills?source_bill_id={source.id}").text
    (bill, _) = stored(select(Bill).where(Bill.source_bill_id == source.id).order_by(Bill.date))
    page = browser.get(f"/bills/{bill.id}").text
    assert "Made for Apr 10, 2026 by" in page
    assert f'href="/bills/{source.id}"' in page


def test_many_clocks_at_once_make_each_bill_once(
    fresh_database: Callable[[], str], settings: Settings, empty_redis: str
) -> None:
    app = create_app(replace(settings, database_url=fresh_database()))
    books, clocks = new_books(), 6
    with app.app_context(), acting_as(IMPORT):
        db.session.add_all(books.records())
        db.session.commit()
        starts = date.today() - timedelta(days=65)
        db.session.add_all(repeating(books, Schedule("week", 1, starts)) for _ in range(4))
        db.session.commit()
        db.session.remove()
    ready, numbers = threading.Barrier(clocks), []

    def tick() -> None:
        with app.app_context(), acting_as(IMPORT):
            ready.wait()
            numbers.append(make_due_bills())

    threads = [threading.Thread(target=tick) for _ in range(clocks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context(), acting_as(IMPORT):
        rows = select(Bill.source_bill_id, func.count(), func.count(Bill.occurrence_date.distinct()))
        found = db.session.execute(rows.where(Bill.source_bill_id.is_not(None)).group_by(Bill.source_bill_id)).all()
        assert [(number, days) for _, number, days in found] == [(10, 10)] * 4
        assert sum(numbers) == 40
        db.session.remove()
        db.engine.dispose()
