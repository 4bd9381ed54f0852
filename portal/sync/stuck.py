"""What can get stuck in the sync, how it is found, and who gets it going again within which time.

One table for the sweeper, which works through it, and for the dashboard, which shows what of it lasts. What lies above
the sync (the inbox, files) has entries of its own; `portal.operations.machinery.stuck` has them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis
from sqlalchemy import ColumnElement, Select, func, select, update

from portal.buildium.limiter import Lane
from portal.database import affected
from portal.extensions import db, queues
from portal.sync import breaker
from portal.sync.models import BuildiumConnection, SyncRun, SyncSchedule, SyncStatus
from portal.sync.runs import is_dead
from portal.sync.states import WORK, State
from portal.sync.sweep import free_expired_leases, recheck_blocked, wake_due, wake_waiting_runs

SWEEP, RECHECK = "sweep", "recheck blocked records"
COUNT_TO = 1000
INTERRUPTED = timedelta(minutes=10)
LOST = timedelta(seconds=5)

Look = Select[int, Any]


@dataclass(frozen=True)
class Stuck:
    """One way to get stuck. `within` is the time after which it goes on at the latest, counted from the accident;
    `task` is the task of the schedule that calls `unstick`. `look` gives a query with one row: how many there are (at
    most COUNT_TO) and since when the oldest of them is stuck; without it there is nothing to be counted."""

    name: str
    title: str
    sign: str
    within: timedelta
    who: str
    task: str = ""
    look: Callable[[], Look] | None = None
    unstick: Callable[[], object] | None = None


def leases() -> Look:
    expired = SyncStatus.leased_until < func.clock_timestamp()
    return counted(SyncStatus, SyncStatus.leased_until, SyncStatus.sync_status == State.SYNCING.value, expired)


def lost_jobs() -> Look:
    """Due rows of a lane in whose queue nothing waits: nobody was asked, or the one who was is gone."""
    try:
        idle = [lane.value for lane in Lane if not queues.waiting(lane.value)]
    except redis.RedisError:
        idle = []
    work = SyncStatus.sync_status.in_(sorted(state.value for state in WORK))
    overdue = SyncStatus.next_attempt_at < func.clock_timestamp() - LOST
    return counted(SyncStatus, SyncStatus.next_attempt_at, work, overdue, SyncStatus.lane.in_(idle), is_connected())


def forgotten_blocks() -> Look:
    old = SyncStatus.updated_at < func.clock_timestamp() - timedelta(minutes=10)
    return counted(SyncStatus, SyncStatus.updated_at, SyncStatus.sync_status == State.BLOCKED.value, old)


def dead_runs() -> Look:
    return counted(SyncRun, SyncRun.heartbeat_at, is_dead())


def interrupted_tasks() -> Look:
    return counted(SyncSchedule, SyncSchedule.last_started_at, *interrupted())


def clock() -> Look:
    """The sweeper is due every two seconds: when it is late, there is no clock."""
    late = SyncSchedule.next_due_at < func.clock_timestamp() - timedelta(seconds=15)
    return counted(SyncSchedule, SyncSchedule.next_due_at, SyncSchedule.name == SWEEP, late)


def interrupted() -> tuple[ColumnElement[bool], ...]:
    """Tasks whose clock died in the middle of them; their next time may be a day away."""
    unfinished = SyncSchedule.last_finished_at.is_(None) | (
        SyncSchedule.last_finished_at < SyncSchedule.last_started_at
    )
    now = func.clock_timestamp()
    return unfinished, SyncSchedule.last_started_at < now - INTERRUPTED, SyncSchedule.next_due_at > now


def do_again() -> int:
    """Make interrupted tasks due now. Commits."""
    due = update(SyncSchedule).where(*interrupted()).values(next_due_at=func.clock_timestamp())
    done = db.session.execute(due.execution_options(synchronize_session=False))
    db.session.commit()
    return affected(done)


def wake_all_due() -> None:
    for lane in Lane:
        wake_due(lane)


def is_connected() -> ColumnElement[bool]:
    """While Buildium refuses the account nothing is sent or fetched, and nothing of that is stuck."""
    return select(BuildiumConnection.id).where(BuildiumConnection.state == breaker.CLOSED).exists()


def counted(model: type[Any], since: Any, *where: ColumnElement[bool]) -> Look:
    """The number of rows and their oldest moment, of COUNT_TO rows at most."""
    some = select(since.label("since")).select_from(model).where(*where).limit(COUNT_TO).subquery()
    return select(func.count(), func.min(some.c.since)).select_from(some)


SYNC_STUCK = (
    Stuck(
        "leases", "Records whose worker died while it was sending them",
        "The worker’s hold on the record, which it renews every four seconds, has run out.",
        timedelta(seconds=20), "The sweeper gives the record to another worker.", SWEEP, leases, free_expired_leases,
    ),
    Stuck(
        "lost jobs", "Changes that are due and that no worker was asked to send",
        "The change is due, but the queue is empty: Redis has lost the job, or the worker that had it was killed.",
        timedelta(seconds=10), "The sweeper asks again.", SWEEP, lost_jobs, wake_all_due,
    ),
    Stuck(
        "runs", "Imports and comparisons whose worker died",
        "The run has given no sign of life for 30 seconds.",
        timedelta(seconds=45), "The next worker goes on with it from its last page.", SWEEP, dead_runs,
        wake_waiting_runs,
    ),
    Stuck(
        "blocked", "Records that wait for another one and were not looked at again",
        "The record can’t be sent yet, and nobody has looked for ten minutes whether it can by now.",
        timedelta(minutes=12), "The clock looks at them again every five minutes.", RECHECK, forgotten_blocks,
        recheck_blocked,
    ),
    Stuck(
        "tasks", "Scheduled tasks that were interrupted",
        "The task was begun ten minutes ago and never finished: the scheduler died in the middle of it.",
        timedelta(minutes=11), "The sweeper has it done again, without waiting for its next time.", SWEEP,
        interrupted_tasks, do_again,
    ),
    Stuck(
        "clock", "The scheduler itself",
        "The sweeper, which is due every two seconds, is 15 seconds late.",
        timedelta(seconds=30), "“portal up” starts it again. Started by itself: run “portal scheduler”.", "", clock,
    ),
)  # fmt: skip


def sweep() -> None:
    """Free what dead workers held, and wake workers for all that is due. Commits."""
    for each in SYNC_STUCK:
        if each.task == SWEEP and each.unstick:
            each.unstick()
