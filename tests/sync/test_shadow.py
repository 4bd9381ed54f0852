"""Shadow mode: everything is worked out, listed and kept, and nothing that changes Buildium is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, inspect, select

from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.extensions import db
from portal.registry import RESOURCES
from portal.sync import imports, outbox, pauses, shadows
from portal.sync.current import current_sync
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.resource import Direction, Resource, same
from portal.sync.shadow_models import Shadow
from tests.live import Live
from tests.records import bank_account, owner_of, property_of, synced_property, unit_of

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
NAMES = {"name", "unit_number", "account_number", "company_name", "last_name"}  # what may be there only once


def in_shadow(live: Live, entity_type: str = "*") -> SyncPause:
    pauses.pause(entity_type, pauses.PUSH, "Watching first", "Pat Manager", pauses.SHADOW)
    live.forget_requests()
    return db.session.scalars(select(SyncPause).where(SyncPause.entity_type == entity_type)).one()


def changed_there(live: Live) -> int:
    return sum(live.asked(method, "/v1") for method in CHANGING)


def shadow(live: Live, record: Any) -> Shadow:
    return db.session.scalars(select(Shadow).where(Shadow.status_id == live.row(record).id)).one()


def edit(record: Any, resource: Resource) -> None:
    """Another value in every field that goes to Buildium and takes any."""
    for item in resource.fields:
        value = getattr(record, item.name) if item.name and not (item.items or item.many or item.refers_to) else None
        if item.direction is not Direction.BOTH or item.choices or item.to_remote is not same:
            continue
        if isinstance(value, str):
            setattr(record, item.name or "", value[::-1])
        elif isinstance(value, Decimal):
            setattr(record, item.name or "", value + 1)


def twin(record: Any, resource: Resource) -> Any:
    """A new record that says what this one does."""
    table = inspect(type(record)).local_table
    left_out = {"id", "version", "created_at", "updated_at", "is_system", resource.id_column}
    stored = [
        each.key
        for each in inspect(type(record)).column_attrs
        if isinstance(each.columns[0], Column) and each.columns[0].table is table and not each.columns[0].computed
    ]
    plain = [each for each in stored if each not in left_out and "sealed" not in each and "buildium" not in each]
    new = type(record)(**{each: getattr(record, each) for each in plain})
    for name in NAMES & set(plain):
        setattr(new, name, f"{getattr(record, name)} II")
    return new


def test_whatever_is_edited_or_new_nothing_that_changes_buildium_is_sent(live: Live) -> None:
    live.http.post("/_control/reset", json={"to": "sample", "size": 12}).raise_for_status()
    imports.begin_import("test")
    live.work()
    live.work_later()
    in_shadow(live)
    touched: dict[str, list[Any]] = {}
    for resource in [each for each in RESOURCES.ordered if each.pushed]:
        records = list(db.session.scalars(select(resource.model).limit(4)))
        new = twin(records[0], resource)
        db.session.add(new)
        for record in records:
            edit(record, resource)
        db.session.flush()
        for record in [*records, new]:
            outbox.queue(db.session, resource, record)
            outbox.wake(resource.name, str(record.id), "bulk")
        touched[resource.name] = [*records, new]
        db.session.commit()
    live.work()
    assert changed_there(live) == 0
    for kind, records in touched.items():
        assert {live.state(record) for record in records} == {"held"}, kind
        assert [record for record in records if not shadow(live, record).words] == [], kind
    outcomes = {each.outcome for each in db.session.scalars(select(Shadow))}
    assert outcomes >= {"create", "change", "nothing"}


def test_a_create_is_told_with_its_request_and_sent_when_shadow_mode_ends(live: Live) -> None:
    house = property_of(bank_account(live))
    mode = in_shadow(live)
    live.save(house, unit_of(house))
    live.work()
    told = shadow(live, house)
    words = "Would create the property “Harbor View”, together with 1 of its own."
    assert (told.outcome, told.words) == ("create", words)
    (request,) = told.requests
    assert (request["method"], request["path"], request["body"]["Name"]) == ("POST", "/v1/rentals", "Harbor View")
    pauses.resume(mode.id)
    live.work_later()
    live.work_later()
    assert live.state(house) == "synced"
    assert db.session.scalars(select(Shadow)).all() == []
    (sent,) = [each for each in live.call_log() if each.method == "POST" and each.endpoint == "/v1/rentals"]
    assert sent.request_data == request["body"]


def test_a_change_is_told_value_by_value(live: Live) -> None:
    house = synced_property(live)
    (unit,) = house.units
    unit.market_rent = Decimal(1200)
    live.save(unit)
    live.work()
    in_shadow(live)
    unit.market_rent = Decimal(1250)
    live.save(unit)
    live.work()
    told = shadow(live, unit)
    assert told.words == "Would change market rent from 1,200 to 1,250. Would erase nothing."
    assert told.outcome == "change"
    assert told.changes == [{"label": "Market rent", "before": "1,200", "after": "1,250", "erases": False}]
    assert [(each["method"], each["body"]["MarketRent"]) for each in told.requests] == [("PUT", 1250.0)]


def test_what_would_be_emptied_is_said(live: Live) -> None:
    house = synced_property(live, year_built=1940)
    in_shadow(live)
    house.year_built = None
    live.save(house)
    live.work()
    told = shadow(live, house)
    assert (told.outcome, told.words) == ("erase", "Would erase year built (1940).")


def test_an_edit_that_buildium_has_already_is_nothing_to_send(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Same Name")
    in_shadow(live)
    house.name = "Same Name"
    live.save(house)
    live.work()
    assert shadow(live, house).outcome == "nothing"


def test_what_cannot_be_sent_says_why(live: Live) -> None:
    house = property_of(bank_account(live), postal_code=None)
    in_shadow(live)
    live.save(house)
    live.work()
    told = shadow(live, house)
    assert told.outcome == "blocked"
    assert told.words.startswith("Can't be sent: ")
    assert live.state(house) == "held"


def test_a_field_changed_on_both_sides_would_be_for_a_person(live: Live) -> None:
    house = synced_property(live)
    in_shadow(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Theirs")
    house.name = "Ours"
    live.save(house)
    live.work()
    told = shadow(live, house)
    assert told.outcome == "choose"
    assert "changed here and in Buildium: Name" in told.words


def test_making_a_property_inactive_is_told_and_not_asked(live: Live) -> None:
    house = synced_property(live)
    in_shadow(live)
    house.is_active = False
    live.save(house)
    live.work()
    told = shadow(live, house)
    assert "make it inactive in Buildium" in told.words
    assert changed_there(live) == 0


def test_a_later_save_is_worked_out_anew_and_a_later_change_there_too(live: Live) -> None:
    house = synced_property(live)
    in_shadow(live)
    for name in ("First", "Second"):
        house.name = name
        live.save(house)
        live.work()
        assert [each["after"] for each in shadow(live, house).changes] == [name]
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Second")
    from portal.sync.pull import pull_one

    pull_one(current_sync().resource("property"), house.buildium_property_id or 0)
    shadows.tend()
    live.work()
    assert shadow(live, house).outcome == "nothing"


def test_the_tax_id_of_an_owner_is_in_no_shadow(live: Live) -> None:
    house = synced_property(live)
    in_shadow(live)
    owner = owner_of(house, tax_payer_id="98-7654321", tax_payer_type="EIN")
    live.save(owner)
    live.work()
    told = shadow(live, owner)
    assert told.outcome == "create"
    assert "7654321" not in f"{told.words}{told.changes}{told.requests}"


def test_one_kind_in_shadow_leaves_the_others_and_stays_behind_its_parent(live: Live) -> None:
    account = bank_account(live)
    in_shadow(live, "unit")
    house = property_of(account)
    live.save(house, unit_of(house, "1A"), unit_of(house, "1B"))
    live.work()
    assert live.state(house) == "synced"
    (sent,) = [each for each in live.call_log() if each.method == "POST" and each.endpoint == "/v1/rentals"]
    assert "Units" not in (sent.request_data or {})
    assert {live.state(unit) for unit in db.session.scalars(select(Unit))} <= {"held", "synced"}
    assert live.asked("POST", "/v1/rentals/units") + live.asked("PUT", "/v1/rentals/units") == 0


def test_a_pause_is_stronger_than_shadow_mode(live: Live) -> None:
    house = synced_property(live)
    in_shadow(live, "property")
    pauses.pause("*", pauses.PUSH, None, "Pat Manager")
    house.name = "Held"
    live.save(house)
    live.work()
    assert live.state(house) == "held"
    assert db.session.scalars(select(Shadow)).all() == []


def test_what_waited_when_shadow_mode_began_is_worked_out_too(live: Live) -> None:
    house = property_of(bank_account(live))
    live.save(house)
    in_shadow(live)
    live.redis.flushdb()
    shadows.tend()
    live.work()
    assert shadow(live, house).outcome == "create"


def test_leaving_shadow_mode_makes_everything_due_in_the_order_of_the_saves(live: Live) -> None:
    account = bank_account(live)
    mode = in_shadow(live)
    houses = [property_of(account, name=f"House {number}") for number in range(5)]
    for house in houses:
        live.save(house)
    pauses.resume(mode.id)
    db.session.rollback()
    waiting = select(SyncStatus.record_name).where(SyncStatus.entity_type == "property")
    names = list(db.session.scalars(waiting.order_by(SyncStatus.next_attempt_at)))
    assert names == [house.name for house in houses]


def test_without_an_answer_it_is_said_and_tried_again(live: Live) -> None:
    house = synced_property(live)
    in_shadow(live)
    house.name = "Unheard"
    live.save(house)
    live.fault("status", status=500, method="GET", times=1)
    live.work()
    told = shadow(live, house)
    assert told.outcome == "unanswered"
    live.clear_faults()
    shadows.tend()
    live.work()
    db.session.rollback()
    assert shadow(live, house).outcome == "change"


def test_a_portal_told_so_begins_in_shadow_mode_once(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from portal.sync.models import BuildiumConnection

    db.session.query(BuildiumConnection).update({"begun_at": None})
    db.session.commit()
    monkeypatch.setitem(live.app.extensions, "sync", replace(current_sync(), begins_in_shadow=True))
    live.save(property_of(bank_account(live)))
    live.forget_requests()
    live.work()
    assert changed_there(live) == 0
    assert {row.sync_status for row in live.rows() if row.entity_type == "property"} == {"held"}
    pauses.resume(db.session.scalars(select(SyncPause.id)).one())
    live.work_later()
    assert live.state(db.session.scalars(select(Property)).one()) == "synced"
