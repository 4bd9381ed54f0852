"""Changes that polls find and no webhook announced, and the silence of a subscription that was switched off."""

from __future__ import annotations

import contextvars
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from portal.acting import Actor, Door, acting_as
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.operations.machinery.lamps import Lamp, signs, webhook_lamp
from portal.sync import runs
from portal.sync.drift_models import Drift
from portal.sync.models import BuildiumConnection
from portal.sync.runs import Kind
from portal.webhooks.gaps import judge, refusals, silences
from portal.webhooks.models import WebhookEvent, WebhookRefusal
from tests.live import Live
from tests.records import owner_of, property_of, synced_property
from tests.waiting import wait_until
from tests.webhooks.test_inbox import deliver, event

MACHINE = Actor.machine(Door.COMMAND)


def houses(live: Live, number: int) -> list[Property]:
    """Properties that both sides agree on, known from a complete comparison."""
    live.switch(webhook_sending=False)
    first = synced_property(live)
    more = [property_of(None, name=f"House {each}") for each in range(1, number)]
    for each in more:
        each.operating_bank_account_id = first.operating_bank_account_id
    live.save(*more)
    live.work()
    poll(live, Kind.FULL)
    return [first, *more]


def poll(live: Live, kind: Kind = Kind.INCREMENTAL, name: str = "property") -> None:
    runs.begin(kind, [name], "test")
    live.work()


def renamed_there(live: Live, *them: Property) -> None:
    for number, each in enumerate(them):
        live.edit_there("rentals", each.buildium_property_id or 0, Name=f"Renamed there {number}")


def hours_pass(hours: float) -> None:
    """As if everything that is written down had happened so much earlier."""
    earlier = timedelta(hours=hours)
    moved = {"read_at": Drift.read_at - earlier, "judged_after": Drift.judged_after - earlier}
    with acting_as(MACHINE):
        db.session.execute(update(Drift).values(**moved, known_at=Drift.known_at - earlier))
        times = {"created_at": WebhookEvent.created_at - earlier, "processed_at": WebhookEvent.processed_at - earlier}
        db.session.execute(update(WebhookEvent).values(times))
        db.session.commit()


def verdicts() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Drift.announcement)))


def lamp(live: Live) -> Lamp:
    db.session.rollback()

    def asked() -> Lamp:
        with live.app.test_request_context():
            return webhook_lamp(signs())

    # What a request ends with must not reach the test: who acts.
    return contextvars.copy_context().run(asked)


def told(live: Live, number: int = 0, **values: Any) -> None:
    """Buildium sends an event, and it is worked off."""
    account = db.session.scalar(select(BuildiumConnection.account_id))
    assert deliver(live, {**event(number=number), "AccountId": account, **values}) == 202
    live.work()


def test_a_change_whose_webhook_arrives_in_time_was_announced(live: Live) -> None:
    (house,) = houses(live, 1)
    renamed_there(live, house)
    poll(live)
    assert judge() == 0
    assert verdicts() == ["awaited"]
    told(live, PropertyId=house.buildium_property_id, EventDateTime=None)
    judge()
    assert verdicts() == ["announced"]


def test_a_change_that_nobody_announced_within_ten_minutes_is_missed(live: Live) -> None:
    (house,) = houses(live, 1)
    renamed_there(live, house)
    poll(live)
    hours_pass(0.15)
    assert judge() == 0
    hours_pass(0.05)
    assert judge() == 1
    assert verdicts() == ["missed"]


def test_an_event_that_was_handled_before_the_change_did_not_announce_it(live: Live) -> None:
    (house,) = houses(live, 1)
    told(live, PropertyId=house.buildium_property_id)
    renamed_there(live, house)
    poll(live)
    hours_pass(1)
    assert judge() == 1


def test_a_webhook_that_is_hours_late_is_said_to_be_late(live: Live) -> None:
    (house,) = houses(live, 1)
    renamed_there(live, house)
    poll(live)
    hours_pass(2)
    judge()
    assert verdicts() == ["missed"]
    told(live, PropertyId=house.buildium_property_id, EventDateTime="2026-01-01T10:00:00Z")
    judge()
    assert verdicts() == ["late"]


def test_an_owner_s_change_is_never_a_gap(live: Live) -> None:
    house = synced_property(live)
    owner = owner_of(house)
    live.save(owner)
    live.work()
    poll(live, Kind.FULL, "owner")
    live.edit_there("owners", owner.buildium_owner_id or 0, Email="new@example.com")
    poll(live, Kind.OWNERS, "owner")
    hours_pass(5)
    assert judge() == 0
    assert verdicts() == ["none"]


def test_a_day_without_webhooks_is_caught_up_said_and_over_with_the_next_one(live: Live) -> None:
    them = houses(live, 3)
    told(live, PropertyId=them[0].buildium_property_id)
    assert lamp(live).tone == "good"
    hours_pass(24)

    renamed_there(live, *them)
    poll(live)
    assert [each.name for each in them] == ["Renamed there 0", "Renamed there 1", "Renamed there 2"]
    assert lamp(live).tone != "bad"
    hours_pass(1)
    assert judge() == 3
    (silence,) = silences()
    assert (silence.entity_type, silence.number) == ("property", 3)
    banner = lamp(live)
    assert banner.tone == "bad"
    assert "3 changes were found there (Property)" in banner.words
    assert "switch the subscription on again" in banner.detail

    live.edit_there("rentals", them[1].buildium_property_id or 0, Name="Announced again")
    told(live, 7, PropertyId=them[1].buildium_property_id)
    assert them[1].name == "Announced again"
    assert not silences()
    assert lamp(live).tone == "good"


def test_a_few_gaps_in_a_stream_that_flows_are_no_silence(live: Live) -> None:
    them = houses(live, 3)
    renamed_there(live, *them)
    poll(live)
    hours_pass(2)
    assert judge() == 3
    told(live, 8, PropertyId=them[0].buildium_property_id)
    assert not silences()


def test_refused_deliveries_are_counted_in_one_row_and_light_the_lamp(live: Live) -> None:
    for _ in range(25):
        assert deliver(live, event(PropertyId=1), secret="guess") == 401
    wait_until(lambda: refused() == [25], 5, "the refusals to be written down")
    banner = lamp(live)
    assert banner.tone == "bad"
    assert "25 were refused" in banner.words
    assert deliver(live, event(PropertyId=1)) == 202
    assert refusals(db.session.scalar(select(func.max(WebhookEvent.created_at)))) is None


def refused() -> list[int]:
    db.session.rollback()
    return [sum(db.session.scalars(select(WebhookRefusal.number)))]
