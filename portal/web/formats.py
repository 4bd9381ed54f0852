"""How values are written for people: money, numbers, dates, moments in the portal's time zone, addresses.

By hand and not by Babel, which takes ten times as long for each of the hundreds of values of a list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from portal.database import now
from portal.vault import SealedError, masked
from portal.words import COUNTRIES

CURRENCY = "$"  # Buildium's only one
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
UNREADABLE = "Can’t be read: its key is missing"


def start(app: Flask) -> None:
    """Make these the filters of every template."""
    app.jinja_env.filters.update(money=money, number=number, percent=percent, day=day, moment=moment, plural=plural)


def money(value: Decimal | None) -> str:
    if value is None:
        return ""
    digits = f"{value:,.2f}"
    return f"-{CURRENCY}{digits[1:]}" if digits.startswith("-") else f"{CURRENCY}{digits}"


def number(value: Decimal | int | None) -> str:
    """With no more than three decimal places, and none that are zero."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")


def percent(value: Decimal | None) -> str:
    return "" if value is None else f"{number(value)}%"


def day(value: date | None) -> str:
    return "" if value is None else f"{day_of_year(value)}, {value.year}"


def moment(value: datetime | None) -> str:
    """A moment in the portal's time zone, as “Nov 21, 2026, 10:42 AM”."""
    if value is None:
        return ""
    local = here(value)
    return f"{day(local)}, {hour_of(local)}:{local:%M:%S} {half_of(local)}"


def here(moment: datetime) -> datetime:
    """In the portal's time zone; without a zone it was in UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(time_zone())


def time_zone() -> ZoneInfo:
    """The portal's."""
    zone: ZoneInfo = current_app.extensions["settings"].time_zone
    return zone


def today() -> date:
    """The day it is where the portal's people are."""
    return here(now()).date()


def day_of_year(value: date) -> str:
    """“Nov 21”."""
    return f"{MONTHS[value.month - 1]} {value.day}"


def hour_of(moment: datetime) -> int:
    return moment.hour % 12 or 12


def half_of(moment: datetime) -> str:
    return "AM" if moment.hour < 12 else "PM"


def plural(count: int, singular: str, many: str = "") -> str:
    """“1 unit”, “3 units”, “1,000 properties”."""
    return f"{number(count)} {singular if count == 1 else many or singular + 's'}"


def address_lines(record: Any, prefix: str = "") -> str:
    """A postal address, one part a line; the portal's own country is left out."""
    return "\n".join(address_parts(record, prefix))


def address(record: Any, prefix: str = "") -> str:
    return ", ".join(address_parts(record, prefix))


def address_parts(record: Any, prefix: str) -> Iterator[str]:
    def part(name: str) -> str:
        return getattr(record, prefix + name) or ""

    region = " ".join(filter(None, (part("state"), part("postal_code"))))
    own_country = current_app.extensions["settings"].country
    country = part("country") if part("country") != own_country else ""
    town = ", ".join(filter(None, (part("city"), region)))
    lines = (part("address_line1"), part("address_line2"), part("address_line3"), town, COUNTRIES.get(country, country))
    return filter(None, lines)


def hidden(record: Any, name: str) -> str:
    """A sealed value with all but its last characters hidden; words where it can't be opened."""
    try:
        return masked(getattr(record, name))
    except SealedError:
        return UNREADABLE
