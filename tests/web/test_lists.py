from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.web import pagination
from tests.people import speaking_as
from tests.web.conftest import IMPORT, Store
from tests.web.pages import link, parsed, rows, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def houses(*names: str, **values: Any) -> list[Property]:
    return [Property(name=name, **values) for name in names]


def walk(client: FlaskClient, address: str, step: str) -> list[list[str]]:
    """The rows of every page from `address` on, following the link `step`."""
    pages: list[list[str]] = []
    following: str | None = address
    while following and len(pages) < 20:
        response = client.get(following)
        pages.append(rows(response))
        following = link(response, step)
    return pages


def test_an_empty_list_says_what_to_do_next(manager: FlaskClient) -> None:
    page = manager.get("/properties")
    assert "No properties yet" in page.text
    assert link(page, "New property") == "/properties/new"


def test_a_search_without_a_result_offers_to_start_again(manager: FlaskClient, store: Store) -> None:
    store(*houses("Alder Court"))
    page = manager.get("/properties?q=nowhere")
    assert "Nothing matches" in page.text
    assert link(page, "Show all properties") == "/properties"


def test_names_are_sorted_as_people_sort_them(manager: FlaskClient, store: Store) -> None:
    store(*houses("beta", "Alpha", "Zeta", "gamma"))
    assert rows(manager.get("/properties")) == ["Alpha", "beta", "gamma", "Zeta"]
    assert rows(manager.get("/properties?sort=-name")) == ["Zeta", "gamma", "beta", "Alpha"]


def test_the_sorted_column_says_so_and_its_link_turns_it_around(manager: FlaskClient, store: Store) -> None:
    store(*houses("Alder"))
    page = manager.get("/properties?q=alder")
    sorted_by = {words(each): each.get("aria-sort") for each in parsed(page).iter("th") if each.get("aria-sort")}
    assert sorted_by == {"Name": "ascending"}
    assert link(page, "Name") == "/properties?q=alder&sort=-name"
    assert link(page, "Type") == "/properties?q=alder&sort=rental_sub_type"


def test_filters_narrow_the_list_and_can_be_taken_away_one_by_one(manager: FlaskClient, store: Store) -> None:
    store(*houses("Office A", rental_sub_type="Office"), *houses("House", "Home", rental_sub_type="SingleFamily"))
    page = manager.get("/properties?rental_sub_type=SingleFamily&q=hou")
    assert rows(page) == ["House"]
    assert "1 property found" in words(parsed(page))
    assert link(page, "Remove filter: Type: Single-family home") == "/properties?q=hou"
    assert link(page, "Remove filter: “hou”") == "/properties?rental_sub_type=SingleFamily"
    assert link(page, "Clear all") == "/properties"


def test_a_filter_follows_the_list_to_its_pages_and_its_export(manager: FlaskClient, store: Store) -> None:
    store(*houses(*(f"House {n:02}" for n in range(30)), city="Salem"))
    page = manager.get("/properties?city=sal&size=25&sort=-name")
    assert "city=sal" in (link(page, "Next") or "")
    assert link(page, "Export CSV") == "/properties.csv?city=sal&sort=-name&bom=1"


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("rental_sub_type=Castle", "knows no “Castle”"),
        ("owner_id=12", "knows no “12”"),
        ("sort=secret", "can’t be sorted by “secret”"),
        ("size=7", "A page has 25, 50, 100 or 200 rows"),
        ("size=99999999999999999999", "A page has 25"),
        ("after=%%%", "That page can’t be found"),
        ("before=bm9wZQ", "That page can’t be found"),
        ("after=WyJhIiwgMV0", "That page can’t be found"),
    ],
)
def test_what_an_address_gets_wrong_is_left_out_and_said(
    manager: FlaskClient, store: Store, query: str, note: str
) -> None:
    store(*houses("Alder"))
    page = manager.get(f"/properties?{query}")
    assert rows(page) == ["Alder"]
    assert note in words(parsed(page))


