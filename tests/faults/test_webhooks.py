"""Webhooks that come twice, late, in the wrong order, forged, poisoned, in a storm, or not at all."""

from __future__ import annotations

import json
import random
import time
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from portal.buildium.signatures import sign
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.models import SyncRun
from portal.sync.push import push_now
from portal.sync.schedule import reconcile_changed
from portal.webhooks.forgeries import PER_MINUTE, Forgeries
from portal.webhooks.models import WebhookEvent
from portal.webhooks.process import drain
from tests.faults.desk import Desk
from tests.live import Live
from tests.records import synced_property
from tests.webhooks.test_inbox import SECRET, URL, deliver, event, kept


def named(house: Property, name: str, live: Live) -> int:
    """Edit the property in Buildium's own pages, without an event; its id there."""
    number = house.buildium_property_id or 0
    live.edit_there("rentals", number, Name=name)
    return number


def post(live: Live, body: bytes, **headers: str) -> Any:
    """Send a delivery from an address of its own, so that no other test's refusals count."""
    address = {"REMOTE_ADDR": f"10.0.0.{random.randrange(1, 255)}"}
    named_so = {f"buildium-webhook-{name}": value for name, value in headers.items()}
    return live.app.test_client().post(URL, data=body, headers=named_so, environ_base=address)


