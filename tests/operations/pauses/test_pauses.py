from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.sync.models import SyncPause
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import receipt
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HELD = (State.PENDING, State.BLOCKED)


def pause(client: FlaskClient, entity_type: str = "*", direction: str = "push") -> str:
    data = {"entity_type": entity_type, "direction": direction, "reason": "Year-end close"}
    return receipt(client, "/sync/pauses", data)


def pause_of(entity_type: str) -> SyncPause:
    with speaking_as(rows.MACHINE):
        found = db.session.scalars(select(SyncPause).where(SyncPause.entity_type == entity_type)).one()
        db.session.expunge(found)
    return found


def test_pausing_holds_what_waits_and_nothing_else(staff: FlaskClient) -> None:
    made = {state: rows.status(state) for state in State}
    assert "2 records that waited are held" in pause(staff)
    for state, row in made.items():
        assert rows.again(row).sync_status == ("held" if state in HELD else state)


def test_pausing_one_kind_leaves_the_others(staff: FlaskClient) -> None:
    owner, unit = rows.status(entity_type="owner"), rows.status(entity_type="unit")
    pause(staff, "owner")
    assert rows.again(owner).sync_status == "held"
    assert rows.again(unit).sync_status == "pending"


def test_resuming_sends_what_was_held(staff: FlaskClient) -> None:
    row = rows.status()
    pause(staff)
    assert "1 held record is sent now" in receipt(staff, f"/sync/pauses/{pause_of('*').id}/end")
    after = rows.again(row)
    assert after.sync_status == "pending"
    assert after.next_attempt_at is not None


def test_what_another_pause_holds_stays_held(staff: FlaskClient) -> None:
    owner, unit = rows.status(entity_type="owner"), rows.status(entity_type="unit")
    pause(staff)
    pause(staff, "owner")
    receipt(staff, f"/sync/pauses/{pause_of('*').id}/end")
    assert rows.again(owner).sync_status == "held"
    assert rows.again(unit).sync_status == "pending"


def test_pausing_what_comes_in_holds_no_row(staff: FlaskClient) -> None:
    row = rows.status()
    assert "Fetching from Buildium is paused for everything." in pause(staff, direction="pull")
    assert rows.again(row).sync_status == "pending"


def test_a_pause_says_who_and_why(staff: FlaskClient) -> None:
    pause(staff, "owner")
    answer = staff.get("/sync").text
    assert "Sending to Buildium is paused for every owner" in answer
    assert "Year-end close" in answer
    assert "Staff" in answer


def test_pausing_twice_says_so(staff: FlaskClient) -> None:
    pause(staff)
    assert "paused already" in pause(staff)


def test_resuming_twice_says_so(staff: FlaskClient) -> None:
    pause(staff)
    url = f"/sync/pauses/{pause_of('*').id}/end"
    receipt(staff, url)
    assert "has ended already" in receipt(staff, url)


@pytest.mark.parametrize(("entity_type", "direction"), [("ship", "push"), ("owner", "sideways"), ("", "")])
def test_what_cannot_be_paused_is_not(staff: FlaskClient, entity_type: str, direction: str) -> None:
    assert "Nothing was paused" in pause(staff, entity_type, direction)
