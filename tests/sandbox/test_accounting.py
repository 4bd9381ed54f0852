"""Bank accounts, ledger accounts, the account itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import bodies
from tests.sandbox.running import Served
from tests.sandbox.test_rentals import errors


@pytest.fixture
def bank(server: Served) -> dict[str, Any]:
    return server.made("/v1/bankaccounts", bodies.bank_account())


@pytest.fixture
def gl_account(server: Served) -> dict[str, Any]:
    return server.made("/v1/glaccounts", bodies.gl_account())


def test_an_account_number_is_masked_but_for_the_last_four(server: Served, bank: dict[str, Any]) -> None:
    assert bank["AccountNumber"] == "********9931"
    assert bank["AccountNumberUnmasked"] == "004417829931"


def test_a_bank_account_without_a_number_shows_none(server: Served) -> None:
    made = server.made("/v1/bankaccounts", bodies.bank_account(AccountNumber=None))
    assert (made["AccountNumber"], made["AccountNumberUnmasked"]) == (None, None)


def test_a_bank_account_makes_its_own_ledger_account(server: Served, bank: dict[str, Any]) -> None:
    gl_account = server.api.get(f"/v1/glaccounts/{bank['GLAccount']['Id']}").json()
    assert gl_account == bank["GLAccount"]
    assert (gl_account["IsBankAccount"], gl_account["Name"]) == (True, bank["Name"])


def test_two_bank_accounts_may_have_one_name_but_their_ledger_accounts_differ(server: Served) -> None:
    one, other = (server.made("/v1/bankaccounts", bodies.bank_account(Name="Twin" * 20)) for _ in range(2))
    assert one["Name"] == other["Name"]
    assert one["GLAccount"]["Name"] != other["GLAccount"]["Name"]


def test_check_printing_gets_the_documented_defaults(server: Served, bank: dict[str, Any]) -> None:
    printing = bank["CheckPrintingInfo"]
    assert printing["CheckLayoutType"] == "Voucher2StubsPrePrintedLayout"
    assert printing["SignatureHeading"] == "VOID AFTER 90 DAYS"
    company = server.api.get("/v1/administration/account").json()["CompanyName"]
    assert printing["CompanyInformationLine1"] == company


def test_a_bank_account_put_needs_check_printing_and_erases_its_missing_texts(
    server: Served, bank: dict[str, Any]
) -> None:
    path = f"/v1/bankaccounts/{bank['Id']}"
    assert server.api.put(path, json=bodies.bank_account()).status_code == 400
    body = bodies.bank_account(CheckPrintingInfo=bodies.checks(), AccountNumber=None)
    changed = server.api.put(path, json=body).json()
    assert changed["CheckPrintingInfo"]["CompanyInformationLine1"] is None
    assert changed["AccountNumberUnmasked"] is None
    assert changed["GLAccount"]["Id"] == bank["GLAccount"]["Id"]


@pytest.mark.parametrize("field", ["Name", "AccountNumber"])
def test_ledger_names_and_numbers_are_unique(server: Served, gl_account: dict[str, Any], field: str) -> None:
    twin = bodies.gl_account(**{field: gl_account[field]})
    assert errors(server.api.post("/v1/glaccounts", json=twin)) == [field]
    other = server.made("/v1/glaccounts", bodies.gl_account())
    assert errors(server.api.put(f"/v1/glaccounts/{other['Id']}", json=twin)) == [field]
    own = bodies.gl_account(**{field: gl_account[field]})
    assert server.api.put(f"/v1/glaccounts/{gl_account['Id']}", json=own).status_code == 200


def test_several_ledger_accounts_may_lose_their_number(server: Served) -> None:
    for _ in range(2):
        made = server.made("/v1/glaccounts", bodies.gl_account())
        body = {"Name": made["Name"], "SubType": made["SubType"]}
        changed = server.api.put(f"/v1/glaccounts/{made['Id']}", json=body).json()
        assert (changed["AccountNumber"], changed["Description"]) == (None, None)


def test_the_type_follows_from_the_sub_type(server: Served) -> None:
    for sub_type, kind in [
        ("FixedAsset", "Asset"),
        ("NonOperatingIncome", "Income"),
        ("LongTermLiability", "Liability"),
    ]:
        assert server.made("/v1/glaccounts", bodies.gl_account(SubType=sub_type))["Type"] == kind


def test_a_cash_asset_is_a_current_asset_without_classification(server: Served) -> None:
    def status(**changes: Any) -> int:
        body = bodies.gl_account(CashFlowClassification=None, **changes)
        return server.api.post("/v1/glaccounts", json=body).status_code

    assert status(SubType="CurrentAsset", IsCashAsset=True) == 201
    assert status(SubType="Income", IsCashAsset=False) == 422
    assert status(SubType="CurrentAsset", IsCashAsset=True, IsContraAccount=False) == 422
    body = bodies.gl_account(SubType="CurrentAsset", IsCashAsset=True)
    assert errors(server.api.post("/v1/glaccounts", json=body)) == ["CashFlowClassification"]


def test_a_cash_asset_is_remembered_but_never_returned(server: Served) -> None:
    body = bodies.gl_account(SubType="CurrentAsset", IsCashAsset=True, CashFlowClassification=None)
    made = server.made("/v1/glaccounts", body)
    assert "IsCashAsset" not in made
    assert server.control("GET", f"/records/gl_accounts/{made['Id']}")["values"]["IsCashAsset"] is True


def test_sub_accounts_stand_inside_their_parent_only(server: Served, gl_account: dict[str, Any]) -> None:
    child = server.made("/v1/glaccounts", bodies.gl_account(ParentGLAccountId=gl_account["Id"]))
    listed = server.api.get("/v1/glaccounts?limit=1000").json()
    assert child["Id"] not in [account["Id"] for account in listed]
    parent = next(account for account in listed if account["Id"] == gl_account["Id"])
    assert parent["SubAccounts"] == [child]
    server.switch(sub_accounts_at_top=True)
    assert child["Id"] in [account["Id"] for account in server.api.get("/v1/glaccounts?limit=1000").json()]


def test_sub_accounts_go_one_level_deep(server: Served, gl_account: dict[str, Any]) -> None:
    child = server.made("/v1/glaccounts", bodies.gl_account(ParentGLAccountId=gl_account["Id"]))
    for parent_id in (child["Id"], 999_999):
        body = bodies.gl_account(ParentGLAccountId=parent_id)
        assert errors(server.api.post("/v1/glaccounts", json=body)) == ["ParentGLAccountId"]
    other = server.made("/v1/glaccounts", bodies.gl_account())
    body = bodies.gl_account(ParentGLAccountId=other["Id"])
    assert errors(server.api.put(f"/v1/glaccounts/{gl_account['Id']}", json=body)) == ["ParentGLAccountId"]
    body = bodies.gl_account(ParentGLAccountId=other["Id"])
    assert errors(server.api.put(f"/v1/glaccounts/{other['Id']}", json=body)) == ["ParentGLAccountId"]


def test_the_account_names_its_default_bank_account_and_webhook_id(server: Served) -> None:
    account = server.api.get("/v1/administration/account").json()
    assert account["CompanyName"] == "Harbor & Vine Property Management"
    default = account["AccountingSettings"]["DefaultBankAccountId"]
    assert server.api.get(f"/v1/bankaccounts/{default}").status_code == 200


def test_the_lock_period_names_a_date_and_an_administrator(server: Served) -> None:
    period = server.api.get("/v1/administration/accountinglockperiod").json()
    assert period["Global"]["LockDate"] == "2023-12-31"
    (administrator,) = period["FinancialAdministratorUserIds"]
    assert server.api.get(f"/v1/users/{administrator}").json()["UserTypes"] == ["Staff"]
