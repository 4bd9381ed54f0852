"""The inbox as people see it: what Buildium sent, what came of it, and a button to handle it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import defer

from portal.extensions import db, queues
from portal.operations.blueprint import back_to, operations, person
from portal.operations.counts import ALL, events_by_state
from portal.operations.lists import STATE, Listing, is_integer, read_list
from portal.operations.words import EVENT_WORDS, kinds
from portal.sync.current import current_sync
from portal.sync.models import ApiCall, SyncStatus
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words
from portal.webhooks.models import EventState, WebhookEvent
from portal.webhooks.process import replay
from portal.webhooks.waking import drain_soon

MOST_CALLS = 50

TABS: Mapping[str, str] = {
    state.value: EVENT_WORDS[state]
    for state in (
        EventState.DEAD, EventState.FAILED, EventState.RECEIVED, EventState.PROCESSED, EventState.ECHO,
        EventState.COALESCED, EventState.IGNORED,
    )
}  # fmt: skip


def sought(text: str) -> ColumnElement[bool]:
    """The Buildium id of the record, or the id that the portal gave the event."""
    if is_integer(text):
        known = WebhookEvent.entity_type.in_(current_sync().resources.by_name)
        return known & (WebhookEvent.buildium_entity_id == int(text))
    return WebhookEvent.event_id == text.lower()


EVENTS = Listing(
    "operations.webhooks",
    WebhookEvent,
    WebhookEvent.created_at,
    filters=(
        Choice(STATE, "State", TABS, lambda value: WebhookEvent.state == value),
        Words("q", "Buildium id or event id", sought),
        Words("event_type", "Event", lambda value: WebhookEvent.event_type == value),
        Choice("entity_type", "Kind", kinds, lambda value: WebhookEvent.entity_type == value),
    ),
    loads=(defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data)),
)


@operations.get("/webhooks")
@requires(Permission.VIEW_SYNC)
def webhooks() -> str:
    asked = read_list(EVENTS, request.args)
    counts = events_by_state(*asked.where(but=STATE))
    states = asked.tabs(counts, {ALL: "All", **TABS})
    total = counts.get(asked.value(STATE), 0)
    return render_template("sync/webhooks.html", asked=asked, page=asked.page(), states=states, total=total)


@operations.get("/webhooks/<uuid:event_id>")
@requires(Permission.VIEW_SYNC)
def webhook(event_id: UUID) -> str:
    event = db.get_or_404(WebhookEvent, event_id)
    caused = select(ApiCall).where(ApiCall.webhook_event_id == event.id).order_by(ApiCall.created_at).limit(MOST_CALLS)
    calls = db.session.scalars(caused.options(defer(ApiCall.request_data), defer(ApiCall.response_data))).all()
    return render_template(
        "sync/webhook.html",
        event=event,
        body=body_of(event),
        about=row_about(event),
        calls=calls,
    )


def body_of(event: WebhookEvent) -> str:
    if event.event_data is not None:
        return json.dumps(event.event_data, indent=2, ensure_ascii=False)
    return (event.raw_body or b"").decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def row_about(event: WebhookEvent) -> SyncStatus | None:
    """The outbox row of the record that the event names; one payment may be several records."""
    if event.buildium_entity_id is None or event.entity_type is None:
        return None
    mine = (SyncStatus.entity_type == event.entity_type, SyncStatus.buildium_id == event.buildium_entity_id)
    return db.session.scalar(select(SyncStatus).where(*mine).limit(1).options(defer(SyncStatus.remote_snapshot)))


@operations.post("/webhooks/<uuid:event_id>/replay")
@requires(Permission.OPERATE_SYNC)
def replay_webhook(event_id: UUID) -> ResponseReturnValue:
    event = db.one_or_404(select(WebhookEvent).where(WebhookEvent.id == event_id).with_for_update())
    waiting = event.state == EventState.RECEIVED and event.next_attempt_at is not None
    replay(event, person())
    db.session.commit()
    queued = drain_soon(queues)
    words = "It was waiting for its next try; that is now." if waiting else "It is handled again now."
    flash(words if queued else "It is handled again as soon as the queue (Redis) answers.")
    return back_to("webhook", event_id=event_id)
