from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from portal.entities.tasks.model import Task
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder
from tests.web.conftest import Store, manager, store
from tests.web.pages import parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

__all__ = ["manager", "store"]

NOW = datetime.now(UTC)


def table(response: Any) -> dict[str, list[str]]:
    """The numbers by vendor."""
    found = {}
    for row in parsed(response).iter("tr"):
        cells = [words(each) for each in row]
        found[cells[0]] = cells[1:]
    return found


def links(response: Any) -> list[tuple[str, str]]:
    """(number, address) of every number that opens something."""
    (report,) = parsed(response).iter("table")
    return [(words(each), each.get("href") or "") for cell in report.iter("td") for each in cell.iter("a")]


def stock(store: Store) -> None:
    """Work orders of two vendors and of none, of several ages; one late, one finished."""
    ace, bolt = Vendor(name="Ace Plumbing"), Vendor(name="bolt & co")
    late, done = Task(subject="Late", scheduled_date=NOW - timedelta(days=3)), Task(subject="Done", status="Completed")
    store(ace, bolt, late, done)
    ages = ((ace, 0), (ace, 10), (ace, 10), (bolt, 75), (bolt, 200), (None, 40))
    store(
        *(
            WorkOrder(subject=f"Open {days}", vendor_id=vendor and vendor.id, opened_at=NOW - timedelta(days=days))
            for vendor, days in ages
        ),
        WorkOrder(subject="Late", vendor_id=ace.id, task_id=late.id),
        WorkOrder(subject="Done", vendor_id=ace.id, task_id=done.id),
    )


def test_open_work_orders_are_counted_by_age_and_vendor(manager: FlaskClient, store: Store) -> None:
    stock(store)
    assert table(manager.get("/reports/work-orders")) == {
        "Vendor": [
            *("Up to 7 days", "8–30 days", "31–60 days", "61–90 days", "More than 90 days", "Open", "Overdue"),
        ],
        "Ace Plumbing": ["2", "2", "0", "0", "0", "4", "1"],
        "bolt & co": ["0", "0", "0", "1", "1", "2", "0"],
        "No vendor": ["0", "0", "1", "0", "0", "1", "0"],
        "All vendors": ["2", "2", "1", "1", "1", "7", "1"],
    }


def test_every_number_opens_exactly_what_it_counts(manager: FlaskClient, store: Store) -> None:
    stock(store)
    found = links(manager.get("/reports/work-orders"))
    assert len(found) == 16
    for number, address in found:
        assert len(rows(manager.get(address))) == int(number), address


def test_the_export_has_the_same_numbers(manager: FlaskClient, store: Store) -> None:
    stock(store)
    answer = manager.get("/reports/work-orders.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.splitlines() == [
        "Vendor,Up to 7 days,8–30 days,31–60 days,61–90 days,More than 90 days,Open,Overdue",
        "Ace Plumbing,2,2,0,0,0,4,1",
        "bolt & co,0,0,0,1,1,2,0",
        "No vendor,0,0,1,0,0,1,0",
        "All vendors,2,2,1,1,1,7,1",
    ]
    assert manager.get("/reports/work-orders.csv?bom=1").data.startswith(b"\xef\xbb\xbf")


def test_a_report_of_nothing_says_so(manager: FlaskClient) -> None:
    assert "No open work orders" in words(parsed(manager.get("/reports/work-orders")))


def test_many_vendors_take_no_more_queries_than_one(manager: FlaskClient, store: Store) -> None:
    vendors = [Vendor(name=f"Vendor {each:02}") for each in range(40)]
    store(*vendors)
    store(*(WorkOrder(subject="Sink", vendor_id=each.id) for each in vendors))
    manager.most_queries = 6  # type: ignore[attr-defined]
    assert len(rows(manager.get("/reports/work-orders"))) == 40
