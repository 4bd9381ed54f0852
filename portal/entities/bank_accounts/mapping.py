"""Bank account ↔ Bank account (MAPPING §4.6). Its ledger account is Buildium's to make."""

from __future__ import annotations

from typing import Any

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.checks import agree, folded
from portal.sync.conversions import money
from portal.sync.likeness import BY_NAME
from portal.sync.resource import Body, Direction, Field, Problem, Resource, Search, at, carried
from portal.words import BANK_ACCOUNT_TYPES, COUNTRIES

MASKS = ("*", "•")
# What a PUT insists on, for an account whose answer says nothing of it.
NEEDED_TO_PRINT = {
    "EnableRemoteCheckPrinting": False,
    "EnableLocalCheckPrinting": False,
    "CheckLayoutType": "Voucher2StubsPrePrintedLayout",
}
PRINTING = (
    *NEEDED_TO_PRINT, "SignatureHeading", "FractionalNumber",
    *(f"BankInformationLine{number}" for number in range(1, 6)),
    *(f"CompanyInformationLine{number}" for number in range(1, 6)),
)  # fmt: skip


def printing(body: Body) -> Body:
    """Everything about checks exactly as Buildium has it: what a PUT leaves out, it erases (MAPPING §4.6)."""
    there = at(body, "CheckPrintingInfo") or {}
    known = {key: there[key] for key in PRINTING if key in there}
    missing = {key: value for key, value in NEEDED_TO_PRINT.items() if known.get(key) is None}
    return known | missing


FIELDS = (
    Field("name", "Name", required=True),
    Field("description", "Description"),
    Field(
        "bank_account_type", "BankAccountType", required=True, choices=frozenset(BANK_ACCOUNT_TYPES),
        label="Kind of account",
    ),
    Field("country", "Country", required=True, choices=frozenset(COUNTRIES)),
    # The answer's AccountNumber is masked: only its unmasked twin may be kept, and sent back.
    Field("account_number", "AccountNumber", read="AccountNumberUnmasked"),
    Field("routing_number", "RoutingNumber"),
    carried("CheckPrintingInfo", read=printing),
    Field("check_printing_info", "", Direction.PULL, read="CheckPrintingInfo", label="Check printing"),
    Field("is_active", "IsActive", Direction.PULL),
    money("buildium_balance", "Balance", direction=Direction.PULL),
    Field("gl_account", "GLAccountId", Direction.PULL, read="GLAccount.Id", refers_to="gl_account"),
)  # fmt: skip


def sought(sent: Body) -> dict[str, Any]:
    # Not by the routing number as well: of a create whose answer was lost, only its fingerprint is kept.
    return {"bankname": sent["Name"]}


def same(sent: Body, found: Body) -> bool:
    numbers = folded(sent.get("AccountNumber")) == folded(found.get("AccountNumberUnmasked"))
    return numbers and agree(sent, found, "Name", "RoutingNumber")


def check(record: BankAccount, snapshot: Body) -> list[Problem]:
    """A masked number must never replace the real one, and no number must be erased because nobody showed it."""
    number = record.account_number or ""
    if any(mask in number for mask in MASKS):
        return [Problem("account_number", "The account number is masked. Enter the whole number.")]
    if snapshot.get("AccountNumber") and not snapshot.get("AccountNumberUnmasked") and not number:
        words = "Buildium shows the end of the account number only, and an update from here would erase it."
        return [Problem("account_number", f"{words} Enter it here.")]
    return []


BANK_ACCOUNT = Resource(
    name="bank_account",
    model=BankAccount,
    path="/v1/bankaccounts",
    id_column="buildium_bank_id",
    reference=True,
    fields=FIELDS,
    # The first to read, the second to write.
    permission="Accounting > Bank Accounts or Accounting > Banking",
    events={"BankAccount": "BankAccountId", "BankAccount.Transaction": "BankAccountId"},
    likeness=BY_NAME,
    search=Search(sought, same),
    check=check,
    secrets=frozenset({"AccountNumber", "AccountNumberUnmasked", "RoutingNumber"}),
    here=("balance",),
)
