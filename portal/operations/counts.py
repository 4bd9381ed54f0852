"""Numbers of rows by state. Each one is a grouped query that PostgreSQL answers from an index alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from portal.extensions import db
from portal.sync.models import SyncStatus
from portal.sync.states import State
from portal.webhooks.models import EventState, WebhookEvent

ALL = ""
RETRYING = "retrying"  # pending, and the last try went wrong
IS_RETRYING = (SyncStatus.sync_status == State.PENDING.value) & SyncStatus.cause.is_not(None)

CAUSES = text(
    """
    with recursive known as (
      (select cause from buildium_sync_status where cause is not null order by cause limit 1)
      union all
      select (select next.cause from buildium_sync_status as next where next.cause > known.cause order by 1 limit 1)
      from known where known.cause is not null
    )
    select cause from known where cause is not null
    """
)


def records_by_state(*where: ColumnElement[bool]) -> Mapping[str, int]:
    """Outbox rows by state, all of them under ALL, those of “pending” that are tried again under RETRYING; a state
    without rows is left out. One query."""
    retrying = select(func.count()).where(IS_RETRYING, *where).correlate(None).scalar_subquery()
    rows = select(SyncStatus.sync_status, func.count(), retrying).where(*where).group_by(SyncStatus.sync_status)
    found: dict[str, int] = {}
    for state, number, again in db.session.execute(rows):
        found[state] = number
        found[RETRYING] = again
        found[ALL] = found.get(ALL, 0) + number
    return found


def records_by_kind() -> Mapping[str, Mapping[str, int]]:
    """Kind of record → state → number. One query."""
    rows = select(SyncStatus.entity_type, SyncStatus.sync_status, func.count()).group_by(
        SyncStatus.entity_type, SyncStatus.sync_status
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, state, number in db.session.execute(rows):
        found[kind][state] = number
    return found


def known_causes() -> list[str]:
    """The causes that rows have. Jumps from one to the next in the index, so that 200,000 rows cost what 2 do."""
    return list(db.session.scalars(CAUSES))


def events_by_state(*where: ColumnElement[bool]) -> Mapping[str, int]:
    """Webhook events by state, and all of them under ALL. One query."""
    return numbers_by(WebhookEvent.state, *where)


def numbers_by(column: Any, *where: ColumnElement[bool]) -> dict[str, int]:
    """Rows by what `column` says, and all of them under ALL; what no row says is left out. One query."""
    rows = select(column, func.count()).where(*where).group_by(column)
    found = {value: number for value, number in db.session.execute(rows)}
    return {**found, ALL: sum(found.values())}


def dead_events() -> int:
    """Webhook events that were given up."""
    dead = select(func.count()).where(WebhookEvent.state == EventState.DEAD.value)
    return db.session.scalar(dead) or 0


def totals(by_kind: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    """What records_by_state says, from what records_by_kind has said. One query."""
    found: Counter[str] = Counter()
    for states in by_kind.values():
        found.update(states)
    found[ALL] = found.total()
    found[RETRYING] = db.session.scalar(select(func.count()).where(IS_RETRYING)) or 0
    return found
