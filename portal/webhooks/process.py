"""Working off the inbox: fetch what an event names as it is now, and merge it here.

The payload is never trusted for data, so order and repetition make no difference; a burst for one record is one fetch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from portal.acting import Actor, Door, acting_as
from portal.buildium.errors import BuildiumError, ThrottledError
from portal.buildium.limiter import Lane
from portal.database import now
from portal.extensions import db, queues
from portal.sync import breaker
from portal.sync.cache import forget_answers
from portal.sync.current import current_sync
from portal.sync.log import because, log_failure
from portal.sync.page import Outcome
from portal.sync.places import listings
from portal.sync.pull import pull_one, pull_touched
from portal.sync.resource import Body, Resource
from portal.webhooks.companions import companions
from portal.webhooks.effect import noted
from portal.webhooks.models import EventState, WebhookEvent, Why
from portal.webhooks.target import rules, target_of
from portal.webhooks.waking import drain_soon

BATCH = 500
PATIENCE = timedelta(seconds=1)
HOLD = timedelta(seconds=60)  # after that, events of a killed worker are taken again
WAITS = (2.0, 10.0, 60.0, 300.0, 900.0)
OPEN = (EventState.RECEIVED.value, EventState.FAILED.value)
REASONS = {
    Outcome.BUSY: "The same record is being sent or fetched: it is looked at again.",
    Outcome.REFUSED: "The record can't be kept here: a value doesn't fit. The log says which.",
}
STATES = {
    Outcome.UNCHANGED: EventState.ECHO, Outcome.FOREIGN: EventState.IGNORED, Outcome.REVIEW: EventState.IGNORED,
}  # fmt: skip
WHY = {Outcome.FOREIGN: Why.FOREIGN.value, Outcome.REVIEW: Why.REVIEW.value}


def drain() -> None:
    """Process events until none is due."""
    with acting_as(Actor.machine(Door.WEBHOOK)):
        while not breaker.is_open() and (events := take()):
            wanted = route(events)
            # Nobody needs them any more, and the session would look at all of them at each commit to come.
            del events
            for (name, buildium_id), group in groupby(wanted, key=lambda each: each[:2]):
                handle(current_sync().resource(name), buildium_id, [key for _, _, key in group])


def wake_if_due() -> None:
    """For the clock: an event that was put off, or whose wake-up was lost, is found within seconds."""
    if is_due():
        drain_soon(queues)


def drain_if_due() -> None:
    """Between two pages of a run, which may have the only worker for minutes: events don't wait for its end."""
    if is_due():
        with because(run_id=None):
            drain()


def is_due() -> bool:
    """Whether an event has waited for longer than a worker needs to take it."""
    overdue = func.clock_timestamp() - PATIENCE
    waiting = (WebhookEvent.next_attempt_at.is_(None)) & (WebhookEvent.created_at < overdue)
    due = select(WebhookEvent.id).where(
        WebhookEvent.state.in_(OPEN), waiting | (WebhookEvent.next_attempt_at < overdue)
    )
    found = db.session.scalar(due.limit(1))
    db.session.rollback()
    return found is not None


def take() -> Sequence[WebhookEvent]:
    """The oldest due events and what else is due about the same records, held for this worker. Commits."""
    unheld = (WebhookEvent.next_attempt_at.is_(None)) | (WebhookEvent.next_attempt_at <= func.clock_timestamp())
    due = (WebhookEvent.state.in_(OPEN), unheld)
    oldest_first = WebhookEvent.created_at
    oldest = select(WebhookEvent).where(*due).order_by(oldest_first)
    batch = db.session.scalars(oldest.limit(BATCH).with_for_update(skip_locked=True)).all()
    # Only a full batch leaves any behind.
    events = [*batch, *(companions(batch, *due) if len(batch) == BATCH else ())]
    keys = [event.id for event in events]
    held = update(WebhookEvent).where(WebhookEvent.id.in_(keys)).values(next_attempt_at=now() + HOLD)
    db.session.execute(held.execution_options(synchronize_session=False))
    db.session.commit()
    # All at once: after a commit, each would be read by itself as soon as it is looked at.
    return db.session.scalars(select(WebhookEvent).where(WebhookEvent.id.in_(keys)).order_by(oldest_first)).all()


