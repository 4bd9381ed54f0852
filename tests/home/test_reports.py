"""The reports of vacancy, lease expirations and owners: what they say, and that each number opens what it counts."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from portal.entities.owners.model import Owner
from portal.entities.ownerships.model import Ownership
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.home.months import month_ends_until, months_from, weeks_from
from portal.home.occupancy import occupancy_on
from portal.home.owner_summary import HEADINGS as OWNER_HEADINGS
from portal.home.vacancy import HEADINGS
from tests.home.portfolio import Portfolio, let, portfolio
from tests.home.test_home import cells, rows_of
from tests.leases import TODAY, days
from tests.people import MACHINE, sign_in, speaking_as
from tests.web.conftest import Store, manager, store
from tests.web.pages import link, parsed, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

__all__ = ["manager", "store"]

PAGES = ("/reports/vacancy", "/reports/lease-expirations", "/reports/owners")


@pytest.fixture
def held(store: Store) -> Portfolio:
    return portfolio(store)


def table(client: FlaskClient, address: str, **asked: Any) -> list[list[str]]:
    """An export."""
    return list(csv.reader(io.StringIO(client.get(f"{address}.csv", query_string=asked).text)))


def shown(client: FlaskClient, address: str, card: str, **asked: Any) -> dict[str, list[str]]:
    """The cells of each row of a table of a page, by its first one."""
    page = client.get(address, query_string=asked)
    return {words(row[0]): [words(each) for each in row[1:]] for row in cells(page, card)}


def test_the_index_leads_to_every_report(manager: FlaskClient) -> None:
    page = manager.get("/reports")
    for name in ("Rent roll", "Vacancy", "Lease expirations", "Bills ageing", "Open work orders", "Owner summary"):
        assert manager.get(link(page, name) or "").status_code == 200, name


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("as_of", [0, -60, 60])
def test_every_number_of_a_report_opens_exactly_what_it_counts(
    manager: FlaskClient, held: Portfolio, address: str, as_of: int
) -> None:
    page = parsed(manager.get(address, query_string={"as_of": days(as_of).isoformat()}))
    found = [each for cell in page.iter("td") if cell.get("class") == "number" for each in cell.iter("a")]
    assert found
    for each in found:
        assert len(rows_of(manager, each.get("href") or "")) == int(words(each)), each.get("href")


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("as_of", ["", "nonsense", "0001-01-01", "9999-12-31", "2026-02-30", "2200-12-31"])
def test_a_day_that_can_not_be_understood_is_today(manager: FlaskClient, address: str, as_of: str) -> None:
    for ending in ("", ".csv"):
        assert manager.get(f"{address}{ending}", query_string={"as_of": as_of}).status_code == 200
    assert manager.get("/reports/rent-roll", query_string={"as_of": as_of}).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_a_viewer_may_read_a_report_of_nothing(client: FlaskClient, address: str) -> None:
    sign_in(client, "viewer")
    assert 'class="empty"' in client.get(address).text
    assert client.get(f"{address}.csv").mimetype == "text/csv"


def test_the_vacancy_says_since_when_and_what_it_costs(manager: FlaskClient, held: Portfolio) -> None:
    lines = table(manager, "/reports/vacancy")
    assert lines[0] == list(HEADINGS)
    # Thirty of 365 days of twelve times 1,000.
    assert lines[1:] == [
        ["Alder", "3", days(-29).isoformat(), "30", "1000", "986.30", ""],
        ["Alder", "4", "", "", "1000", "0.00", ""],
        ["Birch", "2", "", "", "1000", "0.00", days(20).isoformat()],
    ]
    by_house = shown(manager, "/reports/vacancy", "by-property")
    assert by_house["Alder"] == ["4", "2", "50%", "30", "$2,000.00", "$986.30"]
    assert by_house["Birch"] == ["2", "1", "50%", "–", "$1,000.00", "$0.00"]
    assert by_house["All properties"] == ["6", "3", "50%", "30", "$3,000.00", "$986.30"]


def test_the_vacancy_of_another_day_is_that_of_its_leases(manager: FlaskClient, held: Portfolio) -> None:
    before, after = (
        {(row[0], row[1]) for row in table(manager, "/reports/vacancy", as_of=days(day))[1:]} for day in (-60, 60)
    )
    assert before == {("Alder", "4"), ("Birch", "2")}
    assert after == {("Alder", "2"), ("Alder", "3"), ("Alder", "4")}


def test_the_vacancy_of_one_property(manager: FlaskClient, held: Portfolio) -> None:
    lines = table(manager, "/reports/vacancy", property_id=held.birch.id)[1:]
    assert [row[:2] for row in lines] == [["Birch", "2"]]
    assert "Vacancy of Birch" in manager.get("/reports/vacancy", query_string={"property_id": held.birch.id}).text


def test_who_moved_out_early_leaves_the_unit_vacant(manager: FlaskClient, held: Portfolio, store: Store) -> None:
    let(store, held.units[3], -300, 200, out=-10)
    line = next(row for row in table(manager, "/reports/vacancy")[1:] if row[:2] == ["Alder", "4"])
    assert line[3] == "10"


def test_leases_are_counted_in_the_month_in_which_they_end(manager: FlaskClient, held: Portfolio) -> None:
    months = shown(manager, "/reports/lease-expirations", "by-month")
    names = list(months)
    assert len(names) == 12 + 3 + 1
    assert [months[each][0] for each in names[12:]] == ["0", "0", "1", "3"]
    assert sum(int(months[each][0]) for each in names[:12]) == 2
    # A rent of $100 a week is $433.33 a month.
    assert months["All leases"] == ["3", "$2,133.33"]
    by_house = shown(manager, "/reports/lease-expirations", "by-property")
    assert by_house == {"Alder": ["2", "$1,700.00"], "All properties": ["2", "$1,700.00"]}


def test_the_export_of_expirations_has_a_column_for_each_month(manager: FlaskClient, held: Portfolio) -> None:
    heading, alder, total = table(manager, "/reports/lease-expirations")
    assert len(heading) == len(alder) == len(total) == 1 + 12 + 3 + 2
    assert alder[0] == "Alder"
    assert sum(map(int, alder[1:13])) == 2
    assert total[-2:] == ["2", "1700.00"]


def test_each_owner_is_summed_up(manager: FlaskClient, held: Portfolio) -> None:
    lines = table(manager, "/reports/owners")
    assert lines[0] == list(OWNER_HEADINGS)
    # The bill for both properties is one bill of $204, for each owner.
    assert lines[1:] == [
        ["Jane Adams", "1", "4", "2", "1700.00", "3", "405.00"],
        ["Oak LLC", "2", "6", "3", "2133.33", "3", "405.00"],
        ["Whole portfolio", "2", "6", "3", "2133.33", "3", "405.00"],
    ]


def test_the_owner_summary_is_searched_and_paged(manager: FlaskClient, store: Store) -> None:
    house = Property(name="Alder")
    owners = [Owner(first_name="Jane", last_name=f"Adams {each:02}") for each in range(60)]
    store(house, *owners, Owner(first_name="Bo", last_name="Birch"))
    store(*(Ownership(owner_id=each.id, property_id=house.id) for each in owners))
    manager.most_queries = 13  # type: ignore[attr-defined]
    first = manager.get("/reports/owners")
    assert "Showing 50 of 61 active owners" in words(parsed(first))
    second = manager.get(link(first, "Next") or "")
    assert "Bo Birch" in second.text
    assert "Adams 00" not in second.text
    assert "Showing 1 of 1" in words(parsed(manager.get("/reports/owners?q=birch")))
    assert len(table(manager, "/reports/owners", q="adams")) == 1 + 60 + 1


@pytest.mark.parametrize("address", PAGES)
def test_a_formula_stays_text_in_a_spreadsheet(manager: FlaskClient, store: Store, address: str) -> None:
    house = Property(name="=HYPERLINK(1)")
    store(house, Unit(property=house, unit_number="+1"), Unit(property=house, unit_number="2"))
    unit = Unit(property_id=house.id, unit_number="3")
    store(unit, owner := Owner(is_company=True, company_name="@SUM(1)"))
    store(Ownership(owner_id=owner.id, property_id=house.id))
    let(store, unit, -30, 30)
    for row in table(manager, address)[1:]:
        assert not any(each.startswith(("=", "+", "@")) for each in row), row


@pytest.mark.parametrize("address", PAGES)
def test_many_records_take_no_more_queries_than_one(manager: FlaskClient, store: Store, address: str) -> None:
    houses = [Property(name=f"House {each}") for each in range(30)]
    units = [Unit(property=house, unit_number=str(each)) for house in houses for each in range(2)]
    owners = [Owner(first_name="Jane", last_name=f"Adams {each:02}") for each in range(30)]
    store(*houses, *units, *owners)
    store(*(Ownership(owner_id=it.id, property_id=house.id) for it, house in zip(owners, houses, strict=True)))
    for unit in units[:20]:
        let(store, unit, -30, 30)
    manager.most_queries = 13  # type: ignore[attr-defined]
    assert manager.get(address).status_code == 200


def test_the_first_page_the_rent_roll_and_the_vacancy_agree(manager: FlaskClient, held: Portfolio) -> None:
    assert "3 of 6 active units let, 50%" in words(parsed(manager.get("/reports/rent-roll")))
    assert "3 of 6 active units vacant, 50%" in words(parsed(manager.get("/reports/vacancy")))
    assert "50% of the active units" in words(parsed(manager.get("/")))


def test_the_occupancy_of_a_day_is_what_the_list_of_that_day_has(
    app: Flask, manager: FlaskClient, held: Portfolio, store: Store
) -> None:
    let(store, held.units[3], -300, 200, out=-100)
    let(store, held.units[2], -900, -401, lease_type="FixedWithRollover", status="Past")
    ends = month_ends_until(TODAY, 12)
    with app.test_request_context(), speaking_as(MACHINE):
        found = occupancy_on(ends, TODAY)
    assert [each.day for each in found] == ends
    for each in found:
        for name, number in (("occupied_on", each.occupied), ("vacant_on", each.vacant)):
            assert len(rows_of(manager, f"/units?status=active&{name}={each.day}")) == number, each.day


def test_the_calendar_is_gone_through_without_a_gap() -> None:
    months = list(months_from(date(2026, 11, 21), 3))
    assert [(each.first, each.last) for each in months] == [
        (date(2026, 11, 21), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 31)),
    ]
    assert [each.words for each in months] == ["Nov 2026", "Dec 2026", "Jan 2027"]
    weeks = list(weeks_from(date(2026, 12, 28), 2))
    assert [(each.first, each.last) for each in weeks] == [
        (date(2026, 12, 28), date(2027, 1, 3)),
        (date(2027, 1, 4), date(2027, 1, 10)),
    ]
    assert month_ends_until(date(2026, 3, 31), 3) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
