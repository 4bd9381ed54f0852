"""The rent roll counts what its lists show, on any day."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from portal.entities.leases.model import Lease, LeaseTenant
from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from tests.leases import days, tenant_of
from tests.web.conftest import Store, manager, store
from tests.web.pages import parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient

__all__ = ["manager", "store"]

PAGE = "/reports/rent-roll"


@pytest.fixture
def units(store: Store) -> list[Unit]:
    houses = [Property(name="Alder"), Property(name="Birch")]
    units = [Unit(property=house, unit_number=number, market_rent=1000) for house in houses for number in ("1", "2")]
    store(*houses, *units)
    return units


def let(
    store: Store, unit: Unit, start: int, end: int | None, *names: str, out: int | None = None, **more: Any
) -> Lease:
    """A lease whose days count from today."""
    known = {"lease_type": "Fixed", "status": "Active", "rent": 900, "deposit_amt": 500, **more}
    dates = {"start_date": days(start), "end_date": None if end is None else days(end)}
    lease = Lease(unit_id=unit.id, property_id=unit.property_id, **dates, **known)
    gone = None if out is None else days(out)
    lease.tenants = [LeaseTenant(tenant=tenant_of(name), move_out_date=gone) for name in names]
    store(lease)
    return lease


def shown(manager: FlaskClient, **asked: str) -> list[tuple[str, ...]]:
    """The lines of the export, without the heading."""
    answer = manager.get(f"{PAGE}.csv", query_string=asked)
    return [tuple(row) for row in list(csv.reader(io.StringIO(answer.text)))[1:]]


def counts(manager: FlaskClient, **asked: str) -> dict[str, int]:
    tabs = parsed(manager.get(PAGE, query_string=asked)).findall(".//ul[@class='tabs']//a")
    return {(each.text or "").strip(): int(words(each.find("span"))) for each in tabs}  # type: ignore[arg-type]


def test_each_part_shows_as_many_lines_as_it_counts(manager: FlaskClient, store: Store, units: list[Unit]) -> None:
    let(store, units[0], -30, 20, "Jane", "John")
    let(store, units[0], 21, 400, "Zoe", status="Future")
    let(store, units[1], -400, -40, "Old", status="Past")
    let(store, units[2], -30, None, "Ann", lease_type="AtWill")
    assert counts(manager) == {
        "Current": 2, "Upcoming": 1, "Ending within 90 days": 1, "Ended in the last year": 1, "Vacant": 2,
    }  # fmt: skip
    lines = {show: [row[:2] for row in shown(manager, show=show)] for show in ("current", "upcoming", "past", "vacant")}
    assert lines["current"] == [("Alder", "1"), ("Birch", "1")]
    assert lines["upcoming"] == [("Alder", "1")]
    assert lines["past"] == [("Alder", "2")]
    assert lines["vacant"] == [("Alder", "2"), ("Birch", "2")]
    assert [row[:2] for row in shown(manager, show="expiring")] == [("Alder", "1")]


def test_the_page_adds_up_by_property_and_in_all(manager: FlaskClient, store: Store, units: list[Unit]) -> None:
    for unit in units[:3]:
        let(store, unit, -30, 300, "Jane", rent="900.50")
    page = words(parsed(manager.get(PAGE)))
    assert "Total of Alder $1,801.00 $1,000.00 $2,000.00" in page
    assert "All properties $2,701.50 $1,500.00 $3,000.00" in page
    assert "3 of 4 active units let, 75%" in page


def test_another_day_shows_what_was_and_what_will_be(manager: FlaskClient, store: Store, units: list[Unit]) -> None:
    let(store, units[0], -400, -40, "Old", status="Past")
    let(store, units[0], 30, 300, "New", status="Future")
    assert [row[2] for row in shown(manager, as_of=str(days(-100)))] == ["Old Adams"]
    assert shown(manager) == []
    assert [row[2] for row in shown(manager, as_of=str(days(30)))] == ["New Adams"]
    vacant = [row for row in shown(manager, show="vacant") if row[4]]
    assert [row[4] for row in vacant] == [str(days(-40))]


def test_move_outs_and_rollovers_decide_how_long_a_lease_lasts(
    manager: FlaskClient, store: Store, units: list[Unit]
) -> None:
    let(store, units[0], -30, 300, "Jane", out=10)
    let(store, units[1], -400, -30, "Rolled", lease_type="FixedWithRollover")
    let(store, units[2], -400, None, "Gone", lease_type="AtWill", status="Past")
    assert {row[2]: row[4] for row in shown(manager)} == {"Jane Adams": str(days(10)), "Rolled Adams": ""}
    assert [row[2] for row in shown(manager, as_of=str(days(11)))] == ["Rolled Adams"]
    assert "Gone Adams" in [row[2] for row in shown(manager, show="past")]


def test_what_the_address_says_wrongly_is_today_and_current(manager: FlaskClient, units: list[Unit]) -> None:
    page = manager.get(f"{PAGE}?as_of=yesterday&show=everything")
    assert page.status_code == 200
    assert "No lease is like that on this day." in page.text
