"""Moments and durations as people say them."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_timedelta

from portal.database import now
from portal.web.formats import day_of_year, half_of, here, hour_of

LOCALE = "en_US"
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
    local = here(moment)
    time = f"{hour_of(local)}:{local.minute:02} {half_of(local)}"
    return time if local.date() == now().astimezone(local.tzinfo).date() else f"{day_of_year(local)}, {time}"


def milliseconds(duration: timedelta) -> str:
    """A round trip: “840 ms”, “3.2 s”, “5 minutes”."""
    seconds = duration.total_seconds()
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    return f"{seconds:.1f} s" if seconds < 60 else lasting(duration)
