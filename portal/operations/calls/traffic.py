"""How many calls to Buildium there were, how long they took, and how many went wrong: over time, and by operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import ARRAY, ColumnElement, DateTime, cast, func, or_, select

from portal.database import now
from portal.extensions import db
from portal.operations.moments import clock
from portal.sync.models import ApiCall
from portal.web.charts import Bar, Point, bars_of, short
from portal.web.formats import day_of_year, here

# As the partial index of failures says it.
WENT_WRONG = or_(ApiCall.response_status.is_(None), ApiCall.response_status >= 400)
DONE = ApiCall.response_status.between(200, 299)
IS_READ = ApiCall.method == "GET"
MOST_OPERATIONS = 40
PERCENTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Period:
    """`step` is how long one bar lasts; bars begin when the clock shows a multiple of it."""

    words: str
    step: timedelta
    bars: int


PERIODS: Mapping[str, Period] = {
    "hour": Period("Last hour", timedelta(minutes=5), 12),
    "day": Period("Last 24 hours", timedelta(hours=2), 12),
    "week": Period("Last 7 days", timedelta(days=1), 7),
}


@dataclass(frozen=True)
class Series:
    """One kind of number over time. `opens` are the filters of the log that leave exactly what it counts."""

    title: str
    condition: ColumnElement[bool]
    opens: Mapping[str, str]


SERIES = (
    Series("Sent to Buildium", DONE & ~IS_READ, {"method": "write", "status": "2xx"}),
    Series("Fetched from Buildium", DONE & IS_READ, {"method": "GET", "status": "2xx"}),
    Series("Went wrong", WENT_WRONG, {"status": "failed"}),
    Series("Asked to wait (429)", WENT_WRONG & (ApiCall.response_status == 429), {"status": "429"}),
)


@dataclass(frozen=True)
class Stretch:
    """One bar: `numbers` in the order of SERIES; `urls` open the calls behind them."""

    begins: datetime
    ends: datetime
    words: str
    numbers: tuple[int, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Pace:
    """The calls of one operation within a period; durations in milliseconds."""

    operation: str
    calls: int
    failed: int
    throttled: int
    median: float | None
    slow: float | None
    slowest: float | None


def stretches(period: Period) -> list[Stretch]:
    """Oldest first, the last one up to now. One query."""
    begins = beginnings(period)
    place = func.width_bucket(ApiCall.created_at, cast(begins, ARRAY(DateTime(timezone=True))))
    counts = [func.count().filter(each.condition) for each in SERIES]
    rows = select(place, *counts).where(ApiCall.created_at >= begins[0]).group_by(place)
    found = {row[0]: tuple(row[1:]) for row in db.session.execute(rows)}
    ends = [*begins[1:], begins[-1] + period.step]
    nothing = (0,) * len(SERIES)
    return [
        Stretch(start, end, words(period, start), found.get(number, nothing), urls(start, end))
        for number, (start, end) in enumerate(zip(begins, ends, strict=True), 1)
    ]


def beginnings(period: Period) -> list[datetime]:
    """When each bar begins; days and hours are those of the portal's time zone."""
    local = here(now())
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    last = midnight + (local - midnight) // period.step * period.step
    return [last - period.step * back for back in reversed(range(period.bars))]


def words(period: Period, begins: datetime) -> str:
    return day_of_year(begins) if period.step >= timedelta(days=1) else clock(begins)


def urls(begins: datetime, ends: datetime) -> tuple[str, ...]:
    between: dict[str, Any] = {
        "from": begins.isoformat(timespec="minutes"),
        "until": ends.isoformat(timespec="minutes"),
    }
    return tuple(url_for("operations.api_log", **{**each.opens, **between}) for each in SERIES)


def bars(found: Sequence[Stretch], place: int) -> list[Bar]:
    """One series as bars; only every other one has its moment beneath it, so that they can be read."""
    points = [
        Point("" if number % 2 and len(found) > 7 else axis(each), each.numbers[place], figure(each.numbers[place]))
        for number, each in enumerate(found)
    ]
    return bars_of(points)


def axis(each: Stretch) -> str:
    if each.ends - each.begins >= timedelta(days=1):
        return day_of_year(each.begins)
    return f"{each.begins.hour}:{each.begins.minute:02}"


def figure(number: int) -> str:
    return short(Decimal(number)) if number else ""


def paces(period: Period) -> list[Pace]:
    """The most frequent first. One query."""
    spread: Any = func.percentile_cont(list(PERCENTILES)).within_group(ApiCall.duration_ms)
    rows = (
        select(
            func.coalesce(ApiCall.operation, ""),
            func.count(),
            func.count().filter(WENT_WRONG),
            func.count().filter(ApiCall.response_status == 429),
            spread,
        )
        .where(ApiCall.created_at >= beginnings(period)[0])
        .group_by(ApiCall.operation)
        .order_by(func.count().desc())
        .limit(MOST_OPERATIONS)
    )
    return [Pace(*row[:4], *(row[4] or (None, None, None))) for row in db.session.execute(rows)]
