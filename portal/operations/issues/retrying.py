"""Working off a retry: one row after another, the first one alone. The outbox decides about each record as it always
does; this only asks, and writes down what came of it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.acting import Actor, Door, acting_as
from portal.database import now
from portal.extensions import db
from portal.operations.issues import retries
from portal.operations.issues.listing import title
from portal.operations.issues.models import Issue, Retry, RetryItem
from portal.operations.words import kind
from portal.sync import breaker
from portal.sync.models import SyncStatus
from portal.sync.push import push_now
from portal.sync.resolve import retry_later
from portal.sync.states import State, TransitionError
from portal.webhooks.models import EventState, WebhookEvent
from portal.webhooks.process import drain, replay

TURN_SECONDS = 10.0  # then other jobs of the lane have their turn
LOST = timedelta(seconds=20)  # an item that was taken so long ago has lost its worker, or waits for an answer
GIVE_UP = timedelta(minutes=2)  # so long a row is watched; then it goes on by itself
GOES_ON = "It is tried again by itself."
DONE_EVENTS = (EventState.PROCESSED, EventState.ECHO, EventState.COALESCED, EventState.IGNORED)


def work(retry_id: UUID) -> None:
    """Send rows until the turn is over, and come back for the rest. Called by a job; safe to be called twice."""
    with acting_as(Actor.machine(Door.COMMAND)):
        until = time.monotonic() + TURN_SECONDS
        while is_going(retry_id) and not breaker.is_open():
            item = take(retry_id)
            if item is None:
                conclude(retry_id)
                return
            handle(item)
            if time.monotonic() > until:
                retries.wake(retry_id)
                return


def is_going(retry_id: UUID) -> bool:
    """Whether it is still wanted; says that somebody works on it. Commits."""
    found = db.session.get(Retry, retry_id, with_for_update=True)
    going = found is not None and found.state in retries.GOING
    if found is not None and going:
        found.state, found.started_at, found.heartbeat_at = "running", found.started_at or now(), now()
    db.session.commit()
    return going


def take(retry_id: UUID) -> RetryItem | None:
    """The next item, marked as being sent; None where none is to be had now. Commits."""
    item = lost_one(retry_id) or waiting_one(retry_id)
    if item is not None:
        item.seen_at = func.clock_timestamp()
        if item.state == "waiting":
            item.state, item.taken_at = "sending", func.clock_timestamp()
            release(item)
    db.session.commit()
    return item


def lost_one(retry_id: UUID) -> RetryItem | None:
    """One that was sent a while ago, and nobody has seen yet what became of it."""
    mine = (RetryItem.retry_id == retry_id, RetryItem.state == "sending")
    return locked(*mine, RetryItem.seen_at < func.clock_timestamp() - LOST)


def waiting_one(retry_id: UUID) -> RetryItem | None:
    """Before the first one has succeeded there is no second. One that had changed meanwhile says nothing."""
    mine = (RetryItem.retry_id == retry_id, RetryItem.state == "waiting")
    canary = db.session.scalar(select(Retry.canary).where(Retry.id == retry_id))
    begun = select(RetryItem.place).where(RetryItem.retry_id == retry_id, RetryItem.state == "sending")
    if canary != "passed" and db.session.scalar(begun.limit(1)) is not None:
        return None
    return locked(*mine)


def locked(*where: Any) -> RetryItem | None:
    first = select(RetryItem).where(*where).order_by(RetryItem.place).limit(1)
    return db.session.scalar(first.with_for_update(skip_locked=True))


def release(item: RetryItem) -> None:
    """Let go of the row what it had failed for; the item is skipped where that means nothing any more."""
    model: Any = SyncStatus if item.row_kind == "record" else WebhookEvent
    row = db.session.get(model, item.row_id, with_for_update=True)
    if row is None or row.issue_id is None:
        end(item, "skipped", "Nothing is left to be done: it has changed meanwhile.")
    elif item.row_kind == "webhook":
        found = db.session.get_one(Retry, item.retry_id)
        replay(row, found.requested_by)
    else:
        try:
            retry_later(row)
        except TransitionError as error:
            end(item, "skipped", str(error))


def handle(item: RetryItem) -> None:
    """Send the row and judge it. Commits."""
    if item.state == "sending":
        row = record_of(item)
        if item.row_kind == "webhook":
            drain()
        elif row is not None and row.sync_status in (State.PENDING.value, State.UNCERTAIN.value):
            push_now(row.entity_type, row.entity_id, f"retry-{item.retry_id}")
    db.session.rollback()
    judge(item)


def record_of(item: RetryItem) -> SyncStatus | None:
    row = db.session.get(SyncStatus, item.row_id) if item.row_kind == "record" else None
    db.session.rollback()
    return row


def judge(item: RetryItem) -> None:
    """Write down what came of an item; the first one decides about all. Commits."""
    found = db.session.get_one(Retry, item.retry_id, with_for_update=True)
    item = db.session.get_one(RetryItem, (item.retry_id, item.place), with_for_update=True)
    if item.state == "sending":
        outcome, why = outcome_of(item)
        if outcome:
            end(item, outcome, why)
    if found.canary == "waiting" and item.state == "succeeded":
        found.canary = "passed"
    elif found.canary == "waiting" and item.state in ("failed", "later") and found.state in retries.GOING:
        stop(found, item)
    db.session.commit()


def outcome_of(item: RetryItem) -> tuple[str, str | None]:
    """What came of it, and why, in words; “” where that isn't known yet."""
    model: Any = SyncStatus if item.row_kind == "record" else WebhookEvent
    row = db.session.get(model, item.row_id, populate_existing=True)
    if row is None:
        return "skipped", "It is gone."
    if row.issue_id is not None:
        return "failed", row.error_message
    state = row.sync_status if item.row_kind == "record" else row.state
    if state == State.SYNCED or state in DONE_EVENTS:
        return "succeeded", None
    if item.taken_at and now() - item.taken_at > GIVE_UP:
        return "later", GOES_ON
    canary = db.session.scalar(select(Retry.canary).where(Retry.id == item.retry_id))
    is_tried_again = item.row_kind == "record" and state == State.PENDING and row.cause is not None
    return ("later", GOES_ON) if is_tried_again and canary == "passed" else ("", None)