def route(events: Sequence[WebhookEvent]) -> list[tuple[str, int, UUID]]:
    """A batch sorted by the records it is about: of which kind, which one, and the event's id. Commits."""
    found = rules()
    wanted: list[tuple[str, int, UUID]] = []
    for event in events:
        target = target_of(event, found)
        if target is None:
            continue
        if found.hold_back(target[0]):
            event.next_attempt_at, event.reason = now() + timedelta(minutes=1), "Pulling this is paused."
            continue
        event.entity_type, event.buildium_entity_id = target[0].name, target[1]
        wanted.append((target[0].name, target[1], event.id))
    db.session.commit()
    return sorted(wanted, key=lambda each: each[:2])


def handle(resource: Resource, buildium_id: int, keys: Sequence[UUID]) -> None:
    """One fetch for all events about one record, oldest first. Commits; no failure of one record reaches another."""
    newest = db.session.get_one(WebhookEvent, keys[-1])
    facts = {"entity_type": resource.name, "buildium_id": buildium_id, "webhook_event_id": newest.id}
    begun = db.session.scalar(select(func.clock_timestamp()))
    try:
        with because(**facts, attempt=newest.retry_count + 1), noted() as effect:
            outcome = refetch(resource, buildium_id, newest.event_data or {})
    except BuildiumError as error:
        db.session.rollback()
        later(keys, error)
        return
    if outcome in (Outcome.BUSY, Outcome.REFUSED):
        later(keys, None, REASONS[outcome])
        return
    state = STATES.get(outcome, EventState.PROCESSED)
    close(keys[-1:], state, outcome.value, begun_at=begun, effect=effect or None, why=WHY.get(outcome))
    close(keys[:-1], EventState.COALESCED, f"One fetch answered {len(keys)} events.", coalesced_into=newest.id)
    db.session.commit()


def refetch(resource: Resource, buildium_id: int, event: Body) -> Outcome:
    for place in listings(resource):
        forget_answers(place.path)
    nested = resource.nested
    hint = {nested.key: event.get(nested.named or nested.key)} if nested else event
    outcome = pull_one(resource, buildium_id, hint=hint)
    if outcome in (Outcome.CREATED, Outcome.UPDATED, Outcome.MISSING):
        pull_touched(resource, buildium_id, Lane.BULK)
        refresh_parents(resource, hint)
    return outcome


def refresh_parents(resource: Resource, hint: Body) -> None:
    """What lies inside a parent changes it: a payment its bill's paid date, an entry its task's status."""
    if resource.nested:
        named = hint.get(resource.nested.key)
        for each in named if isinstance(named, list) else [named]:
            if isinstance(each, int):
                pull_one(current_sync().resource(resource.nested.resource), each)


def later(keys: Sequence[UUID], error: BuildiumError | None, words: str = "") -> None:
    """Try again on the ladder, until the tries are used up and the event is dead. Commits."""
    refused = error is not None and breaker.is_refused(error)
    connection = refused or isinstance(error, ThrottledError)
    if error is not None and refused:
        breaker.trip(error)
    words = words or str(error)[:500]
    for event in db.session.scalars(select(WebhookEvent).where(WebhookEvent.id.in_(keys))):
        wait = WAITS[min(event.retry_count, len(WAITS) - 1)]
        event.retry_count += 0 if connection else 1
        event.error_message = words
        event.next_attempt_at = now() + timedelta(seconds=wait)
        event.state = EventState.FAILED.value if error else EventState.RECEIVED.value
        if event.retry_count > event.max_retries:
            event.state, event.next_attempt_at = EventState.DEAD.value, None
            log_failure("event is dead", event=event.id, error=words)
    db.session.commit()


def close(keys: Sequence[UUID], state: EventState, reason: str, **facts: Any) -> None:
    """Does not commit."""
    done: dict[str, Any] = {"state": state.value, "reason": reason, "processed": True, "next_attempt_at": None}
    done |= {"processed_at": func.clock_timestamp(), "error_message": None, "coalesced_into": None}
    done |= {"begun_at": None, "effect": None, "why": None, **facts}
    change = update(WebhookEvent).where(WebhookEvent.id.in_(keys)).values(done)
    db.session.execute(change.execution_options(synchronize_session=False))


def replay(event: WebhookEvent, by: str, replay_id: UUID | None = None) -> None:
    """Handle the event again, however it ended, alone or with a replay of many. Does not commit; the next drain takes
    it. It keeps who asked for that, and when."""
    event.state, event.processed, event.retry_count = EventState.RECEIVED.value, False, 0
    event.next_attempt_at, event.error_message, event.reason, event.why = None, None, None, None
    event.replayed_at, event.replayed_by, event.replay_id = now(), by, replay_id