@pytest.mark.fault(18)
def test_a_delivery_that_is_repeated_counts_once_and_says_so(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    number = named(house, "Once", live)
    live.forget_requests()
    assert {deliver(live, event(PropertyId=number)) for _ in range(5)} == {202}
    live.work()
    (row,) = kept()
    assert "Changed a record here" in desk.read("/sync/webhooks")
    assert "5 times" in desk.read(f"/sync/webhooks/{row.id}")
    assert "it counts once" in desk.read(f"/sync/webhooks/{row.id}")
    assert "Once" in desk.record(house)
    assert live.asked("GET", f"/v1/rentals/{number}") == 1


@pytest.mark.fault(19)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_their_order_events_end_in_what_buildium_has(live: Live, desk: Desk, seed: int) -> None:
    house = synced_property(live)
    number = named(house, "Final", live)
    body = {"Name": "Unheard of", "RentalSubType": "MultiFamily", "OperatingBankAccountId": bank_of(house)}
    new = live.http.post("/v1/rentals", json={**body, "Address": there(live, number)["Address"]}).json()["Id"]
    gone = live.http.post("/v1/rentals", json={**body, "Name": "Short", "Address": there(live, number)["Address"]})
    live.delete_there("rentals", gone.json()["Id"])
    events = [
        event(f"Rental.{verb}", place, PropertyId=each)
        for place, each in enumerate((number, new, gone.json()["Id"]))
        for verb in ("Updated", "Created", "Deleted")
    ]
    random.Random(seed).shuffle(events)
    for each in events:
        assert deliver(live, each) == 202
        if random.Random(seed).random() < 0.5:
            live.work()
    live.work()
    names = set(db.session.scalars(select(Property.name)))
    assert names == {"Final", "Unheard of"}
    assert live.state(house) == "synced"
    assert "Matches Buildium as of" in desk.record(house)


def there(live: Live, number: int) -> dict[str, Any]:
    return dict(live.get(f"/v1/rentals/{number}"))


def bank_of(house: Property) -> int | None:
    account = house.operating_bank_account
    return account.buildium_bank_id if account else None


@pytest.mark.fault(20)
@pytest.mark.parametrize("how", ["wrong secret", "tampered", "no signature", "no timestamp", "replayed"])
def test_what_buildium_did_not_sign_now_is_refused_logged_and_not_kept(
    live: Live, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body, now = json.dumps(event(PropertyId=1)).encode(), str(int(time.time()))
    old = str(int(time.time()) - 3600)
    answers = {
        "wrong secret": lambda: post(live, body, timestamp=now, signature=sign("guess", now, body)),
        "tampered": lambda: post(live, body + b" ", timestamp=now, signature=sign(SECRET, now, body)),
        "no signature": lambda: post(live, body, timestamp=now),
        "no timestamp": lambda: post(live, body, signature=sign(SECRET, now, body)),
        "replayed": lambda: post(live, body, timestamp=old, signature=sign(SECRET, old, body)),
    }
    answer = answers[how]()
    said = "the timestamp is more than five minutes away" if how == "replayed" else "the signature is missing or wrong"
    assert (answer.status_code, answer.json["error"]) == (401, said)
    assert f"webhook refused: {said}" in capsys.readouterr().err
    assert not kept()


@pytest.mark.fault(20)
def test_who_sends_many_forgeries_is_told_to_stop_and_genuine_events_still_come(
    live: Live, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(live.app.extensions, "forgeries", Forgeries())
    answers = [deliver(live, event(PropertyId=1), secret="guess") for _ in range(PER_MINUTE + 80)]
    assert (answers[0], answers[-1]) == (401, 429)
    assert capsys.readouterr().err.count("webhook refused") == PER_MINUTE
    assert deliver(live, event(PropertyId=1)) == 202
    assert len(kept()) == 1


@pytest.mark.fault(21)
@pytest.mark.parametrize(("minutes", "status"), [(4, 202), (-4, 202), (10, 401), (-10, 401)])
def test_clocks_may_differ_by_minutes_but_not_by_many(live: Live, minutes: int, status: int) -> None:
    """Our own clock is wrong, as a machine's without a time server: the sender signs by the true one."""
    body, now = json.dumps(event(PropertyId=1)).encode(), str(int(time.time()))
    with time_machine.travel(time.time() + 60 * minutes, tick=True):
        answer = post(live, body, timestamp=now, signature=sign(SECRET, now, body))
    assert answer.status_code == status
    if status == 401:
        assert answer.json["error"] == "the timestamp is more than five minutes away"
    assert len(kept()) == (1 if status == 202 else 0)


@pytest.mark.fault(22)
@pytest.mark.parametrize("name", ["Rental.Sold", "Unheard.Of", "Applicant.Updated", "🏠.Created"])
def test_an_event_of_an_unknown_name_is_kept_and_named_in_the_list(live: Live, desk: Desk, name: str) -> None:
    house = synced_property(live)
    assert deliver(live, event(name, PropertyId=house.buildium_property_id)) == 202
    live.work()
    (row,) = kept()
    assert row.state in ("ignored", "echo")
    page = desk.read("/sync/webhooks")
    assert name in page
    assert ("Not for the portal" if row.state == "ignored" else "Echo of our own change") in page
    if row.state == "ignored":
        assert (row.reason or "?") in desk.read(f"/sync/webhooks/{row.id}")


@pytest.mark.fault(24)
def test_a_poison_event_is_given_up_in_words_and_holds_up_nobody(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    number = named(house, "Through", live)
    live.fault("status", method="GET", path="/v1/rentals/4711", status=500, times=None)
    assert deliver(live, event(PropertyId=4711)) == 202
    assert deliver(live, b'{"EventName":"Rental.Updated","PropertyId":{}}') == 202
    assert deliver(live, event(number=2, PropertyId=number)) == 202
    live.work()
    assert "Through" in desk.record(house)
    for _ in range(6):
        db.session.execute(update(WebhookEvent).values(next_attempt_at=None))
        db.session.commit()
        drain()
    poison = next(row for row in kept() if row.buildium_entity_id == 4711)
    assert poison.state == "dead"
    page = desk.read(f"/sync/webhooks/{poison.id}")
    assert "The portal gave up after 6 tries" in page
    assert "press “Handle it again”" in page
    assert "Webhooks given up" in desk.read("/")


@pytest.mark.fault(25)
def test_edits_of_a_day_without_webhooks_are_caught_up_by_asking_what_changed(live: Live, desk: Desk) -> None:
    house = synced_property(live)
    deliver(live, event(PropertyId=house.buildium_property_id))
    live.work()
    reconcile_changed()
    live.work()
    live.switch(webhook_sending=False)
    named(house, "Nobody said so", live)
    quiet = func.clock_timestamp() - timedelta(days=2)
    db.session.execute(update(WebhookEvent).values(created_at=quiet))
    db.session.commit()
    assert "Buildium may have suspended the subscription" in desk.read("/sync")
    reconcile_changed()
    live.work()
    assert {run.state for run in db.session.scalars(select(SyncRun))} == {"done"}
    page = desk.record(house)
    assert "Nobody said so" in page
    assert "Matches Buildium as of" in page
    assert live.asked("PUT", "/v1/rentals") == 0


@pytest.mark.fault(30)
def test_our_own_echo_is_known_however_it_meets_the_push(live: Live, desk: Desk) -> None:
    """Event and push run at the same time, again and again: each change is one PUT, and nothing chases its tail."""
    house = synced_property(live)
    number = house.buildium_property_id or 0
    rounds = 6
    for place in range(rounds):
        house.name = f"Round {place}"
        live.save(house)
        deliver(live, event(number=place, PropertyId=number))
        both = [Thread(target=in_app, args=(live, push_now, "property", str(house.id)))]
        both.append(Thread(target=in_app, args=(live, drain)))
        for each in both:
            each.start()
        for each in both:
            each.join(30)
        db.session.execute(update(WebhookEvent).where(WebhookEvent.state == "received").values(next_attempt_at=None))
        db.session.commit()
        drain()
        live.work_later()
        db.session.refresh(house)
    assert live.asked("PUT", f"/v1/rentals/{number}") == rounds
    # A look of the push, one of the event, and at most one more where the two met.
    assert live.asked("GET", f"/v1/rentals/{number}") <= 3 * rounds
    assert f"Round {rounds - 1}" in desk.record(house)
    assert {row.state for row in kept()} <= {"echo", "processed", "coalesced"}
    assert "Matches Buildium as of" in desk.record(house)


def in_app(live: Live, act: Any, *arguments: Any) -> None:
    with live.app.app_context():
        act(*arguments)
        db.session.remove()
