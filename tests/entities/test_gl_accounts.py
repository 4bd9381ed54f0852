from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.bills.model import Bill, BillLine
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

GOOD = {"account_number": "5199", "name": "Chimney sweeping", "sub_type": "OperatingExpenses"}


def account(number: str | None, name: str, sub_type: str = "OperatingExpenses", **values: Any) -> GlAccount:
    return GlAccount(account_number=number, name=name, sub_type=sub_type, **values)


@pytest.fixture
def chart(store: Store) -> dict[str, GlAccount]:
    repairs = account("5100", "Repairs")
    known = {
        "repairs": repairs,
        "plumbing": account("5110", "Plumbing", parent=repairs),
        "painting": account("5140", "Painting", parent=repairs),
        "rent": account("4100", "Rent", "Income"),
        "trust": account(None, "Trust account", "CurrentAsset", is_bank_account=True),
        "repairs abroad": account("5100 A", "Repairs abroad"),
        "prepaid": account("1200", "Prepaid", "CurrentAsset", buildium_gl_account_id=7),
    }
    store(*known.values())
    return known


def test_the_list_is_a_tree(manager: FlaskClient, chart: dict[str, GlAccount]) -> None:
    page = manager.get("/gl-accounts")
    tree = ["1200 Prepaid", "Trust account", "4100 Rent", "5100 Repairs", "5110 Plumbing", "5140 Painting"]
    assert rows(page) == [*tree, "5100 A Repairs abroad"]
    above = [words(each) for each in parsed(page).iter("td") if each.get("data-label") == "Sub account of"]
    assert above == ["", "", "", "", "5100", "5100", ""]
    assert rows(manager.get("/gl-accounts?sort=-account")) == [*tree, "5100 A Repairs abroad"][::-1]
    assert rows(manager.get("/gl-accounts?level=sub&sort=-name")) == ["5110 Plumbing", "5140 Painting"]
    assert rows(manager.get("/gl-accounts?type=Income")) == ["4100 Rent"]
    assert rows(manager.get("/gl-accounts?booked=bank")) == ["Trust account"]


def test_pages_of_the_tree_lose_no_account(manager: FlaskClient, store: Store) -> None:
    tops = [account(str(1000 + number), f"Top {number}") for number in range(30)]
    store(*tops, *(account(f"{top.account_number}.1", f"Below {top.name}", parent=top) for top in tops))
    first = manager.get("/gl-accounts?size=25")
    second = manager.get(link(first, "Next") or "")
    third = manager.get(link(second, "Next") or "")
    found = rows(first) + rows(second) + rows(third)
    assert len(found) == len(set(found)) == 60
    assert found == sorted(found, key=lambda name: name.split()[0])


def test_an_account_is_of_the_type_that_follows_from_its_kind(manager: FlaskClient, stored: Stored) -> None:
    response = manager.post("/gl-accounts/new", data={**GOOD, "description": "Twice a year"})
    (made,) = stored(select(GlAccount))
    assert response.location == f"/gl-accounts/{made.id}"
    assert (made.type, made.is_cash_asset, made.is_contra_account) == ("Expense", None, False)
    assert "“5199 Chimney sweeping” saved" in manager.get(response.location).text


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"account_number": ""}, {"account_number": "Enter the account number."}),
        ({"account_number": "1234567890123"}, {"account_number": "Field cannot be longer than 12 characters."}),
        ({"name": "n" * 51}, {"name": "Field cannot be longer than 50 characters."}),
        ({"name": ""}, {"name": "Enter the account’s name."}),
        ({"description": "d" * 251}, {"description": "Field cannot be longer than 250 characters."}),
        ({"sub_type": ""}, {"sub_type": "Choose the kind of account."}),
        ({"account_number": "5110"}, {"account_number": "“5110 Plumbing” has this number already."}),
        ({"name": "pAINTing"}, {"name": "“5140 Painting” has this name already."}),
        ({"is_cash_asset": "True"}, {"is_cash_asset": "Only a current asset can be a cash asset."}),
        (
            {"sub_type": "CurrentAsset", "is_cash_asset": "True", "is_contra_account": "y"},
            {"is_contra_account": "A cash asset can’t be a contra account."},
        ),
        (
            {
                "sub_type": "CurrentAsset",
                "is_cash_asset": "True",
                "cash_flow_classification": "OperatingActivities",
            },
            {"cash_flow_classification": "A cash asset has no cash flow classification."},
        ),
    ],
)
def test_wrong_values_are_named(
    manager: FlaskClient, chart: dict[str, GlAccount], typed: dict[str, str], wrong: dict[str, str]
) -> None:
    response = manager.post("/gl-accounts/new", data={**GOOD, **typed})
    assert response.status_code == 422
    found = errors(response)
    assert set(found) == set(wrong)
    assert all(found[name].startswith(message) for name, message in wrong.items())


