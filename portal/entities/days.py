"""Days and moments: Buildium says some dates as days, the seeds keep them as moments (MAPPING §1.4, trap 35)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app


def zone() -> ZoneInfo:
    """The company's."""
    found: ZoneInfo = current_app.extensions["settings"].time_zone
    return found


def day_of(moment: datetime) -> date:
    """The day that it is there at this moment; cutting a moment in UTC would often give its neighbour."""
    return moment.astimezone(zone()).date()


def midnight(day: date) -> datetime:
    """The moment at which the day begins there."""
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def day_out(moment: datetime | None) -> str | None:
    return day_of(moment).isoformat() if moment else None


def day_in(value: Any) -> datetime | None:
    return midnight(date.fromisoformat(str(value)[:10])) if value else None


def moment_in(value: Any) -> datetime | None:
    """One of Buildium's moments; where it names no zone, it is UTC."""
    if not value:
        return None
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
