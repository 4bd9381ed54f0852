"""The newest calls and webhooks about one record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from portal.extensions import db
from portal.sync.models import ApiCall, SyncStatus
from portal.webhooks.models import WebhookEvent


def calls_about(row: SyncStatus, most: int, whole: bool = False) -> Sequence[ApiCall]:
    """Newest first; only `whole` ones come with their request and answer."""
    mine = (ApiCall.entity_type == row.entity_type, ApiCall.entity_id == row.entity_id)
    light = () if whole else (defer(ApiCall.request_data), defer(ApiCall.response_data))
    return db.session.scalars(
        select(ApiCall).where(*mine).order_by(ApiCall.created_at.desc()).limit(most).options(*light)
    ).all()


def events_about(row: SyncStatus, most: int) -> Sequence[WebhookEvent]:
    """Newest first, without their bodies."""
    if row.buildium_id is None:
        return ()
    mine = (WebhookEvent.entity_type == row.entity_type, WebhookEvent.buildium_entity_id == row.buildium_id)
    light = (defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data))
    return db.session.scalars(
        select(WebhookEvent).where(*mine).order_by(WebhookEvent.created_at.desc()).limit(most).options(*light)
    ).all()
