"""Sending many again: begun by a person with a count, stopped by a person, worked off by retrying.py.

A retry is a row with its items; what is done and what is left stands in PostgreSQL, so that a killed worker costs a
moment and no record is sent by two retries at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from portal.database import affected, now
from portal.extensions import db, queues
from portal.operations.acts import cancel_act, finish_act, note_act
from portal.operations.issues.models import Issue, Retry, RetryItem
from portal.operations.issues.retry_plan import IN_ANOTHER, OPEN_ITEMS, Plan, Selection, is_worn_out, plan
from portal.operations.models import Act
from portal.sync.models import SyncStatus
from portal.sync.resolve import ENOUGH
from portal.web.formats import plural

LANE = "bulk"
GOING = ("queued", "running")
SILENT = timedelta(seconds=15)  # nobody works on a retry that was silent for so long
LATELY = timedelta(days=1)
SHOWN = 10


def begin(selection: Selection, words: str, by: str) -> Retry | None:
    """Queue everything of the selection that can be sent, and wake a worker; None where that is nothing. Commits."""
    found = plan(selection)
    retry_id, issue = uuid4(), selection.issue
    act = note_act(
        "replay" if selection.row_kind == "webhook" else "retry", words, filter=selection.filter, finished=False,
        target=("issue", issue.id) if issue else ("retry", retry_id),
    )  # fmt: skip
    db.session.flush()
    made = Retry(
        id=retry_id,
        act_id=act.id,
        issue_id=issue.id if issue else None,
        words=words,
        requested_by=by,
        asked=found.asked,
    )
    db.session.add(made)
    db.session.flush()
    queued = add_items(selection, retry_id)
    if not queued:
        db.session.rollback()
        return None
    write_numbers(act, found, queued)
    db.session.commit()
    wake(retry_id)
    return made


def add_items(selection: Selection, retry_id: UUID) -> int:
    """A row that another retry has taken this very moment stays its."""
    going = selection.going().add_columns(literal(retry_id), literal(selection.row_kind))
    columns = ["place", "row_id", "issue_id", "retry_id", "row_kind"]
    statement = insert_or_leave(RetryItem).from_select(columns, going, include_defaults=False)
    taken = statement.on_conflict_do_nothing(index_elements=["row_id"], index_where=RetryItem.state.in_(OPEN_ITEMS))
    done = db.session.execute(taken, execution_options={"preserve_rowcount": True})
    return affected(done)


def write_numbers(act: Act, found: Plan, queued: int) -> None:
    skipped = dict(found.skipped)
    if queued < found.going:
        skipped[IN_ANOTHER] = skipped.get(IN_ANOTHER, 0) + found.going - queued
    act.queued, act.skipped, act.skipped_because = queued, sum(skipped.values()), skipped
    act.asked = act.queued + act.skipped


def cancel(retry_id: UUID) -> int | None:
    """Leave what hasn't been sent yet; how many that are, None where the retry is over. Commits."""
    found = db.session.get(Retry, retry_id, with_for_update=True)
    if found is None or found.state not in GOING:
        db.session.rollback()
        return None
    left = leave_rest(retry_id)
    found.state, found.finished_at = "cancelled", now()
    found.stopped_because = f"It was cancelled before {plural(left, 'record')} could be sent."
    cancel_act(db.session.get_one(Act, found.act_id))
    db.session.commit()
    return left


def leave_rest(retry_id: UUID) -> int:
    """Does not commit."""
    waiting = (RetryItem.retry_id == retry_id, RetryItem.state == "waiting")
    done = db.session.execute(
        update(RetryItem).where(*waiting).values(state="left").execution_options(synchronize_session=False)
    )
    return affected(done)


def finish(found: Retry, state: str, why: str | None = None) -> None:
    """Does not commit."""
    found.state, found.finished_at, found.stopped_because = state, now(), why
    finish_act(db.session.get_one(Act, found.act_id))


def numbers(retry_id: UUID) -> Mapping[str, int]:
    """Items by what came of them. One query, from the index."""
    rows = select(RetryItem.state, func.count()).where(RetryItem.retry_id == retry_id).group_by(RetryItem.state)
    return {state: number for state, number in db.session.execute(rows)}


def newest_retries(issue_id: UUID | None = None) -> Sequence[Retry]:
    """The last ones, of one issue or at all."""
    mine = (Retry.issue_id == issue_id,) if issue_id else ()
    return db.session.scalars(select(Retry).where(*mine).order_by(Retry.created_at.desc()).limit(SHOWN)).all()


def worn_out(issue: Issue) -> int:
    """How many of its records have failed three times for this cause, though somebody sent them again each time."""
    if issue.direction != "out":
        return 0
    return db.session.scalar(select(func.count()).where(SyncStatus.issue_id == issue.id, is_worn_out)) or 0


def is_stuck(issue: Issue) -> bool:
    """Whether the last three retries of the issue ended with their first record, all within a day."""
    lately = Retry.created_at > func.now() - LATELY
    last = select(Retry.canary).where(Retry.issue_id == issue.id, lately).order_by(Retry.created_at.desc())
    found = db.session.scalars(last.limit(ENOUGH)).all()
    return len(found) == ENOUGH and set(found) == {"failed"}


def wake(retry_id: Any) -> bool:
    return queues.enqueue(LANE, "portal.operations.background.retry", str(retry_id), job_id=f"retry-{retry_id}")


def wake_open() -> None:
    """For the clock: retries that nobody works on, because their worker died or their wake-up was lost."""
    silent = func.coalesce(Retry.heartbeat_at, Retry.created_at) < func.clock_timestamp() - SILENT
    found = db.session.scalars(select(Retry.id).where(Retry.state.in_(GOING), silent)).all()
    db.session.rollback()
    for each in found:
        wake(each)
