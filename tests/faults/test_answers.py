"""Buildium answers badly, late, too much, or not at all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, update

from portal.buildium import client
from portal.entities.properties.mapping import PROPERTY
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync import breaker
from portal.sync.current import current_sync
from portal.sync.models import BuildiumConnection
from portal.sync.pull import pull_one
from tests.faults.desk import Desk, address_of, assert_side_by_side
from tests.holding import held, pushing
from tests.live import Live
from tests.records import bank_account, property_of, synced_property


@pytest.fixture(autouse=True)
def unbroken() -> Iterator[None]:
    """The count of failures in a row is the process's."""
    breaker.succeeded()
    yield
    breaker.succeeded()


def renamed(live: Live, name: str, **values: Any) -> Property:
    """A property that Buildium has under another name; nothing was sent yet."""
    house = synced_property(live)
    house.name = name
    live.save(house)
    return house


def calls_to(live: Live, house: Property) -> int:
    path = f"/v1/rentals/{house.buildium_property_id}"
    return live.asked("GET", path) + live.asked("PUT", path)


def moments(live: Live, path: str) -> list[datetime]:
    found = live.http.get("/_control/requests", params={"path": path, "limit": 5000}).json()["items"]
    return sorted(datetime.fromisoformat(each["at"]) for each in found)


@pytest.mark.fault(8)
@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_is_asked_once_and_said_and_an_edit_sends_again(live: Live, desk: Desk, status: int) -> None:
    house = renamed(live, "Refused")
    live.fault("status", method="PUT", path="/v1/rentals/*", status=status)
    live.work()
    live.work_later()
    assert live.asked("PUT", "/v1/rentals") == 1
    assert "Buildium refused: Injected by the sandbox." in desk.record(house)
    assert "1 refused by Buildium Somebody has to correct them" in desk.read("/sync")
    assert desk.save(f"{address_of(house)}/edit", name="Accepted").status_code == 303
    live.work()
    assert "Matches Buildium as of" in desk.record(house)
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Accepted"


@pytest.mark.fault(8)
def test_buildiums_own_words_about_a_field_stand_on_the_form(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    house.property_manager_buildium_user_id = 424242
    live.save(house)
    live.work()
    said = "Property manager: The property manager must be an active staff member."
    assert said in desk.record(house)
    assert said in desk.read(f"{address_of(house)}/edit")


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "Buildium refused the API key (401)."),
        (403, "Injected by the sandbox."),
        (503, "Buildium is down for maintenance (503)."),
    ],
)
def test_a_refused_account_pauses_everything_and_goes_on_by_itself(
    live: Live, desk: Desk, status: int, said: str
) -> None:
    house = renamed(live, "Later")
    breaker.close(1, "Harbor & Vine")
    live.fault("status", status=status, path="/v1/*", times=None)
    for _ in range(3):
        live.work_later()
    assert (live.state(house), live.row(house).attempts, calls_to(live, house)) == ("pending", 0, 1)
    assert f"The connection to Buildium is paused: {said}" in desk.record(house)
    assert f"Buildium: {said} Nothing is sent or fetched since" in desk.read("/sync")
    assert "it goes on by itself" in desk.read("/sync")
    asked = live.asked("GET", breaker.ACCOUNT_PATH)
    assert not breaker.probe()
    due_probe(live)
    assert not breaker.probe()
    assert not breaker.probe()
    assert live.asked("GET", breaker.ACCOUNT_PATH) == asked + 1
    live.clear_faults()
    due_probe(live)
    assert breaker.probe()
    live.work_later()
    assert "Matches Buildium as of" in desk.record(house)


@pytest.mark.fault(9)
def test_a_permission_that_one_kind_of_record_lacks_stops_only_that_record(live: Live, desk: Desk) -> None:
    house = renamed(live, "Forbidden")
    breaker.close(1, "Harbor & Vine")
    live.fault("status", method="PUT", path="/v1/rentals/*", status=403)
    live.work()
    assert not breaker.is_open()
    assert "Buildium refused: The API key lacks “Rentals > Rental properties and units”." in desk.record(house)


def due_probe(live: Live) -> None:
    db.session.execute(update(BuildiumConnection).values(next_probe_at=func.clock_timestamp()))
    db.session.commit()


