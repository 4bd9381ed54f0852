"""One list of all that happened to a record: changes, calls to Buildium, webhooks, and how it stands now."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from flask import has_request_context, url_for
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    func,
    inspect,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from portal.audit import AuditEntry
from portal.extensions import db
from portal.operations.freshness import short
from portal.operations.moments import milliseconds
from portal.operations.places import screen_of
from portal.operations.records.conflict import summary
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
from portal.sync.decision_models import SyncDecision
from portal.sync.models import ApiCall, SyncStatus
from portal.sync.states import State
from portal.web.access import Permission, may
from portal.web.formats import day, moment
from portal.web.record_sync import Entry
from portal.webhooks.models import EventState, WebhookEvent

# The seeds keep the days of a lease as midnights without a zone.
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T00:00:00)?")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

# Columns that the portal keeps for itself.
BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at", "search_text"})
ACTIONS = {"insert": "Created", "update": "Changed", "delete": "Deleted", "reveal": "A hidden value was shown"}


def newest(kind: str, at: Any, by: Any, facts: Sequence[Any], *mine: ColumnElement[bool]) -> Select[Any]:
    """The newest rows of one table, with what the timeline says of them as one JSON object."""
    rows = select(at.label("at"), *facts).where(*mine).order_by(by.desc()).limit(bindparam("limit")).subquery()
    pairs: list[Any] = []
    for fact in facts:
        pairs += (literal_column(f"'{fact.key}'"), rows.c[fact.key])
    packed = type_coerce(func.jsonb_build_object(*pairs), JSONB)
    return select(literal_column(f"'{kind}'").label("kind"), rows.c.at, packed.label("facts"))


# One statement, built once: each further one would cost the page more than all of their rows.
ENTITY_TYPE, RECORD_ID = bindparam("entity_type", type_=Text), bindparam("record_id", type_=Text)
OUTBOX = (SyncStatus.entity_type == ENTITY_TYPE, SyncStatus.entity_id == RECORD_ID)
BUILDIUM_ID = select(SyncStatus.buildium_id).where(*OUTBOX).scalar_subquery()
HISTORY = union_all(
    newest(
        "row",
        SyncStatus.updated_at,
        SyncStatus.id,
        (
            SyncStatus.id,
            SyncStatus.sync_status,
            SyncStatus.cause,
            SyncStatus.error_message,
            SyncStatus.last_synced_at,
        ),
        *OUTBOX,
    ),
    newest(
        "change",
        AuditEntry.at,
        AuditEntry.id,
        (AuditEntry.action, AuditEntry.actor_name, AuditEntry.door, AuditEntry.changes),
        AuditEntry.table_name == bindparam("table", type_=Text),
        AuditEntry.row_id == RECORD_ID,
    ),
    newest(
        "call",
        ApiCall.created_at,
        ApiCall.created_at,
        (
            ApiCall.id,
            ApiCall.endpoint,
            ApiCall.method,
            ApiCall.response_status,
            ApiCall.error_message,
            ApiCall.duration_ms,
        ),
        ApiCall.entity_type == ENTITY_TYPE,
        ApiCall.entity_id == RECORD_ID,
    ),
    newest(
        "event",
        WebhookEvent.created_at,
        WebhookEvent.created_at,
        (WebhookEvent.id, WebhookEvent.event_type, WebhookEvent.state, WebhookEvent.error_message),
        WebhookEvent.entity_type == ENTITY_TYPE,
        WebhookEvent.buildium_entity_id == BUILDIUM_ID,
    ),
    newest(
        "decision",
        SyncDecision.decided_at,
        SyncDecision.decided_at,
        (
            SyncDecision.id,
            SyncDecision.fields,
            SyncDecision.decided_by,
            SyncDecision.undone_by,
            SyncDecision.undone_at,
            SyncDecision.undone_words,
        ),
        SyncDecision.entity_type == ENTITY_TYPE,
        SyncDecision.entity_id == RECORD_ID,
    ),
)


def timeline(entity_type: str, table: str, record_id: str, limit: int) -> Sequence[Entry]:
    """Newest first. One query, however long the history is."""
    asked = {"entity_type": entity_type, "table": table, "record_id": record_id, "limit": limit}
    found: dict[str, list[Any]] = defaultdict(list)
    for kind, at, facts in db.session.execute(HISTORY, asked):
        found[kind].append(SimpleNamespace(at=at, **facts))
    calls = sorted(found["call"], key=lambda call: call.at, reverse=True)
    entries = [
        *changes_of(entity_type, found["change"]),
        *(call_entry(call) for call in calls),
        *(entry for row in found["row"] for entry in state_entries(row)),
        *events_of(found["event"], calls),
        *(entry for each in found["decision"] for entry in decision_entries(each)),
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries[:limit]


def changes_of(entity_type: str, found: Sequence[Any]) -> Iterator[Entry]:
    labels, codes = (labels_of(entity_type), codes_of(entity_type)) if found else ({}, {})
    for each in found:
        seen = {name: pair for name, pair in each.changes.items() if name not in BOOKKEEPING}
        if each.action == "update" and not seen:
            continue
        door = DOORS.get(each.door or "", each.door or "")
        changes = (
            ()
            if each.action != "update"
            else tuple(changed(labels, codes.get(name, {}), name, pair) for name, pair in seen.items())
        )
        who = ", ".join(filter(None, (each.actor_name, door)))
        shown = ", ".join(labels.get(name) or name for name in seen) if each.action == "reveal" else ""
        kind = "reveal" if shown else "change"
        yield Entry(each.at, kind, ACTIONS[each.action], shown, who=who, tone="info", changes=changes)


def changed(labels: dict[str, str], words: Mapping[Any, str], name: str, pair: Sequence[Any]) -> tuple[str, str, str]:
    label = labels.get(name) or name.replace("_", " ").capitalize()
    # What the portal keeps of an answer may be a list, which is no code.
    old, new = ((isinstance(each, Hashable) and words.get(each)) or said(each) for each in pair)
    return label, short(old), short(new)


def said(value: Any) -> str:
    """A column's value as the audit trail has it (JSON), in words: its moments are UTC there."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, str) and (found := DAY.fullmatch(value)):
        return in_words(found[1])
    return shown(value)