def test_an_account_keeps_its_own_number_and_name(manager: FlaskClient, chart: dict[str, GlAccount]) -> None:
    page = f"/gl-accounts/{chart['plumbing'].id}/edit"
    form = fields(manager.get(page))
    assert manager.post(page, data={**form, "description": "Pipes"}).status_code == 303


def offered(page: Any, name: str) -> list[str]:
    select_ = next(each for each in parsed(page).iter("select") if each.get("name") == name)
    return [words(each) for each in select_.iter("option")]


def test_a_parent_is_an_account_of_the_upper_level(manager: FlaskClient, chart: dict[str, GlAccount]) -> None:
    upper = ["1200 Prepaid (asset)", "5100 Repairs (expense)", "5100 A Repairs abroad (expense)", "4100 Rent (income)"]
    assert offered(manager.get("/gl-accounts/new"), "parent_id") == ["None", *upper]
    abroad = manager.get(f"/gl-accounts/{chart['repairs abroad'].id}/edit")
    assert "5100 A Repairs abroad (expense)" not in offered(abroad, "parent_id")
    above = manager.get(f"/gl-accounts/{chart['repairs'].id}/edit")
    assert "parent_id" not in fields(above)
    assert "so it can’t become one itself" in above.text


def test_a_parent_is_of_the_same_type(manager: FlaskClient, chart: dict[str, GlAccount], stored: Stored) -> None:
    wrong = manager.post("/gl-accounts/new", data={**GOOD, "parent_id": str(chart["rent"].id)})
    assert errors(wrong)["parent_id"].startswith("“4100 Rent” is of another type (income).")
    child = manager.post("/gl-accounts/new", data={**GOOD, "parent_id": str(chart["plumbing"].id)})
    assert errors(child)["parent_id"] == "Not a valid choice."
    page = f"/gl-accounts/{chart['repairs'].id}/edit"
    form = fields(manager.get(page))
    assert set(errors(manager.post(page, data={**form, "sub_type": "Income"}))) == {"sub_type"}


def test_a_sub_account_is_added_on_the_page_of_its_parent(
    manager: FlaskClient, chart: dict[str, GlAccount], stored: Stored
) -> None:
    show = manager.get(f"/gl-accounts/{chart['repairs'].id}")
    page = link(show, "Add sub account") or ""
    form = fields(manager.get(page))
    assert (form["parent_id"], form["sub_type"]) == (str(chart["repairs"].id), "OperatingExpenses")
    assert manager.post(page, data={**form, "account_number": "5150", "name": "Locks"}).status_code == 303
    assert stored(select(GlAccount.parent_id).where(GlAccount.name == "Locks")) == [chart["repairs"].id]
    assert fields(manager.get("/gl-accounts/new?parent_id=nonsense"))["parent_id"] == ""


