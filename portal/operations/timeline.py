"""One list of all that happened to a record: changes, calls to Buildium, webhooks, and how it stands now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import has_request_context, url_for
from sqlalchemy import inspect, select
from sqlalchemy.orm import defer

from portal.audit import AuditEntry
from portal.extensions import db
from portal.operations.freshness import short
from portal.operations.moments import milliseconds
from portal.operations.places import screen_of
from portal.operations.words import (
    DOORS,
    EVENT_TONES,
    EVENT_WORDS,
    TONES,
    call_title,
    cause_of,
    is_write,
    shown,
    state_words,
    status_tone,
)
from portal.sync.current import current_sync
from portal.sync.models import ApiCall, SyncStatus
from portal.sync.states import State
from portal.web.access import Permission, may
from portal.web.record_sync import Entry
from portal.webhooks.models import EventState, WebhookEvent

# Columns that the portal keeps for itself.
BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at", "search_text"})
ACTIONS = {"insert": "Created", "update": "Changed", "delete": "Deleted", "reveal": "A hidden value was shown"}


def timeline(entity_type: str, table: str, record_id: str, limit: int) -> Sequence[Entry]:
    """Newest first. Four queries, however long the history is."""
    row = db.session.execute(
        select(
            SyncStatus.id, SyncStatus.buildium_id, SyncStatus.sync_status, SyncStatus.cause, SyncStatus.error_message,
            SyncStatus.updated_at, SyncStatus.last_synced_at,
        ).where(SyncStatus.entity_type == entity_type, SyncStatus.entity_id == record_id)
    ).one_or_none()  # fmt: skip
    calls = calls_of(entity_type, record_id, limit)
    entries = [
        *changes_of(entity_type, table, record_id, limit),
        *(call_entry(call) for call in calls),
        *(state_entries(row) if row else ()),
        *(events_of(entity_type, row.buildium_id, calls, limit) if row and row.buildium_id else ()),
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries[:limit]


def changes_of(entity_type: str, table: str, record_id: str, limit: int) -> Iterator[Entry]:
    labels = labels_of(entity_type)
    mine = select(AuditEntry).where(AuditEntry.table_name == table, AuditEntry.row_id == record_id)
    for each in db.session.scalars(mine.order_by(AuditEntry.id.desc()).limit(limit)):
        seen = {name: pair for name, pair in each.changes.items() if name not in BOOKKEEPING}
        if each.action == "update" and not seen:
            continue
        door = DOORS.get(each.door or "", each.door or "")
        changes = () if each.action != "update" else tuple(changed(labels, name, pair) for name, pair in seen.items())
        who = ", ".join(filter(None, (each.actor_name, door)))
        shown = ", ".join(labels.get(name) or name for name in seen) if each.action == "reveal" else ""
        kind = "reveal" if shown else "change"
        yield Entry(each.at, kind, ACTIONS[each.action], shown, who=who, tone="info", changes=changes)


def changed(labels: dict[str, str], name: str, pair: Sequence[Any]) -> tuple[str, str, str]:
    label = labels.get(name) or name.replace("_", " ").capitalize()
    return label, short(shown(pair[0])), short(shown(pair[1]))


def labels_of(entity_type: str) -> dict[str, str]:
    """Column → the label that forms and pages have for it."""
    resource = current_sync().resources.by_name.get(entity_type)
    screen = screen_of(entity_type)
    labels = {item.name: item.words for item in (resource.fields if resource else ()) if item.name}
    if screen:
        facts = [*screen.columns, *(fact for section in screen.sections for fact in section.facts)]
        labels |= {fact.name: fact.heading for fact in facts}
    model = resource.model if resource else screen.model if screen else None
    columns = inspect(model).column_attrs if model else ()
    by_column = {each.columns[0].name: labels[each.key] for each in columns if each.key in labels}
    return labels | by_column


def calls_of(entity_type: str, record_id: str, limit: int) -> Sequence[ApiCall]:
    mine = select(ApiCall).where(ApiCall.entity_type == entity_type, ApiCall.entity_id == record_id)
    light = (defer(ApiCall.request_data), defer(ApiCall.response_data))
    return db.session.scalars(mine.order_by(ApiCall.created_at.desc()).limit(limit).options(*light)).all()


def call_entry(call: ApiCall) -> Entry:
    answer = f"answered {call.response_status}" if call.response_status else "no answer"
    after = f" after {call.duration_ms} ms" if call.duration_ms is not None else ""
    words = f"{call.method} {short(call.endpoint)}, {answer}{after}"
    tone = status_tone(call.response_status)
    return Entry(
        call.created_at,
        "call",
        call_title(call.method, call.endpoint, call.response_status),
        detail=f"{words}. {call.error_message}" if call.error_message else words,
        tone="off" if tone == "good" and not is_write(call.method) else tone,
        url=dashboard("call", call_id=call.id),
    )


def events_of(entity_type: str, buildium_id: int, calls: Sequence[ApiCall], limit: int) -> Iterator[Entry]:
    mine = (WebhookEvent.entity_type == entity_type, WebhookEvent.buildium_entity_id == buildium_id)
    newest = select(WebhookEvent).where(*mine).order_by(WebhookEvent.created_at.desc()).limit(limit)
    light = (defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data))
    writes = [call.created_at for call in calls if is_write(call.method) and call.response_status in range(200, 300)]
    for event in db.session.scalars(newest.options(*light)):
        yield Entry(
            event.created_at,
            "webhook",
            f"Webhook {event.event_type}: {EVENT_WORDS[event.state]}",
            detail=event_detail(event, writes),
            tone=EVENT_TONES[event.state],
            url=dashboard("webhook", event_id=event.id),
        )


def event_detail(event: WebhookEvent, writes: Sequence[datetime]) -> str:
    """An echo tells how long the way to Buildium and back took; `writes` are our calls, newest first."""
    sent = next((moment for moment in writes if moment <= event.created_at), None)
    if event.state == EventState.ECHO and sent:
        return f"Buildium confirmed our change {milliseconds(event.created_at - sent)} after it was sent."
    return event.error_message or ""


def state_entries(row: Any) -> Iterator[Entry]:
    url = dashboard("record", row_id=row.id)
    if row.last_synced_at:
        yield Entry(row.last_synced_at, "sync", state_words(State.SYNCED), tone="good", url=url)
    if row.sync_status != State.SYNCED:
        words = row.error_message or cause_of(row.sync_status, row.cause).title
        kind = "conflict" if row.sync_status == State.CONFLICT else "sync"
        tone = TONES[row.sync_status]
        yield Entry(row.updated_at, kind, state_words(row.sync_status), detail=words, tone=tone, url=url)


def dashboard(view: str, **values: Any) -> str | None:
    """A page of the dashboard, for those who may see it."""
    if not (has_request_context() and may(Permission.VIEW_SYNC)):
        return None
    return url_for(f"operations.{view}", **values)
