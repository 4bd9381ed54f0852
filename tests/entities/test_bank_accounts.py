from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.properties.model import Property
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

GOOD = {"name": "Harbor Trust", "bank_account_type": "Checking", "country": "UnitedStates"}


def cells(page: TestResponse, heading: str) -> list[str]:
    return [words(each) for each in parsed(page).iter("td") if each.get("data-label") == heading]


def test_a_bank_account_keeps_its_numbers_encrypted(manager: FlaskClient, stored: Stored) -> None:
    data = {**GOOD, "account_number": "004417829931", "routing_number": "011200365", "balance": "-12.50"}
    response = manager.post("/bank-accounts/new", data=data)
    (made,) = stored(select(BankAccount))
    assert response.location == f"/bank-accounts/{made.id}"
    assert (made.account_number, made.routing_number, made.balance) == ("004417829931", "011200365", Decimal("-12.50"))
    assert "004417829931" not in f"{made.sealed_account_number}{manager.get(response.location).text}"


def test_an_empty_balance_is_none_at_all(manager: FlaskClient, stored: Stored) -> None:
    assert manager.post("/bank-accounts/new", data=GOOD).status_code == 303
    assert stored(select(BankAccount.balance)) == [Decimal(0)]


def test_what_buildium_misses_is_a_warning(manager: FlaskClient) -> None:
    page = manager.get(manager.post("/bank-accounts/new", data={"name": "Trust", "country": ""}).location)
    assert "Before it can be sent, Buildium also needs: kind of account, country." in words(parsed(page))


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, {"name": "Enter the account’s name."}),
        ({"bank_account_type": "Escrow"}, {"bank_account_type": "Not a valid choice."}),
        ({"routing_number": "01120036"}, {"routing_number": "Enter the nine digits of the routing number."}),
        ({"routing_number": "011200356"}, {"routing_number": "No US bank has this number. Check it for a slip."}),
        (
            {"country": "Canada", "routing_number": "100110001"},
            {"routing_number": "In Canada it begins with 0: then three digits, then five."},
        ),
        ({"account_number": "********9931"}, {"account_number": "Enter the whole number, in digits and letters"}),
        ({"account_number": "••••9931"}, {"account_number": "Enter the whole number, in digits and letters"}),
        ({"balance": "lots"}, {"balance": "Enter an amount, such as 1250.00."}),
    ],
)
def test_wrong_values_are_named(manager: FlaskClient, typed: dict[str, str], wrong: dict[str, str]) -> None:
    response = manager.post("/bank-accounts/new", data={**GOOD, **typed})
    assert response.status_code == 422
    found = errors(response)
    assert set(found) == set(wrong)
    assert all(found[name].startswith(message) for name, message in wrong.items())


@pytest.mark.parametrize(("country", "routing"), [("Canada", "000110001"), ("Germany", "37040044"), ("", "anything")])
def test_routing_numbers_are_those_of_the_country(manager: FlaskClient, country: str, routing: str) -> None:
    data = {**GOOD, "country": country, "routing_number": routing}
    assert manager.post("/bank-accounts/new", data=data).status_code == 303


def test_an_edit_keeps_the_numbers_that_it_does_not_show(manager: FlaskClient, store: Store, stored: Stored) -> None:
    account = BankAccount(name="Trust", account_number="004417829931", routing_number="011200365")
    store(account)
    form = fields(manager.get(f"/bank-accounts/{account.id}/edit"))
    assert (form["account_number"], form["routing_number"]) == ("", "")
    assert manager.post(f"/bank-accounts/{account.id}/edit", data={**form, "name": "Escrow"}).status_code == 303
    (account,) = stored(select(BankAccount))
    assert (account.name, account.account_number, account.routing_number) == ("Escrow", "004417829931", "011200365")


def test_numbers_are_revealed_to_managers_only(client: FlaskClient, store: Store) -> None:
    account = BankAccount(name="Trust", account_number="004417829931", routing_number="011200365")
    store(account)
    page, reveal = f"/bank-accounts/{account.id}", f"/bank-accounts/{account.id}/revelations"
    sign_in(client, "staff")
    assert "••••9931" in client.get(page).text
    assert client.post(reveal, data={"field": "account_number"}).status_code == 403
    sign_in(client, "manager")
    assert "004417829931" in client.post(reveal, data={"field": "account_number"}).text
    shown = client.post(reveal, data={"field": "routing_number"}).text
    assert "011200365" in shown
    assert "004417829931" not in shown


def test_both_balances_stand_side_by_side(manager: FlaskClient, store: Store) -> None:
    store(
        BankAccount(name="A", balance=Decimal("100"), buildium_balance=Decimal("90.50")),
        BankAccount(name="B", balance=Decimal("7"), buildium_balance=Decimal("7")),
        BankAccount(name="C", balance=Decimal("3")),
    )
    page = manager.get("/bank-accounts")
    assert cells(page, "Our balance") == ["$100.00", "$7.00", "$3.00"]
    assert cells(page, "Buildium’s balance") == ["$90.50", "$7.00", ""]
    assert cells(page, "Difference") == ["-$9.50", "$0.00", ""]
    assert rows(manager.get("/bank-accounts?balances=differ")) == ["A"]
    assert rows(manager.get("/bank-accounts?balances=agree")) == ["B"]
    assert rows(manager.get("/bank-accounts?sort=difference")) == ["A", "B", "C"]


def test_its_properties_and_its_ledger_account_are_a_step_away(manager: FlaskClient, store: Store) -> None:
    ledger = GlAccount(name="Trust ledger", sub_type="CurrentAsset", is_bank_account=True)
    store(ledger)
    account = BankAccount(name="Trust", gl_account=ledger.id)
    store(account, BankAccount(name="Other"))
    house = Property(name="Alder", operating_bank_account_id=account.id)
    store(house, Property(name="Oak"))
    page = manager.get(f"/bank-accounts/{account.id}")
    assert link(page, "Alder") == f"/properties/{house.id}"
    assert link(page, "Oak") is None
    assert link(page, "Trust ledger") == f"/gl-accounts/{ledger.id}"
    assert link(manager.get(f"/properties/{house.id}"), "Trust") == f"/bank-accounts/{account.id}"
    assert rows(manager.get(f"/properties?operating_bank_account_id={account.id}")) == ["Alder"]
    assert "gl_account" not in fields(manager.get(f"/bank-accounts/{account.id}/edit"))


def test_the_texts_on_checks_are_shown_and_changed_in_buildium(manager: FlaskClient, store: Store) -> None:
    texts = {"SignatureHeading": "VOID AFTER 90 DAYS", "CompanyInformationLine1": "Harbor & Vine"}
    account = BankAccount(name="Trust", check_printing_info=texts)
    store(account)
    page = words(parsed(manager.get(f"/bank-accounts/{account.id}")))
    assert "VOID AFTER 90 DAYS" in page
    assert "Harbor & Vine" in page
