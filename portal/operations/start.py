"""Joining the dashboard to a running app."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_login import current_user

from portal.health import COLLECTORS
from portal.operations import history, overview

# Each of these adds its pages to the blueprint.
from portal.operations.alerts import pages as alerts
from portal.operations.alerts.attention import number_waiting
from portal.operations.alerts.stand_in import stand_in
from portal.operations.blueprint import operations
from portal.operations.calls import api_log, call
from portal.operations.conflicts import batches as decision_batches
from portal.operations.conflicts import decisions
from portal.operations.conflicts import listing as conflicts
from portal.operations.issues import issue, retry_pages
from portal.operations.issues import listing as issues
from portal.operations.keeping import page as kept_page
from portal.operations.machinery import queues
from portal.operations.machinery.metrics import SyncCollector
from portal.operations.moments import clock, relative
from portal.operations.pauses import pages as pauses
from portal.operations.pauses import shadow
from portal.operations.record_sync import OutboxAndLog
from portal.operations.records import listing as records
from portal.operations.records import record
from portal.operations.runs import drift, matches
from portal.operations.runs import pages as runs
from portal.operations.webhooks import listing as webhooks
from portal.operations.webhooks import replay_pages, webhook
from portal.operations.webhooks import switches as event_switches
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
