"""The log of calls to Buildium: who asked what, what came back, how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import render_template, request
from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import defer

from portal.operations.blueprint import operations
from portal.operations.calls.traffic import DONE, IS_READ, PERIODS, SERIES, WENT_WRONG, bars, paces, stretches
from portal.operations.lists import Listing, Number, read_list
from portal.operations.words import kinds
from portal.sync.current import current_sync
from portal.sync.models import ApiCall
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Instant, Words

STATUSES: Mapping[str, str] = {
    "failed": "All that went wrong",
    "2xx": "Done (2xx)",
    "4xx": "Refused (4xx)",
    "429": "Asked to wait (429)",
    "5xx": "Fault at Buildium (5xx)",
    "none": "No answer",
}
WRITES = "write"
METHODS = {
    "GET": "GET (read)", WRITES: "All that change something", "POST": "POST (create)", "PUT": "PUT (update)",
    "PATCH": "PATCH (update a part)", "DELETE": "DELETE",
}  # fmt: skip
BY_STATUS: Mapping[str, ColumnElement[bool]] = {
    "failed": WENT_WRONG,
    "2xx": DONE,
    "4xx": and_(WENT_WRONG, ApiCall.response_status.between(400, 499)),
    "429": and_(WENT_WRONG, ApiCall.response_status == 429),
    "5xx": and_(WENT_WRONG, ApiCall.response_status >= 500),
    "none": and_(WENT_WRONG, ApiCall.response_status.is_(None)),
}


def of_record(entity_id: str) -> ColumnElement[bool]:
    return ApiCall.entity_type.in_(current_sync().resources.by_name) & (ApiCall.entity_id == entity_id)


def because_of(cause: str) -> ColumnElement[bool]:
    """A job by its name; a webhook event or a run by its id."""
    try:
        named = UUID(cause)
    except ValueError:
        return ApiCall.job_id == cause
    return or_(ApiCall.job_id == cause, ApiCall.webhook_event_id == named, ApiCall.run_id == named)


CALLS = Listing(
    "operations.api_log",
    ApiCall,
    ApiCall.created_at,
    filters=(
        Choice("status", "Answer", STATUSES, lambda value: BY_STATUS[value]),
        Choice("method", "Method", METHODS, lambda value: ~IS_READ if value == WRITES else ApiCall.method == value),
        Choice("entity_type", "Kind", kinds, lambda value: ApiCall.entity_type == value),
        Words("record", "Record (local id)", of_record),
        Words("cause", "Job, event or run id", because_of),
        Words("operation", "Operation, as in GET /v1/rentals/{id}", lambda value: ApiCall.operation == value),
        Number("slow", "Slower than (ms)", lambda value: ApiCall.duration_ms >= value, "ms"),
        Choice(
            "within", "When", {name: period.words for name, period in PERIODS.items()},
            lambda value: ApiCall.created_at > func.now() - PERIODS[value].step * PERIODS[value].bars,
        ),
        Instant("from", "From", lambda value: ApiCall.created_at >= value),
        Instant("until", "Until", lambda value: ApiCall.created_at < value),
    ),
    loads=(defer(ApiCall.request_data), defer(ApiCall.response_data)),
)  # fmt: skip


@operations.get("/api-log")
@requires(Permission.VIEW_SYNC)
def api_log() -> str:
    asked = read_list(CALLS, request.args)
    return render_template("sync/api_log.html", asked=asked, page=asked.page())


@operations.get("/api-log/pace")
@requires(Permission.VIEW_SYNC)
def pace() -> str:
    """How fast and how well Buildium answers."""
    chosen = request.args.get("within", "")
    name = chosen if chosen in PERIODS else "day"
    found = stretches(PERIODS[name])
    return render_template(
        "sync/pace.html",
        chosen=name,
        periods=PERIODS,
        series=[(each, bars(found, number)) for number, each in enumerate(SERIES)],
        stretches=found,
        paces=paces(PERIODS[name]),
    )
