"""The form of a bill category."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from portal.entities.gl_accounts.model import GlAccount
from portal.entities.gl_accounts.queries import billable
from portal.extensions import db
from portal.web.fields import CodeField, text
from portal.web.forms import Group, RecordForm


class BillCategoryForm(RecordForm):
    groups = (
        Group(
            "Category",
            ("name", "gl_account_id", "description", "is_active"),
            "Buildium has no categories of bills: bills of a category are booked to its ledger account.",
        ),
    )

    name = StringField("Name", [DataRequired("Enter the category’s name."), Length(max=255)])
    gl_account_id = CodeField(
        "Ledger account",
        billable,
        kind=UUID,
        blank="Choose …",
        validators=[DataRequired("Choose the ledger account that bills of this category are booked to.")],
        hint="Usually an expense. Bank accounts, payables, receivables and undeposited funds can’t be billed.",
    )
    description = text("Description")
    is_active = BooleanField("In use", default=True, description="Only categories in use are offered for new bills.")

    def fill(self, record: Any) -> None:
        super().fill(record)
        account = db.session.get(GlAccount, record.gl_account_id)
        # The seeds keep Buildium's id of the account too.
        record.buildium_category_id = account.buildium_gl_account_id if account else None
