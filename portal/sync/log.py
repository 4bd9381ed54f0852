"""Every call to Buildium as a row of buildium_api_log: redacted when it is written, and written whatever follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import insert

from portal.acting import Actor, Door, acting_as, actor
from portal.buildium.client import Exchange, params
from portal.buildium.redaction import redacted
from portal.extensions import db
from portal.sync.models import ApiCall

NUMBER = re.compile(r"/\d+")


@dataclass(frozen=True)
class Cause:
    """What a call was made for."""

    trace_id: UUID | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    buildium_id: int | None = None
    job_id: str | None = None
    webhook_event_id: UUID | None = None
    run_id: UUID | None = None
    attempt: int | None = None


_cause: ContextVar[Cause | None] = ContextVar("cause", default=None)


@contextmanager
def because(**facts: Any) -> Iterator[None]:
    """Calls made inside are written down with these facts, besides those of an outer `because`."""
    token = _cause.set(replace(_cause.get() or Cause(trace_id=uuid4()), **facts))
    try:
        yield
    finally:
        _cause.reset(token)


def cause_now() -> Cause:
    """What is being done, and for what."""
    return _cause.get() or Cause()


def write_down(exchange: Exchange) -> None:
    """Insert one row through a connection of its own, so that a rollback of the caller's work doesn't take it along."""
    cause = cause_now()
    query = str(params(exchange.query))
    row = {
        "endpoint": exchange.path + (f"?{query}" if query else ""),
        "operation": f"{exchange.method} {NUMBER.sub('/{id}', exchange.path)}"[:200],
        "method": exchange.method,
        "request_data": redacted(exchange.request),
        "response_status": exchange.status,
        "response_data": redacted(short(exchange.answer)),
        "error_message": redacted(str(exchange.error)) if exchange.error else None,
        "error_class": type(exchange.error).__name__ if exchange.error else None,
        "duration_ms": exchange.milliseconds,
        "lane": exchange.lane.value,
    }
    facts = {name: getattr(cause, name) for name in Cause.__dataclass_fields__} | {"attempt": cause.attempt or 1}
    with acting_as(actor() or Actor.machine(Door.COMMAND)), db.engine.begin() as connection:
        connection.execute(insert(ApiCall).values({**row, **facts}))


def short(answer: Any) -> Any:
    """A listing is kept as its length and its first records: a page of a thousand would be a megabyte of log."""
    kept = 3
    if isinstance(answer, list) and len(answer) > kept:
        return {"rows": len(answer), "first": answer[:kept]}
    return answer


def log_failure(message: str, **facts: Any) -> None:
    current_app.logger.warning("%s %s", message, " ".join(f"{key}={value}" for key, value in facts.items()))
