"""Workers, queues, the schedule, and how much of Buildium's rate limit is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, render_template
from sqlalchemy import func, select

from portal.config import Settings
from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.machinery.lamps import task_health, tasks
from portal.operations.machinery.stuck import everything
from portal.operations.machinery.workers import LANES, workforce
from portal.sync.models import ApiCall
from portal.web.access import Permission, requires

WINDOWS = (("Last minute", timedelta(minutes=1)), ("Last hour", timedelta(hours=1)))


@dataclass(frozen=True)
class Rate:
    """Calls to Buildium within a while: all of them, and those that were told to wait or went wrong."""

    words: str
    calls: int
    throttled: int
    failed: int
    seconds: int
    milliseconds: int | None

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds


@operations.get("/queues")
@requires(Permission.VIEW_SYNC)
def queues() -> str:
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "sync/queues.html",
        workforce=workforce(),
        stuck=everything(),
        lanes=LANES,
        rates=rates(),
        limit=settings.buildium_calls_per_second,
        tasks=[(task, task_health(task), timedelta(seconds=task.interval_seconds)) for task in tasks()],
    )


def rates() -> list[Rate]:
    """One query over the calls of the last hour."""
    columns = []
    for _, while_ in WINDOWS:
        recent = ApiCall.created_at > func.now() - while_
        columns += [
            func.count().filter(recent),
            func.count().filter(recent, ApiCall.response_status == 429),
            func.count().filter(recent, (ApiCall.response_status >= 400) | ApiCall.response_status.is_(None)),
            func.avg(ApiCall.duration_ms).filter(recent),
        ]
    longest = max(while_ for _, while_ in WINDOWS)
    row: Sequence[Any] = db.session.execute(select(*columns).where(ApiCall.created_at > func.now() - longest)).one()
    return [rate(words, while_, row[4 * place : 4 * place + 4]) for place, (words, while_) in enumerate(WINDOWS)]


def rate(words: str, while_: timedelta, numbers: Sequence[Any]) -> Rate:
    calls, throttled, failed, mean = numbers
    return Rate(words, calls, throttled, failed, int(while_.total_seconds()), None if mean is None else round(mean))
