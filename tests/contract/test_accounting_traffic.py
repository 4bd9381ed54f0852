"""Ledger accounts and bank accounts on the wire against Buildium's document: see test_traffic.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.gl_accounts.model import GlAccount
from portal.extensions import db
from portal.sync import imports
from tests.contract.test_traffic import WIDE, agreed, clear
from tests.contract.traffic import Traffic
from tests.live import Live

FULL_LEDGER: dict[str, Any] = {
    "account_number": "1" * 12,
    "name": WIDE + "n" * 40,
    "description": "d" * 250,
    "sub_type": "CurrentAsset",
    "is_cash_asset": False,
    "is_contra_account": True,
    "cash_flow_classification": "InvestingActivities",
}
FULL_BANK: dict[str, Any] = {
    "name": WIDE + "n" * 240,
    "description": WIDE + "d" * 10_000,
    "bank_account_type": "Savings",
    "country": "Canada",
    "account_number": "5021187",
    "routing_number": "000110001",
}


def test_a_ledger_account_with_everything_is_created_updated_and_cleared(live: Live, traffic: Traffic) -> None:
    parent = GlAccount(account_number="1", name="Upper", sub_type="CurrentAsset", is_cash_asset=True)
    live.save(parent)
    agreed(live, parent)
    account = GlAccount(**FULL_LEDGER, parent_id=parent.id)
    live.save(account)
    agreed(live, account)
    least, full = traffic.bodies("POST", "/v1/glaccounts")
    assert set(least) == {"AccountNumber", "Name", "SubType", "IsCashAsset"}
    assert len(full) == 8
    account.name = "n" * 50
    live.save(account)
    agreed(live, account)
    clear(account, "description", "cash_flow_classification", "parent_id", "buildium_parent_gl_account_id")
    account.is_contra_account, account.is_cash_asset = False, True
    live.save(account)
    agreed(live, account)
    changed, cleared = traffic.bodies("PUT", f"/v1/glaccounts/{account.buildium_gl_account_id}")
    assert changed == {**full, "Name": "n" * 50}
    assert cleared == {**least, "AccountNumber": "1" * 12, "Name": "n" * 50}


def test_a_bank_account_with_everything_is_created_updated_and_cleared(live: Live, traffic: Traffic) -> None:
    full, least = BankAccount(**FULL_BANK), BankAccount(name="N", bank_account_type="Checking", country="UnitedStates")
    live.save(full, least)
    agreed(live, full, least)
    sent = sorted(traffic.bodies("POST", "/v1/bankaccounts"), key=len)
    assert [len(each) for each in sent] == [3, 6]
    assert not [each for each in sent if "CheckPrintingInfo" in each]
    full.name = "Harbor"
    live.save(full)
    agreed(live, full)
    clear(full, "description", "account_number", "routing_number")
    live.save(full)
    agreed(live, full)
    changed, cleared = traffic.bodies("PUT", f"/v1/bankaccounts/{full.buildium_bank_id}")
    checks = live.get(f"/v1/bankaccounts/{full.buildium_bank_id}")["CheckPrintingInfo"]
    assert changed == {**sent[1], "Name": "Harbor", "CheckPrintingInfo": checks}
    assert set(cleared) == {"Name", "BankAccountType", "Country", "CheckPrintingInfo"}


def test_what_was_lost_is_looked_for_with_filters_that_exist(live: Live, traffic: Traffic) -> None:
    lost: list[tuple[str, Any]] = [
        ("/v1/glaccounts", GlAccount(account_number="5110", name="Plumbing", sub_type="OperatingExpenses")),
        ("/v1/bankaccounts", BankAccount(**FULL_BANK)),
        ("/v1/bankaccounts", BankAccount(name="N", bank_account_type="Checking", country="UnitedStates")),
    ]
    for path, record in lost:
        live.fault("commit_then_drop", method="POST", path=path)
        live.save(record)
        live.work()
        assert live.state(record) == "uncertain"
        for _ in range(3):
            live.work_later()
        assert live.state(record) == "synced", live.row(record).error_message


def test_every_imported_account_can_be_sent_back(live: Live, traffic: Traffic) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    imports.begin_import("test")
    live.work()
    ledgers = [each for each in db.session.scalars(select(GlAccount)) if not each.is_kept_by_buildium]
    for ledger in ledgers:
        ledger.description = WIDE
        ledger.is_cash_asset = False if ledger.sub_type == "CurrentAsset" else None
    banks = db.session.scalars(select(BankAccount)).all()
    for bank in banks:
        bank.description = WIDE
    live.save(*ledgers, *banks)
    agreed(live, *ledgers, *banks)
    numbers = [each["AccountNumberUnmasked"] for each in live.get("/v1/bankaccounts")]
    assert "004417829931" in numbers
    assert not [each for each in numbers if "*" in each]
