"""One decision made for many records, or taken back for many, one by one, after it was shown (portal/sync/similar.py).

A small batch is done at once, a large one by a worker; a worker that dies leaves a batch that goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update

from portal.acting import Actor, Door, acting_as
from portal.buildium.limiter import Lane
from portal.database import affected
from portal.extensions import db, queues
from portal.sync.conflicts import digest
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.decisions import BusyError, decided
from portal.sync.models import SyncStatus
from portal.sync.outbox import wake
from portal.sync.states import State, TransitionError
from portal.sync.undoing import undone
from portal.sync.unfit import UNKEEPABLE, words_of

AT_ONCE = 50  # more than these are left to a worker
SILENCE = timedelta(seconds=30)
PATIENCE = timedelta(seconds=2)
FORGOTTEN_AFTER = timedelta(days=1)
MACHINE = Actor.machine(Door.COMMAND)
TRIES, BETWEEN_SECONDS = 5, 0.1  # while somebody saves the record at this very moment


def begin(batch: DecisionBatch) -> bool:
    """Start what was shown; False where that was done already. A small batch is over when this returns. Commits."""
    shown = (DecisionBatch.id == batch.id, DecisionBatch.state == "proposed")
    begun = db.session.execute(update(DecisionBatch).where(*shown).values(state="queued"))
    db.session.commit()
    if affected(begun) != 1:
        return False
    if batch.total <= AT_ONCE:
        work_through(batch.id)
    else:
        wake_batch(batch.id)
    return True


def wake_batch(batch_id: UUID) -> None:
    job = "portal.sync.jobs.decide_batch"
    queues.enqueue(Lane.BULK.value, job, str(batch_id), job_id=f"decisions-{batch_id}", timeout=3600)


def work(batch_id: UUID) -> None:
    """What a worker does: all of it in the name of the person who asked for it, by the machine's rights."""
    with acting_as(MACHINE):
        batch = db.session.get(DecisionBatch, batch_id)
        asked_by = batch and Actor(MACHINE.database_role, Door.COMMAND, batch.requested_by, batch.requested_by_id)
        db.session.rollback()
    if asked_by:
        with acting_as(asked_by):
            work_through(batch_id)


def work_through(batch_id: UUID) -> None:
    """Do one record after the other; each is looked at again. Commits after each."""
    now = func.clock_timestamp()
    free = (DecisionBatch.state == "queued") | (
        (DecisionBatch.state == "running") & (DecisionBatch.heartbeat_at < now - SILENCE)
    )
    taken = {"state": "running", "started_at": func.coalesce(DecisionBatch.started_at, now), "heartbeat_at": now}
    done = db.session.execute(update(DecisionBatch).where(DecisionBatch.id == batch_id, free).values(taken))
    db.session.commit()
    if affected(done) == 1:
        while step(batch_id):
            pass


def step(batch_id: UUID) -> bool:
    """The next record of a batch; False when there is none left. Commits."""
    waiting = (BatchRow.batch_id == batch_id, BatchRow.outcome == "waiting")
    row = db.session.scalar(select(BatchRow).where(*waiting).order_by(BatchRow.id).limit(1).with_for_update())
    batch = db.session.get_one(DecisionBatch, batch_id)
    batch.heartbeat_at = func.clock_timestamp()
    if row is None:
        batch.state, batch.finished_at = "done", func.clock_timestamp()
        db.session.commit()
        return False
    decision = attempt(batch, row)
    row.outcome = "skipped" if decision is None else "done"
    db.session.commit()
    if decision is not None:
        wake(decision.entity_type, decision.entity_id, Lane.BULK)
    return True


def attempt(batch: DecisionBatch, row: BatchRow) -> SyncDecision | None:
    """The decision that was made or undone; None, with the reason written down, where the record was skipped."""
    for left in reversed(range(TRIES)):
        try:
            with db.session.begin_nested():
                return made(batch, row) if batch.act == "decide" else taken_back(row)
        except BusyError as error:
            row.reason = str(error)
            if left:
                time.sleep(BETWEEN_SECONDS)
        except TransitionError as error:
            row.reason = str(error)
            return None
        except UNKEEPABLE as error:
            row.reason = f"It can’t be kept here: {words_of(error)}."
            return None
    return None


def made(batch: DecisionBatch, row: BatchRow) -> SyncDecision:
    """Decide one record as it was shown. Raises TransitionError where it isn't as it was."""
    mine = select(SyncStatus).where(SyncStatus.id == row.status_id).with_for_update()
    status = db.session.scalar(mine.execution_options(populate_existing=True))
    if status is None:
        raise TransitionError("The record no longer exists here.")
    if status.sync_status != State.CONFLICT:
        raise TransitionError("It was decided meanwhile.")
    if status.local_version != row.local_version:
        raise TransitionError("It was saved here meanwhile.")
    if digest(status.conflict) != row.seen:
        raise TransitionError("It was changed in Buildium meanwhile.")
    decision = decided(status, batch.choices, row.seen, batch_id=batch.id, lane=Lane.BULK)
    row.decision_id = decision.id
    db.session.flush()
    return decision


def taken_back(row: BatchRow) -> SyncDecision:
    decision = db.session.get_one(SyncDecision, row.decision_id)
    undone(decision)
    db.session.flush()
    return decision


def outcomes(batch: DecisionBatch) -> Mapping[str, int]:
    """Number of rows by outcome. One query."""
    numbers = select(BatchRow.outcome, func.count()).where(BatchRow.batch_id == batch.id).group_by(BatchRow.outcome)
    return {outcome: number for outcome, number in db.session.execute(numbers)}


def reasons(batch: DecisionBatch) -> Mapping[str, int]:
    """Why records were skipped → how many, most first. One query."""
    skipped = (BatchRow.batch_id == batch.id, BatchRow.outcome == "skipped")
    numbers = select(BatchRow.reason, func.count()).where(*skipped).group_by(BatchRow.reason)
    return {reason or "": number for reason, number in db.session.execute(numbers.order_by(func.count().desc()))}


def look_after() -> None:
    """Wake workers for batches that nobody works on, and forget previews that nobody confirmed. Commits."""
    now = func.clock_timestamp()
    old = (DecisionBatch.state == "proposed", DecisionBatch.created_at < now - FORGOTTEN_AFTER)
    db.session.execute(delete(DecisionBatch).where(*old).execution_options(synchronize_session=False))
    db.session.commit()
    queued = (DecisionBatch.state == "queued") & (DecisionBatch.created_at < now - PATIENCE)
    dead = (DecisionBatch.state == "running") & (DecisionBatch.heartbeat_at < now - SILENCE)
    left = db.session.scalars(select(DecisionBatch.id).where(queued | dead)).all()
    db.session.rollback()
    for batch_id in left:
        wake_batch(batch_id)
