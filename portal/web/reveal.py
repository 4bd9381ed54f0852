"""Showing a sealed value on purpose."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from portal.extensions import db


def reveal(record: Any, name: str) -> str:
    """The plain value. That it was shown is written to the audit trail in the open transaction, by a function of the
    database that no role can go around. Raises SealedError where no key opens the value."""
    value = getattr(record, name) or ""
    db.session.execute(select(func.portal_note_reveal(record.__tablename__, str(record.id), name)))
    return str(value)
