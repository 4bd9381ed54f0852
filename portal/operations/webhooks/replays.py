"""Handling many webhook events again: those of a filter, newest first, a few at a time, in the background.

A replay is a row with a cursor: a killed worker costs nothing but time, and what has been released is in the inbox like
any other event. New events aren't starved: no more than a slice of old ones waits beside them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import defer
from werkzeug.datastructures import MultiDict

from portal.acting import Actor, Door, acting_as
from portal.database import now
from portal.extensions import db, queues
from portal.operations.acts import cancel_act, finish_act, note_act
from portal.operations.lists import STATE, Asked, read_list
from portal.operations.models import Act
from portal.operations.webhooks.listing import EVENTS, TABS
from portal.sync import breaker
from portal.web.formats import plural
from portal.webhooks.models import EventState, Replay, WebhookEvent
from portal.webhooks.process import drain, replay

SLICE = 100
TURN_SECONDS = 20.0
DEAD = timedelta(seconds=90)  # a worker that hasn't been heard of for so long
WAITS_ALREADY = "were waiting already"
OPEN = ("queued", "running")


def asked_of(filter_: dict[str, str]) -> Asked:
    """The list of events that these GET parameters ask for."""
    return read_list(EVENTS, MultiDict(filter_))


def words_of(asked: Asked) -> str:
    """“Given up; Event: Rental.Updated”."""
    state = [TABS[asked.value(STATE)]] if asked.value(STATE) else []
    return "; ".join([*state, *(words for words, _ in asked.chips())]) or "All events"


def numbers(asked: Asked) -> tuple[int, int]:
    """(events of the filter, those of them that wait to be handled anyway). One query."""
    waiting = WebhookEvent.state == EventState.RECEIVED.value
    counted = select(func.count(), func.count().filter(waiting)).select_from(WebhookEvent).where(*asked.where())
    total, already = db.session.execute(counted).one()
    return total, already


def begin(filter_: dict[str, str], by: str) -> Replay | None:
    """Queue the replay of all events of a filter, and wake a worker; None where it has none. Commits."""
    asked = asked_of(filter_)
    total, _ = numbers(asked)
    if not total:
        return None
    words = words_of(asked)
    act = note_act(
        "replay", f"Had {plural(total, 'webhook')} handled again: {words}", filter=filter_, asked=total, queued=0,
        finished=False,
    )  # fmt: skip
    db.session.flush()
    begun = Replay(id=uuid4(), filter=filter_, words=words, total=total, requested_by=by, act_id=act.id)
    act.target_kind, act.target_id = "replay", str(begun.id)
    db.session.add(begun)
    db.session.commit()
    wake()
    return begun


def cancel(replay_id: UUID) -> bool:
    """Stop before the next slice; False where it is over. Commits."""
    found = db.session.get(Replay, replay_id, with_for_update=True)
    if found is None or found.state not in OPEN:
        db.session.rollback()
        return False
    found.cancel_requested = True
    act = db.session.get(Act, found.act_id) if found.act_id else None
    if act is not None:
        cancel_act(act)
    if found.state == "queued":
        finish(found, "cancelled")
    db.session.commit()
    return True


def wake() -> bool:
    # Named anew each time: a job that is running must not lose the one that follows it.
    return queues.enqueue("bulk", "portal.operations.background.replay_webhooks", job_id=f"replay-{uuid4()}")


def free() -> Select[Any]:
    """Replays that no living worker has."""
    silent = (Replay.heartbeat_at.is_(None)) | (Replay.heartbeat_at < func.clock_timestamp() - DEAD)
    return select(Replay).where(Replay.state.in_(OPEN), silent).order_by(Replay.created_at).limit(1)


def wake_if_open() -> None:
    """For the clock: a replay whose job was lost, or that waits for Buildium, goes on."""
    found = db.session.scalar(free().with_only_columns(Replay.id))
    paused = breaker.is_open()
    db.session.rollback()
    if found is not None and not paused:
        wake()


def work() -> None:
    """Go on with the oldest replay for a while; then other jobs have their turn. Commits."""
    with acting_as(Actor.machine(Door.WEBHOOK)):
        deadline = time.monotonic() + TURN_SECONDS
        while not breaker.is_open() and (replay_id := take()) is not None:
            while step(replay_id):
                drain()
                if time.monotonic() >= deadline or breaker.is_open():
                    rest(replay_id)
                    return
            drain()


def take() -> UUID | None:
    """Hold the oldest free replay for this worker. Commits."""
    found = db.session.scalar(free().with_for_update(skip_locked=True))
    if found is not None:
        found.state, found.started_at, found.heartbeat_at = "running", found.started_at or now(), now()
    key = found.id if found else None
    db.session.commit()
    return key


def rest(replay_id: UUID) -> None:
    """Let the replay go, and ask for another turn behind the jobs that wait. Commits."""
    found = db.session.get_one(Replay, replay_id)
    found.heartbeat_at = None
    db.session.commit()
    if not breaker.is_open():
        wake()


def step(replay_id: UUID) -> bool:
    """Release one slice into the inbox; False where that was the last. Commits."""
    found = db.session.get_one(Replay, replay_id, with_for_update=True, populate_existing=True)
    events = [] if found.cancel_requested else following(found)
    for event in events:
        if event.state == EventState.RECEIVED.value:
            found.skipped += 1
        else:
            replay(event, found.requested_by, found.id)
            found.queued += 1
    if events:
        found.cursor_at, found.cursor_id, found.heartbeat_at = events[-1].created_at, events[-1].id, now()
    if len(events) < SLICE:
        finish(found, "cancelled" if found.cancel_requested else "done")
    db.session.commit()
    return len(events) == SLICE


def following(found: Replay) -> Sequence[WebhookEvent]:
    """The next slice below the cursor. Events that arrived, or were replayed, since it was asked for are none of it."""
    place = tuple_(WebhookEvent.created_at, WebhookEvent.id)
    rows = select(WebhookEvent).where(*asked_of(found.filter).where(), WebhookEvent.created_at <= found.created_at)
    if found.cursor_at is not None:
        rows = rows.where(place < (found.cursor_at, found.cursor_id))
    rows = rows.order_by(WebhookEvent.created_at.desc(), WebhookEvent.id.desc()).limit(SLICE).with_for_update()
    light = (defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data), defer(WebhookEvent.effect))
    return db.session.scalars(rows.options(*light)).all()


def finish(found: Replay, state: str) -> None:
    """Say how it ended, there and among the acts. Does not commit."""
    found.state, found.finished_at = state, now()
    act = db.session.get(Act, found.act_id) if found.act_id else None
    if act is not None:
        act.queued, act.skipped = found.queued, found.skipped
        act.skipped_because = {WAITS_ALREADY: found.skipped} if found.skipped else {}
        finish_act(act)
