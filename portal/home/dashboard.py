"""What the first page says: numbers in groups, and three charts. Everything leads to the list behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.home.dashboard_charts import ACTIVE, OPEN, Chart, bills_chart, due, ending, endings_chart, occupancy_chart
from portal.home.figures import Figure, counted
from portal.home.months import month_ends_until, months_from, weeks_from
from portal.home.occupancy import Occupancy, occupancy_on
from portal.web.formats import money, number, percent, plural, today

MONTHS_SHOWN, WEEKS_SHOWN = 12, 8


@dataclass(frozen=True)
class Tile:
    number: str
    label: str
    url: str
    tone: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Dashboard:
    """`is_new` where nothing was entered or imported yet."""

    groups: Sequence[tuple[str, Sequence[Tile]]]
    charts: Sequence[Chart]
    is_new: bool


PORTFOLIO = (
    Figure("Active properties", "properties", ACTIVE),
    Figure("Active owners", "owners", ACTIVE),
    Figure("Owners’ agreements end within 60 days", "owners", {"agreement": "60"}, "wait"),
    Figure("Properties without a bank account", "properties", {"operating_bank_account": "missing"}, "bad"),
)
LEASES = (
    Figure("Leases end within 30 days", "leases", {"ending": "30"}, "wait"),
    Figure("Leases end within 60 days", "leases", {"ending": "60"}),
    Figure("Leases end within 90 days", "leases", {"ending": "90"}),
)
BILLS = (
    Figure("Bills overdue", "bills", {"status": "overdue"}, "bad", "open_amount"),
    Figure("Bills due within 7 days", "bills", {"due": "week"}, "wait", "open_amount"),
)
WORK = (
    Figure("Open work orders", "work_orders", OPEN),
    Figure("Work orders overdue", "work_orders", {**OPEN, "due": "overdue"}, "bad"),
    Figure("Open for 31–60 days", "work_orders", {**OPEN, "age": "31-60"}, "wait"),
    Figure("Open for 61–90 days", "work_orders", {**OPEN, "age": "61-90"}, "wait"),
    Figure("Open for more than 90 days", "work_orders", {**OPEN, "age": "over-90"}, "bad"),
)
MINE = {**OPEN, "assigned_to_user_id": "mine"}
TASKS = (
    Figure("My open tasks", "tasks", MINE),
    Figure("My tasks overdue", "tasks", {**MINE, "due": "overdue"}, "bad"),
    Figure("Open tasks", "tasks", OPEN),
    Figure("Tasks overdue", "tasks", {"due": "overdue"}, "bad"),
)
VENDORS = (
    Figure("Insurance has run out", "vendors", {**ACTIVE, "insurance": "expired"}, "bad"),
    Figure("Insurance runs out within 30 days", "vendors", {**ACTIVE, "insurance": "30"}, "wait"),
)
GROUPS = (
    ("Leases", LEASES),
    ("Bills", BILLS),
    ("Tasks", TASKS),
    ("Work orders", WORK),
    ("Vendors", VENDORS),
    ("Portfolio", PORTFOLIO),
)
ANYTHING = (Figure("Properties", "properties"), Figure("Owners", "owners"), Figure("Vendors", "vendors"))


def read() -> Dashboard:
    """Two queries, and two small ones that find out who of the staff asks."""
    now = today()
    endings, dues = list(months_from(now, MONTHS_SHOWN)), list(weeks_from(now, WEEKS_SHOWN))
    wanted = [*(each for _, figures in GROUPS for each in figures), *ANYTHING, *map(ending, endings), *map(due, dues)]
    found = iter(counted(wanted))
    groups = [(title, [tile(next(found)) for _ in figures]) for title, figures in GROUPS]
    is_new = not any([next(found).number for _ in ANYTHING])
    of_months, of_weeks = [next(found) for _ in endings], list(found)
    lived_in = occupancy_on(month_ends_until(now, MONTHS_SHOWN), now)
    charts = (occupancy_chart(lived_in), endings_chart(endings, of_months), bills_chart(dues, of_weeks))
    return Dashboard([("Occupancy", list(occupancy_tiles(lived_in[-1]))), *groups], charts, is_new)


def tile(figure: Figure) -> Tile:
    """An amount stands in front of the number of its bills."""
    if figure.sums:
        return Tile(money(figure.amount), figure.label, figure.url, figure.mood, plural(figure.number, "bill"))
    return Tile(number(figure.number), figure.label, figure.url, figure.mood)


def occupancy_tiles(now: Occupancy) -> Iterator[Tile]:
    def units(**filters: str) -> str:
        return Figure("", "units", {**ACTIVE, **filters}).url

    yield Tile(number(now.occupied), "Occupied units", units(occupancy="occupied"), "good" if now.occupied else "",
               f"{percent(now.percent)} of the active units")  # fmt: skip
    yield Tile(number(now.vacant), "Vacant units", units(occupancy="vacant"), "wait" if now.vacant else "")
    yield Tile(number(now.units), "Active units", units())
