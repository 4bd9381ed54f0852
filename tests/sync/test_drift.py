"""What runs write down of what they find, and that only what is gone is taken for gone."""

from __future__ import annotations

from sqlalchemy import select

from portal.entities.owners.model import Owner
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sandbox.collection import Record
from portal.sync import imports, runs
from portal.sync.current import current_sync
from portal.sync.drift_models import Drift
from portal.sync.models import SyncRun
from portal.sync.runs import Kind
from portal.sync.vanished import ask_again, conclude_missing
from tests.live import Live
from tests.records import owner_of, synced_property


def compared(live: Live, kind: Kind = Kind.FULL, name: str = "property") -> SyncRun:
    """The newest run of that kind of record, done."""
    runs.begin(kind, [name], "test")
    live.work()
    newest = select(SyncRun).where(SyncRun.entity_type == name).order_by(SyncRun.created_at.desc()).limit(1)
    run = db.session.scalars(newest).one()
    assert run.state == "done", run.error_message
    return run


def findings(run: SyncRun) -> list[Drift]:
    return list(db.session.scalars(select(Drift).where(Drift.run_id == run.id).order_by(Drift.created_at)))


def known_property(live: Live) -> Property:
    """One that both sides agree on, after a complete comparison without webhooks."""
    live.switch(webhook_sending=False)
    house = synced_property(live)
    compared(live)
    return house


def test_a_quiet_change_is_found_with_the_field_ours_and_theirs(live: Live) -> None:
    house = known_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Renamed there")
    run = compared(live, Kind.INCREMENTAL)
    assert (run.seen, run.updated, run.unchanged, run.created, run.missing, run.conflicts) == (1, 1, 0, 0, 0, 0)
    (found,) = findings(run)
    assert (found.finding, found.entity_id, found.announcement) == ("changed", str(house.id), "awaited")
    assert found.event_name == "Rental.Updated"
    assert [(each["label"], each["ours"], each["theirs"]) for each in found.fields or ()] == [
        ("Name", "Harbor View", "Renamed there")
    ]
    assert house.name == "Renamed there"


def test_what_is_equal_leaves_no_evidence(live: Live) -> None:
    known_property(live)
    run = compared(live)
    assert (run.seen, run.unchanged) == (1, 1)
    assert not findings(run)


def test_a_conflict_is_counted_and_written_down_as_one(live: Live) -> None:
    house = known_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs")
    house.name = "Ours"
    live.save(house)
    run = compared_before_sending(live)
    assert (run.conflicts, run.updated, live.state(house)) == (1, 0, "conflict")
    (found,) = findings(run)
    assert found.fields
    assert (found.finding, found.fields[0]["ours"], found.fields[0]["theirs"]) == ("conflict", "Ours", "Theirs")


def compared_before_sending(live: Live) -> SyncRun:
    runs.begin(Kind.FULL, ["property"], "test")
    runs.run_all()
    newest = select(SyncRun).order_by(SyncRun.created_at.desc()).limit(1)
    db.session.rollback()
    return db.session.scalars(newest).one()


def test_a_record_made_there_is_missing_here_until_it_is_read(live: Live) -> None:
    known_property(live)
    there = {"Name": "New there", "RentalSubType": "CondoTownhome", "StructureDescription": None}
    known = live.get("/v1/rentals")[0]
    body = {**there, "OperatingBankAccountId": known["OperatingBankAccountId"], "Address": known["Address"]}
    made = live.http.post("/v1/rentals", json=body).raise_for_status().json()["Id"]
    run = compared(live)
    (found,) = findings(run)
    assert (run.created, found.finding, found.buildium_id, found.event_name) == (1, "new there", made, "Rental.Created")
    assert found.record_name == "New there"


def test_a_first_import_is_no_drift(live: Live) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 4}).raise_for_status()
    imports.begin_import("test")
    live.work()
    assert not db.session.scalars(select(Drift)).all()


def test_owners_are_never_expected_to_be_announced_and_their_secrets_stay_hidden(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    compared(live, name="owner")
    tax = {"TaxPayerId": "123456789", "TaxPayerIdType": "EIN"}
    live.edit_there("owners", owner.buildium_owner_id or 0, Email="new@example.com", TaxInformation=tax)
    run = compared(live, Kind.OWNERS, "owner")
    (found,) = findings(run)
    assert (found.announcement, found.event_name, found.judged_after) == ("none", None, None)
    told = str(found.fields)
    assert "new@example.com" in told
    assert "123456789" not in told
    assert db.session.scalars(select(Owner)).one().email == "new@example.com"


def test_what_is_gone_is_evidence_and_what_is_there_again_comes_back_by_itself(live: Live) -> None:
    house = known_property(live)
    number = house.buildium_property_id or 0
    kept = gone_there(live, number)
    run = compared(live)
    assert (run.missing, live.state(house)) == (1, "missing")
    assert [(each.finding, each.event_name) for each in findings(run)] == [("gone there", "Rental.Deleted")]
    back_there(live, kept)
    again = compared(live)
    assert live.state(house) == "synced"
    assert [each.finding for each in findings(again)] in ([], ["back there"])


def gone_there(live: Live, number: int) -> Record:
    """Take the record away in Buildium so that it can be put back as it was."""
    with live.sandbox.simulation.change() as world:
        record = world.get("rentals", number)
        assert record
        world.remove(record)
    return record


def back_there(live: Live, record: Record) -> None:
    with live.sandbox.simulation.change() as world:
        world._collection("rentals").put(record)


def test_an_edit_made_while_the_record_was_gone_is_sent_once_it_is_back(live: Live) -> None:
    house = known_property(live)
    kept = gone_there(live, house.buildium_property_id or 0)
    compared(live)
    house.name = "Edited meanwhile"
    live.save(house)
    live.work()
    assert live.state(house) == "missing"
    back_there(live, kept)
    compared(live)
    live.work_later()
    assert live.state(house) == "synced"
    assert live.get(f"/v1/rentals/{house.buildium_property_id}")["Name"] == "Edited meanwhile"


def test_a_person_can_have_buildium_asked_again(live: Live) -> None:
    house = known_property(live)
    number = house.buildium_property_id or 0
    kept = gone_there(live, number)
    compared(live)
    ask_again("property", number)
    assert live.state(house) == "missing"
    back_there(live, kept)
    ask_again("property", number)
    assert live.state(house) == "synced"


def test_a_record_that_was_on_no_page_is_asked_for_before_it_counts_as_gone(live: Live) -> None:
    house = known_property(live)
    run = compared(live)
    run.started_at = db.session.scalar(select(db.func.clock_timestamp()))
    conclude_missing(run, current_sync().resource("property"), set())
    assert (live.state(house), run.missing) == ("synced", 0)


def test_a_page_with_a_record_that_cannot_be_kept_is_read_once(live: Live) -> None:
    house = known_property(live)
    # Longer than our column takes, as Buildium's API would never take it either.
    live.edit_there("rentals", house.buildium_property_id or 0, Name="x" * 400)
    live.forget_requests()
    run = compared(live)
    assert (run.refused, live.asked("GET", "/v1/rentals")) == (1, 1)
    assert "can't be kept" in (run.error_message or "")


def test_a_run_that_is_told_to_wait_waits_and_is_not_failed(live: Live) -> None:
    known_property(live)
    live.fault("status", method="GET", path="/v1/rentals", status=429, times=2)
    assert compared(live).seen == 1
