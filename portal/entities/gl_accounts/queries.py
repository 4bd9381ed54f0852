"""The small lists of ledger accounts to choose from, and whether a number or a name is taken."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from portal.entities.gl_accounts.model import GlAccount
from portal.extensions import db
from portal.words import GL_TYPES

# No line of a bill may be booked to them (MAPPING §4.10, §4.11).
NEVER_BILLED = ("accounts payable", "accounts receivable", "undeposited funds")
# Any number that no other lock of the portal has.
UNIQUENESS_LOCK = 4_070_001


def can_be_billed() -> ColumnElement[bool]:
    """Accounts that lines of bills may be booked to."""
    default = func.lower(func.coalesce(GlAccount.default_account_name, ""))
    return and_(not_(GlAccount.is_bank_account), default.not_in(NEVER_BILLED))


def billable() -> Mapping[str, str]:
    """Their names by id, in the order of the chart; expenses first, which is what most bills are."""
    order = (GlAccount.type != "Expense", GlAccount.type, GlAccount.account_number, GlAccount.name)
    return chosen_from(select(GlAccount).where(can_be_billed()).order_by(*order))


def parents() -> Mapping[str, str]:
    """Accounts that may have sub accounts: those of the upper level that Buildium doesn't keep itself."""
    kept = or_(GlAccount.is_bank_account, GlAccount.is_credit_card_account)
    order = (GlAccount.type, GlAccount.account_number, GlAccount.name)
    return chosen_from(select(GlAccount).where(GlAccount.parent_id.is_(None), not_(kept)).order_by(*order))


def chosen_from(statement: Select[GlAccount]) -> Mapping[str, str]:
    return {str(each.id): label(each) for each in db.session.scalars(statement)}


def label(account: GlAccount) -> str:
    kind = GL_TYPES.get(account.type, account.type).lower()
    return f"{account} ({kind})" if account.is_active else f"{account} ({kind}, inactive)"


def namesake(attribute: str, value: str, own_id: UUID | None) -> GlAccount | None:
    """Another account with the same number or name, letter case aside: both are unique in Buildium (MAPPING §4.7).

    Two people who save at once ask one after the other. No constraint of the database holds it: what Buildium says
    must fit in even while one of ours is in its way.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(UNIQUENESS_LOCK)))
    taken = select(GlAccount).where(func.lower(getattr(GlAccount, attribute)) == value.lower())
    if own_id is not None:
        taken = taken.where(GlAccount.id != own_id)
    return db.session.scalars(taken.limit(1)).first()
