"""Buildium's way in: check the signature, keep the event, answer; a job does the rest."""

from __future__ import annotations

import time
from http import HTTPStatus

import psycopg
from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue

from portal.buildium.signatures import is_genuine, sent_at
from portal.sync.current import current_sync
from portal.web.access import public
from portal.webhooks.store import Inbox
from portal.webhooks.waking import Waker

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

MAXIMUM_BYTES = 64 * 1024
WINDOW_SECONDS = 300.0


def start(app: Flask, database_url: str) -> None:
    """Give the app its inbox."""
    app.extensions["webhooks"] = (Inbox(database_url), Waker(app.extensions["queues"]))


@webhooks.post("/buildium")
@public
def buildium() -> ResponseReturnValue:
    """202 for a genuine event, also for one that was kept before; 401 for a forged or a stale one."""
    if (request.content_length or 0) > MAXIMUM_BYTES:
        return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "larger than 64 KiB")
    body = request.get_data(cache=False)
    timestamp = request.headers.get("buildium-webhook-timestamp", "")
    signature = request.headers.get("buildium-webhook-signature", "")
    if not is_genuine(current_sync().webhook_secrets, timestamp, body, signature):
        return refused(HTTPStatus.UNAUTHORIZED, "the signature is missing or wrong")
    sent = sent_at(timestamp)
    if sent is None or abs(time.time() - sent) > WINDOW_SECONDS:
        return refused(HTTPStatus.UNAUTHORIZED, "the timestamp is more than five minutes away")
    inbox, waker = current_app.extensions["webhooks"]
    try:
        inbox.keep(body, sent)
    except psycopg.OperationalError:
        current_app.logger.exception("event not kept, Buildium will send it again")
        return {"error": "not kept, send it again"}, HTTPStatus.SERVICE_UNAVAILABLE
    waker.wake()
    return {"kept": True}, HTTPStatus.ACCEPTED


def refused(status: HTTPStatus, why: str) -> ResponseReturnValue:
    current_app.logger.warning("webhook refused: %s (from %s)", why, request.remote_addr)
    return {"error": why}, status