@pytest.mark.fault(10)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_record_that_buildium_no_longer_has_is_kept_and_a_person_decides(live: Live, desk: Desk, method: str) -> None:
    house = renamed(live, "Still here")
    if method == "GET":
        live.delete_there("rentals", house.buildium_property_id or 0)
    else:
        live.fault("status", method="PUT", path="/v1/rentals/*", status=404)
    live.work()
    page = desk.record(house)
    assert "Gone in Buildium" in page
    assert "Still here" in page
    assert "Buildium has no such record any more." in desk.sync(house)
    assert "Send again" in desk.sync(house)
    live.work_later()
    assert (live.state(house), live.asked("POST", "/v1/rentals")) == ("missing", 0)


@pytest.mark.fault(11)
def test_a_conflict_answer_is_followed_by_a_look_and_both_versions_are_shown(live: Live, desk: Desk) -> None:
    house = renamed(live, "Ours")
    number = house.buildium_property_id or 0
    live.fault("status", method="PUT", path="/v1/rentals/*", status=409)
    live.fault("commit_then_hold", method="GET", path=f"/v1/rentals/{number}")
    with pushing(live, house):
        held(live)
        live.edit_there("rentals", number, Name="Theirs")
    assert "Changed on both sides" in desk.record(house)
    page = desk.sync(house)
    assert_side_by_side(page, "Harbor View", "Ours", "Theirs")
    assert live.get(f"/v1/rentals/{number}")["Name"] == "Theirs"
    assert live.asked("PUT", "/v1/rentals") == 1


@pytest.mark.fault(11)
def test_a_conflict_answer_about_nothing_that_differs_waits_for_a_person_in_words(live: Live, desk: Desk) -> None:
    house = renamed(live, "Ours")
    live.fault("status", method="PUT", path="/v1/rentals/*", status=409)
    live.work()
    live.work_later()
    assert (live.asked("PUT", "/v1/rentals"), live.asked("GET", "/v1/rentals/")) == (1, 2)
    assert "Buildium was changing the same record" in desk.sync(house)
    assert "will be sent again now" in desk.press(desk.sync_page(house), "retry")
    live.work()
    assert "Matches Buildium as of" in desk.record(house)


@pytest.mark.fault(12)
@pytest.mark.parametrize("form", [1, "date"])
def test_too_many_calls_are_a_shared_wait_of_as_long_as_buildium_says(live: Live, desk: Desk, form: int | str) -> None:
    first = renamed(live, "First")
    second = property_of(first.operating_bank_account, name="Second")
    live.fault("status", status=429, path="/v1/rentals/*", retry_after=form)
    live.work()
    live.save(second)
    assert "Saved here, waiting to send" in desk.record(first)
    live.work()
    assert live.state(second) == "synced"
    refused, following, *_ = moments(live, "/v1/rentals")
    # A date counts whole seconds, so it may lie up to one nearer than that.
    assert (following - refused).total_seconds() >= (1 if form == 1 else 0.05)
    live.work_later()
    assert "Matches Buildium as of" in desk.record(first)
    assert "Update in Buildium: Buildium asked to wait" in words_of_log(desk)
    assert (live.row(first).attempts, "0 refused by Buildium" in desk.read("/sync")) == (0, True)


def words_of_log(desk: Desk) -> str:
    return desk.read("/sync/api-log").replace("Read from Buildium", "Update in Buildium")


@pytest.mark.fault(13)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_outage_costs_each_record_three_calls_at_most_and_ends_by_itself(
    live: Live, desk: Desk, status: int
) -> None:
    first = synced_property(live)
    second = property_of(first.operating_bank_account, name="Second")
    live.save(second)
    live.work()
    houses = [first, second]
    new = property_of(first.operating_bank_account, name="New")
    first.name, second.name = "Changed first", "Changed second"
    live.save(*houses, new)
    live.forget_requests()
    live.fault("status", status=status, path="/v1/*", times=None)
    for _ in range(6):
        live.work_later()
    made = Counter(calls_to(live, house) for house in houses)
    assert max(made) <= 3, made
    assert {live.state(house) for house in houses} == {"pending"}
    assert live.asked("POST", "/v1/rentals") <= 1
    assert "The connection to Buildium is paused" in desk.record(houses[0])
    assert "Nothing is lost: it goes on by itself." in desk.read("/sync")
    live.clear_faults()
    due_probe(live)
    assert breaker.probe()
    for _ in range(4):
        live.work_later()
    assert {live.state(house) for house in (*houses, new)} == {"synced"}
    assert [each["Name"] for each in live.get("/v1/rentals")].count("New") == 1


