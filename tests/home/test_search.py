"""The search of everything: what is found first, and how much it asks the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from portal.entities.bills.model import Bill
from portal.entities.leases.model import Lease
from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.tasks.model import Task
from portal.entities.tenants.model import Tenant
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.entities.work_orders.model import WorkOrder
from portal.extensions import db
from portal.home.kinds import KINDS
from portal.home.search import branch
from portal.web.screens import screens
from tests.leases import days
from tests.people import MACHINE, speaking_as
from tests.web.conftest import Store, manager, store
from tests.web.pages import link, parsed, rows, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

__all__ = ["manager", "store"]


def found(client: FlaskClient, sought: str) -> dict[str, list[str]]:
    """The titles by kind, as the page has them in order."""
    page = parsed(client.get("/search", query_string={"q": sought}))
    groups = {}
    for card in page.iter("section"):
        lists = [each for each in card.iter("ul") if each.get("class") == "plain-list"]
        if lists:
            groups[card.get("aria-label") or ""] = [words(next(row.iter("a"))) for row in lists[0]]
    return groups


def test_the_search_finds_in_everything_and_links_to_the_lists(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder Court")
    store(house, Unit(property=house, unit_number="Alder 1"), Owner(is_company=True, company_name="Alder LLC"))
    page = manager.get("/search?q=alder")
    headings = [words(each) for each in parsed(page).iter("h2")]
    assert [each for each in headings if each in ("Properties", "Units", "Owners")] == ["Properties", "Units", "Owners"]
    assert link(page, "Alder Court") == f"/properties/{house.id}"
    assert link(page, "All 1") == "/properties?q=alder"


def test_every_list_that_can_be_searched_is_searched(app: Flask) -> None:
    with app.test_request_context():
        assert {plural for plural, screen in screens().items() if screen.search is not None} == set(KINDS)


def test_every_kind_is_found_with_its_facts(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Quince House", city="Troy")
    unit = Unit(property=house, unit_number="1", market_rent=1200)
    ace = Vendor(name="Quince Plumbing", email="ace@example.com")
    tenant = Tenant(first_name="Quince", last_name="Stone")
    store(house, unit, ace, tenant)
    lease = Lease(unit_id=unit.id, property_id=house.id, start_date=days(-1), end_date=days(1), status="Active")
    bill = Bill(vendor_id=ace.id, date=days(0), due_date=days(9), amount=50, reference_number="QUINCE-1")
    store(lease, bill, Task(subject="Quince tree", property_id=house.id), WorkOrder(subject="Fell the quince"))
    page = words(parsed(manager.get("/search?q=quince")))
    for shown in ("Quince House Troy", "Quince House – 1 $1,200.00", "Quince Stone", "Quince Plumbing ace@example.com",
                  "QUINCE-1 Quince Plumbing · due", "$50.00", "Quince tree New · Quince House",
                  "Fell the quince New"):  # fmt: skip
        assert shown in page
    assert set(found(manager, "quince")) == {
        "Properties", "Units", "Tenants", "Leases", "Vendors", "Bills", "Tasks", "Work orders",
    }  # fmt: skip


def test_names_that_begin_with_the_words_come_first(manager: FlaskClient, store: Store) -> None:
    store(*(Property(name=name) for name in ("Great Maple", "Maple Court", "The Mapleton", "Amaple", "Maple")))
    assert found(manager, "maple")["Properties"] == ["Maple", "Maple Court", "Great Maple", "The Mapleton", "Amaple"]


def test_a_name_that_begins_with_the_words_is_not_lost_among_very_many(
    manager: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.home.search.COUNT_TO", 5)
    store(*(Property(name=f"Old Oak {each:02}") for each in range(30)))
    store(Property(name="Oak Hill"))
    assert found(manager, "oak")["Properties"][0] == "Oak Hill"
    assert "1,000+" in manager.get("/search?q=oak").text


@pytest.mark.parametrize(
    ("sought", "first"),
    [
        ("4711", "Bought for 4711"),
        ("12B", "House – 12B"),
        ("inv-9", "INV-9"),
        ("(503) 555-0143", "Jane Adams"),
        ("503-555-0143", "Jane Adams"),
        ("5035550143", "Jane Adams"),
        ("Jane@Example.com", "Jane Adams"),
    ],
)
def test_who_types_an_exact_mark_gets_that_record_first(
    manager: FlaskClient, store: Store, sought: str, first: str
) -> None:
    house, ace = Property(name="House", buildium_property_id=99), Vendor(name="Vendor 4711")
    store(house, ace, Property(name="Bought for 4711", buildium_property_id=4711), Property(name="12Bis"))
    store(
        Unit(property_id=house.id, unit_number="12B"),
        Unit(property_id=house.id, unit_number="112B"),
        Bill(vendor_id=ace.id, date=days(0), due_date=days(9), amount=50, reference_number="INV-9"),
        Bill(vendor_id=ace.id, date=days(0), due_date=days(9), amount=50, reference_number="INV-99"),
        Owner(first_name="Jane", last_name="Adams", phone_work="(503) 555-0143", email="jane@example.com"),
        Owner(first_name="Mary", last_name="Jane", email="mary.jane@example.com"),
    )
    groups = found(manager, sought)
    assert next(iter(groups.values()))[0] == first


@pytest.mark.parametrize("sought", ["alder", "al", "a", "555-01 43", "4"])
def test_each_group_says_how_many_its_list_has(manager: FlaskClient, store: Store, sought: str) -> None:
    store(*(Property(name=f"Alder {each}", address_line1="4 Ash Road") for each in range(12)))
    store(Owner(first_name="Al", last_name="Adams", phone_home="(207) 555-0143"))
    page = manager.get("/search", query_string={"q": sought})
    for each in parsed(page).iter("a"):
        if words(each).startswith("All ") and "?q=" in (each.get("href") or ""):
            assert len(rows(manager.get(each.get("href") or ""))) == int(words(each).removeprefix("All "))


@pytest.mark.parametrize(
    "sought", ["", " ", "nothing like it", "%", "_", "\\", "'; drop table owners; --", "<b>", "word " * 500, "9" * 200]
)
def test_a_search_without_a_result_says_how_to_search(manager: FlaskClient, sought: str) -> None:
    page = manager.get("/search", query_string={"q": sought})
    assert page.status_code == 200
    assert "<b>" not in page.text
    assert "Buildium ids" in page.text


def test_everything_is_searched_in_one_query(manager: FlaskClient, store: Store) -> None:
    store(*(Property(name=f"Alder {each}") for each in range(30)), Owner(is_company=True, company_name="Alder LLC"))
    manager.most_queries = 4  # type: ignore[attr-defined]
    assert len(found(manager, "alder")["Properties"]) == 8


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("plural", KINDS)
@pytest.mark.parametrize("sought", ["maple", "ma", "4711"])
def test_every_branch_can_use_the_index_of_its_search(app: Flask, plural: str, sought: str) -> None:
    with app.test_request_context(), speaking_as(MACHINE):
        screen, connection = screens()[plural], db.session.connection()
        statement = branch(screen, KINDS[plural], sought).compile(connection.engine)
        connection.exec_driver_sql("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"explain {statement}", statement.params))
        connection.exec_driver_sql("set local enable_seqscan = on")
        assert f"{screen.table}_search_text_idx" in plan, plan


def test_names_are_shown_as_they_are_written(manager: FlaskClient, store: Store) -> None:
    store(Property(name="<script>alert(1)</script> & Sons"))
    answer: Any = manager.get("/search?q=script")
    assert "<script>alert(1)" not in answer.text
    assert found(manager, "script")["Properties"] == ["<script>alert(1)</script> & Sons"]
