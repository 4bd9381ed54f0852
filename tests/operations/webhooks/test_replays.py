"""Handling many webhook events again: the count before, the slices, the end, and what is left of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from portal.database import now
from portal.extensions import db, queues
from portal.operations.models import Act
from portal.operations.webhooks import replays
from portal.webhooks.models import EventState, Replay, WebhookEvent
from tests.operations import rows
from tests.operations.pages import page, receipt, row_count, tabs, text
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

URL = "/sync/webhooks/replays"


@pytest.fixture
def slices_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones, and an inbox that nobody works off meanwhile."""
    monkeypatch.setattr(replays, "SLICE", 2)
    monkeypatch.setattr(replays, "drain", lambda: None)


def dead(number: int, **values: Any) -> list[WebhookEvent]:
    return [
        rows.event(EventState.DEAD, created_at=now() - timedelta(minutes=number - place), **values)
        for place in range(number)
    ]


def work() -> None:
    with speaking_as(rows.MACHINE):
        replays.work()


def the_replay() -> Replay:
    with speaking_as(rows.MACHINE):
        return db.session.scalars(select(Replay).execution_options(populate_existing=True)).one()


def states(events: list[WebhookEvent]) -> list[str]:
    return [rows.again(event).state for event in events]


def test_the_question_says_how_many_and_does_nothing(staff: FlaskClient) -> None:
    dead(3)
    rows.event(EventState.PROCESSED)
    answer = text(page(staff, f"{URL}/new?state=dead"))
    assert "Given up : 3 events" in answer.replace("Given up:", "Given up :")
    assert "Handle 3 events again" in answer
    with speaking_as(rows.MACHINE):
        assert db.session.scalars(select(Replay)).all() == []


def test_all_events_of_a_filter_are_handled_again_and_no_others(staff: FlaskClient, slices_of_two: None) -> None:
    events = dead(5)
    others = [rows.event(EventState.PROCESSED), *dead(1, event_type="Unit.Updated", entity_type="unit")]
    words = receipt(staff, URL, {"state": "dead", "entity_type": "property"})
    assert "Queued: 5 events are handled again" in words
    assert queues.waiting("bulk") == 1
    work()
    assert states(events) == ["received"] * 5
    assert states(others) == ["processed", "dead"]
    found = the_replay()
    assert (found.state, found.queued, found.skipped, found.total) == ("done", 5, 0, 5)
    assert {rows.again(event).replayed_by for event in events} == {found.requested_by}
    assert rows.again(events[0]).replayed_at is not None


def test_an_event_that_waits_already_is_skipped_and_said_to_be(staff: FlaskClient, slices_of_two: None) -> None:
    dead(2)
    rows.event(EventState.RECEIVED)
    staff.post(URL)
    work()
    found = the_replay()
    assert (found.queued, found.skipped) == (2, 1)
    assert "1: they were waiting already" in text(page(staff, f"{URL}/{found.id}"))
    with speaking_as(rows.MACHINE):
        act = db.session.scalars(select(Act)).one()
    assert (act.asked, act.queued, act.skipped, act.skipped_because) == (3, 2, 1, {"were waiting already": 1})
    assert act.finished_at is not None


def test_each_outcome_opens_exactly_the_events_it_counts(staff: FlaskClient, slices_of_two: None) -> None:
    events = dead(4)
    staff.post(URL, data={"state": "dead"})
    work()
    with speaking_as(rows.MACHINE):
        done = update(WebhookEvent).where(WebhookEvent.id.in_([event.id for event in events[:3]]))
        db.session.execute(done.values(state="echo"))
        db.session.commit()
    dead(2)
    links = page(staff, f"{URL}/{the_replay().id}").findall(".//ul[@class='plain-list']//a")
    counted = {text(link): row_count(staff, link.get("href", "")) for link in links}
    assert counted == {"Waiting: 1": 1, "Echo of our own change: 3": 3}


def test_what_arrives_meanwhile_is_none_of_it(staff: FlaskClient, slices_of_two: None) -> None:
    dead(2)
    staff.post(URL, data={"state": "dead"})
    late = rows.event(EventState.DEAD, created_at=now() + timedelta(seconds=5))
    work()
    assert rows.again(late).state == "dead"


