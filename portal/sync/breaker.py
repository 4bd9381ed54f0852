"""The connection to Buildium as a whole: one refusal of the account must not fail every record.

The breaker opens on 401 and 503, on 403 where not even the account may be read any more, and after several transport or
server errors in a row. While it is open nothing is sent, records stay as they are, and one probe per interval asks
whether Buildium is back.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select, update

from portal.buildium.client import Body
from portal.buildium.errors import AccountError, BuildiumError, ForbiddenError, RetryableError
from portal.buildium.limiter import Lane
from portal.database import affected
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import BuildiumConnection

PROBE_SECONDS = 15.0
PROBE_INTERVAL = timedelta(seconds=PROBE_SECONDS)
# A record's own ladder makes no more calls than these in one outage.
FAILURES_IN_A_ROW = 3
ACCOUNT_PATH = "/v1/administration/account"
OPEN, CLOSED = "open", "closed"

# Failures in a row, as seen by this process: a worker that can't get through stops by itself.
_failures = 0


def is_open() -> bool:
    return db.session.scalar(select(BuildiumConnection.state)) == OPEN


def is_refused(error: BuildiumError) -> bool:
    """Whether `error` is about the whole connection and no record. After a 403 Buildium is asked: a key that lost every
    right can't read the account either, where it could before. No transaction is open then."""
    if not isinstance(error, ForbiddenError):
        return isinstance(error, AccountError)
    known = db.session.scalar(select(BuildiumConnection.account_id))
    db.session.rollback()
    if known is None:
        return False
    try:
        fetched()
    except (AccountError, ForbiddenError):
        return True
    except BuildiumError:
        return False
    return False


def trip(error: BuildiumError) -> None:
    """Open the breaker, or keep it open, and say why. The caller commits."""
    now = func.clock_timestamp()
    closed = BuildiumConnection.state == CLOSED
    values = {"state": OPEN, "reason": str(error), "opened_at": now}
    db.session.execute(update(BuildiumConnection).where(closed).values(values))
    db.session.execute(update(BuildiumConnection).values(next_probe_at=now + PROBE_INTERVAL))
    current_app.logger.warning("connection to Buildium paused: %s", error)


def failed(error: RetryableError) -> None:
    """Count a failure that may be the whole connection's."""
    global _failures
    _failures += 1
    if _failures >= FAILURES_IN_A_ROW:
        trip(error)


def succeeded() -> None:
    global _failures
    _failures = 0


def probe() -> bool:
    """If a probe is due, make the only one: True when Buildium is back. Commits."""
    due = (BuildiumConnection.state == OPEN, BuildiumConnection.next_probe_at <= func.clock_timestamp())
    later = func.clock_timestamp() + PROBE_INTERVAL
    mine = db.session.execute(update(BuildiumConnection).where(*due).values(next_probe_at=later))
    db.session.commit()
    if not affected(mine):
        return False
    return ask()


def meet() -> None:
    """Learn whose account this is, before the first listing: events of other accounts are not for us. Commits."""
    known = db.session.scalar(select(BuildiumConnection.account_id))
    db.session.rollback()
    if known is None:
        ask()


def account() -> tuple[bool, str]:
    """Whether the key works, and whose account it opens or what Buildium says instead. Changes nothing."""
    try:
        found = fetched()
    except BuildiumError as error:
        return False, str(error)
    return True, f"The key works: account {found.get('Id')}, {found.get('CompanyName')}."


def ask() -> bool:
    """The cheapest question there is; its answer opens or closes the breaker. Commits."""
    try:
        found = fetched()
    except BuildiumError as error:
        trip(error)
        db.session.commit()
        return False
    close(found.get("Id"), found.get("CompanyName"))
    return True


def fetched() -> Body:
    return current_sync().buildium.get(ACCOUNT_PATH, Lane.PEOPLE)


def close(account_id: int | None, account_name: str | None) -> None:
    """Buildium answers: let everything go on. Commits."""
    succeeded()
    facts = {"account_id": account_id, "account_name": account_name}
    db.session.execute(
        update(BuildiumConnection).values(state=CLOSED, reason=None, opened_at=None, next_probe_at=None, **facts)
    )
    db.session.commit()
