"""What is written down of an event besides its body: who signed it, what it changed, what it was handled with; and that
nothing of it happens while it is switched off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from portal.extensions import db
from portal.sync.current import current_sync
from portal.webhooks.body import body_of
from portal.webhooks.catalog import NAMES, doing
from portal.webhooks.models import EventState, EventSwitch, WebhookEvent
from portal.webhooks.process import drain, replay
from tests.live import Live
from tests.records import synced_property
from tests.webhooks.test_every_event import NAMES as PUBLISHED
from tests.webhooks.test_inbox import SECRET, deliver, event, kept


def test_the_catalogue_has_every_published_name_and_no_other() -> None:
    assert sorted(NAMES) == sorted(PUBLISHED)


@pytest.mark.parametrize("name", NAMES)
def test_every_event_says_what_the_portal_does(live: Live, name: str) -> None:
    assert doing(name).endswith((".", "!"))
    assert "is not a kind of record" not in doing(name)


def test_the_place_of_the_secret_is_kept_and_never_the_secret(live: Live) -> None:
    sync = current_sync()
    live.app.extensions["sync"] = replace(sync, webhook_secrets=("new-secret", SECRET))
    try:
        deliver(live, event(PropertyId=1))
        deliver(live, event(PropertyId=2), secret="new-secret")
    finally:
        live.app.extensions["sync"] = sync
    assert [(row.signed_by, row.signed_of) for row in kept()] == [(2, 2), (1, 2)]


def test_an_event_knows_what_it_changed(live: Live) -> None:
    house = synced_property(live)
    there = house.buildium_property_id or 0
    live.edit_there("rentals", there, Name="New name")
    deliver(live, event(PropertyId=there))
    live.work()
    (row,) = kept()
    assert row.effect == [{"table": "properties", "row": str(house.id)}]
    assert row.begun_at is not None
    assert row.processed_at is not None
    assert row.created_at <= row.begun_at <= row.processed_at


def test_an_echo_changed_nothing(live: Live) -> None:
    house = synced_property(live)
    deliver(live, event(PropertyId=house.buildium_property_id))
    live.work()
    (row,) = kept()
    assert (row.state, row.effect) == ("echo", None)


def test_events_of_one_fetch_know_each_other(live: Live) -> None:
    house = synced_property(live)
    for number in range(3):
        deliver(live, event(number=number, PropertyId=house.buildium_property_id))
    live.work()
    *earlier, newest = kept()
    assert newest.coalesced_into is None
    assert {row.coalesced_into for row in earlier} == {newest.id}


def test_a_replayed_event_forgets_what_came_of_it_before(live: Live) -> None:
    house = synced_property(live)
    for number in range(2):
        deliver(live, event(number=number, PropertyId=house.buildium_property_id))
    live.work()
    first, _ = kept()
    assert (first.state, first.coalesced_into is None) == ("coalesced", False)
    replay(first, "Pat")
    db.session.commit()
    drain()
    first, _ = kept()
    assert (first.state, first.coalesced_into, first.replayed_by) == ("echo", None, "Pat")


def test_each_try_is_a_call_of_its_own_number(live: Live) -> None:
    house = synced_property(live)
    there = house.buildium_property_id or 0
    live.fault("status", method="GET", path=f"/v1/rentals/{there}", status=500)
    deliver(live, event(PropertyId=there))
    live.work()
    row = kept()[0]
    row.next_attempt_at = None
    db.session.commit()
    drain()
    tries = [(call.attempt, call.response_status) for call in live.call_log() if call.webhook_event_id == row.id]
    assert tries == [(1, 500), (2, 200)]


def test_a_switched_off_event_is_kept_and_changes_nothing_until_it_is_replayed(live: Live) -> None:
    house = synced_property(live)
    there = house.buildium_property_id or 0
    switched_off("Rental.Updated")
    live.edit_there("rentals", there, Name="Later")
    assert deliver(live, event(PropertyId=there)) == 202
    live.forget_requests()
    live.work()
    (row,) = kept()
    assert (row.state, row.why) == ("ignored", "off")
    assert (row.reason or "").startswith("Switched off by Pat on ")
    assert live.asked("GET", f"/v1/rentals/{there}") == 0
    db.session.execute(delete(EventSwitch))
    replay(row, "Pat")
    db.session.commit()
    drain()
    db.session.expire_all()
    assert (kept()[0].state, kept()[0].why, house.name) == ("processed", None, "Later")


def test_only_the_event_of_that_name_is_switched_off(live: Live) -> None:
    house = synced_property(live)
    switched_off("Rental.Deleted")
    deliver(live, event(PropertyId=house.buildium_property_id))
    live.work()
    assert kept()[0].state == "echo"


def switched_off(name: str) -> None:
    db.session.add(EventSwitch(event_name=name, switched_off_by="Pat"))
    db.session.commit()


@pytest.mark.parametrize(
    ("event_data", "raw", "shown"),
    [
        ({"TaxPayerId": "123-45-6789", "BillId": 7}, b"", '"BillId": 7'),
        (None, b"My number is 123-45-6789\x00", "My number is"),
    ],
)
def test_the_body_is_shown_without_secrets(event_data: Any, raw: bytes, shown: str) -> None:
    body = body_of(WebhookEvent(state=EventState.IGNORED, event_data=event_data, raw_body=raw))
    assert shown in body
    assert "6789" not in body
