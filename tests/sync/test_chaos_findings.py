"""What the chaos run broke, or what was suspected while it was written: each as a small case of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from portal.entities.owners.mapping import OWNER
from portal.entities.properties.mapping import PROPERTY
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync import breaker, decisions, resolve
from portal.sync.conflicts import digest
from portal.sync.models import SyncStatus
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.push import push_now
from portal.sync.states import TransitionError
from portal.sync.sweep import free_expired_leases
from tests.holding import held, pushing
from tests.live import Live
from tests.records import bank_account, owner_of, property_of, synced_property


def test_a_record_renamed_while_its_create_is_uncertain_is_still_found(live: Live) -> None:
    house = property_of(bank_account(live), name="Before")
    live.fault("commit_then_drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    assert live.state(house) == "uncertain"
    house.name = "After"
    live.save(house)
    for _ in range(8):
        live.work_later()
    assert [each["Name"] for each in live.get("/v1/rentals")] == ["After"]
    assert live.state(house) == "synced"


def test_a_save_while_a_conflict_is_open_is_not_overwritten_unseen(live: Live) -> None:
    house = synced_property(live, name="Base")
    in_conflict(live, house.id, "Ours", "Theirs")
    house.name = "Newer"
    live.save(house)
    with pytest.raises(TransitionError, match="changed meanwhile"):
        decisions.decide(live.row(house), {"Name": "theirs"})
    assert (live.row(house).conflict or {})["Name"]["ours"] == "Newer"
    decisions.decide(live.row(house), {"Name": "theirs"})
    db.session.refresh(house)
    assert house.name == "Theirs"


def test_a_decision_about_values_that_changed_while_the_page_was_open_is_refused(live: Live) -> None:
    house = synced_property(live, name="Base")
    in_conflict(live, house.id, "Ours", "Theirs")
    seen = digest(live.row(house).conflict)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs again")
    pull_one(PROPERTY, house.buildium_property_id or 0)
    with pytest.raises(TransitionError, match="changed meanwhile"):
        decisions.decide(live.row(house), {"Name": "ours"}, seen)


def test_buildiums_next_value_during_a_conflict_is_shown_before_anyone_decides(live: Live) -> None:
    house = synced_property(live, name="Base")
    in_conflict(live, house.id, "Ours", "Theirs")
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs again")
    pull_one(PROPERTY, house.buildium_property_id or 0)
    assert (live.row(house).conflict or {})["Name"]["theirs"] == "Theirs again"


def test_deciding_a_conflict_leaves_a_secret_what_it_is(live: Live) -> None:
    owner = owner_of(synced_property(live), tax_payer_id="12-3456789", tax_payer_type="EIN")
    live.save(owner)
    live.work()
    assert owner.tax_id == "12-3456789"
    owner.comment = "ours"
    db.session.commit()
    live.edit_there("owners", owner.buildium_owner_id or 0, Comment="theirs")
    assert pull_one(OWNER, owner.buildium_owner_id or 0) is Outcome.CONFLICT
    decisions.decide(live.row(owner), {"Comment": "theirs"})
    db.session.refresh(owner)
    assert (owner.comment, owner.tax_id) == ("theirs", "12-3456789")


def test_a_record_whose_look_up_was_refused_is_not_pulled_as_another_one(live: Live) -> None:
    house = property_of(bank_account(live))
    live.fault("commit_then_drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    live.fault("status", status=400, method="GET", path="/v1/rentals")
    live.work_later()
    assert live.state(house) == "failed"
    (there,) = live.get("/v1/rentals")
    assert pull_one(PROPERTY, there["Id"]) is Outcome.BUSY
    resolve.retry(live.row(house))
    live.work()
    live.work_later()
    db.session.refresh(house)
    assert house.buildium_property_id == there["Id"]
    assert [each["Id"] for each in live.get("/v1/rentals")] == [there["Id"]]


@pytest.mark.parametrize("status", [500, 403, 404])
def test_sending_again_after_a_look_up_failed_looks_again_before_it_creates(live: Live, status: int) -> None:
    house = property_of(bank_account(live))
    live.fault("commit_then_drop", method="POST", path="/v1/rentals")
    live.save(house)
    live.work()
    live.fault("status", status=status, method="GET", path="/v1/rentals", times=None)
    for _ in range(5):
        live.work_later()
    live.clear_faults()
    breaker.ask()
    if live.state(house) != "uncertain":
        resolve.retry(live.row(house))
    live.work()
    live.work_later()
    assert len(live.get("/v1/rentals")) == 1
    assert live.state(house) == "synced", live.row(house).error_message


@pytest.mark.fault(35)
def test_a_worker_that_was_stopped_while_it_read_sends_nothing_late(live: Live) -> None:
    house = synced_property(live, name="Base")
    house.name = "First"
    db.session.commit()
    number = house.buildium_property_id or 0
    live.fault("commit_then_hold", method="GET", path=f"/v1/rentals/{number}")
    with pushing(live, house):
        held(live, 5)
        db.session.execute(update(SyncStatus).values(leased_until=func.clock_timestamp() - timedelta(seconds=1)))
        db.session.commit()
        free_expired_leases()
        push_now("property", str(house.id))
        live.edit_there("rentals", number, Name="Newer there")
    assert live.get(f"/v1/rentals/{number}")["Name"] == "Newer there"


def test_a_save_during_a_push_that_brings_buildiums_change_of_the_same_field_asks_a_person(live: Live) -> None:
    house = synced_property(live, name="Base")
    number = house.buildium_property_id or 0
    house.structure_description = "ours"
    db.session.commit()
    live.edit_there("rentals", number, Name="Theirs")
    saved_while_held(live, house, "PUT", name="Ours, and nobody has seen theirs")
    live.work()
    assert live.get(f"/v1/rentals/{number}")["Name"] == "Theirs"
    assert live.state(house) == "conflict"
    seen = (live.row(house).conflict or {})["Name"]
    assert (seen["base"], seen["ours"], seen["theirs"]) == ("Base", "Ours, and nobody has seen theirs", "Theirs")
    decisions.decide(live.row(house), {"Name": "ours"})
    live.work()
    there = live.get(f"/v1/rentals/{number}")
    assert (there["Name"], there["StructureDescription"]) == ("Ours, and nobody has seen theirs", "ours")


def test_a_save_during_a_push_of_the_same_field_just_follows_it(live: Live) -> None:
    house = synced_property(live, name="Base")
    number = house.buildium_property_id or 0
    house.name = "First"
    db.session.commit()
    live.edit_there("rentals", number, StructureDescription="theirs")
    saved_while_held(live, house, "PUT", name="Second")
    live.work()
    there = live.get(f"/v1/rentals/{number}")
    assert (there["Name"], there["StructureDescription"], live.state(house)) == ("Second", "theirs", "synced")


def saved_while_held(live: Live, house: Property, method: str, **values: str) -> None:
    """Push the record, and let a person save while Buildium holds its answer back."""
    number = house.buildium_property_id
    live.fault("commit_then_hold", method=method, path=f"/v1/rentals/{number}")
    with pushing(live, house):
        held(live, 5)
        db.session.refresh(house)
        for name, value in values.items():
            setattr(house, name, value)
        db.session.commit()


def in_conflict(live: Live, record_id: object, ours: str, theirs: str) -> None:
    house = db.session.get_one(Property, record_id)
    house.name = ours
    db.session.commit()
    live.edit_there("rentals", house.buildium_property_id or 0, Name=theirs)
    assert pull_one(PROPERTY, house.buildium_property_id or 0) is Outcome.CONFLICT
