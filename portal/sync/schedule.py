"""The clock: repeated tasks, once per period however many clocks run, each with a row that says how it went."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from portal.acting import Actor, Door, acting_as
from portal.buildium.errors import BuildiumError
from portal.database import affected
from portal.extensions import db
from portal.sync import batches, breaker, shadows
from portal.sync.current import current_sync
from portal.sync.models import SyncSchedule
from portal.sync.reference import refresh_reference
from portal.sync.runs import Kind, begin, is_under_way
from portal.sync.stuck import RECHECK, SWEEP, sweep
from portal.sync.sweep import recheck_blocked

TICK_SECONDS = 1.0
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Task:
    """`act` every `seconds`; `at_start` tasks don't wait for their first period."""

    name: str
    seconds: int
    act: Callable[[], object]
    at_start: bool = False


def sync_tasks() -> tuple[Task, ...]:
    """What the sync itself repeats. Owners have no webhook: polling is the only way to hear of them (MAPPING §0.2)."""
    return (
        Task(SWEEP, 2, sweep, at_start=True),
        Task("look after held records", 5, shadows.tend, at_start=True),
        Task("probe", 5, breaker.probe, at_start=True),
        Task("look after bulk decisions", 5, batches.look_after),
        Task(RECHECK, 5 * MINUTE, recheck_blocked),
        Task("poll owners", 3 * MINUTE, poll_unannounced),
        Task("refresh reference data", 5 * MINUTE, refresh_reference),
        Task("hourly reconciliation", HOUR, reconcile_changed),
        Task("nightly reconciliation", DAY, reconcile_everything),
    )


def poll_unannounced() -> None:
    silent = [each.name for each in current_sync().resources.ordered if each.has_changed_filter and not each.events]
    begin_if_idle(Kind.OWNERS, silent)


def reconcile_changed() -> None:
    names = [each.name for each in current_sync().resources.ordered if each.has_changed_filter]
    begin_if_idle(Kind.INCREMENTAL, names)


def reconcile_everything() -> None:
    begin_if_idle(Kind.FULL, current_sync().resources.by_name)


def begin_if_idle(kind: Kind, names: Iterable[str]) -> None:
    """Queue the runs, unless the last ones of their kind still wait for a worker: they must not pile up."""
    if not is_under_way(kind):
        begin(kind, names, "schedule")


def run(app: Flask, tasks: Sequence[Task]) -> None:
    """Tick until SIGTERM or SIGINT. A database that is away is waited for."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    known = False
    while not stop.is_set():
        with app.app_context(), acting_as(Actor.machine(Door.COMMAND)):
            try:
                if not known:
                    introduce(tasks)
                    known = True
                tick(tasks)
            except DBAPIError as error:
                app.logger.warning("the clock can't reach the database: %s", type(error).__name__)
            finally:
                db.session.remove()
        stop.wait(TICK_SECONDS)


def introduce(tasks: Sequence[Task]) -> None:
    """Make sure that every task has its row. Commits."""
    for task in tasks:
        first = timedelta(seconds=0 if task.at_start else task.seconds)
        row = {"interval_seconds": task.seconds, "next_due_at": func.clock_timestamp() + first}
        statement = insert(SyncSchedule).values(name=task.name, **row)
        changed = {"interval_seconds": task.seconds}
        db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))
    db.session.commit()


def tick(tasks: Sequence[Task]) -> None:
    """Do every task that is due and that no other clock has taken. One task's failure doesn't stop the others."""
    follow_the_clock()
    due = names_due()
    for task in tasks:
        if task.name in due and take(task):
            perform(task)


def follow_the_clock() -> None:
    """After the clock was put back no task may wait for longer than its period. Commits."""
    following = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, SyncSchedule.interval_seconds)
    late = update(SyncSchedule).where(SyncSchedule.next_due_at > following).values(next_due_at=following)
    db.session.execute(late)
    db.session.commit()


def names_due() -> set[str]:
    """Asked once for all: most ticks find nothing due."""
    due = set(db.session.scalars(select(SyncSchedule.name).where(SyncSchedule.next_due_at <= func.clock_timestamp())))
    db.session.rollback()
    return due


def take(task: Task) -> bool:
    """Claim the period by a conditional update. Commits."""
    due = (SyncSchedule.name == task.name, SyncSchedule.next_due_at <= func.clock_timestamp())
    period = timedelta(seconds=task.seconds)
    mine = {"last_started_at": func.clock_timestamp(), "next_due_at": func.clock_timestamp() + period}
    taken = db.session.execute(update(SyncSchedule).where(*due).values(mine))
    db.session.commit()
    return affected(taken) > 0


def perform(task: Task) -> None:
    words = None
    try:
        task.act()
    except (BuildiumError, DBAPIError) as error:
        db.session.rollback()
        words = f"{type(error).__name__}: {error}"[:500]
    done = {"last_finished_at": func.clock_timestamp(), "last_error": words}
    db.session.execute(update(SyncSchedule).where(SyncSchedule.name == task.name).values(done))
    db.session.commit()