def end(item: RetryItem, state: str, why: str | None) -> None:
    item.state, item.why, item.done_at = state, why, func.clock_timestamp()


def stop(found: Retry, canary: RetryItem) -> None:
    """The first one hasn't arrived: to send the others would only repeat it."""
    model: Any = SyncStatus if canary.row_kind == "record" else WebhookEvent
    row = db.session.get_one(model, canary.row_id)
    left = retries.leave_rest(found.id)
    rest = f" The other {left:,} were not sent." if left else ""
    found.canary = "failed"
    retries.finish(found, "stopped", f"The first one, {named(row)}, {what_became(row, canary)}{rest}")


def what_became(row: Any, canary: RetryItem) -> str:
    if canary.state == "later":
        return "hasn’t arrived yet. It is tried again by itself."
    cause = db.session.get(Issue, row.issue_id) if row.issue_id != canary.issue_id else None
    said = f"for another cause, “{title(cause)}”" if cause else "for the same cause"
    return f"failed again {said}: {row.error_message or 'no reason was given.'}"


def named(row: Any) -> str:
    if isinstance(row, SyncStatus):
        return f"“{row.record_name}”" if row.record_name else f"a {kind(row.entity_type).lower()}"
    return f"“{row.event_type or 'an unreadable event'}”"


def conclude(retry_id: UUID) -> None:
    """The retry is over where nothing waits or is being sent. Commits."""
    found = db.session.get_one(Retry, retry_id, with_for_update=True)
    left = retries.numbers(retry_id)
    if found.state in retries.GOING and not (left.get("waiting") or left.get("sending")):
        retries.finish(found, "done")
    db.session.commit()
