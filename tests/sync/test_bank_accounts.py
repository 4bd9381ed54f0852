"""Bank accounts on their way to Buildium and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.entities.bank_accounts.mapping import BANK_ACCOUNT, printing
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.gl_accounts.model import GlAccount
from portal.extensions import db
from portal.sync.models import ApiCall, SyncStatus
from portal.sync.pull import pull_one
from tests.live import Live
from tests.records import bank_account

PATH = "/v1/bankaccounts"
CHECKS = {
    "EnableRemoteCheckPrinting": True,
    "EnableLocalCheckPrinting": True,
    "CheckLayoutType": "Voucher2StubTopMemo",
    "SignatureHeading": "Void after 90 days",
    "FractionalNumber": "52-112/345",
    **{f"BankInformationLine{number}": f"Bank {number}" for number in range(1, 6)},
    **{f"CompanyInformationLine{number}": f"Harbor {number}" for number in range(1, 5)},
    "CompanyInformationLine5": None,
}


def account(**values: Any) -> BankAccount:
    given = {"name": "Harbor Trust", "bank_account_type": "Checking", "country": "UnitedStates"}
    return BankAccount(**{**given, "account_number": "004417829931", "routing_number": "011200365", **values})


def sent(live: Live, record: BankAccount) -> BankAccount:
    live.save(record)
    live.work()
    assert live.state(record) == "synced", live.row(record).error_message
    return record


def there(live: Live, record: BankAccount) -> dict[str, Any]:
    answer: dict[str, Any] = live.get(f"{PATH}/{record.buildium_bank_id}")
    return answer


def puts(live: Live) -> list[dict[str, Any]]:
    """The bodies of the updates that the sandbox got from us."""
    asked = live.http.get("/_control/requests", params={"method": "PUT", "path": PATH, "limit": 100}).json()["items"]
    return [each["request_body"] for each in asked]


def test_an_account_is_created_with_its_numbers_and_comes_back_with_its_balance(live: Live) -> None:
    made = sent(live, account(description="Deposits", balance=Decimal("12.50")))
    answer = there(live, made)
    assert (answer["Name"], answer["AccountNumberUnmasked"], answer["RoutingNumber"]) == (
        "Harbor Trust", "004417829931", "011200365",
    )  # fmt: skip
    live.edit_there("bank_accounts", made.buildium_bank_id or 0, Balance=90.25)
    pull_one(BANK_ACCOUNT, made.buildium_bank_id or 0)
    assert (made.balance, made.buildium_balance, made.difference) == (
        Decimal("12.50"), Decimal("90.25"), Decimal("77.75"),
    )  # fmt: skip
    assert made.check_printing_info == answer["CheckPrintingInfo"]


def test_an_update_carries_every_text_on_checks_as_buildium_has_it(live: Live) -> None:
    made = sent(live, account())
    live.edit_there("bank_accounts", made.buildium_bank_id or 0, CheckPrintingInfo=CHECKS)
    before = there(live, made)
    made.name = "Harbor Escrow"
    sent(live, made)
    assert there(live, made) == {**before, "Name": "Harbor Escrow"}
    assert made.check_printing_info == CHECKS


def test_the_masked_number_is_never_sent_back(live: Live) -> None:
    pulled = bank_account(live)
    before = there(live, pulled)
    assert before["AccountNumber"].startswith("*")
    assert pulled.account_number == "987654321"
    pulled.description = "Edited here"
    sent(live, pulled)
    after = there(live, pulled)
    assert (after["AccountNumberUnmasked"], after["AccountNumber"]) == ("987654321", before["AccountNumber"])


def test_a_number_that_was_changed_in_buildium_survives_an_update_from_here(live: Live) -> None:
    made = sent(live, account())
    live.edit_there("bank_accounts", made.buildium_bank_id or 0, AccountNumber="111122223333")
    made.name = "Harbor Escrow"
    sent(live, made)
    assert there(live, made)["AccountNumberUnmasked"] == "111122223333"
    assert made.account_number == "111122223333"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"country": None}, "Country is missing; Buildium requires it."),
        ({"country": "Atlantis"}, "Country is “Atlantis”, which Buildium doesn't know."),
        ({"bank_account_type": None}, "Kind of account is missing; Buildium requires it."),
        ({"account_number": "********9931"}, "The account number is masked. Enter the whole number."),
    ],
)
def test_what_buildium_would_refuse_is_not_sent(live: Live, values: dict[str, Any], words: str) -> None:
    record = account(**values)
    live.save(record)
    live.work()
    assert live.row(record).error_message == words
    assert live.asked("POST", PATH) == 0


def test_no_number_is_erased_because_the_key_may_not_see_it() -> None:
    (problem,) = BANK_ACCOUNT.check(account(account_number=None), {"AccountNumber": "****9931"})
    assert (problem.field, problem.message.split(",")[0]) == (
        "account_number", "Buildium shows the end of the account number only",
    )  # fmt: skip


def test_an_account_without_anything_about_checks_gets_what_a_put_insists_on() -> None:
    needed = {"EnableRemoteCheckPrinting", "EnableLocalCheckPrinting", "CheckLayoutType"}
    assert set(printing({"CheckPrintingInfo": None})) == needed
    assert printing({"CheckPrintingInfo": CHECKS | {"NewInTheNextVersion": 1}}) == CHECKS


def test_the_ledger_account_is_buildiums_to_make(live: Live) -> None:
    made = sent(live, account())
    pull_one(BANK_ACCOUNT, made.buildium_bank_id or 0)
    assert live.asked("POST", "/v1/glaccounts") == 0
    assert "GLAccount" not in str([row.remote_snapshot for row in live.rows() if row.entity_type == "property"])
    assert not db.session.scalars(select(SyncStatus).where(SyncStatus.sync_status != "synced")).all()


def test_a_new_account_is_tied_to_its_ledger_account_at_once(live: Live) -> None:
    made = sent(live, account())
    ledger = db.session.scalars(select(GlAccount)).one()
    assert (made.gl_account, ledger.is_bank_account) == (ledger.id, True)
    assert ledger.buildium_gl_account_id == there(live, made)["GLAccount"]["Id"]


def test_a_create_with_a_lost_answer_is_found_by_name_and_numbers(live: Live) -> None:
    live.fault("commit_then_drop", method="POST", path=PATH)
    mine = account()
    live.save(mine)
    live.work()
    assert live.state(mine) == "uncertain"
    for _ in range(3):
        live.work_later()
    assert live.state(mine) == "synced", live.row(mine).error_message
    assert live.asked("POST", PATH) == 1
    assert [each["AccountNumberUnmasked"] for each in live.get(PATH)] == ["004417829931"]


def test_no_number_stands_in_the_log_of_calls_or_in_the_snapshot(live: Live) -> None:
    made = sent(live, account())
    made.name = "Harbor Escrow"
    sent(live, made)
    calls = [str((call.request_data, call.response_data)) for call in db.session.scalars(select(ApiCall))]
    kept = str([row.remote_snapshot for row in live.rows()])
    assert not [each for each in (*calls, kept) if "004417829931" in each or "011200365" in each]
