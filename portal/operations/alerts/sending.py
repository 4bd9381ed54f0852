"""Sending the alerts that are written down: each until it has arrived, whatever else is going on.

It is done beside the clock, in a thread of its own: a mail server that doesn't answer holds up no task, and a message
that no worker is running needs no worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Flask, current_app
from sqlalchemy import Select, func, select
from sqlalchemy.exc import DBAPIError

from portal.acting import Actor, Door, acting_as
from portal.config import Alerting
from portal.database import now
from portal.extensions import db
from portal.operations.alerts.channels import DeliveryError, send_email, send_webhook
from portal.operations.alerts.messages import EMAIL, WEBHOOK, channels, settings
from portal.operations.alerts.models import Alert, AlertState

MOST_AT_ONCE = 100
HOLD = timedelta(minutes=2)  # longer than one attempt takes: after that another process may try
WAITS = tuple(timedelta(seconds=each) for each in (30, 120, 600, 3600, 21600))
PATIENCE = timedelta(days=3)
SEND: Mapping[str, Callable[[Alert, Alerting], str]] = {EMAIL: send_email, WEBHOOK: send_webhook}

_sending = threading.Lock()


def send_soon() -> None:
    """For the clock: start sending where something is due, unless it is being done already."""
    is_due = db.session.scalar(due().with_only_columns(Alert.id)) is not None
    db.session.rollback()
    if is_due and _sending.acquire(blocking=False):
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(target=apart, args=(app,), name="alerts", daemon=True).start()


def apart(app: Flask) -> None:
    try:
        with app.app_context(), acting_as(Actor.machine(Door.COMMAND)):
            try:
                send_due()
            except DBAPIError as error:
                app.logger.warning("alerts can't reach the database: %s", type(error).__name__)
            finally:
                db.session.remove()
    finally:
        _sending.release()


def send_due() -> None:
    """Send what is due, oldest first; a channel that fails is left in peace until its next try. Commits."""
    broken: set[str] = set()
    for _ in range(MOST_AT_ONCE):
        alert = take(broken)
        if alert is None:
            return
        if not deliver(alert):
            broken.add(alert.channel)


def due() -> Select[Alert]:
    waiting = (Alert.state == AlertState.WAITING.value, Alert.next_attempt_at <= func.clock_timestamp())
    return select(Alert).where(*waiting).order_by(Alert.next_attempt_at, Alert.created_at).limit(1)


def take(broken: set[str]) -> Alert | None:
    """The next one, held for this process. Commits: no transaction stays open while a server is spoken to."""
    alert = db.session.scalar(due().where(Alert.channel.notin_(broken)).with_for_update(skip_locked=True))
    if alert is not None:
        alert.attempts, alert.next_attempt_at = alert.attempts + 1, now() + HOLD
    db.session.commit()
    if alert is not None:
        db.session.refresh(alert)
        db.session.expunge(alert)
        db.session.rollback()
    return alert


def deliver(alert: Alert) -> bool:
    """Commits."""
    try:
        if alert.channel not in channels():
            raise DeliveryError("This channel is no longer set, so it was not sent.")
        note = SEND[alert.channel](alert, settings().alerting)
    except DeliveryError as error:
        put_off(alert, str(error))
        current_app.logger.warning("alert %s was not sent: %s", alert.id, error)
        return False
    row = db.session.get_one(Alert, alert.id)
    row.state, row.sent_at = AlertState.SENT.value, now()
    row.next_attempt_at, row.error_message = None, note or None
    db.session.commit()
    return True


def put_off(alert: Alert, words: str) -> None:
    row = db.session.get_one(Alert, alert.id)
    row.error_message = words
    row.next_attempt_at = now() + WAITS[min(row.attempts, len(WAITS)) - 1]
    if now() - row.created_at > PATIENCE:
        row.state, row.next_attempt_at = AlertState.FAILED.value, None
    db.session.commit()
