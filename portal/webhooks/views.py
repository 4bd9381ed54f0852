"""Buildium's way in: check the signature, keep the event, answer; a job does the rest."""

from __future__ import annotations

from http import HTTPStatus

import psycopg
from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue

from portal.web.access import public
from portal.webhooks.door import Door
from portal.webhooks.forgeries import Forgeries
from portal.webhooks.reception import MAXIMUM_BYTES, Reception, RefusedError
from portal.webhooks.refusals import RefusalCount
from portal.webhooks.store import Inbox
from portal.webhooks.waking import Waker

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


def start(app: Flask, database_url: str) -> None:
    """Give the app its inbox, and the short way to it."""
    waker = Waker(app.extensions["queues"])
    reception = Reception(lambda: app.extensions["sync"].webhook_secrets, Inbox(database_url), waker)
    app.extensions["reception"] = reception
    app.extensions["refusals"] = RefusalCount(app)
    app.extensions["forgeries"] = Forgeries()
    app.wsgi_app = Door(app.wsgi_app, reception)  # type: ignore[method-assign]


@webhooks.post("/buildium")
@public
def buildium() -> ResponseReturnValue:
    """202 for a genuine event, also for one that was kept before; 401 for a forged or a stale one."""
    if (request.content_length or 0) > MAXIMUM_BYTES:
        return refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "larger than 64 KiB")
    timestamp, signature = (request.headers.get(f"buildium-webhook-{name}", "") for name in ("timestamp", "signature"))
    reception: Reception = current_app.extensions["reception"]
    try:
        reception.receive(request.get_data(cache=False), timestamp, signature)
    except RefusedError as error:
        refusals: RefusalCount = current_app.extensions["refusals"]
        refusals.add(str(error))
        return refused(HTTPStatus.UNAUTHORIZED, str(error))
    except psycopg.OperationalError:
        current_app.logger.exception("event not kept, Buildium will send it again")
        return {"error": "not kept, send it again"}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"kept": True}, HTTPStatus.ACCEPTED


def refused(status: HTTPStatus, why: str) -> ResponseReturnValue:
    forgeries: Forgeries = current_app.extensions["forgeries"]
    if forgeries.is_too_many(request.remote_addr or ""):
        return {"error": "too many refused deliveries"}, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "60"}
    current_app.logger.warning("webhook refused: %s (from %s)", why, request.remote_addr)
    return {"error": why}, status
