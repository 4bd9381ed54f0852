"""Joining the dashboard to a running app."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_login import current_user

from portal.health import COLLECTORS

# Each of these adds its pages to the blueprint.
from portal.operations import (
    alerts,
    api_log,
    call,
    conflicts,
    decision_batches,
    decisions,
    drift,
    event_switches,
    history,
    issue,
    issues,
    kept_page,
    matches,
    overview,
    pauses,
    queues,
    record,
    records,
    replay_pages,
    retry_pages,
    runs,
    shadow,
    webhook,
    webhooks,
)
from portal.operations.attention import number_waiting
from portal.operations.blueprint import operations
from portal.operations.metrics import SyncCollector
from portal.operations.moments import clock, relative
from portal.operations.record_sync import OutboxAndLog
from portal.operations.stand_in import stand_in
from portal.operations.words import kind
from portal.web.access import Permission, may

PAGES = (
    *(issues, issue, retry_pages),
    *(overview, pauses, records, record, webhooks, api_log, call, queues),
    *(runs, conflicts, decision_batches, decisions),
    webhook,
    replay_pages,
    event_switches,
    alerts,
    kept_page,
    shadow,
    drift,
    matches,
    history,
)


def start(app: Flask) -> None:
    """Register the pages, answer the page kit's questions about the sync, count for the navigation, measure."""
    app.register_blueprint(operations)
    app.extensions["record_sync"] = OutboxAndLog()
    app.extensions["beside_jobs"] = stand_in
    app.context_processor(badge)
    app.jinja_env.filters.update(relative=relative, clock=clock, kind=kind)
    if SyncCollector not in COLLECTORS:
        COLLECTORS.append(SyncCollector)


def badge() -> dict[str, Any]:
    """`needs_attention` of the navigation; nothing for those who don't see the dashboard."""
    if not (current_user and current_user.is_authenticated and may(Permission.VIEW_SYNC)):
        return {}
    return {"needs_attention": number_waiting()}