def test_a_filter_may_be_the_record_that_a_link_names(manager: FlaskClient, store: Store) -> None:
    one, other = houses("One", "Other")
    store(one, other, Unit(property=one, unit_number="1"), Unit(property=other, unit_number="2"))
    page = manager.get(f"/units?property_id={one.id}")
    assert rows(page) == ["1"]
    assert link(page, "Remove filter: Property: One") == "/units"


def test_chosen_columns_are_shown_in_the_order_of_the_screen(manager: FlaskClient, store: Store) -> None:
    store(*houses("Alder", city="Salem"))
    page = manager.get("/properties?columns=city&columns=rental_sub_type&columns=nonsense")
    headings = [words(each) for each in next(parsed(page).iter("thead")).iter("th")]
    assert headings[:3] == ["Name", "City", "Type"]


@pytest.mark.parametrize("sort", ["name", "-name", "total_units", "-total_units", "is_active", "updated_at"])
def test_pages_hold_every_record_once_in_both_directions(manager: FlaskClient, store: Store, sort: str) -> None:
    """Equal and empty values included: the id decides between equals."""
    store(*(Property(name=f"House {n // 7:02}", total_units=None if n % 3 else n // 10) for n in range(60)))
    with speaking_as(IMPORT):
        db.session.execute(update(Property).where(Property.total_units == 2).values(status="Inactive"))
        db.session.commit()
    address = f"/properties?sort={sort}&size=25&columns=total_units"
    forwards = walk(manager, address, "Next")
    assert [len(each) for each in forwards] == [25, 25, 10]
    last = link(manager.get(address), "Last")
    backwards = walk(manager, last or "", "Previous")
    flat = [name for each in forwards for name in each]
    assert backwards == [flat[35:], flat[10:35], flat[:25]]


def test_a_record_added_before_the_page_moves_nothing(manager: FlaskClient, store: Store) -> None:
    store(*houses(*(f"House {n:02}" for n in range(60))))
    second = link(manager.get("/properties?size=25"), "Next") or ""
    before = rows(manager.get(second))
    store(*houses("A house", "House 05b"))
    assert rows(manager.get(second)) == before


def test_a_page_whose_records_are_gone_falls_back_to_the_first(manager: FlaskClient, store: Store) -> None:
    store(*houses(*(f"House {n:02}" for n in range(30))))
    second = link(manager.get("/properties?size=25"), "Next") or ""
    with speaking_as(IMPORT):
        db.session.execute(update(Property).where(Property.name > "House 20").values(name="A"))
        db.session.commit()
    assert len(rows(manager.get(second))) == 25


def test_counting_stops_at_a_limit_unless_asked(
    manager: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "COUNT_TO", 10)
    store(*houses(*(f"House {n:02}" for n in range(30))))
    page = manager.get("/properties?size=25")
    assert "Showing 25 of 10+" in words(parsed(page))
    page = manager.get(link(page, "Count all") or "")
    assert "Showing 25 of 30" in words(parsed(page))


@pytest.mark.parametrize("address", ["/properties?size=200", "/units?size=200", "/owners?size=200"])
def test_a_list_needs_few_queries_however_long_it_is(manager: FlaskClient, store: Store, address: str) -> None:
    found = houses(*(f"House {n}" for n in range(40)))
    store(*found, *(Unit(property=each, unit_number="1") for each in found))
    store(*(Owner(is_company=True, company_name=f"Company {n}") for n in range(40)))
    manager.most_queries = 6  # type: ignore[attr-defined]  # who asks, the badge, rows and count, freshness
    assert len(rows(manager.get(address))) == 40


def test_odd_names_stay_text(manager: FlaskClient, store: Store) -> None:
    store(*houses("<script>alert(1)</script> & “Söhne” {{ 7*7 }}"))
    page = manager.get("/properties?q=%3Cscript%3E")
    assert rows(page) == ["<script>alert(1)</script> & “Söhne” {{ 7*7 }}"]
    assert "<script>alert" not in page.text
