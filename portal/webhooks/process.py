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
from portal.buildium.errors import AccountError, BuildiumError, ThrottledError
from portal.buildium.limiter import Lane
from portal.database import now
from portal.extensions import db, queues
from portal.sync import breaker
from portal.sync.cache import forget_answers
from portal.sync.current import current_sync
from portal.sync.log import because, log_failure
from portal.sync.models import BuildiumConnection, SyncPause
from portal.sync.page import Outcome
from portal.sync.places import listings
from portal.sync.pull import pull_one, pull_touched
from portal.sync.resource import Body, Resource
from portal.webhooks.models import EventState, WebhookEvent
from portal.webhooks.scope import why_ignored
from portal.webhooks.waking import drain_soon

BATCH = 500
PATIENCE = timedelta(seconds=1)
HOLD = timedelta(seconds=60)  # after that, events of a killed worker are taken again
WAITS = (2.0, 10.0, 60.0, 300.0, 900.0)
OPEN = (EventState.RECEIVED.value, EventState.FAILED.value)
REASONS = {
    Outcome.BUSY: "Waiting for a push of the same record.",
    Outcome.REFUSED: "The record can't be kept here: a value doesn't fit. The log says which.",
}
STATES = {Outcome.UNCHANGED: EventState.ECHO, Outcome.FOREIGN: EventState.IGNORED}


def drain() -> None:
    """Process events until none is due."""
    with acting_as(Actor.machine(Door.WEBHOOK)):
        while not breaker.is_open() and (events := take()):
            route(events)


def wake_if_due() -> None:
    """For the clock: an event that was put off, or whose wake-up was lost, is found within seconds."""
    overdue = func.clock_timestamp() - PATIENCE
    waiting = (WebhookEvent.next_attempt_at.is_(None)) & (WebhookEvent.created_at < overdue)
    due = select(WebhookEvent.id).where(
        WebhookEvent.state.in_(OPEN), waiting | (WebhookEvent.next_attempt_at < overdue)
    )
    found = db.session.scalar(due.limit(1))
    db.session.rollback()
    if found is not None:
        drain_soon(queues)


def take() -> Sequence[WebhookEvent]:
    """The oldest due events, held for this worker. Commits."""
    due = (WebhookEvent.next_attempt_at.is_(None)) | (WebhookEvent.next_attempt_at <= func.clock_timestamp())
    oldest = select(WebhookEvent).where(WebhookEvent.state.in_(OPEN), due).order_by(WebhookEvent.created_at)
    events = db.session.scalars(oldest.limit(BATCH).with_for_update(skip_locked=True)).all()
    for event in events:
        event.next_attempt_at = now() + HOLD
    db.session.commit()
    return events


def route(events: Sequence[WebhookEvent]) -> None:
    """Sort a batch by what it is about, and handle each record once."""
    account = db.session.scalar(select(BuildiumConnection.account_id))
    paused = set(db.session.scalars(select(SyncPause.entity_type).where(SyncPause.direction == "pull")))
    wanted: list[tuple[str, int, WebhookEvent]] = []
    for event in events:
        target = target_of(event, account)
        if target is None:
            continue
        if paused & {"*", target[0].name}:
            event.next_attempt_at, event.reason = now() + timedelta(minutes=1), "Pulling this is paused."
            continue
        event.entity_type, event.buildium_entity_id = target[0].name, target[1]
        wanted.append((target[0].name, target[1], event))
    db.session.commit()
    wanted.sort(key=lambda each: each[:2])
    for (name, buildium_id), group in groupby(wanted, key=lambda each: each[:2]):
        handle(current_sync().resource(name), buildium_id, [event for _, _, event in group])


def target_of(event: WebhookEvent, account: int | None) -> tuple[Resource, int] | None:
    """The record an event is about; None where it is about none of ours, which is then said on the event."""
    payload: Any = event.event_data
    prefix, _, _ = (event.event_type or "").rpartition(".")
    resource = current_sync().resources.by_event.get(prefix)
    if not isinstance(payload, dict):
        finish(event, EventState.IGNORED, "The body is no event: it can't be read as a JSON object.")
    elif account is not None and event.account_id != account:
        finish(event, EventState.IGNORED, f"Sent for account {event.account_id}, but we work for {account}.")
    elif resource is None:
        finish(event, EventState.IGNORED, why_ignored(prefix))
    else:
        buildium_id = payload.get(resource.events[prefix])
        if isinstance(buildium_id, int) and 0 < buildium_id < 2**31:
            return resource, buildium_id
        finish(event, EventState.IGNORED, f"The event holds no usable {resource.events[prefix]}.")
    return None


def handle(resource: Resource, buildium_id: int, events: Sequence[WebhookEvent]) -> None:
    """One fetch for all events about one record. Commits; no failure of one record reaches another."""
    newest = events[-1]
    keys = [event.id for event in events]
    facts = {"entity_type": resource.name, "buildium_id": buildium_id, "webhook_event_id": newest.id}
    try:
        with because(**facts):
            outcome = refetch(resource, buildium_id, newest.event_data or {})
    except BuildiumError as error:
        db.session.rollback()
        later(keys, error)
        return
    if outcome in (Outcome.BUSY, Outcome.REFUSED):
        later(keys, None, REASONS[outcome])
        return
    state = STATES.get(outcome, EventState.PROCESSED)
    close(keys[-1:], state, outcome.value)
    close(keys[:-1], EventState.COALESCED, f"One fetch answered {len(keys)} events.")
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
    connection = isinstance(error, AccountError | ThrottledError)
    if isinstance(error, AccountError):
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


def close(keys: Sequence[UUID], state: EventState, reason: str) -> None:
    """Does not commit."""
    done: dict[str, Any] = {"state": state.value, "reason": reason, "processed": True, "processed_at": now()}
    done |= {"next_attempt_at": None, "error_message": None}
    db.session.execute(update(WebhookEvent).where(WebhookEvent.id.in_(keys)).values(done))


def finish(event: WebhookEvent, state: EventState, reason: str) -> None:
    event.state, event.reason, event.processed = state.value, reason, True
    event.processed_at, event.next_attempt_at = now(), None


def replay(event: WebhookEvent, by: str) -> None:
    """Handle the event again, however it ended. Does not commit; the next drain takes it."""
    event.state, event.processed, event.retry_count = EventState.RECEIVED.value, False, 0
    event.next_attempt_at, event.replayed_at, event.replayed_by = None, now(), by
