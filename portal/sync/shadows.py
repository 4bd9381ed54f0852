"""Shadow mode: what waits is worked out as if it were sent, written down, and goes on waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import uuid4

import redis
from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.buildium.errors import (
    AccountError,
    BuildiumError,
    MissingError,
    NotYetError,
    RejectedError,
    RetryableError,
    ThrottledError,
)
from portal.buildium.limiter import Lane
from portal.buildium.redaction import HIDDEN, redacted
from portal.extensions import db, queues
from portal.sync import breaker, pauses
from portal.sync.current import current_sync
from portal.sync.leases import Lease, lease_of
from portal.sync.log import because
from portal.sync.models import SyncStatus
from portal.sync.outbox import wake
from portal.sync.reading import asked_now
from portal.sync.rehearsal import Outcome, Rehearsal, Rehearsed
from portal.sync.rehearsed_words import hidden_places
from portal.sync.resource import Resource
from portal.sync.shadow_models import Shadow
from portal.sync.states import State
from portal.vault import SealedError

AT_ONCE = 500
# A parent may arrive meanwhile; nothing is asked of Buildium to see that.
LOOK_AGAIN = 300.0
LONGEST_WAIT = 3600.0


def rehearse(entity_type: str, entity_id: str, job_id: str | None = None) -> None:
    """Work out what the push of a record would do, if its kind is in shadow mode and this is due. Commits."""
    if not pauses.is_switched_off(entity_type):
        db.session.rollback()
        return
    mine = (SyncStatus.entity_type == entity_type, SyncStatus.entity_id == entity_id)
    pauses.hold_back(*mine)
    db.session.commit()
    lease = due(entity_type, entity_id)
    db.session.rollback()
    if lease is not None:
        facts = {"entity_type": entity_type, "entity_id": entity_id, "buildium_id": lease.buildium_id}
        with because(**facts, job_id=job_id, attempt=1):
            work_out(lease)


def due(entity_type: str, entity_id: str) -> Lease | None:
    """The row as a push would claim it, without claiming it."""
    if entity_type not in pauses.shadowed():
        return None
    mine = (SyncStatus.entity_type == entity_type, SyncStatus.entity_id == entity_id)
    now = (SyncStatus.sync_status == State.HELD.value, SyncStatus.next_attempt_at <= func.clock_timestamp())
    began = asked_now()
    row = db.session.scalar(select(SyncStatus).where(*mine, *now))
    return None if row is None else lease_of(row, uuid4(), began)


def work_out(lease: Lease) -> None:
    rehearsal = Rehearsal(lease)
    try:
        write_down(lease, rehearsal.resource, rehearsal.rehearse())
        breaker.succeeded()
    except AccountError as error:
        breaker.trip(error)
        later(lease, error, breaker.PROBE_SECONDS)
    except (ThrottledError, NotYetError) as error:
        later(lease, error, max(error.retry_after or 0.0, 0.2))
    except MissingError:
        gone = Rehearsed(Outcome.CHOOSE, "Somebody would be asked: Buildium has no such record any more.")
        write_down(lease, rehearsal.resource, gone)
    except (RejectedError, SealedError) as error:
        write_down(lease, rehearsal.resource, Rehearsed(Outcome.BLOCKED, f"Can't be sent: {error}"))
    except BuildiumError as error:
        if isinstance(error, RetryableError):
            breaker.failed(error)
        unanswered(lease, rehearsal.resource, error)
    db.session.commit()


def unanswered(lease: Lease, resource: Resource, error: BuildiumError) -> None:
    """Buildium has to be asked before anything can be said; after ever longer waits."""
    tries = db.session.scalar(select(Shadow.tries).where(Shadow.status_id == lease.id)) or 0
    waits = current_sync().retry_waits
    wait = min(waits[min(tries, len(waits) - 1)], LONGEST_WAIT)
    words = f"Can't be worked out now: {error} It is tried again by itself."
    write_down(lease, resource, Rehearsed(Outcome.UNANSWERED, words), wait, tries + 1)


def later(lease: Lease, error: BuildiumError, seconds: float) -> None:
    """Nothing was learned about this record: it is looked at again, and what is known of it stays."""
    again(lease, seconds, {})


def write_down(lease: Lease, resource: Resource, found: Rehearsed, wait: float | None = None, tries: int = 0) -> None:
    """Keep the result, unless a newer one is there; the row goes on waiting. Does not commit."""
    record = db.session.get(resource.model, lease.entity_id)
    values = {
        "entity_type": lease.entity_type, "outcome": found.outcome.value, "words": found.words,
        "changes": [asdict(each) for each in found.changes], "local_version": lease.local_version, "tries": tries,
        "requests": [
            {"method": each.method, "path": each.path, "body": veiled(resource, each.body)} for each in found.requests
        ],
        "record_name": None if record is None else str(record)[:255], "worked_out_at": func.clock_timestamp(),
    }  # fmt: skip
    kept = insert(Shadow).values({"status_id": lease.id, **values})
    newer = Shadow.local_version <= lease.local_version
    db.session.execute(kept.on_conflict_do_update(index_elements=["status_id"], set_=values, where=newer))
    wait = LOOK_AGAIN if found.outcome is Outcome.LATER else wait
    again(lease, wait, {"cause": pauses.SHADOW, "error_message": found.words})


def again(lease: Lease, seconds: float | None, said: Mapping[str, str]) -> None:
    """When the row is worked out next; a save meanwhile has made it due already. Does not commit."""
    when: Any = None if seconds is None else func.clock_timestamp() + timedelta(seconds=seconds)
    mine = (SyncStatus.id == lease.id, SyncStatus.sync_status == State.HELD.value)
    unchanged = SyncStatus.local_version == lease.local_version
    values = {"next_attempt_at": case((unchanged, when), else_=SyncStatus.next_attempt_at), **said}
    db.session.execute(update(SyncStatus).where(*mine).values(values).execution_options(synchronize_session=False))


def veiled(resource: Resource, body: Any) -> Any:
    """A request as it may be written down: without what is secret at Buildium, and what we keep encrypted."""
    keys = resource.secrets | {each.rpartition(".")[2] for each in hidden_places(resource)}
    return hide(redacted(body), keys)


def hide(value: Any, keys: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: HIDDEN if key in keys and item else hide(item, keys) for key, item in value.items()}
    return [hide(item, keys) for item in value] if isinstance(value, list) else value


def tend() -> None:
    """Wake workers for what is due to be worked out, oldest first, and let go what nothing holds. Commits."""
    pauses.tend()
    kinds = pauses.shadowed()
    for lane in Lane if kinds else ():
        wake_due(lane, kinds)


def wake_due(lane: Lane, kinds: list[str]) -> None:
    """As the sweep does for what is sent: a queue with jobs in it will get to its rows by itself."""
    try:
        if queues.waiting(lane.value):
            return
    except redis.RedisError:
        return
    waiting = (SyncStatus.sync_status == State.HELD.value, SyncStatus.next_attempt_at <= func.clock_timestamp())
    due_rows = select(SyncStatus.entity_type, SyncStatus.entity_id).where(
        *waiting, SyncStatus.lane == lane.value, SyncStatus.entity_type.in_(kinds)
    )
    rows = db.session.execute(due_rows.order_by(SyncStatus.next_attempt_at, SyncStatus.id).limit(AT_ONCE)).all()
    db.session.rollback()
    for row in rows:
        wake(row.entity_type, row.entity_id, lane)
