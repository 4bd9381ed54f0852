"""The pages of payments: choosing what to pay, being asked, paying once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.acting import acting_as
from portal.app import create_app
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bill_payments.model import BillPayment, paid
from portal.entities.bills.model import Bill
from portal.extensions import db
from portal.sync.models import SyncStatus
from tests.client import PageClient
from tests.entities.paying import NEW, SURE, Desk, asked, furniture, tables
from tests.people import make_user, sign_in, speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from portal.config import Settings


def test_whom_to_pay_is_asked_first(manager: FlaskClient, desk: Desk) -> None:
    page = manager.get(NEW)
    assert rows(page) == ["Wharf Plumbing"]
    assert tables(page)["Vendors with open bills"][1] == "Wharf Plumbing 2 $220.00"
    assert rows(manager.get(f"{NEW}?q=nobody")) == []
    assert link(page, "Wharf Plumbing") == f"{NEW}?vendor_id={desk.vendor}"


def test_the_page_of_a_bill_leads_to_paying_it_in_full(manager: FlaskClient, desk: Desk) -> None:
    page = manager.get(link(manager.get(f"/bills/{desk.first}"), "Pay") or "")
    form = fields(page)
    assert [form[f"bills-{number}-amount"] for number in range(2)] == ["150.00", ""]
    assert form["bank_account_id"] == str(desk.bank)
    filled = fields(manager.get(f"{NEW}?vendor_id={desk.vendor}&all=1"))
    assert [filled[f"bills-{number}-amount"] for number in range(2)] == ["150.00", "70.00"]


def test_the_page_asks_and_only_the_confirmation_pays(manager: FlaskClient, desk: Desk, stored: Stored) -> None:
    page = asked(manager, manager.get(f"{NEW}?bill_id={desk.first}"), date="2026-03-20", reference_number="1042")
    assert page.status_code == 200
    assert "Pay $150.00 to Wharf Plumbing?" in words(next(parsed(page).iter("h1")))
    assert "Buildium can’t undo a payment" in words(parsed(page))
    assert tables(page)["Bills that are paid"][1] == "W-1 Apr 1, 2026 $150.00 $150.00 $0.00"
    assert stored(select(func.count(BillPayment.id))) == [0]
    response = manager.post(SURE, data=fields(page))
    (payment,) = stored(select(BillPayment))
    assert (response.status_code, response.location) == (303, f"/bill-payments/{payment.id}")
    assert (payment.amount, payment.reference_number, payment.date) == (Decimal(150), "1042", date(2026, 3, 20))
    assert stored(select(Bill.open_amount).order_by(Bill.reference_number)) == [0, 70]
    rows_ = select(SyncStatus.sync_status).where(SyncStatus.entity_id == str(payment.id))
    assert stored(rows_) == ["pending"]


def test_what_was_typed_can_be_changed_after_being_asked(manager: FlaskClient, desk: Desk, stored: Stored) -> None:
    page = asked(manager, manager.get(f"{NEW}?bill_id={desk.first}"), memo="March")
    again = manager.post(NEW, data={**fields(page), "again": "1"})
    assert fields(again)["memo"] == "March"
    assert fields(again)["bills-0-amount"] == "150.00"
    assert stored(select(func.count(BillPayment.id))) == [0]


def test_several_bills_are_one_check(manager: PageClient, desk: Desk, stored: Stored) -> None:
    page = manager.get(f"{NEW}?vendor_id={desk.vendor}&all=1")
    page = asked(manager, page, **{"bills-1-amount": "30", "date": "2026-03-20"})
    manager.most_queries = 25  # each payment and each of its lines is a row
    manager.post(SURE, data=fields(page))
    made = stored(select(BillPayment).order_by(BillPayment.amount.desc()))
    assert [each.amount for each in made] == [Decimal(150), Decimal(30)]
    assert [each.paid_with_id for each in made] == [None, made[0].id]
    show = manager.get(f"/bill-payments/{made[1].id}")
    assert tables(show)["Paid bills"][-1].startswith("The whole check $180.00")


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"bills-0-amount": ""}, {"bills": "Enter how much to pay of which bill."}),
        ({"bills-0-amount": "150.01"}, {"bills-0-amount": "Only $150.00 of this bill is left to pay."}),
        ({"bills-0-amount": "lots"}, {"bills-0-amount": "Enter an amount, such as 1250.00."}),
        ({"bills-0-amount": "0"}, {"bills-0-amount": "Enter more than nothing, or leave it empty."}),
        ({"bank_account_id": ""}, {"bank_account_id": "Choose the bank account to pay from."}),
        ({"date": ""}, {"date": "Enter the date of the payment."}),
        ({"reference_number": "1" * 31}, {"reference_number": "Field cannot be longer than 30 characters."}),
        (
            {"bills-1-amount": "5", "reference_number": "7"},
            {"reference_number": "Buildium takes no check number for one check that pays several bills."},
        ),
    ],
)
def test_wrong_values_are_named_beside_the_field(
    manager: FlaskClient, desk: Desk, typed: dict[str, str], wrong: dict[str, str]
) -> None:
    response = asked(manager, manager.get(f"{NEW}?bill_id={desk.first}"), **typed)
    found = errors(response)
    assert (response.status_code, set(found)) == (422, set(wrong))
    assert all(found[name].startswith(message) for name, message in wrong.items())


def test_a_double_click_and_a_reload_make_one_payment(manager: FlaskClient, desk: Desk, stored: Stored) -> None:
    page = asked(manager, manager.get(f"{NEW}?bill_id={desk.first}"), **{"bills-0-amount": "10"})
    answers = [manager.post(SURE, data=fields(page)) for _ in range(3)]
    assert {each.location for each in answers} == {f"/bill-payments/{stored(select(BillPayment.id))[0]}"}
    assert stored(select(func.sum(BillPayment.amount))) == [Decimal(10)]


def test_what_somebody_else_paid_meanwhile_is_not_paid_twice(manager: FlaskClient, desk: Desk, stored: Stored) -> None:
    pages = [asked(manager, manager.get(f"{NEW}?bill_id={desk.first}")) for _ in range(2)]
    assert manager.post(SURE, data=fields(pages[0])).status_code == 303
    late = manager.post(SURE, data=fields(pages[1]))
    assert (late.status_code, errors(late)) == (422, {"bills-0-amount": "Nothing of this bill is left to pay."})
    assert stored(select(func.count(BillPayment.id))) == [1]


@pytest.mark.parametrize("confirmation", ["", "nonsense"])
def test_a_confirmation_that_no_page_asked_for_pays_nothing(
    manager: FlaskClient, desk: Desk, confirmation: str
) -> None:
    page = fields(asked(manager, manager.get(f"{NEW}?bill_id={desk.first}")))
    assert manager.post(SURE, data={**page, "confirmation": confirmation}).status_code == 400


def test_a_bill_that_must_be_approved_first_is_not_offered(
    app: Flask, manager: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = fields(manager.get(f"{NEW}?bill_id={desk.first}"))
    monkeypatch.setitem(app.config, "BILLS_NEED_APPROVAL", True)
    assert rows(manager.get(NEW)) == []
    response = manager.post(NEW, data=form)
    assert errors(response) == {"bills-0-amount": "This bill must be approved before it is paid."}


def test_a_cancelled_bill_is_not_paid(manager: FlaskClient, desk: Desk) -> None:
    form = fields(manager.get(f"{NEW}?bill_id={desk.first}"))
    with speaking_as(IMPORT):
        db.session.execute(text("update bills set status = 'cancelled' where reference_number = 'W-1'"))
        db.session.commit()
    assert errors(manager.post(NEW, data=form)) == {"bills-0-amount": "This bill was cancelled."}


def test_an_inactive_account_is_not_paid_from(manager: FlaskClient, desk: Desk, store: Store) -> None:
    closed = BankAccount(name="Closed", is_active=False)
    store(closed)
    response = asked(manager, manager.get(f"{NEW}?bill_id={desk.first}"), bank_account_id=str(closed.id))
    assert errors(response) == {"bank_account_id": "This account is inactive. Choose another one."}


def test_viewers_can_look_and_not_pay(client: FlaskClient, desk: Desk) -> None:
    sign_in(client, "viewer")
    assert client.get("/bill-payments").status_code == 200
    assert [client.get(NEW).status_code, client.post(SURE, data={}).status_code] == [403, 403]


class TestTheList:
    @pytest.fixture(autouse=True)
    def payments(self, desk: Desk, store: Store) -> None:
        with speaking_as(IMPORT):
            bills = db.session.scalars(select(Bill).order_by(Bill.reference_number)).all()
            bank = db.session.scalars(select(BankAccount)).one()
            made = [
                *paid([(bills[0], Decimal(10))], bank, date(2026, 1, 5)),
                *paid([(bills[1], Decimal(20))], bank, date(2026, 2, 5)),
                *paid([(bills[1], Decimal(5))], bank, date(2026, 3, 5)),
            ]
            for number, each in enumerate(made, start=1001):
                each.reference_number = str(number)
            made[2].voided_at = func.now()
            store(*made)

    def test_filters_narrow_it_and_its_total(self, manager: FlaskClient, desk: Desk) -> None:
        def listed(query: str) -> tuple[list[str], str]:
            page = manager.get(f"/bill-payments?{query}")
            subtitle = next(each for each in parsed(page).iter("p") if each.get("class") == "subtitle")
            return rows(page), words(subtitle)

        assert listed("") == (["1003", "1002", "1001"], "3 payments, $30.00 in all")
        assert listed("from=2026-01-06") == (["1003", "1002"], "2 payments found, $20.00 in all")
        assert listed("until=2026-01-05") == (["1001"], "1 payment found, $10.00 in all")
        assert listed(f"bill_id={desk.first}")[0] == ["1001"]
        assert listed(f"vendor_id={desk.vendor}&bank_account_id={desk.bank}")[0] == ["1003", "1002", "1001"]
        assert listed("status=void") == (["1003"], "1 payment found, $0.00 in all")
        assert listed("status=waiting")[0] == ["1002", "1001"]
        assert listed("q=1002")[0] == ["1002"]
        assert listed("sort=amount")[0] == ["1003", "1001", "1002"]

    def test_a_date_that_is_none_is_left_out_in_words(self, manager: FlaskClient) -> None:
        assert "The filter “From” knows no “soon”" in words(parsed(manager.get("/bill-payments?from=soon")))

    def test_vendors_and_bank_accounts_list_their_payments(self, manager: FlaskClient, desk: Desk) -> None:
        for page in (f"/vendors/{desk.vendor}", f"/bank-accounts/{desk.bank}"):
            assert [each.split()[0] for each in tables(manager.get(page))["Payments"][1:]] == ["1003", "1002", "1001"]


@contextmanager
def office(app: Flask, people: int = 4) -> Iterator[tuple[Desk, list[FlaskClient]]]:
    """Some people in front of their own browsers, with real connections and commits."""
    browsers = [app.test_client() for _ in range(people)]
    with app.app_context():
        for browser in browsers:
            sign_in(browser, user=make_user("staff"))
        db.session.remove()
    with app.app_context(), acting_as(IMPORT):
        desk, bank, bills = furniture()
        for records in ([bank], bills):
            db.session.add_all(records)
            db.session.commit()
        db.session.remove()
    yield desk, browsers
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("same_click", [False, True], ids=["their own clicks", "one click, sent again and again"])
def test_people_who_pay_one_bill_at_once_pay_it_once(
    same_click: bool, fresh_database: Callable[[], str], settings: Settings, empty_redis: str
) -> None:
    app = create_app(replace(settings, database_url=fresh_database()))
    with office(app) as (desk_, browsers):
        pages = [fields(asked(each, each.get(f"{NEW}?bill_id={desk_.first}"))) for each in browsers]
        if same_click:
            pages = [{**each, "confirmation": pages[0]["confirmation"]} for each in pages]
        ready, codes = threading.Barrier(len(browsers)), list[int]()

        def send(number: int) -> None:
            ready.wait()
            codes.append(browsers[number].post(SURE, data=pages[number]).status_code)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(len(browsers))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        with app.app_context(), acting_as(IMPORT):
            amounts = db.session.scalars(select(BillPayment.amount)).all()
        assert amounts == [Decimal(150)]
        assert sorted(codes) == ([303] * 4 if same_click else [303, 422, 422, 422])
