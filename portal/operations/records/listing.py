"""The list of outbox rows: every record that the sync knows, by state, kind, cause and name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import g, render_template, request
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import load_only

from portal.extensions import db
from portal.operations import counts
from portal.operations.blueprint import operations
from portal.operations.counts import IS_RETRYING, RETRYING
from portal.operations.lists import STATE, Asked, Listing, is_integer, read_list
from portal.operations.records.mine import is_mine
from portal.operations.words import cause_words, kinds
from portal.sync.current import current_sync
from portal.sync.models import SyncStatus
from portal.sync.states import State
from portal.web import search
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words
from portal.webhooks.models import WebhookEvent

# As people ask for them: what needs somebody first.
TABS: Mapping[str, str] = {
    State.FAILED.value: "Refused",
    State.CONFLICT.value: "Conflicts",
    State.MISSING.value: "Gone in Buildium",
    State.UNCERTAIN.value: "Outcome unknown",
    State.BLOCKED.value: "Can’t be sent yet",
    State.PENDING.value: "Waiting",
    RETRYING: "Waiting, tried again",
    State.SYNCING.value: "Sending now",
    State.HELD.value: "Paused",
    State.SYNCED.value: "In sync",
}

JOB = re.compile(r"push-(?P<kind>[a-z_]+)-(?P<id>[0-9a-f-]+)")  # as outbox.wake names them
HASH = re.compile(r"[0-9a-f]{64}")


def in_state(name: str) -> ColumnElement[bool]:
    return IS_RETRYING if name == RETRYING else SyncStatus.sync_status == name


def sought(text: str) -> ColumnElement[bool]:
    """A part of the name; or a whole id: ours, Buildium’s, that of a job, or that of a webhook event. Each arm has
    an index."""
    arms = [search.found(func.lower(SyncStatus.record_name), text)]
    known = SyncStatus.entity_type.in_(current_sync().resources.by_name)
    if job := JOB.fullmatch(text):
        arms.append((SyncStatus.entity_type == job["kind"]) & (SyncStatus.entity_id == job["id"]))
    if (event := event_named(text)) is not None:
        mine = SyncStatus.buildium_id == event.buildium_entity_id
        arms.append((SyncStatus.entity_type == event.entity_type) & mine)
    if is_uuid(text) or text.isdecimal():
        arms.append(known & (SyncStatus.entity_id == text.lower()))
    if is_integer(text):
        arms.append(known & (SyncStatus.buildium_id == int(text)))
    return or_(*arms)


def event_named(text: str) -> Any:
    """The kind and Buildium id of the record that an event is about; by the id that the portal gave the event, or that
    its page has. One query, if it can be either."""
    by_page = [WebhookEvent.id == UUID(text)] if is_uuid(text) else []
    by_hash = [WebhookEvent.event_id == text.lower()] if HASH.fullmatch(text.lower()) else []
    if not by_page + by_hash:
        return None
    about = select(WebhookEvent.entity_type, WebhookEvent.buildium_entity_id)
    return db.session.execute(about.where(*by_page, *by_hash)).one_or_none()


def is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def known_causes() -> Mapping[str, str]:
    """Asked of the database once per request."""
    if "causes" not in g:
        g.causes = {cause: cause_words(cause) for cause in counts.known_causes()}
    found: Mapping[str, str] = g.causes
    return found


RECORDS = Listing(
    "operations.records",
    SyncStatus,
    SyncStatus.updated_at,
    filters=(
        Choice(STATE, "State", TABS, in_state),
        Words("q", "Name, or id of a record, job or event", sought),
        Choice("entity_type", "Kind", kinds, lambda value: SyncStatus.entity_type == value),
        Choice("mine", "Changed by", {"yes": "Me, and needs somebody"}, lambda _: is_mine()),
        Choice("cause", "Cause", known_causes, lambda value: SyncStatus.cause == value),
    ),
    loads=(
        load_only(
            SyncStatus.entity_type, SyncStatus.entity_id, SyncStatus.buildium_id, SyncStatus.sync_status,
            SyncStatus.error_message, SyncStatus.error_fields, SyncStatus.attempts, SyncStatus.next_attempt_at,
            SyncStatus.cause, SyncStatus.record_name, SyncStatus.updated_at, SyncStatus.last_synced_at,
        ),
    ),
)  # fmt: skip


@operations.get("/records")
@requires(Permission.VIEW_SYNC)
def records() -> str:
    return listed(read_list(RECORDS, request.args))


def listed(asked: Asked) -> str:
    numbers = counts.records_by_state(*asked.where(but=STATE))
    states = asked.tabs(numbers, {counts.ALL: "All", **TABS})
    total = numbers.get(asked.value(STATE), 0)
    return render_template("sync/records.html", asked=asked, page=asked.page(), states=states, total=total)
