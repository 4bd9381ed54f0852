"""Two people, or a person and Buildium, change one record."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.sync import runs
from portal.sync.current import current_sync
from portal.sync.models import SyncRun
from portal.sync.pull import pull_bodies
from portal.sync.push import push_now
from portal.sync.reading import asked_now
from tests.faults.desk import Desk, address_of, assert_side_by_side, words_of
from tests.faults.owner import as_owner
from tests.live import Live
from tests.records import synced_property

PEOPLE = 8


@pytest.mark.fault(26)
def test_of_eight_saves_at_once_one_wins_and_seven_are_told_and_keep_their_text(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    page = f"{address_of(house)}/edit"
    desks = [desk, *(Desk(live.app) for _ in range(PEOPLE - 1))]
    forms = [each.fields(page) for each in desks]
    ready, answers = Barrier(PEOPLE), dict[int, tuple[int, str]]()

    def send(number: int) -> None:
        ready.wait()
        answer = desks[number].ask_alone("POST", page, data={**forms[number], "name": f"Typed by {number}"})
        answers[number] = answer.status_code, answer.text

    threads = [Thread(target=send, args=(number,)) for number in range(PEOPLE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(status for status, _ in answers.values()) == [303, *[409] * (PEOPLE - 1)]
    winner = next(number for number, (status, _) in answers.items() if status == 303)
    for number, (status, text) in answers.items():
        if status == 409:
            assert f"Typed by {number}" in text
            assert f"Typed by {winner}" in words_of(text)
            assert "changed while you were editing" in words_of(text)
    live.work()
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == f"Typed by {winner}"
    assert f"Typed by {winner}" in desk.record(house)


@pytest.mark.fault(27)
def test_the_same_field_edited_on_both_sides_is_shown_side_by_side_and_overwritten_by_nobody(
    live: Live, desk: Desk
) -> None:
    house = synced_property(live)
    number = house.buildium_property_id or 0
    form = desk.fields(f"{address_of(house)}/edit")
    live.edit_there("rentals", number, Name="Theirs", YearBuilt=1901)
    assert desk.send(f"{address_of(house)}/edit", {**form, "name": "Ours"}).status_code == 303
    live.work()
    assert "Changed on both sides Changed here and in Buildium: Name." in desk.record(house)
    assert_side_by_side(desk.sync(house), "Harbor View", "Ours", "Theirs")
    assert "1 changed on both sides Somebody has to choose" in desk.read("/sync")
    assert (house.name, house.year_built) == ("Ours", 1901)
    assert live.get(f"/v1/rentals/{number}")["Name"] == "Theirs"
    assert live.asked("PUT", "/v1/rentals") == 0


@pytest.mark.fault(28)
def test_a_record_deleted_in_buildium_is_not_made_again_by_a_late_push(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    house.name = "Saved before anybody knew"
    live.save(house)
    live.delete_there("rentals", house.buildium_property_id or 0)
    live.work()
    live.work_later()
    house.name = "Saved when everybody knew"
    live.save(house)
    live.work()
    live.work_later()
    assert live.asked("POST", "/v1/rentals") == 0
    assert "Gone in Buildium" in desk.record(house)
    assert "1 gone in Buildium" in desk.read("/sync")
    assert "Saved when everybody knew" in desk.record(house)
    assert live.get("/v1/rentals") == []


@pytest.mark.fault(28)
@pytest.mark.parametrize("fault", ["truncate", "garbage", "empty", "html"])
def test_a_listing_that_breaks_off_says_of_no_record_that_it_is_gone(live: Live, desk: Desk, fault: str) -> None:
    house = synced_property(live)
    live.fault(fault, method="GET", path="/v1/rentals", times=None)
    runs.begin(runs.Kind.FULL, ["property"], "test")
    live.work()
    assert "Matches Buildium as of" in desk.record(house)
    (run,) = db.session.scalars(select(SyncRun))
    assert (run.state, run.missing) == ("failed", 0)
    assert "Failed" in desk.read("/sync/runs")
    assert (run.error_message or "?")[:60] in desk.read("/sync/runs")


@pytest.mark.fault(28)
def test_a_record_deleted_here_is_not_deleted_there_nor_sent(live: Live, desk: Desk) -> None:
    """No page deletes what Buildium has; somebody with a hand in the database may."""
    house = synced_property(live)
    unit, number = house.units[0], house.units[0].buildium_unit_id
    key = str(unit.id)
    unit.unit_number = "9Z"
    live.save(unit)
    as_owner(live, f"delete from units where id = '{key}'")
    push_now("unit", key)
    row = next(each for each in live.rows() if each.entity_id == key)
    assert (row.sync_status, row.cause) == ("failed", "deleted here")
    assert "The record no longer exists here" in desk.read(f"/sync/records/{row.id}")
    asked_at = asked_now()
    there = live.get(f"/v1/rentals/units/{number}")
    assert there["UnitNumber"] == "1A"
    pull_bodies(current_sync().resource("unit"), [there], asked_at)
    assert live.asked("PUT", "/v1/rentals/units") == 0
