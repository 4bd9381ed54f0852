"""How values are written for people: money, numbers, dates, moments in the portal's time zone, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask, current_app

from portal.vault import SealedError, masked
from portal.web.words import COUNTRIES

LOCALE = "en_US"
CURRENCY = "USD"  # Buildium's only one
UNREADABLE = "Can’t be read: its key is missing"


def start(app: Flask) -> None:
    """Make these the filters of every template."""
    app.jinja_env.filters.update(money=money, number=number, percent=percent, day=day, moment=moment, plural=plural)


def money(value: Decimal | None) -> str:
    return "" if value is None else format_currency(value, CURRENCY, locale=LOCALE)


def number(value: Decimal | int | None) -> str:
    return "" if value is None else format_decimal(value, locale=LOCALE)


def percent(value: Decimal | None) -> str:
    return "" if value is None else f"{number(value)}%"


def day(value: date | None) -> str:
    return "" if value is None else format_date(value, "medium", locale=LOCALE)


def moment(value: datetime | None) -> str:
    """A moment in the portal's time zone, as “Nov 21, 2026, 10:42 AM”."""
    if value is None:
        return ""
    zone: ZoneInfo = current_app.extensions["settings"].time_zone
    return format_datetime(value, "medium", tzinfo=zone, locale=LOCALE).replace("\u202f", " ")


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
