"""Stretches of the calendar that reports go through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.web.formats import MONTHS, day_of_year

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Stretch:
    """Both ends included; `short` stands beneath a bar."""

    first: date
    last: date
    words: str
    short: str


def first_of(day: date, months: int = 0) -> date:
    """The first day of the month that is so many after the day's own."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def months_from(day: date, number: int) -> Iterator[Stretch]:
    """The rest of the day's own month, and those after it."""
    for each in range(number):
        start, end = first_of(day, each), first_of(day, each + 1) - DAY
        name = MONTHS[start.month - 1]
        yield Stretch(max(start, day), end, f"{name} {start.year}", name)


def weeks_from(day: date, number: int) -> Iterator[Stretch]:
    """Seven days each, the first of them beginning on the day."""
    for each in range(number):
        first = day + each * WEEK
        last = first + WEEK - DAY
        yield Stretch(first, last, f"{day_of_year(first)} – {day_of_year(last)}", day_of_year(first))


def month_ends_until(day: date, number: int) -> list[date]:
    """The last days of the months before, and the day itself, in order; `number` in all."""
    return [*(first_of(day, -back) - DAY for back in range(number - 2, -1, -1)), day]
