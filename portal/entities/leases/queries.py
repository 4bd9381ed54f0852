"""What the form of a lease asks the database: other leases of the unit, and income accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from portal.entities.gl_accounts.model import GlAccount
from portal.entities.leases.model import Lease
from portal.entities.units.model import Unit
from portal.extensions import db

RENT_INCOME = "rent income"


def in_the_way(unit_id: UUID, start: date, end: date | None, own: Lease | None, today: date) -> Lease | None:
    """A lease of the unit that is not over and shares a day with these dates.

    The unit stays locked until the end of the transaction, so that two people can't both let it. What comes from
    Buildium is never refused for this: it may have let a unit twice.
    """
    db.session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))
    others = select(Lease).where(Lease.unit_id == unit_id, Lease.status != "Past").order_by(Lease.start_date)
    if own is not None:
        others = others.where(Lease.id != own.id)
    with db.session.no_autoflush:
        found = db.session.scalars(others.execution_options(populate_existing=True)).unique().all()
        return next((each for each in found if each.overlaps(start, end, today)), None)


def income_accounts() -> Mapping[str, str]:
    """Names by id of the accounts that rent may be booked to, in the order of the chart."""
    income = select(GlAccount).where(GlAccount.type == "Income", GlAccount.is_active)
    accounts = db.session.scalars(income.order_by(GlAccount.account_number, GlAccount.name))
    return {str(each.id): str(each) for each in accounts}


def rent_income() -> UUID | None:
    """The account that Buildium books rent to unless told otherwise."""
    named = func.lower(func.coalesce(GlAccount.default_account_name, GlAccount.name)) == RENT_INCOME
    accounts = select(GlAccount.id).where(named, GlAccount.type == "Income", GlAccount.is_active)
    return db.session.scalars(accounts.order_by(GlAccount.account_number).limit(1)).first()
