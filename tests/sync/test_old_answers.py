"""An answer that was on its way while the record went on is old news, and changes nothing here.

Buildium's answers to look-ups and listings take seconds. A push, or a pull that asked later, may be done by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from portal.acting import Actor, Door, acting_as
from portal.database import now
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync import runs
from portal.sync.page import Outcome
from portal.sync.push import push_now
from portal.sync.reference import refresh_reference
from tests.holding import beside, held
from tests.live import Live
from tests.records import synced_property
from tests.sync.test_pull import new_there, pull


@contextmanager
def old_answer(live: Live, path: str, ask: Callable[[], Any]) -> Iterator[list[Any]]:
    """`ask` gets Buildium's answer of now only after the block; what came of it is in the list then."""
    live.fault("commit_then_hold", method="GET", path=path)

    def asking() -> Any:
        with acting_as(Actor.machine(Door.IMPORT)):
            return ask()

    with beside(live, asking) as found:
        held(live, 5)
        yield found


def fetch(house: Property) -> Callable[[], Outcome]:
    number = house.buildium_property_id
    return lambda: pull("property", number)


def save_and_push(live: Live, house: Property, name: str) -> None:
    house.name = name
    live.save(house)
    push_now("property", str(house.id))


def test_an_answer_from_before_our_push_does_not_undo_the_edit(live: Live) -> None:
    house = synced_property(live, name="Before")
    with old_answer(live, f"/v1/rentals/{house.buildium_property_id}", fetch(house)) as found:
        save_and_push(live, house, "Edited")
        assert live.state(house) == "synced"
    db.session.refresh(house)
    assert (found, house.name, live.state(house)) == ([Outcome.BUSY], "Edited", "synced")
    assert pull("property", house.buildium_property_id) is Outcome.UNCHANGED


def test_a_listing_from_before_our_push_does_not_undo_the_edit(live: Live) -> None:
    house = synced_property(live, name="Before")
    runs.begin(runs.Kind.FULL, ["property"], "tests")
    with old_answer(live, "/v1/rentals", runs.run_all):
        save_and_push(live, house, "Edited")
    db.session.refresh(house)
    assert (house.name, live.state(house)) == ("Edited", "synced")


def test_the_next_save_after_an_old_answer_is_no_conflict(live: Live) -> None:
    """Seen on a busy machine: the old name became the agreed one, so that the next edit clashed with our own."""
    house = synced_property(live, name="Before")
    with old_answer(live, f"/v1/rentals/{house.buildium_property_id}", fetch(house)):
        save_and_push(live, house, "Edited")
    db.session.refresh(house)
    save_and_push(live, house, "Edited again")
    assert live.state(house) == "synced"
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Edited again"


def test_of_two_answers_the_one_that_was_asked_for_later_stays(live: Live) -> None:
    house = synced_property(live, name="Before")
    number = house.buildium_property_id or 0
    with old_answer(live, f"/v1/rentals/{number}", fetch(house)):
        live.edit_there("rentals", number, Name="Theirs")
        assert pull("property", number) is Outcome.UPDATED
    db.session.refresh(house)
    assert (house.name, live.state(house)) == ("Theirs", "synced")


def test_a_listing_from_before_it_was_deleted_does_not_bring_a_record_back(live: Live) -> None:
    house = synced_property(live)
    number = house.buildium_property_id or 0
    runs.begin(runs.Kind.FULL, ["property"], "tests")
    with old_answer(live, "/v1/rentals", runs.run_all):
        live.delete_there("rentals", number)
        assert pull("property", number) is Outcome.MISSING
    assert live.state(house) == "missing"


def test_a_worker_whose_clock_is_ahead_makes_no_answer_old(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.sync.keeping.now", lambda: now() + timedelta(minutes=9))
    number = new_there(live)
    assert pull("property", number) is Outcome.CREATED
    live.edit_there("rentals", number, Name="Theirs again")
    assert pull("property", number) is Outcome.UPDATED


def test_an_old_list_of_reference_data_does_not_undo_a_newer_answer(live: Live) -> None:
    """Such a list is kept for an hour: what came between would stay undone for as long."""
    made = live.add_there("vendor_categories", Name="Plumbing")
    with old_answer(live, "/v1/vendors/categories", refresh_reference):
        live.edit_there("vendor_categories", made, Name="Water")
        assert pull("vendor_category", made) is Outcome.CREATED
    assert pull("vendor_category", made) is Outcome.UNCHANGED