def in_words(text: str) -> str:
    """A day such as 2026-11-21 as pages show it; a text that only looks like one stays as it is."""
    with suppress(ValueError):
        return day(date.fromisoformat(text))
    return text


def codes_of(entity_type: str) -> dict[str, Mapping[Any, str]]:
    """Column → the words that pages have for its codes."""
    screen = screen_of(entity_type)
    facts = [*screen.columns, *(fact for section in screen.sections for fact in section.facts)] if screen else []
    return {fact.name: fact.words for fact in facts if fact.words}


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


def call_entry(call: Any) -> Entry:
    answer = f"answered {call.response_status}" if call.response_status else "no answer"
    after = f" after {call.duration_ms} ms" if call.duration_ms is not None else ""
    words = f"{call.method} {short(call.endpoint)}, {answer}{after}"
    tone = status_tone(call.response_status)
    return Entry(
        call.at,
        "call",
        call_title(call.method, call.endpoint, call.response_status),
        detail=f"{words}. {call.error_message}" if call.error_message else words,
        tone="off" if tone == "good" and not is_write(call.method) else tone,
        url=dashboard("call", call_id=call.id),
    )


def events_of(found: Sequence[Any], calls: Sequence[Any]) -> Iterator[Entry]:
    writes = [call.at for call in calls if is_write(call.method) and call.response_status in range(200, 300)]
    for event in found:
        yield Entry(
            event.at,
            "webhook",
            f"Webhook {event.event_type}: {EVENT_WORDS[event.state]}",
            detail=event_detail(event, writes),
            tone=EVENT_TONES[event.state],
            url=dashboard("webhook", event_id=event.id),
        )


def event_detail(event: Any, writes: Sequence[datetime]) -> str:
    """An echo tells how long the way to Buildium and back took; `writes` are our calls, newest first."""
    sent = next((moment for moment in writes if moment <= event.at), None)
    if event.state == EventState.ECHO and sent:
        return f"Buildium confirmed our change {milliseconds(event.at - sent)} after it was sent."
    return event.error_message or ""


def decision_entries(decision: Any) -> Iterator[Entry]:
    url = dashboard("decision", decision_id=decision.id)
    words, who = summary(decision), decision.decided_by
    yield Entry(decision.at, "conflict", "Conflict decided", detail=words, who=who, tone="info", url=url)
    if decision.undone_at:
        at, who = datetime.fromisoformat(decision.undone_at), decision.undone_by
        yield Entry(at, "conflict", "Decision undone", detail=decision.undone_words, who=who, tone="info", url=url)


def state_entries(row: Any) -> Iterator[Entry]:
    url = dashboard("record", row_id=row.id)
    if row.last_synced_at:
        yield Entry(datetime.fromisoformat(row.last_synced_at), "sync", state_words(State.SYNCED), tone="good", url=url)
    if row.sync_status != State.SYNCED:
        words = row.error_message or cause_of(row.sync_status, row.cause).title
        kind = "conflict" if row.sync_status == State.CONFLICT else "sync"
        tone = TONES[row.sync_status]
        yield Entry(row.at, kind, state_words(row.sync_status), detail=words, tone=tone, url=url)


def dashboard(view: str, **values: Any) -> str | None:
    """A page of the dashboard, for those who may see it."""
    if not (has_request_context() and may(Permission.VIEW_SYNC)):
        return None
    return url_for(f"operations.{view}", **values)
