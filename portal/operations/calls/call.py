"""One call to Buildium, and what to send to somebody who is asked for help about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from flask import Response, render_template
from sqlalchemy import select
from sqlalchemy.orm import defer

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.calls.bundle import bundle_of_call, bundle_of_record
from portal.operations.calls.messages import lines
from portal.operations.places import field_named, record_url
from portal.operations.words import call_title, status_tone
from portal.sync.models import ApiCall, SyncStatus
from portal.web.access import Permission, requires


@operations.get("/api-log/<uuid:call_id>")
@requires(Permission.VIEW_SYNC)
def call(call_id: UUID) -> str:
    found = db.get_or_404(ApiCall, call_id)
    errors = errors_of(found)
    return render_template(
        "sync/call.html",
        call=found,
        title=call_title(found.method, found.endpoint, found.response_status),
        tone=status_tone(found.response_status),
        complaints=[(label(found, key), message) for key, message in errors],
        request_lines=lines(found.request_data, [key for key, _ in errors]),
        answer_lines=lines(found.response_data),
        row=row_of(found),
        page_url=link_of(found, record_url),
    )


@operations.get("/api-log/<uuid:call_id>/support.json")
@requires(Permission.VIEW_SYNC)
def call_bundle(call_id: UUID) -> Response:
    found = db.get_or_404(ApiCall, call_id)
    return attachment(bundle_of_call(found, row_of(found)), found.id)


@operations.get("/records/<uuid:row_id>/support.json")
@requires(Permission.VIEW_SYNC)
def record_bundle(row_id: UUID) -> Response:
    row = db.get_or_404(SyncStatus, row_id)
    return attachment(bundle_of_record(row), row.id)


def attachment(bundle: dict[str, object], of: UUID) -> Response:
    text = json.dumps(bundle, indent=2, ensure_ascii=False, default=str)
    name = f"support-{str(of)[:8]}.json"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(text, mimetype="application/json", headers=headers)


def errors_of(found: ApiCall) -> list[tuple[str, str]]:
    """(key, message) of the answer's `Errors` (MAPPING §1.5)."""
    answer = found.response_data
    errors = answer.get("Errors") if isinstance(answer, dict) else None
    listed = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return [(str(each.get("Key") or ""), str(each.get("Value", ""))) for each in listed]


def label(found: ApiCall, key: str) -> str:
    """The field in our words, with Buildium's key."""
    item = field_named(found.entity_type or "", key)
    return f"{item.words} ({key})" if item else key


def row_of(found: ApiCall) -> SyncStatus | None:
    if found.entity_type is None or found.entity_id is None:
        return None
    mine = (SyncStatus.entity_type == found.entity_type, SyncStatus.entity_id == found.entity_id)
    return db.session.scalar(select(SyncStatus).where(*mine).options(defer(SyncStatus.remote_snapshot)))


def link_of(found: ApiCall, url: Callable[[str, str], str | None]) -> str | None:
    return url(found.entity_type, found.entity_id) if found.entity_type and found.entity_id else None
