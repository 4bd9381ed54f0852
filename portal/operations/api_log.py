"""The log of calls to Buildium: who asked what, what came back, how long it took."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import defer

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.lists import Listing, Number, read_list
from portal.operations.places import field_named, record_url
from portal.operations.words import call_title, kinds, status_tone
from portal.sync.breaker import ACCOUNT_PATH
from portal.sync.current import current_sync
from portal.sync.models import ApiCall, SyncStatus
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words

STATUSES: Mapping[str, str] = {
    "failed": "All that went wrong",
    "2xx": "Done (2xx)",
    "4xx": "Refused (4xx)",
    "429": "Asked to wait (429)",
    "5xx": "Fault at Buildium (5xx)",
    "none": "No answer",
}
METHODS = {"GET": "GET (read)", "POST": "POST (create)", "PUT": "PUT (update)"}
PERIODS: Mapping[str, tuple[str, timedelta]] = {
    "hour": ("Last hour", timedelta(hours=1)),
    "day": ("Last 24 hours", timedelta(days=1)),
    "week": ("Last 7 days", timedelta(days=7)),
}

# As the partial index of failures says it.
WENT_WRONG = or_(ApiCall.response_status.is_(None), ApiCall.response_status >= 400)
BY_STATUS: Mapping[str, ColumnElement[bool]] = {
    "failed": WENT_WRONG,
    "2xx": ApiCall.response_status.between(200, 299),
    "4xx": and_(WENT_WRONG, ApiCall.response_status.between(400, 499)),
    "429": and_(WENT_WRONG, ApiCall.response_status == 429),
    "5xx": and_(WENT_WRONG, ApiCall.response_status >= 500),
    "none": and_(WENT_WRONG, ApiCall.response_status.is_(None)),
}


def of_record(entity_id: str) -> ColumnElement[bool]:
    return ApiCall.entity_type.in_(current_sync().resources.by_name) & (ApiCall.entity_id == entity_id)


def operations_known() -> dict[str, str]:
    """As the log writes them down."""
    verbs = (("GET", ""), ("GET", "/{id}"), ("POST", ""), ("PUT", "/{id}"))
    found = [f"{verb} {each.path}{end}" for each in current_sync().resources.ordered for verb, end in verbs]
    return {each: each for each in [*found, f"GET {ACCOUNT_PATH}"]}


CALLS = Listing(
    "operations.api_log",
    ApiCall,
    ApiCall.created_at,
    filters=(
        Choice("status", "Answer", STATUSES, lambda value: BY_STATUS[value]),
        Choice("method", "Method", METHODS, lambda value: ApiCall.method == value),
        Choice("entity_type", "Kind", kinds, lambda value: ApiCall.entity_type == value),
        Words("record", "Record (local id)", of_record),
        Choice("operation", "Operation", operations_known, lambda value: ApiCall.operation == value),
        Number("slow", "Slower than (ms)", lambda value: ApiCall.duration_ms >= value, "ms"),
        Choice(
            "within", "When", {name: words for name, (words, _) in PERIODS.items()},
            lambda value: ApiCall.created_at > func.now() - PERIODS[value][1],
        ),
    ),
    loads=(defer(ApiCall.request_data), defer(ApiCall.response_data)),
)  # fmt: skip


@operations.get("/api-log")
@requires(Permission.VIEW_SYNC)
def api_log() -> str:
    asked = read_list(CALLS, request.args)
    return render_template("sync/api_log.html", asked=asked, page=asked.page())


@operations.get("/api-log/<uuid:call_id>")
@requires(Permission.VIEW_SYNC)
def call(call_id: UUID) -> str:
    found = db.get_or_404(ApiCall, call_id)
    return render_template(
        "sync/call.html",
        call=found,
        title=call_title(found.method, found.endpoint, found.response_status),
        tone=status_tone(found.response_status),
        complaints=complaints(found),
        request_text=pretty(found.request_data),
        response_text=pretty(found.response_data),
        row=row_of(found),
        page_url=link_of(found, record_url),
    )


def complaints(found: ApiCall) -> list[tuple[str, str]]:
    """(field in our words, what Buildium says) of the answer's `Errors` (MAPPING §1.5)."""
    answer = found.response_data
    errors = answer.get("Errors") if isinstance(answer, dict) else None
    listed = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return [(label(found, str(each.get("Key", ""))), str(each.get("Value", ""))) for each in listed]


def label(found: ApiCall, key: str) -> str:
    item = field_named(found.entity_type or "", key)
    return f"{item.words} ({key})" if item else key


def pretty(message: Any) -> str:
    return "" if message is None else json.dumps(message, indent=2, ensure_ascii=False)


def row_of(found: ApiCall) -> SyncStatus | None:
    if found.entity_type is None or found.entity_id is None:
        return None
    mine = (SyncStatus.entity_type == found.entity_type, SyncStatus.entity_id == found.entity_id)
    return db.session.scalar(select(SyncStatus).where(*mine).options(defer(SyncStatus.remote_snapshot)))


def link_of(found: ApiCall, url: Callable[[str, str], str | None]) -> str | None:
    return url(found.entity_type, found.entity_id) if found.entity_type and found.entity_id else None