# The others are in tests/sync/test_uncertain.py.
LOST: list[tuple[str, dict[str, Any]]] = [
    ("commit_then_status", {"status": 504}),
    ("huge", {"size": 12_000_000}),
    ("commit_then_hang", {"seconds": 20}),
]


@pytest.mark.fault(14)
@pytest.mark.parametrize(("fault", "rule"), LOST, ids=[f"{fault}-{rule}" for fault, rule in LOST])
def test_a_create_whose_answer_is_lost_is_looked_for_said_and_adopted(
    live: Live, desk: Desk, patient_for_a_second: None, fault: str, rule: dict[str, Any]
) -> None:
    house = property_of(bank_account(live))
    live.fault(fault, method="POST", path="/v1/rentals", **rule)
    live.save(house)
    live.work()
    assert "Outcome unknown: looking in Buildium" in desk.record(house)
    assert "Sent, but no answer came" in desk.sync(house)
    assert "1 with unknown outcome" in desk.read("/sync")
    live.clear_faults()
    live.work_later()
    live.work_later()
    assert "Matches Buildium as of" in desk.record(house)
    assert [each["Id"] for each in live.get("/v1/rentals")] == [house.buildium_property_id]
    assert live.asked("POST", "/v1/rentals") == 1


@pytest.fixture
def patient_for_a_second(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The deadlines of the client, a fifteenth of what they are; what they are is asserted here."""
    assert (client.CONNECT, client.READ, client.TOTAL) == (5, 15, 30)
    http = current_sync().buildium._http
    before = http.timeout
    http.timeout = httpx.Timeout(1.0)
    monkeypatch.setattr(client, "TOTAL", 2.0)
    yield
    http.timeout = before


@pytest.mark.fault(17)
@pytest.mark.parametrize(
    ("fault", "seconds", "said"),
    [
        ("hang", 30.0, "The connection to Buildium broke: ReadTimeout."),
        ("slow", 30.0, "Buildium's answer took longer than 30 seconds."),
    ],
)
def test_a_worker_waits_no_longer_than_its_deadlines(
    live: Live, desk: Desk, patient_for_a_second: None, fault: str, seconds: float, said: str
) -> None:
    house = renamed(live, "Slow")
    live.fault(fault, seconds=seconds, method="PUT", path="/v1/rentals/*")
    began = datetime.now()
    live.work()
    assert (datetime.now() - began).total_seconds() < 10
    live.clear_faults()
    page = desk.record(house)
    assert "Saved here, waiting to be sent again" in page
    assert said in page + desk.sync(house)
    live.work_later()
    assert "Matches Buildium as of" in desk.record(house)


@pytest.mark.fault(16)
def test_an_answer_of_200_megabytes_is_left_alone_and_said(live: Live, desk: Desk) -> None:
    house = renamed(live, "Huge")
    live.fault("huge", size=200_000_000, method="GET", path="/v1/rentals/*")
    before = most_memory(reset=True)
    live.work()
    assert most_memory() - before < 50_000_000
    page = desk.record(house)
    assert "Saved here, waiting to be sent again" in page
    assert "Buildium's answer is larger than 10 MB." in page
    live.work_later()
    assert "Matches Buildium as of" in desk.record(house)


def most_memory(*, reset: bool = False) -> int:
    """The most bytes this process, which is the worker here, ever had in memory; from now on with `reset`."""
    own = Path("/proc/self")
    if not (own / "clear_refs").exists() or not os.access(own / "clear_refs", os.W_OK):
        pytest.skip("this system doesn't tell how much memory a process had at most")
    if reset:
        (own / "clear_refs").write_text("5")
    line = next(each for each in (own / "status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@pytest.mark.fault(14)
@pytest.mark.parametrize("fault", ["unknown_fields", "unknown_enums"])
def test_what_buildium_adds_to_its_answers_harms_nothing(live: Live, desk: Desk, fault: str) -> None:
    house = renamed(live, "Newer Buildium")
    live.fault(fault, path="/v1/rentals/*", times=4)
    live.work()
    pull_one(PROPERTY, house.buildium_property_id or 0)
    live.clear_faults()
    live.work_later()
    assert "Newer Buildium" in desk.record(house)
    assert len(live.get("/v1/rentals")) == 1
