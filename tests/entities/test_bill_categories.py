from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.entities.bill_categories.model import BillCategory
from portal.entities.bills.model import Bill
from portal.entities.gl_accounts.model import GlAccount
from portal.entities.vendors.model import Vendor
from portal.sync.models import SyncStatus
from tests.entities.test_gl_accounts import account, offered
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, fields, link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.fixture
def plumbing(store: Store) -> GlAccount:
    plumbing = account("5110", "Plumbing", buildium_gl_account_id=77)
    store(plumbing)
    return plumbing


def test_a_category_stands_for_a_ledger_account(manager: FlaskClient, plumbing: GlAccount, stored: Stored) -> None:
    data = {"name": "Pipes", "gl_account_id": str(plumbing.id), "is_active": "y"}
    response = manager.post("/bill-categories/new", data=data)
    (made,) = stored(select(BillCategory))
    assert response.location == f"/bill-categories/{made.id}"
    assert (made.gl_account_id, made.buildium_category_id, made.is_active) == (plumbing.id, 77, True)
    assert "bill_category" not in stored(select(SyncStatus.entity_type))
    assert link(manager.get(response.location), "5110 Plumbing") == f"/gl-accounts/{plumbing.id}"
    assert link(manager.get(f"/gl-accounts/{plumbing.id}"), "Pipes") == response.location


def test_a_category_needs_a_name_and_an_account(manager: FlaskClient, plumbing: GlAccount) -> None:
    found = errors(manager.post("/bill-categories/new", data={}))
    assert set(found) == {"name", "gl_account_id"}
    assert found["gl_account_id"].startswith("Choose the ledger account")


def test_accounts_that_no_line_of_a_bill_may_name_are_not_offered(
    manager: FlaskClient, plumbing: GlAccount, store: Store
) -> None:
    payable = account("2100", "What we owe", "CurrentLiability", default_account_name="Accounts Payable")
    store(
        payable,
        account("1100", "What we get", "CurrentAsset", default_account_name="Accounts Receivable"),
        account("1150", "In the drawer", "CurrentAsset", default_account_name="Undeposited Funds"),
        account("4100", "Rent", "Income", default_account_name="Rent Income", is_active=False),
        account(None, "Trust", "CurrentAsset", is_bank_account=True),
    )
    options = offered(manager.get("/bill-categories/new"), "gl_account_id")
    assert options == ["Choose …", "5110 Plumbing (expense)", "4100 Rent (income, inactive)"]
    refused = manager.post("/bill-categories/new", data={"name": "Debts", "gl_account_id": str(payable.id)})
    assert errors(refused)["gl_account_id"] == "Not a valid choice."


def test_the_list_counts_the_bills_of_each_category(manager: FlaskClient, plumbing: GlAccount, store: Store) -> None:
    categories = [BillCategory(name=f"Category {number:02}", gl_account_id=plumbing.id) for number in range(30)]
    vendor = Vendor(name="Otis")
    store(*categories, vendor)
    day = datetime.date(2026, 1, 31)
    store(
        *(
            Bill(vendor_id=vendor.id, date=day, due_date=day, amount=Decimal(number), category_id=categories[0].id)
            for number in range(1, 4)
        )
    )
    page = manager.get("/bill-categories")
    counts = [words(each) for each in parsed(page).iter("td") if each.get("data-label") == "Bills"]
    assert counts[:2] == ["3", "0"]
    assert len(counts) == 30


def test_an_unused_category_is_a_filter(manager: FlaskClient, plumbing: GlAccount, store: Store) -> None:
    category = BillCategory(name="Pipes", gl_account_id=plumbing.id)
    store(category, BillCategory(name="Old", gl_account_id=plumbing.id, is_active=False))
    page = f"/bill-categories/{category.id}/edit"
    form = fields(manager.get(page))
    assert form["is_active"] == "y"
    assert rows(manager.get("/bill-categories?status=active")) == ["Pipes"]
    assert rows(manager.get("/bill-categories?type=Expense&status=inactive")) == ["Old"]
    form.pop("is_active")
    assert manager.post(page, data=form).status_code == 303
    assert rows(manager.get("/bill-categories?status=active")) == []
