"""The pages of bill categories. They are kept here only (MAPPING §4.11)."""

from __future__ import annotations

from sqlalchemy.orm import joinedload, undefer

from portal.entities.bill_categories.form import BillCategoryForm
from portal.entities.bill_categories.model import BillCategory
from portal.entities.gl_accounts.model import GlAccount
from portal.entity import Entity
from portal.web.filters import Choice, Of
from portal.web.record_sync import MARKS
from portal.web.screen import Column, Screen, Section, Sort, by_name
from portal.words import ACTIVE, ACTIVITY, GL_TYPES

ACCOUNT = Column("gl_account_id", "Ledger account", "record", value=lambda it: it.gl_account, to="gl_accounts")
TYPE = Column("type", "Type", value=lambda it: it.gl_account and it.gl_account.type, words=GL_TYPES)
BILLS = Column("bill_count", "Bills", "number")
STATUS = Column("is_active", "Status", "active", words=ACTIVE, sort=Sort(BillCategory.is_active))
CHANGED = Column("updated_at", "Changed", "moment", sort=Sort(BillCategory.updated_at), shown=False)
HERE = ("name", "gl_account_id", "description", "is_active", "bill_count")

BILL_CATEGORIES = Entity(
    screen=Screen(
        singular="bill_category",
        plural="bill_categories",
        model=BillCategory,
        form=BillCategoryForm,
        icon="list",
        columns=(
            Column("name", "Name", "name", sort=by_name(BillCategory.name)),
            ACCOUNT,
            TYPE,
            BILLS,
            STATUS,
            Column("description", "Description", shown=False),
            CHANGED,
        ),
        order="name",
        empty="A bill category says what a bill is for, and to which ledger account it is booked.",
        search=BillCategory.search_text,
        filters=(
            Choice("status", "Status", ACTIVITY, lambda value: BillCategory.is_active == (value == "active")),
            Choice("type", "Type", GL_TYPES, lambda value: BillCategory.gl_account.has(GlAccount.type == value)),
            Of("gl_account_id", "Ledger account", "gl_accounts", lambda value: BillCategory.gl_account_id == value),
        ),
        loads=(joinedload(BillCategory.gl_account), undefer(BillCategory.bill_count)),
        sections=(
            Section(
                "Category",
                (ACCOUNT, TYPE, BILLS, Column("description", "Description", wide=True)),
            ),
            Section("Record", (Column("created_at", "Created", "moment"), CHANGED)),
        ),
        marks=dict.fromkeys(HERE, MARKS["here"]),
    ),
    resource=None,
)
