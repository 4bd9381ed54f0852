"""The small lists that a property chooses from."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from portal.entities.bank_accounts.model import BankAccount
from portal.entities.staff_users.model import StaffUser
from portal.extensions import db
from portal.web.screen import by_name


def bank_accounts() -> Mapping[str, str]:
    """Names by id, as people sort them."""
    accounts = db.session.scalars(select(BankAccount).order_by(by_name(BankAccount.name).by))
    return {str(each.id): label(each, each.is_active) for each in accounts}


def managers() -> Mapping[str, str]:
    """Names by Buildium's user id, which is what a property refers to."""
    known = select(StaffUser).where(StaffUser.buildium_user_id.is_not(None))
    staff = db.session.scalars(known.order_by(by_name(StaffUser.last_name).by))
    return {str(each.buildium_user_id): label(each, each.is_active) for each in staff}


def label(record: BankAccount | StaffUser, is_active: bool) -> str:
    return str(record) if is_active else f"{record} (inactive)"
