"""The pages of ledger accounts. Their list is the chart of accounts: sub accounts stand beneath their parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Text, case, collate, func, select
from sqlalchemy.orm import joinedload, undefer

from portal.entities.gl_accounts.form import GlAccountForm
from portal.entities.gl_accounts.mapping import GL_ACCOUNT
from portal.entities.gl_accounts.model import GlAccount
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice, Of
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Related, Screen, Section, Sort, by_name
from portal.words import ACTIVE, ACTIVITY, CASH_FLOWS, GL_SUB_TYPES, GL_TYPES

LEVELS = {"main": "Main accounts", "sub": "Sub accounts"}
BOOKED = {"default": "Default accounts", "bank": "Of bank accounts", "own": "All others"}


# The lowest character ends each part, so that nothing comes between an account and what stands beneath it.
END = "\x01"


def in_tree() -> ColumnElement[str]:
    """The order of a chart of accounts: by type, then by number, and sub accounts right beneath their parent."""
    parent = GlAccount.__table__.alias("parent_account")
    types = case({name: str(place) for place, name in enumerate(GL_TYPES)}, value=GlAccount.type, else_="9")
    above = select(step(parent.c)).where(parent.c.id == GlAccount.parent_id).correlate(GlAccount.__table__)
    own = step(GlAccount)
    path = func.coalesce(types + above.scalar_subquery() + own, types + own, type_=Text())
    return collate(func.lower(path, type_=Text()), "C")


def step(account: Any) -> ColumnElement[str]:
    """One account on the way; those without a number come last."""
    number = func.coalesce(account.account_number, "~", type_=Text())
    return func.concat(number, END, account.name, END, type_=Text())


def flags(account: GlAccount) -> str:
    return ", ".join(said(account))


def said(account: GlAccount) -> Iterator[str]:
    if account.is_default_gl_account:
        yield "Default"
    if account.is_bank_account:
        yield "Bank account"
    if account.is_credit_card_account:
        yield "Credit card"
    if account.is_contra_account:
        yield "Contra"
    if account.is_cash_asset:
        yield "Cash asset"


def cash(account: GlAccount) -> str:
    if account.is_cash_asset is None and account.sub_type == "CurrentAsset":
        return "Only Buildium knows"
    return "Yes" if account.is_cash_asset else "No"


def booked(value: str) -> ColumnElement[bool]:
    if value == "own":
        return ~GlAccount.is_default_gl_account & ~GlAccount.is_bank_account
    return GlAccount.is_default_gl_account if value == "default" else GlAccount.is_bank_account  # type: ignore[return-value]


NUMBER = Column("account_number", "Number", sort=Sort(GlAccount.account_number, nullable=True), shown=False)
PARENT = Column(
    "parent_id", "Sub account of", value=lambda it: it.parent and (it.parent.account_number or it.parent.name)
)
TYPE = Column("type", "Type", words=GL_TYPES, sort=Sort(GlAccount.type), shown=False)
SUB_TYPE = Column("sub_type", "Kind", words=GL_SUB_TYPES, sort=Sort(GlAccount.sub_type, nullable=True))
BILLED = Column("billed", "Billed", "money")
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(GlAccount.is_active))
CASH_FLOW = Column("cash_flow_classification", "Cash flow", words=CASH_FLOWS, shown=False)
BUILDIUM = Column("buildium_gl_account_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(GlAccount.updated_at), shown=False)

GL_ACCOUNTS = Entity(
    screen=Screen(
        singular="gl_account",
        plural="gl_accounts",
        called=("ledger account", "ledger accounts"),
        model=GlAccount,
        form=GlAccountForm,
        icon="diagram-3",
        columns=(
            Column("account", "Account", "name", value=str, sort=Sort(in_tree())),
            PARENT,
            TYPE,
            SUB_TYPE,
            Column("flags", "Flags", value=flags),
            BILLED,
            STATUS,
            NUMBER,
            Column("name", "Name", sort=by_name(GlAccount.name), shown=False),
            CASH_FLOW,
            Column("description", "Description", shown=False),
            BUILDIUM,
            CHANGED,
        ),
        order="account",
        empty="Ledger accounts say what money is for. Together they are the chart of accounts; an import brings it.",
        search=GlAccount.search_text,
        filters=(
            Choice("type", "Type", GL_TYPES, lambda value: GlAccount.type == value),
            Choice("sub_type", "Kind", GL_SUB_TYPES, lambda value: GlAccount.sub_type == value),
            Choice("status", "Status", ACTIVITY, lambda value: GlAccount.is_active == (value == "active")),
            Choice(
                "level", "Level", LEVELS, lambda value: GlAccount.parent_id.is_(None) == (value == "main"), rare=True
            ),
            Choice("booked", "Used by Buildium", BOOKED, booked, rare=True),
            Of("parent_id", "Sub account of", "gl_accounts", lambda value: GlAccount.parent_id == value),
        ),
        loads=(joinedload(GlAccount.parent), undefer(GlAccount.billed)),
        sections=(
            Section(
                "Account",
                (
                    Column("account_number", "Number"),
                    TYPE,
                    SUB_TYPE,
                    Column("parent_id", "Sub account of", "record", value=lambda it: it.parent, to="gl_accounts"),
                    Column("billed", "Billed, with sub accounts", "money"),
                    Column("description", "Description", wide=True),
                ),
            ),
            Section(
                "Cash",
                (
                    Column("is_cash_asset", "Cash asset", value=cash),
                    Column("is_contra_account", "Contra account", "flag"),
                    CASH_FLOW,
                    Column("exclude_from_cash_balances", "Left out of cash balances", "flag"),
                ),
            ),
            Section(
                "In Buildium",
                (
                    Column("is_default_gl_account", "Default account", "flag"),
                    Column("default_account_name", "Default for"),
                    Column("bank_account", "Bank account", "record", to="bank_accounts"),
                    Column("is_credit_card_account", "Credit card account", "flag"),
                    BUILDIUM,
                    Column("created_at", "Created", "moment"),
                    CHANGED,
                ),
            ),
        ),
        related=(
            Related(
                "Sub accounts",
                GlAccount.children,
                "gl_accounts",
                "parent_id",
                ("account", "sub_type", "flags", "billed", "is_active"),
                "An account that is no sub account itself may be parted into some.",
                "Add sub account",
            ),
            Related(
                "Bill categories",
                GlAccount.bill_categories,
                "bill_categories",
                "gl_account_id",
                ("name", "bill_count", "is_active"),
                "A bill category stands for one ledger account.",
                "Add category",
            ),
        ),
        marks={**marks(GL_ACCOUNT), "is_contra_account": MARKS["both"]},
        wanted=wanted(GL_ACCOUNT) | {"account_number"},
        buildium_id="buildium_gl_account_id",
        buildium_page="manager/app/accounting/gl-accounts/{id}",
    ),
    resource=GL_ACCOUNT,
)
