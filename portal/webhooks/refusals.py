"""Counting refused deliveries: one row per minute and reason, written once a second at most, whoever sends how many."""

from __future__ import annotations

import logging
import threading
from collections import Counter

from flask import Flask
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import DBAPIError

from portal.acting import Actor, Door, acting_as
from portal.extensions import db
from portal.webhooks.models import WebhookRefusal

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0


class RefusalCount:
    """What this process has refused and not yet written down."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._count: Counter[str] = Counter()
        self._timer: threading.Timer | None = None

    def add(self, reason: str) -> None:
        """Count one more; it is written within a second."""
        with self._lock:
            self._count[reason[:100]] += 1
            if self._timer is None:
                self._timer = threading.Timer(EVERY_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write down what was counted. Without a database it is lost: it only helps to understand a silence."""
        with self._lock:
            counted, self._count, self._timer = self._count, Counter(), None
        rows = [
            {"minute": func.date_trunc("minute", func.clock_timestamp()), "reason": reason, "number": number}
            for reason, number in sorted(counted.items())
        ]
        try:
            with self._app.app_context(), acting_as(Actor.machine(Door.WEBHOOK)), db.engine.begin() as connection:
                for row in rows:
                    connection.execute(upsert(row))
        except DBAPIError as error:
            log.warning("refused deliveries not counted: %s", type(error).__name__)


def upsert(row: dict[str, object]) -> Insert:
    """Insert the row, or add its number to the one of that minute."""
    statement = insert(WebhookRefusal).values(row)
    more = {"number": WebhookRefusal.number + statement.excluded.number, "last_at": func.clock_timestamp()}
    return statement.on_conflict_do_update(index_elements=["minute", "reason"], set_=more)
