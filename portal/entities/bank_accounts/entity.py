"""The pages of bank accounts."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from portal.entities.bank_accounts.form import BankAccountForm
from portal.entities.bank_accounts.mapping import BANK_ACCOUNT
from portal.entities.bank_accounts.model import BankAccount
from portal.entity import Entity, marks, wanted
from portal.web.filters import Choice
from portal.web.formats import hidden
from portal.web.screen import Column, Related, Screen, Section, Sort, by_name
from portal.words import ACTIVE, ACTIVITY, BANK_ACCOUNT_TYPES, COUNTRIES

BALANCES = {"differ": "Differ from Buildium’s", "agree": "Agree with Buildium’s"}

KIND = Column(
    "bank_account_type", "Kind", words=BANK_ACCOUNT_TYPES, sort=Sort(BankAccount.bank_account_type, nullable=True)
)
COUNTRY = Column("country", "Country", words=COUNTRIES, shown=False)
OURS = Column("balance", "Our balance", "money", sort=Sort(BankAccount.balance))
THEIRS = Column(
    "buildium_balance", "Buildium’s balance", "money", sort=Sort(BankAccount.buildium_balance, nullable=True)
)
DIFFERENCE = Column(
    "difference",
    "Difference",
    "money",
    value=lambda it: it.difference,
    sort=Sort(BankAccount.buildium_balance - BankAccount.balance, nullable=True),
)
LEDGER = Column("gl_account", "Ledger account", "record", value=lambda it: it.gl, to="gl_accounts")
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(BankAccount.is_active))
BUILDIUM = Column("buildium_bank_id", "Buildium id", shown=False)
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(BankAccount.updated_at), shown=False)


def balances(value: str) -> ColumnElement[bool]:
    """Accounts that Buildium has said nothing of are in neither group."""
    if value == "differ":
        return BankAccount.buildium_balance != BankAccount.balance
    return BankAccount.buildium_balance == BankAccount.balance


def printed(name: str, heading: str) -> Column:
    """One text on checks: seen here, changed in Buildium."""
    return Column(f"check_{name}", heading, value=lambda it: (it.check_printing_info or {}).get(name))


def printed_lines(part: str, heading: str) -> Column:
    def lines(account: BankAccount) -> str:
        known = account.check_printing_info or {}
        return "\n".join(filter(None, (known.get(f"{part}InformationLine{number}") for number in range(1, 6))))

    return Column(f"check_{part.lower()}", heading, value=lines)


BANK_ACCOUNTS = Entity(
    screen=Screen(
        singular="bank_account",
        plural="bank_accounts",
        model=BankAccount,
        form=BankAccountForm,
        icon="bank",
        columns=(
            Column("name", "Name", "name", sort=by_name(BankAccount.name)),
            KIND,
            LEDGER,
            OURS,
            THEIRS,
            DIFFERENCE,
            STATUS,
            COUNTRY,
            Column("description", "Description", shown=False),
            BUILDIUM,
            CHANGED,
        ),
        order="name",
        empty="Rents arrive on bank accounts and bills are paid from them. Every property has an operating account.",
        search=BankAccount.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: BankAccount.is_active == (value == "active")),
            Choice("bank_account_type", "Kind", BANK_ACCOUNT_TYPES, lambda it: BankAccount.bank_account_type == it),
            Choice("balances", "Balances", BALANCES, balances),
        ),
        loads=(joinedload(BankAccount.gl),),
        sections=(
            Section("Balances", (OURS, THEIRS, DIFFERENCE)),
            Section(
                "Account",
                (
                    KIND,
                    COUNTRY,
                    Column("routing_number", "Routing number", value=lambda it: hidden(it, "routing_number")),
                    Column("account_number", "Account number", value=lambda it: hidden(it, "account_number")),
                    LEDGER,
                    Column("description", "Description", wide=True),
                ),
            ),
            Section(
                "Check printing, as set in Buildium",
                (
                    printed("SignatureHeading", "Above the signature"),
                    printed("FractionalNumber", "Fractional number"),
                    printed_lines("Bank", "Bank"),
                    printed_lines("Company", "Company"),
                ),
            ),
            Section("Record", (BUILDIUM, Column("created_at", "Created", "moment"), CHANGED)),
        ),
        related=(
            Related(
                "Properties",
                BankAccount.properties,
                "properties",
                "operating_bank_account_id",
                ("name", "address_line1", "total_units", "is_active"),
                "No property has this as its operating account.",
                "Add property",
            ),
            Related(
                "Payments",
                BankAccount.bill_payments,
                "bill_payments",
                "bank_account_id",
                ("reference_number", "vendor_id", "bill_id", "date", "amount", "status"),
                "No bill was paid from this account yet.",
                "Pay bills",
            ),
        ),
        secrets=("account_number", "routing_number"),
        marks=marks(BANK_ACCOUNT),
        wanted=wanted(BANK_ACCOUNT),
        buildium_id="buildium_bank_id",
        buildium_page="manager/app/accounting/banking/{id}",
    ),
    resource=BANK_ACCOUNT,
)