def test_a_new_current_asset_is_no_cash_asset_unless_that_is_said(manager: FlaskClient, stored: Stored) -> None:
    for number, said in (("1", ""), ("2", "True"), ("3", "False")):
        data = {"account_number": number, "name": number, "sub_type": "CurrentAsset", "is_cash_asset": said}
        assert manager.post("/gl-accounts/new", data=data).status_code == 303
    assert stored(select(GlAccount.is_cash_asset).order_by(GlAccount.name)) == [False, True, False]


def test_what_only_buildium_knows_is_asked_before_an_update(
    manager: FlaskClient, chart: dict[str, GlAccount], stored: Stored
) -> None:
    page = f"/gl-accounts/{chart['prepaid'].id}/edit"
    assert "Only Buildium knows" in manager.get(f"/gl-accounts/{chart['prepaid'].id}").text
    form = {**fields(manager.get(page)), "name": "Paid in advance"}
    assert errors(manager.post(page, data=form))["is_cash_asset"].startswith("Say whether this is a cash asset")
    assert manager.post(page, data={**form, "is_cash_asset": "False"}).status_code == 303
    assert stored(select(GlAccount.is_cash_asset).where(GlAccount.name == "Paid in advance")) == [False]


def test_the_account_of_a_bank_account_is_not_changed_here(
    manager: FlaskClient, chart: dict[str, GlAccount], store: Store, stored: Stored
) -> None:
    bank = BankAccount(name="Harbor Trust", gl_account=chart["trust"].id)
    store(bank)
    address = f"/gl-accounts/{chart['trust'].id}"
    page = manager.get(address)
    assert link(page, "Edit") is None
    assert link(page, "Harbor Trust") == f"/bank-accounts/{bank.id}"
    assert "nothing of it can be changed here" in manager.get(f"{address}/edit").text
    manager.post(f"{address}/edit", data={**GOOD, "version": "1"})
    assert stored(select(GlAccount.name).where(GlAccount.is_bank_account)) == ["Trust account"]


def test_a_default_account_keeps_its_kind_and_its_place(manager: FlaskClient, store: Store, stored: Stored) -> None:
    rent = account("4100", "Rent", "Income", is_default_gl_account=True, default_account_name="Rent Income")
    store(rent)
    page = manager.get(f"/gl-accounts/{rent.id}/edit")
    assert "as “Rent Income”" in words(parsed(page))
    form = fields(page)
    assert {"sub_type", "parent_id", "is_contra_account", "cash_flow_classification"} & set(form) == set()
    data = {**form, "name": "Rents", "sub_type": "Equity"}
    assert manager.post(f"/gl-accounts/{rent.id}/edit", data=data).status_code == 303
    (saved,) = stored(select(GlAccount))
    assert (saved.name, saved.sub_type) == ("Rents", "Income")


def test_what_is_billed_adds_up_in_the_parent(manager: FlaskClient, chart: dict[str, GlAccount]) -> None:
    bill_lines(chart, plumbing="10.25", painting="12", repairs="8.25")
    page = manager.get("/gl-accounts?type=Expense")
    billed = [words(each) for each in parsed(page).iter("td") if each.get("data-label") == "Billed"]
    assert billed == ["$30.50", "$10.25", "$12.00", ""]
    exported = manager.get("/gl-accounts.csv?type=Expense").text
    assert "5100 Repairs,,Operating expenses,,30.50,Active" in exported


def bill_lines(chart: dict[str, GlAccount], **amounts: str) -> None:
    day = datetime.date(2026, 1, 31)
    with speaking_as(IMPORT):
        vendor, bill = uuid4(), uuid4()
        db.session.execute(insert(Vendor).values(id=vendor, name="Otis"))
        db.session.execute(insert(Bill).values(id=bill, vendor_id=vendor, date=day, due_date=day, amount=0))
        for name, amount in amounts.items():
            line = {"bill_id": bill, "gl_account_id": chart[name].id, "amount": Decimal(amount)}
            db.session.execute(insert(BillLine).values(line))
        db.session.commit()
