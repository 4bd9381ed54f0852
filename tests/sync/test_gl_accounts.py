"""Ledger accounts on their way to Buildium and back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.gl_accounts.mapping import GL_ACCOUNT
from portal.entities.gl_accounts.model import GlAccount
from portal.extensions import db
from portal.sync.pull import pull_one
from tests.live import Live

PATH = "/v1/glaccounts"


def account(number: str | None = "5110", name: str = "Plumbing", **values: Any) -> GlAccount:
    return GlAccount(**{"account_number": number, "name": name, "sub_type": "OperatingExpenses", **values})


def theirs(live: Live, **values: Any) -> GlAccount:
    """An account that was made in Buildium, pulled."""
    body = {"AccountNumber": "1199", "Name": "Petty cash", "SubType": "CurrentAsset", **values}
    made = live.http.post(PATH, json=body).raise_for_status().json()
    pull_one(GL_ACCOUNT, made["Id"])
    live.forget_requests()
    return db.session.scalars(select(GlAccount).where(GlAccount.buildium_gl_account_id == made["Id"])).one()


def sent(live: Live, record: GlAccount) -> GlAccount:
    live.save(record)
    live.work()
    assert live.state(record) == "synced", live.row(record).error_message
    return record


def is_cash(live: Live, record: GlAccount) -> bool | None:
    """What Buildium holds and no answer of its API tells."""
    kept = live.http.get(f"/_control/records/gl_accounts/{record.buildium_gl_account_id}").raise_for_status().json()
    value: bool | None = kept["values"]["IsCashAsset"]
    return value


def test_an_account_is_created_and_updated(live: Live) -> None:
    made = sent(live, account(description="Pipes", cash_flow_classification="OperatingActivities"))
    there = live.get(f"{PATH}/{made.buildium_gl_account_id}")
    assert (there["AccountNumber"], there["Name"], there["Type"]) == ("5110", "Plumbing", "Expense")
    assert (there["IsContraAccount"], there["CashFlowClassification"]) == (False, "OperatingActivities")
    made.name, made.is_contra_account = "Pipes", True
    sent(live, made)
    changed = live.get(f"{PATH}/{made.buildium_gl_account_id}")
    assert changed == {**there, "Name": "Pipes", "IsContraAccount": True}
    made.is_contra_account = False
    sent(live, made)
    assert live.get(f"{PATH}/{made.buildium_gl_account_id}")["IsContraAccount"] is False


def test_a_parent_goes_first(live: Live) -> None:
    parent = account("5100", "Repairs")
    child = account(parent=parent)
    live.save(parent, child)
    live.work()
    live.work()
    assert (live.state(parent), live.state(child)) == ("synced", "synced"), live.row(child).error_message
    assert live.get(f"{PATH}/{child.buildium_gl_account_id}")["ParentGLAccountId"] == parent.buildium_gl_account_id
    assert child.buildium_parent_gl_account_id == parent.buildium_gl_account_id
    child.parent_id = child.buildium_parent_gl_account_id = None
    sent(live, child)
    assert live.get(f"{PATH}/{child.buildium_gl_account_id}")["ParentGLAccountId"] is None


def test_a_sub_account_is_pulled_beneath_its_parent_and_an_update_leaves_it_there(live: Live) -> None:
    upper = theirs(live, AccountNumber="5100", Name="Repairs", SubType="OperatingExpenses")
    values = {"Name": "Locks", "AccountNumber": "5160", "SubType": "OperatingExpenses"}
    lower = theirs(live, **values, ParentGLAccountId=upper.buildium_gl_account_id)
    assert lower.parent_id == upper.id
    lower.description = "Keys too"
    sent(live, lower)
    there = live.get(f"{PATH}/{lower.buildium_gl_account_id}")
    assert (there["Description"], there["ParentGLAccountId"]) == ("Keys too", upper.buildium_gl_account_id)


def test_a_sub_account_whose_parent_is_not_here_is_not_taken_from_it(live: Live) -> None:
    child = theirs(live, AccountNumber="5160", Name="Locks", SubType="OperatingExpenses")
    child.buildium_parent_gl_account_id = 4711
    child.description = "Keys too"
    live.save(child)
    live.work()
    assert live.state(child) == "blocked"
    said = live.row(child).error_message or ""
    assert said.startswith("In Buildium this is a sub account of one that isn’t here yet.")


@pytest.mark.parametrize("cash", [True, False])
def test_a_cash_asset_is_sent_and_sent_again_with_every_update(live: Live, cash: bool) -> None:
    made = sent(live, account("1199", "Petty cash", sub_type="CurrentAsset", is_cash_asset=cash))
    assert is_cash(live, made) is cash
    made.name = "Till"
    sent(live, made)
    assert is_cash(live, made) is cash


def test_an_update_that_would_erase_what_only_buildium_knows_waits_for_a_word(live: Live) -> None:
    petty = theirs(live, IsCashAsset=True)
    assert petty.is_cash_asset is None
    petty.description = "In the drawer"
    live.save(petty)
    live.work()
    row = live.row(petty)
    assert (row.sync_status, row.cause) == ("blocked", "missing data")
    assert "would erase in Buildium whether this is a cash asset" in (row.error_message or "")
    assert live.asked("PUT", PATH) == 0
    assert is_cash(live, petty) is True
    petty.is_cash_asset = True
    sent(live, petty)
    assert is_cash(live, petty) is True
    assert live.get(f"{PATH}/{petty.buildium_gl_account_id}")["Description"] == "In the drawer"


def test_an_account_that_can_be_no_cash_asset_is_updated_without_asking(live: Live) -> None:
    rent = theirs(live, AccountNumber="4100", Name="Rent", SubType="Income")
    rent.description = "Due on the first"
    sent(live, rent)
    assert live.get(f"{PATH}/{rent.buildium_gl_account_id}")["Description"] == "Due on the first"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"number": None}, "Account number is missing; Buildium requires it."),
        ({"sub_type": None, "type": "Expense"}, "Kind of account is missing; Buildium requires it."),
        ({"number": "1234567890123"}, "Account number has 13 characters; Buildium takes 12 at most."),
        ({"is_cash_asset": True}, "Only a current asset can be a cash asset."),
        (
            {"sub_type": "CurrentAsset", "is_cash_asset": True, "cash_flow_classification": "OperatingActivities"},
            "A cash asset is no contra account and has no cash flow classification.",
        ),
        ({"is_bank_account": True}, "Buildium keeps the ledger account of a bank account itself"),
    ],
)
def test_what_buildium_would_refuse_is_not_sent(live: Live, values: dict[str, Any], words: str) -> None:
    record = account(**{"number": "5110", **values})
    live.save(record)
    live.work()
    assert live.state(record) == "blocked"
    assert (live.row(record).error_message or "").startswith(words)
    assert live.asked("POST", PATH) == 0


def test_a_number_that_buildium_has_already_is_a_refusal_in_words(live: Live) -> None:
    live.http.post(PATH, json={"AccountNumber": "5110", "Name": "Theirs", "SubType": "Income"}).raise_for_status()
    mine = account()
    live.save(mine)
    live.work()
    row = live.row(mine)
    assert row.sync_status == "failed"
    assert [each["field"] for each in row.error_fields or ()] == ["AccountNumber"]


def test_a_create_with_a_lost_answer_is_found_by_number_and_name(live: Live) -> None:
    live.fault("commit_then_drop", method="POST", path=PATH)
    mine = account()
    live.save(mine)
    live.work()
    assert live.state(mine) == "uncertain"
    for _ in range(3):
        live.work_later()
    assert live.state(mine) == "synced", live.row(mine).error_message
    assert live.asked("POST", PATH) == 1


def test_a_sub_account_whose_create_lost_its_answer_is_found_inside_its_parent(live: Live) -> None:
    parent = sent(live, account("5100", "Repairs"))
    live.fault("commit_then_drop", method="POST", path=PATH)
    mine = account(parent_id=parent.id)
    live.save(mine)
    live.work()
    for _ in range(3):
        live.work_later()
    assert live.state(mine) == "synced", live.row(mine).error_message
    assert live.asked("POST", PATH) == 2


def test_a_pull_leaves_a_parent_that_was_just_chosen_here(live: Live) -> None:
    parent, mine = sent(live, account("5100", "Repairs")), sent(live, account())
    live.edit_there("gl_accounts", mine.buildium_gl_account_id or 0, Description="Theirs")
    mine.parent_id = parent.id
    live.save(mine)
    pull_one(GL_ACCOUNT, mine.buildium_gl_account_id or 0)
    assert (mine.parent_id, mine.description) == (parent.id, "Theirs")


def test_a_sub_account_that_comes_before_its_parent_brings_it_along(live: Live) -> None:
    body = {"AccountNumber": "5100", "Name": "Repairs", "SubType": "OperatingExpenses"}
    upper = live.http.post(PATH, json=body).raise_for_status().json()["Id"]
    lower = theirs(live, Name="Locks", AccountNumber="5160", SubType="OperatingExpenses", ParentGLAccountId=upper)
    assert lower.parent is not None
    assert lower.parent.buildium_gl_account_id == upper
