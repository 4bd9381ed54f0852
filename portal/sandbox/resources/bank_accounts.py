"""Bank accounts (MAPPING §4.6). Each one owns a general ledger account, which can't be supplied."""

from __future__ import annotations

from typing import get_args

from portal.sandbox.collection import Record, Values
from portal.sandbox.errors import RefusedError
from portal.sandbox.filters import active, contains
from portal.sandbox.messages import countries, enums
from portal.sandbox.messages.base import Message, NonEmpty
from portal.sandbox.resource import Answer, Area, Create, Event, Resource, Update
from portal.sandbox.resources.account import COMPANY_ADDRESS, COMPANY_NAME
from portal.sandbox.resources.gl_accounts import READ_ONLY, free_name, gl_answer
from portal.sandbox.world import World

# What only Buildium itself sets; the id of the owned account is kept under a name of our own.
BANK_READ_ONLY: Values = {"IsActive": True, "Balance": 0.0, "ElectronicPayments": None}


class _CheckTexts(Message):
    SignatureHeading: str | None = None
    FractionalNumber: str | None = None
    BankInformationLine1: str | None = None
    BankInformationLine2: str | None = None
    BankInformationLine3: str | None = None
    BankInformationLine4: str | None = None
    BankInformationLine5: str | None = None
    CompanyInformationLine1: str | None = None
    CompanyInformationLine2: str | None = None
    CompanyInformationLine3: str | None = None
    CompanyInformationLine4: str | None = None
    CompanyInformationLine5: str | None = None


class CheckPrintingInfoPost(_CheckTexts):
    EnableRemoteCheckPrinting: bool | None = None
    EnableLocalCheckPrinting: bool | None = None
    CheckLayoutType: enums.CheckLayout | None = None


class CheckPrintingInfoPut(_CheckTexts):
    EnableRemoteCheckPrinting: bool
    EnableLocalCheckPrinting: bool
    CheckLayoutType: enums.CheckLayout


class _BankAccount(Message):
    Name: NonEmpty
    Description: str | None = None
    BankAccountType: enums.BankAccountType
    Country: countries.Country
    AccountNumber: str | None = None
    RoutingNumber: str | None = None


class BankAccountPost(_BankAccount):
    CheckPrintingInfo: CheckPrintingInfoPost | None = None


class BankAccountPut(_BankAccount):
    CheckPrintingInfo: CheckPrintingInfoPut


def check_printing(given: CheckPrintingInfoPost | None) -> Values:
    """The settings a new account gets: what was given, and the defaults of the specification for the rest."""
    defaults = {
        "EnableRemoteCheckPrinting": False,
        "EnableLocalCheckPrinting": False,
        "CheckLayoutType": "Voucher2StubsPrePrintedLayout",
        "SignatureHeading": "VOID AFTER 90 DAYS",
        "CompanyInformationLine1": COMPANY_NAME,
        "CompanyInformationLine2": COMPANY_ADDRESS["AddressLine1"],
        "CompanyInformationLine3": COMPANY_ADDRESS["AddressLine2"],
        "CompanyInformationLine4": f"{COMPANY_ADDRESS['City']}, {COMPANY_ADDRESS['State']}",
        "CompanyInformationLine5": COMPANY_ADDRESS["PostalCode"],
    }
    values = (given or CheckPrintingInfoPost()).model_dump()
    return {name: defaults.get(name) if value is None else value for name, value in values.items()}


def gl_account_of(name: str, number: str | None) -> Values:
    """The ledger account Buildium makes for a bank account."""
    return {
        **READ_ONLY,
        "Name": name,
        "AccountNumber": number,
        "Description": None,
        "SubType": "CurrentAsset",
        "IsCashAsset": True,
        "IsContraAccount": None,
        "CashFlowClassification": None,
        "ParentGLAccountId": None,
        "IsBankAccount": True,
    }


def _answer(world: World, account: Record) -> Answer:
    gl_account = world.get("gl_accounts", account["GLAccountId"])
    number = account["AccountNumber"]
    shown = {name: value for name, value in account.values.items() if name != "GLAccountId"}
    return {
        "Id": account.id,
        **shown,
        "GLAccount": gl_answer(world, gl_account) if gl_account else None,
        "AccountNumber": _masked(number, world.switches.unmasked_digits),
        "AccountNumberUnmasked": number,
    }


def _masked(number: str | None, visible: int) -> str | None:
    if number is None:
        return None
    hidden = max(0, len(number) - visible)
    return "*" * hidden + number[hidden:]


def _create(world: World, body: BankAccountPost) -> Record:
    gl_account = world.insert("gl_accounts", gl_account_of(free_name(world, body.Name), None))
    values = {**BANK_READ_ONLY, **body.model_dump(), "GLAccountId": gl_account.id}
    return world.insert("bank_accounts", {**values, "CheckPrintingInfo": check_printing(body.CheckPrintingInfo)})


def _update(world: World, account: Record, body: BankAccountPut) -> Record:
    return world.change(account, body.model_dump())


def _delete(world: World, account: Record) -> None:
    if world.find("rentals", "OperatingBankAccountId", account.id):
        raise RefusedError(409, message="Properties still use this bank account.")
    if world.find("bill_payments", "BankAccountId", account.id):
        raise RefusedError(409, message="Payments were made from this bank account.")
    gl_account = world.get("gl_accounts", account["GLAccountId"])
    if gl_account is not None:
        world.remove(gl_account)


BANK_ACCOUNTS = Resource(
    kind="bank_accounts",
    path="/v1/bankaccounts",
    area=Area(view="Accounting > Bank Accounts", edit="Accounting > Banking"),
    answer=_answer,
    create=Create(BankAccountPost, _create),
    update=Update(BankAccountPut, _update),
    event=Event("BankAccount", "BankAccountId"),
    on_delete=_delete,
    filters={
        "bankaccountstatus": active(get_args(enums.StatusInActive)),
        "bankname": contains(lambda account: [account["Name"]]),
        "routingnumbers": contains(lambda account: [account["RoutingNumber"]]),
    },
)
