"""The charts of the first page, each with the table beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import url_for

from portal.home.figures import Figure
from portal.home.months import Stretch
from portal.home.occupancy import Occupancy
from portal.web.charts import Bar, Point, bars_of, short
from portal.web.formats import MONTHS, day, money, number, percent

OPEN, ACTIVE = {"status": "open"}, {"status": "active"}
RUNNING = {"status": "Active"}


@dataclass(frozen=True)
class Row:
    """Of the table beneath a chart: a stretch, and cells of (words, address or empty)."""

    words: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chart:
    title: str
    name: str
    headings: tuple[str, ...]
    bars: Sequence[Bar]
    rows: Sequence[Row]
    more: tuple[str, str]


def ending(month: Stretch) -> Figure:
    return Figure(month.words, "leases", {**RUNNING, **between("ends", month.first, month.last)})


def due(week: Stretch) -> Figure:
    return Figure(week.words, "bills", {**OPEN, **between("due", week.first, week.last)}, sums="open_amount")


def between(name: str, first: date, last: date) -> dict[str, str]:
    return {f"{name}_from": first.isoformat(), f"{name}_until": last.isoformat()}


def occupancy_chart(days: Sequence[Occupancy]) -> Chart:
    points = [Point(MONTHS[each.day.month - 1], each.percent, f"{each.percent:.0f}") for each in days]
    rows = [
        Row(
            day(each.day),
            (
                (percent(each.percent), ""),
                (number(each.occupied), units_on("occupied_on", each.day)),
                (number(each.vacant), units_on("vacant_on", each.day)),
            ),
        )
        for each in reversed(days)
    ]
    more = ("Vacancy", url_for("reports.vacancy"))
    return Chart("Occupancy in percent", "occupancy", ("Day", "Occupancy", "Occupied", "Vacant"),
                 bars_of(points, Decimal(100)), rows, more)  # fmt: skip


def units_on(name: str, day: date) -> str:
    return Figure("", "units", {**ACTIVE, name: day.isoformat()}).url


def endings_chart(months: Sequence[Stretch], figures: Sequence[Figure]) -> Chart:
    points = [
        Point(month.short, each.number, short(Decimal(each.number)))
        for month, each in zip(months, figures, strict=True)
    ]
    rows = [Row(each.label, ((number(each.number), each.url),)) for each in figures]
    more = ("Lease expirations", url_for("reports.expirations"))
    return Chart("Leases ending per month", "endings", ("Month", "Leases"), bars_of(points), rows, more)


def bills_chart(weeks: Sequence[Stretch], figures: Sequence[Figure]) -> Chart:
    points = [Point(week.short, each.amount, short(each.amount)) for week, each in zip(weeks, figures, strict=True)]
    rows = [Row(each.label, ((number(each.number), each.url), (money(each.amount), ""))) for each in figures]
    more = ("Bills ageing", url_for("bills.ageing"))
    return Chart("Bills due per week", "due", ("Week", "Bills", "Amount"), bars_of(points), rows, more)
