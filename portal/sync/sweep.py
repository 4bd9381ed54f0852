"""Finding what got stuck: leases of dead workers, jobs that Redis lost, runs that nobody works on.

Called every two seconds by the scheduler, so a lost wake-up costs a delay and never a change.
"""

from __future__ import annotations

from datetime import timedelta

import redis
from sqlalchemy import case, func, select, update

from portal.buildium.limiter import Lane
from portal.extensions import db, queues
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.outbox import wake
from portal.sync.runs import wake_runs
from portal.sync.states import WORK, State

AT_ONCE = 500
PATIENCE = timedelta(seconds=1)
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
    return int(done.rowcount)  # type: ignore[attr-defined]


def wake_due(lane: Lane) -> int:
    """Enqueue due rows of a lane whose queue is empty: a queue with jobs in it will get to its rows by itself."""
    try:
        if queues.waiting(lane.value):
            return 0
    except redis.RedisError:
        return 0
    due = (
        SyncStatus.sync_status.in_([state.value for state in WORK]),
        SyncStatus.next_attempt_at < func.clock_timestamp() - PATIENCE,
        SyncStatus.lane == lane.value,
    )
    oldest = select(SyncStatus.entity_type, SyncStatus.entity_id).where(*due).order_by(SyncStatus.next_attempt_at)
    rows = db.session.execute(oldest.limit(AT_ONCE)).all()
    db.session.rollback()
    return sum(wake(row.entity_type, row.entity_id, lane) for row in rows)


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
    return int(done.rowcount)  # type: ignore[attr-defined]
