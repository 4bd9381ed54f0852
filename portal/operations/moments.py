"""Moments and durations as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, format_timedelta
from flask import current_app

from portal.database import now
from portal.web.formats import LOCALE

JUST_NOW = timedelta(seconds=2)


def relative(moment: datetime | None) -> str:
    """“3 minutes ago”, “in 4 hours”; empty for no moment."""
    if moment is None:
        return ""
    distance = moment - now()
    if abs(distance) < JUST_NOW:
        return "just now"
    return format_timedelta(distance, add_direction=True, locale=LOCALE)


def lasting(duration: timedelta | None) -> str:
    """“3 minutes”; empty for no duration."""
    return "" if duration is None else format_timedelta(duration, locale=LOCALE)


def clock(moment: datetime) -> str:
    """As short as it can be said today: “10:42 AM”, and with its date on any other day."""
    zone: ZoneInfo = current_app.extensions["settings"].time_zone
    local = moment.astimezone(zone)
    time = format_time(local, "short", tzinfo=zone, locale=LOCALE).replace("\u202f", " ")
    if local.date() == now().astimezone(zone).date():
        return time
    return f"{format_date(local, 'MMM d', locale=LOCALE)}, {time}"


def milliseconds(duration: timedelta) -> str:
    """A round trip: “840 ms”, “3.2 s”, “5 minutes”."""
    seconds = duration.total_seconds()
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    return f"{seconds:.1f} s" if seconds < 60 else lasting(duration)
