"""Keeping events as they come: one statement per event, so that Buildium has its answer in a millisecond.

What can't be parsed is kept too: a correctly signed event that is answered with an error twenty times suspends the
subscription (MAPPING §8.1).
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from portal.acting import ANNOUNCE, Actor, Door
from portal.buildium.redaction import redacted

INSERT = """
    insert into buildium_webhook_events as event
      (event_id, event_type, event_data, account_id, event_datetime, sent_at, raw_body, signed_by, signed_of,
       last_received_at)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp())
    on conflict (event_id) do update set deliveries = event.deliveries + 1, last_received_at = clock_timestamp()
"""
DEEPEST = 50
INTEGER = range(-(2**31), 2**31)
FRACTION = re.compile(r"(\.\d{6})\d+")
MACHINE = Actor.machine(Door.WEBHOOK)
ACTOR = (MACHINE.database_role, "", MACHINE.name, MACHINE.door.value)


class Inbox:
    """Writes events through one connection per thread, opened when first needed and again after it broke."""

    def __init__(self, database_url: str) -> None:
        self._conninfo = database_url.replace("postgresql+psycopg://", "postgresql://")
        self._threads = threading.local()

    def keep(self, body: bytes, sent_at: float, signed_by: int, signed_of: int) -> None:
        """Insert the event, or count one more delivery of it. Raises psycopg.OperationalError without a database.

        `signed_by` is the place of the secret that signed it, among the `signed_of` in force.
        """
        row = (*columns(body, sent_at), signed_by, signed_of)
        try:
            self._insert(row)
        except psycopg.OperationalError:
            self.close()
            self._insert(row)

    def close(self) -> None:
        """Close this thread's connection; the next event opens another."""
        connection: psycopg.Connection[Any] | None = getattr(self._threads, "connection", None)
        self._threads.connection = None
        if connection is not None:
            connection.close()

    def _insert(self, row: tuple[Any, ...]) -> None:
        self._connection().execute(INSERT, row, prepare=True)

    def _connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._threads, "connection", None)
        if connection is None or connection.closed:
            connection = psycopg.connect(
                self._conninfo, autocommit=True, connect_timeout=5, application_name="portal inbox"
            )
            # This connection does one thing only, and always as the machine: it stays the machine.
            connection.execute(ANNOUNCE.replace("true", "false"), ACTOR)
            connection.execute("set statement_timeout = '5s'")
            self._threads.connection = connection
        return connection


def columns(body: bytes, sent_at: float) -> tuple[Any, ...]:
    """The values of INSERT, but for the signature. A body that is no usable JSON object is kept as bytes under the hash
    of its bytes."""
    event = parsed(body)
    name = event.get("EventName") if event else None
    account = event.get("AccountId") if event else None
    return (
        event_id(event, body),
        name[:100] if isinstance(name, str) else None,
        Jsonb(redacted(event)) if event else None,
        account if isinstance(account, int) and account in INTEGER else None,
        moment(event.get("EventDateTime")) if event else None,
        datetime.fromtimestamp(sent_at, UTC),
        body,
    )


def parsed(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body; None for what is none, too deep, or can't be stored: NUL, lone surrogates, and numbers
    that are infinite or none at all, which Python takes for JSON."""
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > DEEPEST:
        return None
    try:
        event = json.loads(body)
        json.dumps(event, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def event_id(event: dict[str, Any] | None, body: bytes) -> str:
    """Buildium sends no id: the hash of the whole payload, keys sorted, is one (MAPPING §8.4)."""
    if event is None:
        return hashlib.sha256(body).hexdigest()
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def moment(value: Any) -> datetime | None:
    """Buildium's time with six or seven digits of a second, in UTC (MAPPING §1.4); None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(FRACTION.sub(r"\1", value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
