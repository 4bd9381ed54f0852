from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.webhooks.models import EventState
from tests.operations import rows
from tests.operations.pages import receipt, row_count, tabs

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NOT_WAITING = [state for state in EventState if state is not EventState.RECEIVED]


@pytest.mark.parametrize("state", list(EventState))
def test_an_event_is_shown_in_every_state(staff: FlaskClient, state: EventState) -> None:
    event = rows.event(state)
    assert str(event.id) in staff.get(f"/sync/webhooks?state={state}").text
    assert event.event_id in staff.get(f"/sync/webhooks/{event.id}").text


def test_each_tab_counts_the_events_behind_it(staff: FlaskClient) -> None:
    for number, state in enumerate(EventState, 1):
        for _ in range(number):
            rows.event(state)
    found = tabs(staff, "/sync/webhooks")
    assert found["All"][0] == sum(range(1, len(EventState) + 1))
    for number, url in found.values():
        assert row_count(staff, url) == number


def test_events_are_narrowed_by_type_kind_and_record(staff: FlaskClient) -> None:
    wanted = rows.event(event_type="Unit.Updated", entity_type="unit")
    other = rows.event()
    for query in (
        "event_type=Unit.Updated",
        "entity_type=unit",
        f"q={wanted.buildium_entity_id}",
        f"q={wanted.event_id}",
    ):
        answer = staff.get(f"/sync/webhooks?{query}").text
        assert str(wanted.id) in answer, query
        assert str(other.id) not in answer, query


def test_an_event_leads_to_its_record_and_its_calls(staff: FlaskClient) -> None:
    row = rows.status_of_property("conflict")
    event = rows.event(buildium_entity_id=row.buildium_id)
    call = rows.call(webhook_event_id=event.id)
    answer = staff.get(f"/sync/webhooks/{event.id}").text
    assert f"/sync/records/{row.id}" in answer
    assert f"/sync/api-log/{call.id}" in answer


def test_a_body_that_is_no_json_is_shown_and_not_run(staff: FlaskClient) -> None:
    event = rows.event(
        EventState.IGNORED, event_type=None, entity_type=None, buildium_entity_id=None, event_data=None,
        raw_body=b"\x00\xff<script>alert(1)</script>",
    )  # fmt: skip
    answer = staff.get(f"/sync/webhooks/{event.id}").text
    assert "<script>alert" not in answer
    assert "&lt;script&gt;" in answer


@pytest.mark.parametrize("state", NOT_WAITING)
def test_an_event_is_handled_again(staff: FlaskClient, state: EventState) -> None:
    event = rows.event(state, retry_count=6, processed=True)
    assert "It is handled again now." in receipt(staff, f"/sync/webhooks/{event.id}/replay")
    after = rows.again(event)
    assert (after.state, after.processed, after.retry_count) == ("received", False, 0)
    assert (after.replayed_by or "").startswith("Staff")


def test_a_replay_wakes_a_worker(staff: FlaskClient) -> None:
    from portal.extensions import queues

    event = rows.event(EventState.DEAD)
    staff.post(f"/sync/webhooks/{event.id}/replay")
    assert queues.waiting("bulk") == 1


def test_a_replay_of_what_does_not_exist_is_not_found(staff: FlaskClient) -> None:
    assert staff.post("/sync/webhooks/00000000-0000-0000-0000-000000000007/replay").status_code == 404
