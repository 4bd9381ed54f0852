from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import pytest

from portal.entities.properties.model import Property
from portal.entities.staff_users.model import StaffUser
from portal.entities.tasks.model import Task
from portal.entities.units.model import Unit
from tests.home.portfolio import NOW, portfolio
from tests.people import make_user, sign_in
from tests.web.conftest import Store, manager, store
from tests.web.pages import link, parsed, words
from tests.web.test_record_pages import Sync

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

__all__ = ["manager", "store"]


def tiles(page: Any) -> dict[str, tuple[str, str]]:
    """Label → (number, address) of every tile."""
    found = {}
    for each in parsed(page).iter("a"):
        if (each.get("class") or "").startswith("tile"):
            number, label = [words(part) for part in each][:2]
            found[label] = (number, each.get("href") or "")
    return found


def cells(page: Any, card: str) -> list[list[Element]]:
    (found,) = [each for each in parsed(page).iter("section") if each.get("id") == card]
    return [list(row) for row in found.iter("tr")][1:]


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """Every row of a list, by heading."""
    page = parsed(client.get(address))
    table = next(page.iter("table"), None)
    if table is None:
        return []
    (head, *rows) = [[words(cell) for cell in row] for row in table.iter("tr")]
    return [dict(zip(head, row, strict=False)) for row in rows]


def test_every_number_opens_a_list_with_exactly_so_many_rows(manager: FlaskClient, store: Store) -> None:
    portfolio(store)
    shown = tiles(manager.get("/"))
    assert len(shown) == 23
    for label, (number, address) in shown.items():
        rows = rows_of(manager, address)
        if number.startswith("$"):
            owed = sum(Decimal(row["Open"].strip("$").replace(",", "")) for row in rows)
            assert owed == Decimal(number.strip("$").replace(",", "")), label
        else:
            assert len(rows) == int(number), label


def test_what_the_portfolio_is_like_is_said_in_numbers(manager: FlaskClient, store: Store) -> None:
    portfolio(store)
    numbers = {label: number for label, (number, _) in tiles(manager.get("/")).items()}
    assert numbers["Occupied units"] == "3"
    assert numbers["Vacant units"] == "3"
    assert numbers["Leases end within 30 days"] == "1"
    assert numbers["Bills overdue"] == "$100.00"
    assert numbers["Bills due within 7 days"] == "$101.00"
    assert numbers["Open work orders"] == "5"
    assert numbers["Work orders overdue"] == "1"
    assert numbers["Open for more than 90 days"] == "1"
    assert numbers["Tasks overdue"] == "1"
    assert numbers["Insurance has run out"] == "1"
    assert numbers["Insurance runs out within 30 days"] == "1"


@pytest.mark.parametrize("chart", ["occupancy", "endings", "due"])
def test_the_table_beneath_a_chart_opens_what_it_counts(manager: FlaskClient, store: Store, chart: str) -> None:
    portfolio(store)
    rows = cells(manager.get("/"), chart)
    assert len(rows) == (8 if chart == "due" else 12)
    links = [each for row in rows for cell in row for each in cell.iter("a")]
    assert sum(int(words(each)) for each in links) > 0
    for each in links:
        assert len(rows_of(manager, each.get("href") or "")) == int(words(each)), each.get("href")


def test_a_chart_has_a_bar_for_every_row_and_says_what_it_shows(manager: FlaskClient, store: Store) -> None:
    portfolio(store)
    charts = [each for each in parsed(manager.get("/")).iter() if each.get("class") == "chart"]
    assert [each.get("aria-label") for each in charts] == [
        "Occupancy in percent", "Leases ending per month", "Bills due per week",
    ]  # fmt: skip
    assert [len(re.findall("rect", " ".join(str(part.tag) for part in each.iter()))) for each in charts] == [12, 12, 8]


def test_my_tasks_are_those_of_the_staff_member_with_my_address(client: FlaskClient, store: Store) -> None:
    store(StaffUser(buildium_user_id=7, first_name="Pat", last_name="Manager", email="pat@example.com"))
    store(
        Task(subject="Mine", assigned_to_user_id=7, scheduled_date=NOW.replace(year=2020)),
        Task(subject="Another’s"),
        Property(name="Alder"),
    )
    sign_in(client, user=make_user("manager", email="Pat@example.com"))
    numbers = {label: number for label, (number, _) in tiles(client.get("/")).items()}
    assert (numbers["My open tasks"], numbers["My tasks overdue"], numbers["Open tasks"]) == ("1", "1", "2")


def test_a_fresh_portal_says_what_to_do_first(manager: FlaskClient) -> None:
    page = manager.get("/")
    assert "Your portal is still empty" in page.text
    assert link(page, "See the import") == "/sync/runs"
    assert tiles(page) == {}


def test_a_viewer_of_a_fresh_portal_is_offered_nothing_that_is_refused(client: FlaskClient) -> None:
    sign_in(client, "viewer")
    page = client.get("/")
    assert link(page, "New property") is None
    assert link(page, "See the import") is None


def test_many_records_take_no_more_queries_than_one(manager: FlaskClient, store: Store) -> None:
    houses = [Property(name=f"House {each}") for each in range(30)]
    store(*houses, *(Unit(property=house, unit_number=str(each)) for house in houses for each in range(3)))
    manager.most_queries = 13  # type: ignore[attr-defined]
    assert tiles(manager.get("/"))["Vacant units"][0] == "90"


def test_what_needs_a_person_is_shown_to_those_who_see_the_sync(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "record_sync", Sync())
    sign_in(client, "staff")
    assert link(client.get("/"), "3 records refused") == "/sync/records?state=failed"
    sign_in(client, "viewer")
    assert "records refused" not in client.get("/").text
