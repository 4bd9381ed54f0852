"""Noticing, once a minute, what needs a person, and telling it once: not per record, and not again until it is worse or
a quiet time has passed; and that it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select

from portal.database import now
from portal.extensions import db
from portal.operations.alerts import digest
from portal.operations.alerts.causes import Cause, addresses, causes
from portal.operations.alerts.messages import all_clear, channels, problem, settings
from portal.operations.alerts.models import AlertCause, AlertSilence

LOCK = 8_240_017  # any number will do: one watch at a time
# What mends itself within this isn't told, and what comes back within it wasn't over.
GRACE = timedelta(minutes=2)
FORGOTTEN = timedelta(days=30)


def watch() -> None:
    """Compare what needs a person with what was told, and write down what is to be said. Commits."""
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        db.session.rollback()
        return
    with addresses():
        found = causes()
        rows = note(found)
        if channels():
            tell(rows)
            digest.say_if_due(found)
    db.session.commit()


def note(found: Sequence[Cause]) -> Sequence[AlertCause]:
    """Bring the rows of what needs a person up to date, and return them in the order of `found`, gone ones last."""
    known = {row.cause: row for row in db.session.scalars(select(AlertCause))}
    rows = [opened(known.pop(cause.key, None), cause) for cause in found]
    for row in known.values():
        if row.is_open:
            row.clear_since = row.clear_since or now()
            row.is_open = now() - row.clear_since < GRACE
    db.session.flush()
    old = (~AlertCause.is_open, ~AlertCause.is_told, AlertCause.updated_at < now() - FORGOTTEN)
    db.session.execute(delete(AlertCause).where(*old).execution_options(synchronize_session=False))
    return [*rows, *known.values()]


def opened(row: AlertCause | None, cause: Cause) -> AlertCause:
    if row is None:
        row = AlertCause(cause=cause.key, opened_at=now(), is_told=False)
        db.session.add(row)
    elif not row.is_open:
        row.opened_at = now()
    row.is_open, row.clear_since = True, None
    row.title, row.detail, row.url = cause.title, cause.detail, cause.url
    row.number, row.is_part = cause.number, cause.is_part
    return row


def tell(rows: Sequence[AlertCause]) -> None:
    silenced = set(db.session.scalars(select(AlertSilence.cause).where(AlertSilence.until > func.now())))
    loud = [row for row in rows if row.cause not in silenced]
    over = [row for row in rows if row.is_told and not row.is_open]
    news = [row for row in loud if is_news(row)]
    if told := [row for row in over if row in loud]:
        all_clear(told)
    for row in over:
        row.is_told = False
    if news:
        problem(news)
    for row in news:
        row.told_at, row.told_number, row.is_told = now(), row.number, True


def is_news(row: AlertCause) -> bool:
    """Whether it is told now: it lasts, nothing was said of it in the quiet time, and there is more to say since."""
    if not row.is_open or row.clear_since or now() - row.opened_at < GRACE:
        return False
    quiet = timedelta(minutes=settings().alerting.quiet_minutes)
    if row.told_at is not None and now() - row.told_at < quiet:
        return False
    return not row.is_told or row.is_part or row.number > (row.told_number or 0)
