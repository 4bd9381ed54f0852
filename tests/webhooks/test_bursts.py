from __future__ import annotations

import pytest

from portal.acting import Actor, Door, acting_as
from portal.extensions import db
from portal.webhooks import process
from portal.webhooks.models import WebhookEvent
from tests.live import Live
from tests.records import synced_property


def arrive(kind: str, **ids: int) -> None:
    """An event in the inbox that never came before."""
    number = db.session.query(WebhookEvent).count()
    payload = {"EventName": f"{kind}.Updated", "EventDateTime": f"2026-01-01T00:00:00.{number:06}Z", **ids}
    db.session.add(WebhookEvent(event_id=f"burst {number}", event_type=f"{kind}.Updated", event_data=payload))
    db.session.commit()


def test_a_burst_larger_than_a_batch_is_still_one_fetch_for_each_record(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "BATCH", 4)
    house = synced_property(live)
    number, unit = house.buildium_property_id or 0, house.units[0].buildium_unit_id or 0
    live.work()
    with acting_as(Actor.machine(Door.WEBHOOK)):
        db.session.query(WebhookEvent).delete()
        for _ in range(7):
            arrive("Rental", PropertyId=number)
            arrive("RentalUnit", UnitId=unit)
        live.forget_requests()
        process.drain()
        assert (live.asked("GET", f"/v1/rentals/{number}"), live.asked("GET", f"/v1/rentals/units/{unit}")) == (1, 1)
        states = {event.state for event in db.session.query(WebhookEvent)}
        assert states <= {"processed", "echo", "coalesced"}
