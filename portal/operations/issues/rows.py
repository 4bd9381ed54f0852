"""What is behind an issue: its rows, one call with its answer, and who has changed the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import defer

from portal.audit import AuditEntry
from portal.extensions import db
from portal.operations.issues.models import Issue
from portal.operations.lists import SIZE
from portal.operations.records.listing import RECORDS
from portal.sync.current import current_sync
from portal.sync.models import ApiCall, SyncRun, SyncStatus
from portal.web.pagination import Order, Page, Place, page_of
from portal.web.screen import Sort
from portal.webhooks.models import WebhookEvent

LATELY = 20  # calls of one record that are looked at
LIGHT: Mapping[Any, tuple[Any, ...]] = {
    SyncStatus: RECORDS.loads,
    WebhookEvent: (defer(WebhookEvent.raw_body), defer(WebhookEvent.event_data)),
    SyncRun: (),
}


def model_of(issue: Issue) -> Any:
    """The table in which its rows are."""
    if issue.direction == "out":
        return SyncStatus
    return SyncRun if issue.cause.startswith("run ") else WebhookEvent


def order_of(issue: Issue) -> Order:
    model = model_of(issue)
    return Order("newest", Sort(model.failed_at), model.id, descending=True)


def page(issue: Issue, place: Place | None) -> Page:
    """The rows, the last failure first, by the index of issues."""
    model = model_of(issue)
    mine = select(model).where(model.issue_id == issue.id)
    return page_of(mine, order_of(issue), place, SIZE, False, LIGHT[model])


def address(issue: Issue, *, before: str | None = None, after: str | None = None) -> str:
    return url_for("operations.issue", issue_id=issue.id, _anchor="rows", before=before, after=after)


def example(issue: Issue, rows: Sequence[Any]) -> ApiCall | None:
    """The last call of the newest row that Buildium refused or didn't answer. One query."""
    if not rows:
        return None
    newest, went_wrong = rows[0], (ApiCall.response_status.is_(None)) | (ApiCall.response_status >= 400)
    if model_of(issue) is SyncStatus:
        mine = (ApiCall.entity_type == newest.entity_type) & (ApiCall.entity_id == newest.entity_id)
    elif model_of(issue) is WebhookEvent:
        mine = ApiCall.webhook_event_id == newest.id
    else:
        mine = ApiCall.run_id == newest.id
    lately = select(ApiCall.id).where(mine).order_by(ApiCall.created_at.desc()).limit(LATELY)
    wanted = select(ApiCall).where(ApiCall.id.in_(lately), went_wrong).order_by(ApiCall.created_at.desc())
    return db.session.scalar(wanted.limit(1))


@dataclass(frozen=True)
class Edit:
    who: str
    at: datetime


def last_edits(issue: Issue, rows: Sequence[Any]) -> Mapping[str, Edit]:
    """Who changed each record last in the portal, by local id. One query."""
    resource = current_sync().resources.by_name.get(issue.entity_type or "")
    if resource is None or model_of(issue) is not SyncStatus or not rows:
        return {}
    mine = (
        AuditEntry.table_name == resource.model.__tablename__,
        AuditEntry.row_id.in_([row.entity_id for row in rows]),
        AuditEntry.door == "browser",
    )
    newest = (
        select(AuditEntry.row_id, AuditEntry.actor_name, AuditEntry.at).where(*mine).ext(distinct_on(AuditEntry.row_id))
    )
    found = db.session.execute(newest.order_by(AuditEntry.row_id, AuditEntry.id.desc()))
    return {row_id: Edit(who or "Somebody", at) for row_id, who, at in found}
