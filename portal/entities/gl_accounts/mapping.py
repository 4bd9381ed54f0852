"""General ledger account ↔ General ledger account (MAPPING §4.7)."""

from __future__ import annotations

from typing import Any

from portal.entities.checks import agree
from portal.entities.gl_accounts.model import TYPE_OF_SUB_TYPE, GlAccount
from portal.sync.likeness import NAME, Likeness, Trait
from portal.sync.resource import SENT, Body, Direction, Field, Problem, Resource, Search, at
from portal.words import CASH_FLOWS, GL_SUB_TYPES


def contra(body: Body) -> bool | None:
    # As our `contra` says it.
    return at(body, "IsContraAccount") or None


FIELDS = (
    Field("account_number", "AccountNumber", longest=12),
    Field("name", "Name", required=True, longest=50),
    Field("description", "Description", longest=250),
    Field("sub_type", "SubType", required=True, choices=frozenset(GL_SUB_TYPES), label="Kind of account"),
    Field("parent_id", "ParentGLAccountId", refers_to="gl_account", label="Parent account"),
    Field("is_cash_asset", "IsCashAsset", Direction.WRITE, label="Cash asset"),
    Field("contra", "IsContraAccount", read=contra, label="Contra account"),
    Field("cash_flow_classification", "CashFlowClassification", choices=frozenset(CASH_FLOWS), label="Cash flow"),
    Field("type", "Type", Direction.PULL),
    Field("is_default_gl_account", "IsDefaultGLAccount", Direction.PULL),
    Field("default_account_name", "DefaultAccountName", Direction.PULL),
    Field("is_bank_account", "IsBankAccount", Direction.PULL),
    Field("exclude_from_cash_balances", "ExcludeFromCashBalances", Direction.PULL),
    Field("is_active", "IsActive", Direction.PULL),
    Field("is_credit_card_account", "IsCreditCardAccount", Direction.PULL),
)


def with_sub_accounts(body: Body) -> list[Body]:
    """Parents first; Buildium doesn't say whether children are also listed by themselves (MAPPING §4.7)."""
    children = [each for each in body.get("SubAccounts") or [] if isinstance(each, dict)]
    return [{**body, "SubAccounts": None}, *(below for each in children for below in with_sub_accounts(each))]


def derive(body: Body) -> dict[str, Any]:
    # The seeds keep the parent's Buildium id too.
    return {"buildium_parent_gl_account_id": body.get("ParentGLAccountId")}


def sought(sent: Body) -> dict[str, Any]:
    # There is no filter for names or numbers (MAPPING §9).
    return {"accounttypes": TYPE_OF_SUB_TYPE[sent["SubType"]]}


def same(sent: Body, found: Body) -> bool:
    return agree(sent, found, "AccountNumber", "Name")


def check(record: GlAccount, snapshot: Body) -> list[Problem]:
    return [
        *owner_problems(record),
        *number_problems(record),
        *parent_problems(record),
        *cash_problems(record, snapshot),
    ]


def owner_problems(record: GlAccount) -> list[Problem]:
    """Buildium makes and keeps the accounts of banks and credit cards itself."""
    if not (record.is_bank_account or record.is_credit_card_account):
        return []
    kind = "bank account" if record.is_bank_account else "credit card"
    return [Problem("name", f"Buildium keeps the ledger account of a {kind} itself; it takes no change of it.")]


def number_problems(record: GlAccount) -> list[Problem]:
    """Only a create has to have one."""
    if record.account_number or record.buildium_gl_account_id is not None:
        return []
    return [Problem("account_number", "Account number is missing; Buildium requires it.")]


def parent_problems(record: GlAccount) -> list[Problem]:
    if record.parent_id is None and record.buildium_parent_gl_account_id is not None:
        # An update would take it out from under its parent.
        words = "In Buildium this is a sub account of one that isn’t here yet. Import the chart of accounts again."
        return [Problem("parent_id", words)]
    return []


def cash_problems(record: GlAccount, snapshot: Body) -> list[Problem]:
    """Rules of Buildium about cash assets, and the flag that no answer tells: a PUT that doesn't know it erases it."""
    if record.is_cash_asset is not None and record.sub_type != "CurrentAsset":
        return [Problem("is_cash_asset", "Only a current asset can be a cash asset.")]
    if record.is_cash_asset and (record.is_contra_account or record.cash_flow_classification):
        return [Problem("is_cash_asset", "A cash asset is no contra account and has no cash flow classification.")]
    known = record.is_cash_asset is not None or "IsCashAsset" in (at(snapshot, SENT) or {})
    if known or not record.sub_type == snapshot.get("SubType") == "CurrentAsset":
        return []
    words = "An update from here would erase in Buildium whether this is a cash asset (it never shows it)."
    return [Problem("is_cash_asset", f"{words} Say whether it is one.")]


GL_ACCOUNT = Resource(
    name="gl_account",
    model=GlAccount,
    path="/v1/glaccounts",
    id_column="buildium_gl_account_id",
    reference=True,
    fields=FIELDS,
    permission="Accounting > General Ledger Accounts",
    events={"GLAccount": "GLAccountId"},
    likeness=Likeness((NAME, Trait("number", ("AccountNumber",)))),
    search=Search(sought, same),
    check=check,
    derive=derive,
    expand=with_sub_accounts,
)
