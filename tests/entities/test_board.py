"""The board of work orders: the list in columns, and its buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from portal.entities.properties.model import Property
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.board import MOST
from portal.entities.work_orders.model import WorkOrder
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NOW = datetime.now(UTC)


def order(store: Store, subject: str, status: str = "New", **values: Any) -> WorkOrder:
    """A work order with a task of its own; `due` is in days from now."""
    due = values.pop("due", None)
    day = None if due is None else (NOW + timedelta(days=due)).replace(hour=0, minute=0, second=0, microsecond=0)
    place = {name: values.pop(name) for name in ("property_id", "unit_id", "priority") if name in values}
    task = Task(subject=subject, status=status, scheduled_date=day, **place)
    store(task)
    made = WorkOrder(subject=subject, task_id=task.id, **values)
    store(made)
    return made


def columns(response: Any) -> dict[str, list[str]]:
    """The titles of the cards by the words of their column."""
    found = {}
    for section in parsed(response).iter("section"):
        if section.get("class") == "board-column":
            (heading,) = section.iter("h2")
            found[words(heading)] = [words(each) for each in section.iter("h3")]
    return found


def test_the_board_has_a_column_for_each_status_but_closed(manager: FlaskClient, store: Store) -> None:
    for status in ("New", "InProgress", "Deferred", "Completed", "Closed"):
        order(store, f"Is {status}", status)
    page = manager.get("/work-orders/board")
    assert columns(page) == {
        "New , 1 work orders": ["Is New"],
        "In progress , 1 work orders": ["Is InProgress"],
        "Deferred , 1 work orders": ["Is Deferred"],
        "Completed , 1 work orders": ["Is Completed"],
    }
    closed = manager.get(link(page, "Show closed ones") or "")
    assert list(columns(closed).values()) == [["Is Closed"]]


def test_a_card_says_who_where_how_old_and_when(manager: FlaskClient, store: Store) -> None:
    house, vendor = Property(name="Alder Court"), Vendor(name="Ace Plumbing")
    store(house, vendor)
    unit = Unit(property_id=house.id, unit_number="2B")
    store(unit)
    place: dict[str, Any] = {"property_id": house.id, "unit_id": unit.id, "vendor_id": vendor.id}
    order(store, "Sink", due=-3, opened_at=NOW - timedelta(days=12), priority="High", **place)
    page = manager.get("/work-orders/board")
    (card,) = [each for each in parsed(page).iter("li") if each.get("class") == "board-card"]
    said = words(card)
    for part in ("Sink", "Ace Plumbing", "Alder Court – 2B", "3 days overdue", "12 days old", "High priority"):
        assert part in said
    assert [each.get("aria-label") for each in card.iter("button")] == [
        *("Start “Sink”", "Complete “Sink”", "Defer “Sink”"),
    ]


def test_the_board_and_the_list_keep_each_others_filter(manager: FlaskClient, store: Store) -> None:
    vendor = Vendor(name="Ace Plumbing")
    store(vendor)
    order(store, "Mine", vendor_id=vendor.id, due=-1)
    order(store, "Theirs", due=-1)
    given = f"q=mine&due=overdue&vendor_id={vendor.id}&sort=-scheduled_date"
    board = manager.get(link(manager.get(f"/work-orders?{given}"), "Board") or "")
    assert parse_qs(urlsplit(board.request.full_path).query) == parse_qs(given)
    assert ["Mine"] in columns(board).values()
    assert "Theirs" not in board.text
    again = manager.get(link(board, "List") or "")
    assert (again.request.path, rows(again)) == ("/work-orders", ["Mine"])
    without = link(board, "Remove filter: Due: Overdue")
    assert without
    assert without.startswith("/work-orders/board?")
    assert "due" not in parse_qs(urlsplit(without).query)


def test_a_filter_by_status_leaves_its_columns(manager: FlaskClient, store: Store) -> None:
    order(store, "Sink")
    assert len(columns(manager.get("/work-orders/board?status=open"))) == 3
    assert len(columns(manager.get("/work-orders/board?status=Deferred"))) == 1


def test_a_button_moves_a_card_and_brings_back_to_it(manager: FlaskClient, store: Store, stored: Stored) -> None:
    made = order(store, "Sink", due=-1)
    page = manager.get("/work-orders/board?due=overdue")
    (form,) = [each for each in parsed(page).iter("form") if "/status" in (each.get("action") or "")]
    answer = manager.post(form.get("action") or "", data={"board": "1", "status": "InProgress"})
    assert answer.status_code == 303
    assert answer.location == f"/work-orders/board?due=overdue&moved={made.id}#order-{made.id}"
    board = manager.get(answer.location)
    assert columns(board)["In progress , 1 work orders"] == ["Sink"]
    (card,) = [each for each in parsed(board).iter("li") if each.get("id") == f"order-{made.id}"]
    assert card.get("tabindex") == "-1"
    assert [each.status for each in stored(select(Task))] == ["InProgress"]


def test_a_column_shows_the_first_and_leads_to_all(manager: FlaskClient, store: Store) -> None:
    for each in range(MOST + 3):
        order(store, f"Number {each:02}", due=each)
    last = order(store, "Last")
    page = manager.get("/work-orders/board?q=")
    (titles,) = [each for each in columns(page).values() if each]
    assert titles == [f"Number {each:02}" for each in range(MOST)]
    every = link(page, f"Show all {MOST + 4} in the list: New")
    assert len(rows(manager.get(every or ""))) == MOST + 4
    moved = columns(manager.get(f"/work-orders/board?moved={last.id}"))
    assert next(each for each in moved.values() if each)[0] == "Last"
    assert manager.get("/work-orders/board?moved=nonsense").status_code == 200


def test_a_full_board_is_read_with_few_queries(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder Court")
    store(house)
    for status in ("New", "InProgress", "Deferred", "Completed"):
        for each in range(5):
            unit, vendor = Unit(property_id=house.id, unit_number=f"{status}{each}"), Vendor(name=f"V {status} {each}")
            store(unit, vendor)
            order(store, "Sink", status, property_id=house.id, unit_id=unit.id, vendor_id=vendor.id)
    # The client refuses a page of more than fifteen.
    assert sum(map(len, columns(manager.get("/work-orders/board")).values())) == 20


@pytest.mark.parametrize(("role", "buttons"), [("viewer", 0), ("staff", 3)])
def test_a_viewer_sees_the_board_without_its_buttons(
    client: FlaskClient, store: Store, role: str, buttons: int
) -> None:
    made = order(store, "Sink")
    sign_in(client, role)
    page = client.get("/work-orders/board")
    assert len([each for each in parsed(page).iter("button") if each.get("name") == "status"]) == buttons
    answer = client.post(f"/work-orders/{made.id}/status", data={"status": "Deferred"})
    assert answer.status_code == (303 if buttons else 403)
