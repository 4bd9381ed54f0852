"""A worker's hold on one outbox row, and every way it lets go.

A claim is a conditional update: one worker gets the row. The lease is short and renewed while the worker lives, so
that a killed worker's record is free again within seconds. Each settling update names the lease's token: a worker that
was stopped and lost its lease can't write late.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, func, text, update
from sqlalchemy.engine import Engine

from portal.acting import Actor, Door, acting_as
from portal.database import affected
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.heartbeat import meanwhile
from portal.sync.models import SyncStatus
from portal.sync.resource import Body
from portal.sync.states import Event, State, after, before

FRESH_SECONDS = 5.0
FINISHED = frozenset({State.SYNCED, State.FAILED, State.BLOCKED})

CLAIM = text(
    """
    update buildium_sync_status set sync_status = 'syncing', lease_token = :token,
           leased_until = clock_timestamp() + :seconds * interval '1 second'
    where entity_type = :entity_type and entity_id = :entity_id and sync_status = any(:states)
      and (next_attempt_at is null or next_attempt_at <= clock_timestamp())
      and not exists (select from sync_pauses where direction = 'push' and entity_type in ('*', :entity_type))
    returning id, entity_type, entity_id, buildium_id, local_version, attempts, lookups, remote_snapshot,
              last_post_attempt_at, last_post_body, lane, clock_timestamp() as claimed_at
    """
)
RENEW = text(
    """
    update buildium_sync_status set leased_until = clock_timestamp() + :seconds * interval '1 second'
    where id = :id and lease_token = :token and sync_status = 'syncing'
    """
)


class LeaseLostError(Exception):
    """Another worker has the row by now: nothing more may be written or sent under this lease."""


@dataclass(frozen=True)
class Lease:
    """The row as it was claimed. `sent_at` is when a create was sent whose outcome nobody knows, `sent` its body."""

    id: UUID
    token: UUID
    entity_type: str
    entity_id: str
    buildium_id: int | None
    local_version: int
    attempts: int
    lookups: int
    snapshot: Body | None
    sent_at: datetime | None
    sent: Body | None
    lane: str
    claimed_at: datetime  # by the database's clock


def claim(entity_type: str, entity_id: str) -> Lease | None:
    """Take the row if it is due and nobody has it; None otherwise. Commits."""
    token = uuid4()
    values = {"entity_type": entity_type, "entity_id": entity_id, "token": token, "states": before(Event.CLAIMED)}
    row = db.session.execute(CLAIM, {**values, "seconds": current_sync().lease_seconds}).one_or_none()
    db.session.commit()
    if row is None:
        return None
    return lease_of(row, token, row.claimed_at)


def lease_of(row: Any, token: UUID, claimed_at: datetime) -> Lease:
    """A lease of the row as it is; only of a record that Buildium doesn't have yet is a create of unknown outcome."""
    sent_at = row.last_post_attempt_at if row.buildium_id is None else None
    return Lease(
        row.id, token, row.entity_type, row.entity_id, row.buildium_id, row.local_version, row.attempts, row.lookups,
        row.remote_snapshot, sent_at, None if sent_at is None else row.last_post_body, row.lane, claimed_at,
    )  # fmt: skip


def kept(lease: Lease) -> AbstractContextManager[None]:
    """Renew the lease from a thread of its own until the block ends."""
    seconds = current_sync().lease_seconds
    return meanwhile(partial(renew, db.engine, lease, seconds), seconds / 3)


def renew(engine: Engine, lease: Lease, seconds: float) -> None:
    with acting_as(Actor.machine(Door.PUSH)), engine.begin() as connection:
        connection.execute(RENEW, {"id": lease.id, "token": lease.token, "seconds": seconds})


def hold(lease: Lease) -> None:
    """Make sure of the row right before something is sent that can't be taken back. Raises LeaseLostError. Commits."""
    note(lease, leased_until=func.clock_timestamp() + timedelta(seconds=current_sync().lease_seconds))
    db.session.commit()


def settle(lease: Lease, event: Event, *, due_in: float | None = None, **columns: Any) -> None:
    """Let go of the row with what `event` leads to, due again in `due_in` seconds where it is to be tried again.

    Does not commit. A row that was saved again meanwhile goes back to be sent instead of counting as finished. Raises
    LeaseLostError where another worker has the row by now.
    """
    following = after(event, State.SYNCING)
    due: Any = None if due_in is None else func.clock_timestamp() + timedelta(seconds=due_in)
    status: Any = following.value
    if following in FINISHED:
        unchanged = SyncStatus.local_version == lease.local_version
        status = case((unchanged, following.value), else_=State.PENDING.value)
        due = case((unchanged, due), else_=func.clock_timestamp())
    settled = {"sync_status": status, "next_attempt_at": due, "lease_token": None, "leased_until": None}
    write(lease, SyncStatus.sync_status == State.SYNCING.value, {**columns, **settled})


def expect_fresh(began: float) -> None:
    """Raises LeaseLostError where so much time has gone by since `began` (monotonic seconds) that the row may be
    somebody else's: this process was stopped in between."""
    if time.monotonic() - began > FRESH_SECONDS:
        raise LeaseLostError("stopped between making sure of the row and sending")


def note(lease: Lease, **columns: Any) -> None:
    """Write columns of the row while holding it. Raises LeaseLostError for a lost lease."""
    write(lease, SyncStatus.leased_until > func.clock_timestamp(), columns)


def write(lease: Lease, held: ColumnElement[bool], columns: dict[str, Any]) -> None:
    mine = update(SyncStatus).where(SyncStatus.id == lease.id, SyncStatus.lease_token == lease.token, held)
    done = db.session.execute(mine.values(columns).execution_options(synchronize_session=False))
    if affected(done) != 1:
        raise LeaseLostError(f"{lease.entity_type} {lease.entity_id} is held by another worker by now")
