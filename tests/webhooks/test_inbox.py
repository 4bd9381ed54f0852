from __future__ import annotations

import json
import time
from typing import Any

import pytest
from sqlalchemy import select

from portal.buildium.signatures import sign
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.webhooks.models import WebhookEvent
from tests.live import Live
from tests.records import synced_property

SECRET = "test-webhook-secret"
URL = "/webhooks/buildium"
JUNK = [
    *(b"", b"{", b"[]", b"null", b'"text"', b"[" * 5000, b"\xff\xfe", b'{"a":' * 400),
    b'{"EventName":null}',
    b'{"EventName":7,"AccountId":"x"}',
    b'{"EventName":"\\ud800"}',
    b'{"EventName":"Rental.Updated","PropertyId":"\\u0000"}',
    b'{"EventName":"Rental.Updated","PropertyId":99999999999}',
    b'{"EventName":"Rental.Updated","PropertyId":[1]}',
]


def deliver(live: Live, body: bytes | dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    timestamp = str(int(at if at is not None else time.time()))
    signed = {"buildium-webhook-timestamp": timestamp, "buildium-webhook-signature": sign(secret, timestamp, raw)}
    browser = live.app.test_client()
    return browser.post(URL, data=raw, headers=signed, content_type="application/json").status_code


def event(name: str = "Rental.Updated", number: int = 0, **ids: Any) -> dict[str, Any]:
    return {"EventName": name, "EventDateTime": f"2026-11-21T10:00:00.{number:07d}Z", "AccountId": 1, **ids}


def kept() -> list[WebhookEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.created_at)))


def test_a_forged_event_is_refused_and_not_kept(live: Live) -> None:
    assert deliver(live, event(PropertyId=1), secret="guess") == 401
    assert live.app.test_client().post(URL, json=event(PropertyId=1)).status_code == 401
    assert not kept()


@pytest.mark.parametrize("age", [600, -600])
def test_an_event_signed_at_another_time_is_refused(live: Live, age: int) -> None:
    assert deliver(live, event(PropertyId=1), at=time.time() - age) == 401
    assert not kept()


@pytest.mark.parametrize("age", [240, -240])
def test_clocks_may_differ_by_four_minutes(live: Live, age: int) -> None:
    assert deliver(live, event(PropertyId=1), at=time.time() - age) == 202


def test_a_repeated_event_is_one_row_with_one_effect(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="New name")
    live.forget_requests()
    for _ in range(3):
        assert deliver(live, event(PropertyId=house.buildium_property_id)) == 202
    live.work()
    (row,) = kept()
    assert (row.deliveries, row.state, house.name) == (3, "processed", "New name")
    assert live.asked("GET", f"/v1/rentals/{house.buildium_property_id}") == 1


def test_a_burst_for_one_record_is_one_fetch(live: Live) -> None:
    house = synced_property(live)
    for number in range(20):
        deliver(live, event(number=number, PropertyId=house.buildium_property_id))
    live.work()
    assert live.asked("GET", f"/v1/rentals/{house.buildium_property_id}") == 1
    assert sorted({row.state for row in kept()}) == ["coalesced", "echo"]


def test_the_confirmation_of_our_own_write_is_an_echo(live: Live) -> None:
    house = synced_property(live)
    house.name = "Ours"
    live.save(house)
    live.work()
    deliver(live, event(PropertyId=house.buildium_property_id))
    live.work()
    assert [row.state for row in kept()] == ["echo"]
    assert live.asked("PUT", "/v1/rentals") == 1


def test_order_makes_no_difference_because_the_record_is_fetched(live: Live) -> None:
    house = synced_property(live)
    there = house.buildium_property_id or 0
    live.edit_there("rentals", there, Name="Last")
    deliver(live, event("Rental.Updated", 2, PropertyId=there))
    deliver(live, event("Rental.Created", 1, PropertyId=there))
    live.work()
    assert house.name == "Last"
    live.delete_there("rentals", there)
    deliver(live, event("Rental.Deleted", 3, PropertyId=there))
    deliver(live, event("Rental.Updated", 4, PropertyId=there))
    live.work()
    assert live.state(house) == "missing"


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
def test_any_signed_body_is_acknowledged_and_parked(live: Live, body: bytes) -> None:
    assert deliver(live, body) == 202
    live.work()
    (row,) = kept()
    assert (row.state, bool(row.reason)) == ("ignored", True)
    assert bytes(row.raw_body or b"") == body


def test_a_poisonous_event_does_not_hold_up_the_others(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Through")
    deliver(live, b'{"EventName":')
    deliver(live, event("Nonsense.Updated", PropertyId=1))
    deliver(live, event(PropertyId=house.buildium_property_id))
    live.work()
    assert house.name == "Through"


def test_an_event_for_another_account_is_ignored_in_words(live: Live) -> None:
    from portal.sync import breaker

    breaker.close(4711, "Harbor & Vine")
    deliver(live, event(PropertyId=1))
    live.work()
    assert kept()[0].reason == "Sent for account 1, but we work for 4711."


def test_a_failing_fetch_is_tried_again_and_then_dead_and_can_be_replayed(live: Live) -> None:
    from portal.webhooks.process import drain, replay

    house = synced_property(live)
    there = house.buildium_property_id or 0
    live.edit_there("rentals", there, Name="In the end")
    live.fault("status", method="GET", path=f"/v1/rentals/{there}", status=500, times=6)
    deliver(live, event(PropertyId=there))
    live.work()
    for _ in range(5):
        row = kept()[0]
        row.next_attempt_at = None
        db.session.commit()
        drain()
    row = kept()[0]
    assert (row.state, row.retry_count) == ("dead", 6)
    replay(row, "Pat")
    db.session.commit()
    drain()
    row = kept()[0]
    assert (row.state, row.replayed_by) == ("processed", "Pat")
    db.session.expire_all()
    assert db.session.get_one(Property, house.id).name == "In the end"


def test_a_body_that_is_too_large_is_refused(live: Live) -> None:
    assert deliver(live, b" " * 70_000) == 413


def test_the_older_secret_counts_while_a_newer_one_is_rolled_in(live: Live) -> None:
    from dataclasses import replace

    from portal.sync.current import current_sync

    sync = current_sync()
    live.app.extensions["sync"] = replace(sync, webhook_secrets=("new-secret", SECRET))
    try:
        assert deliver(live, event(PropertyId=1)) == 202
        assert deliver(live, event(PropertyId=2), secret="new-secret") == 202
    finally:
        live.app.extensions["sync"] = sync


def test_an_event_that_was_put_off_is_taken_up_by_the_clock(live: Live) -> None:
    from portal.webhooks.process import wake_if_due

    house = synced_property(live)
    there = house.buildium_property_id or 0
    live.edit_there("rentals", there, Name="Later")
    live.fault("status", method="GET", path=f"/v1/rentals/{there}", status=500)
    deliver(live, event(PropertyId=there))
    live.work()
    row = kept()[0]
    assert row.state == "failed"
    row.next_attempt_at = row.created_at
    db.session.commit()
    wake_if_due()
    live.work()
    assert (kept()[0].state, house.name) == ("processed", "Later")