def test_it_is_cancelled_between_two_slices(
    staff: FlaskClient, slices_of_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = dead(6)
    staff.post(URL, data={"state": "dead"})
    found = the_replay()
    monkeypatch.setattr(replays, "drain", lambda: replays.cancel(found.id))
    work()
    assert states(events) == ["dead"] * 4 + ["received"] * 2, "newest first"
    found = the_replay()
    assert (found.state, found.queued) == ("cancelled", 2)
    with speaking_as(rows.MACHINE):
        act = db.session.scalars(select(Act)).one()
    assert (act.queued, act.cancelled_at is not None, act.finished_at) == (2, True, None)


def test_one_that_has_not_begun_is_cancelled_at_once(staff: FlaskClient, slices_of_two: None) -> None:
    events = dead(2)
    staff.post(URL, data={"state": "dead"})
    words = receipt(staff, f"{URL}/{the_replay().id}/cancellation")
    assert "It stops now." in words
    work()
    assert states(events) == ["dead", "dead"]
    assert "it is over" in receipt(staff, f"{URL}/{the_replay().id}/cancellation")


def test_a_killed_worker_costs_no_event(
    staff: FlaskClient, slices_of_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = dead(5)
    staff.post(URL, data={"state": "dead"})

    def killed() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(replays, "drain", killed)
        with pytest.raises(KeyboardInterrupt):
            work()
    work()
    assert states(events) == ["dead"] * 3 + ["received"] * 2, "another worker still seems to have it"
    with speaking_as(rows.MACHINE):
        db.session.execute(update(Replay).values(heartbeat_at=now() - timedelta(minutes=2)))
        db.session.commit()
    with speaking_as(rows.MACHINE):
        replays.wake_if_open()
    assert queues.waiting("bulk") == 2
    work()
    assert states(events) == ["received"] * 5
    assert (the_replay().queued, the_replay().state) == (5, "done")


def test_it_lets_other_jobs_have_their_turn(
    staff: FlaskClient, slices_of_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = dead(5)
    staff.post(URL, data={"state": "dead"})
    monkeypatch.setattr(replays, "TURN_SECONDS", 0.0)
    work()
    assert states(events) == ["dead"] * 3 + ["received"] * 2
    assert queues.waiting("bulk") == 2
    work()
    work()
    assert states(events) == ["received"] * 5


def test_it_waits_while_the_connection_is_paused(staff: FlaskClient, slices_of_two: None) -> None:
    events = dead(2)
    staff.post(URL, data={"state": "dead"})
    rows.open_breaker("Buildium refused the API key (401).")
    work()
    assert states(events) == ["dead", "dead"]
    with speaking_as(rows.MACHINE):
        replays.wake_if_open()
    assert queues.waiting("bulk") == 1, "no job is spent on waiting"
    assert "goes on by itself" in staff.get(f"{URL}/{the_replay().id}").text


def test_nothing_is_replayed_for_a_filter_that_is_not_understood(staff: FlaskClient) -> None:
    """A typing error must not become “all of them”."""
    events = dead(2)
    assert "Nothing was done" in receipt(staff, URL, {"state": "daed"})
    assert "no event fits" in receipt(staff, URL, {"state": "failed"})
    assert states(events) == ["dead", "dead"]


def test_replays_are_listed_newest_first(staff: FlaskClient, slices_of_two: None) -> None:
    dead(1)
    for state in ("dead", "dead"):
        staff.post(URL, data={"state": state})
    assert row_count(staff, URL) == 2


def test_those_that_were_replayed_have_a_tab_of_their_own(staff: FlaskClient) -> None:
    for event in dead(2):
        staff.post(f"/sync/webhooks/{event.id}/replay")
    rows.event(EventState.DEAD)
    number, url = tabs(staff, "/sync/webhooks")["Handled again on request"]
    assert number == row_count(staff, url) == 2


def test_a_viewer_replays_nothing(client: FlaskClient) -> None:
    sign_in(client, "viewer")
    assert client.get(f"{URL}/new").status_code == 403
    assert client.post(URL).status_code == 403
