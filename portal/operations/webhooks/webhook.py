"""One event of the inbox: what it said, who signed it, how long it took, what it changed here, and its replay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select, tuple_
from sqlalchemy.orm import defer

from portal.acting import Door
from portal.audit import AuditEntry
from portal.extensions import db, queues
from portal.operations.acts import acts_about, note_act
from portal.operations.blueprint import back_to, operations, person
from portal.operations.moments import milliseconds
from portal.operations.places import record_url
from portal.operations.records.timeline import changes_of
from portal.operations.words import kind
from portal.sync.current import current_sync
from portal.sync.models import ApiCall, SyncStatus
from portal.web.access import Permission, requires
from portal.web.record_sync import Entry
from portal.webhooks.body import body_of
from portal.webhooks.models import EventState, WebhookEvent
from portal.webhooks.process import replay
from portal.webhooks.waking import drain_soon

MOST_CALLS, MOST_SIBLINGS = 50, 20


@dataclass(frozen=True)
class Changed:
    """A record that the handling of an event wrote, and what in it."""

    title: str
    url: str | None
    entries: Sequence[Entry]


@operations.get("/webhooks/<uuid:event_id>")
@requires(Permission.VIEW_SYNC)
def webhook(event_id: UUID) -> str:
    event = db.get_or_404(WebhookEvent, event_id)
    return render_template(
        "sync/webhook.html",
        event=event,
        body=body_of(event),
        about=row_about(event),
        calls=calls(event),
        signature=signature(event),
        delays=delays(event),
        changed=changed(event),
        siblings=siblings(event),
        acts=acts_about("webhook", event.id),
    )


def row_about(event: WebhookEvent) -> SyncStatus | None:
    """The outbox row of the record that the event names; one payment may be several records."""
    if event.buildium_entity_id is None or event.entity_type is None:
        return None
    mine = (SyncStatus.entity_type == event.entity_type, SyncStatus.buildium_id == event.buildium_entity_id)
    return db.session.scalar(select(SyncStatus).where(*mine).limit(1).options(defer(SyncStatus.remote_snapshot)))


def calls(event: WebhookEvent) -> Sequence[ApiCall]:
    """What was asked of Buildium for it, oldest first; one that another event answered has none of its own."""
    caused = select(ApiCall).where(ApiCall.webhook_event_id == event.id).order_by(ApiCall.created_at).limit(MOST_CALLS)
    return db.session.scalars(caused.options(defer(ApiCall.request_data), defer(ApiCall.response_data))).all()


def signature(event: WebhookEvent) -> str:
    """Which secret signed it, by its place in the setting: never its value."""
    genuine = "Genuine"
    if event.signed_by is None:
        return f"{genuine}. Which secret signed it was not written down then."
    if event.signed_of == 1:
        return f"{genuine}: signed with the only secret in force."
    age = "newest" if event.signed_by == 1 else "oldest" if event.signed_by == event.signed_of else "older"
    return f"{genuine}: signed with the {age} secret, number {event.signed_by} of {event.signed_of} in force then."


def delays(event: WebhookEvent) -> list[tuple[str, str]]:
    """(words, duration) of each stretch of its way that is known."""
    stretches = (
        ("From the change in Buildium to its arrival here", event.event_datetime, event.created_at),
        ("From its sending to its arrival here", event.sent_at, event.created_at),
        ("From its arrival to the end of its handling", event.created_at, event.processed_at),
        ("Its handling itself", event.begun_at, event.processed_at),
    )
    # Clocks of two machines may differ by more than the way takes.
    return [
        (words, milliseconds(max(until - since, timedelta(0))))
        for words, since, until in stretches
        if since is not None and until is not None
    ]


def changed(event: WebhookEvent) -> list[Changed]:
    """What its last handling changed here, by the audit trail. One query."""
    rows = [(each["table"], each["row"]) for each in event.effect or ()]
    if not rows or event.begun_at is None or event.processed_at is None:
        return []
    written = select(AuditEntry).where(
        tuple_(AuditEntry.table_name, AuditEntry.row_id).in_(rows),
        AuditEntry.at.between(event.begun_at, event.processed_at),
        AuditEntry.door == Door.WEBHOOK.value,
    )
    found: dict[tuple[str, str], list[AuditEntry]] = {}
    for entry in db.session.scalars(written.order_by(AuditEntry.id)):
        found.setdefault((entry.table_name, entry.row_id), []).append(entry)
    return [each for key, entries in found.items() if (each := changed_record(*key, entries)).entries]


def changed_record(table: str, row_id: str, entries: Sequence[AuditEntry]) -> Changed:
    names = {each.model.__tablename__: name for name, each in current_sync().resources.by_name.items()}
    name = names.get(table)
    title = kind(name) if name else table.replace("_", " ").capitalize()
    url = record_url(name, row_id) if name else None
    return Changed(title, url, list(changes_of(name or "", entries)))


def siblings(event: WebhookEvent) -> Sequence[WebhookEvent]:
    """The events that the same fetch answered, newest first, without this one."""
    leader = event.coalesced_into or event.id
    together = (WebhookEvent.coalesced_into == leader) | (WebhookEvent.id == leader)
    newest = select(WebhookEvent).where(together, WebhookEvent.id != event.id).order_by(WebhookEvent.created_at.desc())
    light = (defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data))
    return db.session.scalars(newest.limit(MOST_SIBLINGS).options(*light)).all()


@operations.post("/webhooks/<uuid:event_id>/replay")
@requires(Permission.OPERATE_SYNC)
def replay_webhook(event_id: UUID) -> ResponseReturnValue:
    event = db.one_or_404(select(WebhookEvent).where(WebhookEvent.id == event_id).with_for_update())
    waiting = event.state == EventState.RECEIVED and event.next_attempt_at is not None
    replay(event, person())
    name = event.event_type or "a webhook that can’t be read"
    note_act("replay", f"Had {name} handled again", target=("webhook", event.id))
    db.session.commit()
    queued = drain_soon(queues)
    words = "It was waiting for its next try; that is now." if waiting else "It is handled again now."
    flash(words if queued else "It is handled again as soon as the queue (Redis) answers.")
    return back_to("webhook", event_id=event_id)
