"""The addresses of the reports."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.home import expirations as expiring
from portal.home import owner_summary, work_orders_report
from portal.home import rent_roll as rent_rolls
from portal.home import vacancy as vacancies
from portal.web.access import Permission, requires
from portal.web.export import BYTE_ORDER_MARK, text, written
from portal.web.formats import today

reports = Blueprint("reports", __name__, url_prefix="/reports")

# How many lines of a table a page shows; an export has all of them.
MOST = 200
# What can be asked about: far enough from both ends of the calendar to count months and years.
FIRST, LAST = date(1970, 1, 1), date(2200, 12, 31)

LISTED = (
    ("Rent roll", "reports.rent_roll", "Who rents what for how much on a day, by property: current, upcoming, vacant."),
    ("Vacancy", "reports.vacancy", "Which units are empty, for how many days, and what rent that has cost."),
    ("Lease expirations", "reports.expirations", "How many leases end in each month, and the rent they bring."),
    ("Bills ageing", "bills.ageing", "What is left to pay to each vendor, by days overdue."),
    ("Open work orders", "reports.work_orders", "What is not completed yet, by age and vendor."),
    ("Owner summary", "reports.owners", "Properties, units, occupancy, rent and open bills of each owner."),
)


@reports.get("")
@requires(Permission.VIEW_RECORDS)
def index() -> ResponseReturnValue:
    listed = [(words, url_for(endpoint), hint) for words, endpoint, hint in LISTED]
    return render_template("reports/index.html", listed=listed)


@reports.get("/work-orders")
@requires(Permission.VIEW_RECORDS)
def work_orders() -> ResponseReturnValue:
    return render_template("reports/work_orders.html", report=work_orders_report.read())


@reports.get("/work-orders.csv")
@requires(Permission.VIEW_RECORDS)
def work_orders_csv() -> Response:
    return csv("work-orders-by-age", work_orders_report.read().table())


@reports.get("/rent-roll")
@requires(Permission.VIEW_RECORDS)
def rent_roll() -> ResponseReturnValue:
    return render_template("reports/rent_roll.html", report=asked_rent_roll(), shows=rent_rolls.SHOWS)


@reports.get("/rent-roll.csv")
@requires(Permission.VIEW_RECORDS)
def rent_roll_csv() -> Response:
    report = asked_rent_roll()
    return csv(f"rent-roll-{report.show}-{report.day.isoformat()}", report.table())


@reports.get("/vacancy")
@requires(Permission.VIEW_RECORDS)
def vacancy() -> ResponseReturnValue:
    return render_template("reports/vacancy.html", report=asked_vacancy(), most=MOST)


@reports.get("/vacancy.csv")
@requires(Permission.VIEW_RECORDS)
def vacancy_csv() -> Response:
    report = asked_vacancy()
    return csv(f"vacancy-{report.day.isoformat()}", report.table())


@reports.get("/lease-expirations")
@requires(Permission.VIEW_RECORDS)
def expirations() -> ResponseReturnValue:
    return render_template("reports/expirations.html", report=expiring.read(asked_day(), today()), most=MOST)


@reports.get("/lease-expirations.csv")
@requires(Permission.VIEW_RECORDS)
def expirations_csv() -> Response:
    report = expiring.read(asked_day(), today())
    return csv(f"lease-expirations-{report.day.isoformat()}", report.table())


@reports.get("/owners")
@requires(Permission.VIEW_RECORDS)
def owners() -> ResponseReturnValue:
    return render_template("reports/owners.html", report=owner_summary.read(request.args, today()))


@reports.get("/owners.csv")
@requires(Permission.VIEW_RECORDS)
def owners_csv() -> Response:
    return csv(f"owner-summary-{today().isoformat()}", owner_summary.table(request.args, today()))


def asked_vacancy() -> vacancies.Report:
    """Of all properties, where the address names none that can be understood."""
    try:
        property_id = UUID(request.args.get("property_id", ""))
    except ValueError:
        property_id = None
    return vacancies.read(asked_day(), property_id, today())


def asked_rent_roll() -> rent_rolls.Report:
    """What the address asks for; today's leases where it can't be understood."""
    show = request.args.get("show", "")
    return rent_rolls.read(asked_day(), show if show in rent_rolls.SHOWS else "current", today())


def asked_day() -> date:
    """The day that the address asks about; today, where it can't be understood."""
    try:
        day = date.fromisoformat(request.args.get("as_of", ""))
    except ValueError:
        return today()
    return day if FIRST <= day <= LAST else today()


def csv(name: str, rows: list[list[object]]) -> Response:
    """A table as a file; with `bom` in the address as Excel takes it."""
    start = BYTE_ORDER_MARK if "bom" in request.args else ""
    answer = Response(start + text([written(each) for each in row] for row in rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
