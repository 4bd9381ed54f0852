"""The rest of a burst: other events about the records of a batch, so that one fetch answers them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from portal.extensions import db
from portal.sync.current import current_sync
from portal.webhooks.models import WebhookEvent

# What one worker may hold at a time; the fetches are as many as the batch names records.
MOST = 20_000


def companions(batch: Sequence[WebhookEvent], *due: ColumnElement[bool]) -> Sequence[WebhookEvent]:
    """The `due` events outside the batch that name a record which an event of the batch names, locked."""
    named = records_named(batch)
    if not named:
        return []
    alike = or_(*(of_records(prefix, ids) for prefix, ids in named.items()))
    others = WebhookEvent.id.not_in([event.id for event in batch])
    found = select(WebhookEvent).where(*due, alike, others).order_by(WebhookEvent.created_at)
    return db.session.scalars(found.limit(MOST).with_for_update(skip_locked=True)).all()


def records_named(batch: Sequence[WebhookEvent]) -> dict[str, set[str]]:
    """The ids of the records by the event's name before the dot, as JSON has them."""
    known, named = current_sync().resources.by_event, defaultdict[str, set[str]](set)
    for event in batch:
        prefix, payload = (event.event_type or "").rpartition(".")[0], event.event_data
        number: Any = payload.get(known[prefix].events[prefix]) if prefix in known and isinstance(payload, dict) else 0
        if number:
            named[prefix].add(str(number))
    return named


def of_records(prefix: str, ids: set[str]) -> ColumnElement[bool]:
    key = current_sync().resources.by_event[prefix].events[prefix]
    return and_(
        WebhookEvent.event_type.startswith(f"{prefix}.", autoescape=True), WebhookEvent.event_data[key].astext.in_(ids)
    )
