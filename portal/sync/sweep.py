"""Getting things going again: leases of dead workers, jobs that Redis lost, runs that nobody works on.

Called every two seconds by the scheduler, so a lost wake-up costs a delay and never a change. `portal.sync.stuck` lists
what there is.
"""

from __future__ import annotations

from datetime import timedelta

import redis
from sqlalchemy import case, func, select, update

from portal.buildium.limiter import Lane
from portal.database import affected
from portal.extensions import db, queues
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.outbox import wake
from portal.sync.runs import wake_runs
from portal.sync.states import WORK, State

AT_ONCE = 500
PATIENCE = timedelta(seconds=1)
LATE = timedelta(seconds=5)
BLOCKED_FOR = timedelta(minutes=5)


def sweep() -> None:
    """Free what dead workers held, and wake workers for all that is due. Commits."""
    free_expired_leases()
    for lane in Lane:
        wake_due(lane)
    wake_waiting_runs()


def free_expired_leases() -> int:
    """Rows whose worker is gone: a create that may have been made is uncertain, everything else is sent again."""
    may_exist = SyncStatus.buildium_id.is_(None) & SyncStatus.last_post_attempt_at.is_not(None)
    state = case((may_exist, State.UNCERTAIN.value), else_=State.PENDING.value)
    expired = (SyncStatus.sync_status == State.SYNCING.value, SyncStatus.leased_until < func.clock_timestamp())
    freed = {"sync_status": state, "lease_token": None, "leased_until": None, "next_attempt_at": func.clock_timestamp()}
    done = db.session.execute(update(SyncStatus).where(*expired).values(freed))
    db.session.commit()
    return affected(done)


def wake_due(lane: Lane) -> int:
    """Enqueue due rows of a lane that nobody has been asked to send; how many.

    A queue with jobs in it gets to its rows by itself, but not to a row whose job was lost, or whose wait is over: of
    those that are late, each is asked for.
    """
    try:
        busy = queues.waiting(lane.value) > 0
        rows = due_rows(lane, LATE if busy else PATIENCE)
        asked = queued_jobs([f"push-{kind}-{key}" for kind, key in rows]) if busy and rows else set()
    except redis.RedisError:
        return 0
    return sum(wake(kind, key, lane) for kind, key in rows if f"push-{kind}-{key}" not in asked)


def due_rows(lane: Lane, patience: timedelta) -> list[tuple[str, str]]:
    """(kind, id) of the rows that are due for that long, the oldest first. A row without a time is due."""
    late = SyncStatus.next_attempt_at < func.clock_timestamp() - patience
    untimed = SyncStatus.next_attempt_at.is_(None) & (SyncStatus.sync_status == State.PENDING.value)
    due = (SyncStatus.sync_status.in_([state.value for state in WORK]), late | untimed, SyncStatus.lane == lane.value)
    oldest = select(SyncStatus.entity_type, SyncStatus.entity_id).where(*due).order_by(SyncStatus.next_attempt_at)
    rows = [(row.entity_type, row.entity_id) for row in db.session.execute(oldest.limit(AT_ONCE))]
    db.session.rollback()
    return rows


def queued_jobs(names: list[str]) -> set[str]:
    """Those of these jobs that wait in a queue. Raises redis.RedisError."""
    with queues.connection.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hget(f"rq:job:{name}", "status")
        return {name for name, status in zip(names, pipe.execute(), strict=True) if status == b"queued"}


def wake_waiting_runs() -> None:
    now = func.clock_timestamp()
    queued = (SyncRun.state == "queued") & (SyncRun.created_at < now - PATIENCE)
    dead = (SyncRun.state == "running") & (SyncRun.heartbeat_at < now - timedelta(seconds=30))
    busy = select(SyncRun.id).where(SyncRun.state == "running", SyncRun.heartbeat_at >= now - timedelta(seconds=30))
    found = db.session.scalar(select(SyncRun.id).where(queued | dead, ~busy.exists()).limit(1))
    db.session.rollback()
    if found:
        wake_runs()


def recheck_blocked() -> int:
    """Blocked rows are looked at again now and then, in case nobody released them. No call is made for it."""
    old = (SyncStatus.sync_status == State.BLOCKED.value, SyncStatus.updated_at < func.clock_timestamp() - BLOCKED_FOR)
    due = {"sync_status": State.PENDING.value, "next_attempt_at": func.clock_timestamp(), "lane": Lane.BULK.value}
    done = db.session.execute(update(SyncStatus).where(*old).values(due))
    db.session.commit()
    return affected(done)
