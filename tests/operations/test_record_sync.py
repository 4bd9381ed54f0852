from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from portal.database import now
from portal.operations.alerts.attention import number_waiting
from portal.operations.record_sync import OutboxAndLog
from portal.operations.records.timeline import said
from portal.sync.models import SyncStatus
from portal.sync.states import State
from portal.web.record_sync import Entry, Freshness
from portal.webhooks.models import EventState
from tests.client import watching
from tests.operations import rows
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from flask_sqlalchemy.session import Session
    from sqlalchemy.orm import scoped_session

WORDS = {
    State.PENDING: "Saved here, waiting to send",
    State.SYNCING: "Sending now",
    State.SYNCED: "Matches Buildium",
    State.BLOCKED: "Can't be sent yet: Name is missing; Buildium requires it.",
    State.FAILED: "Buildium refused: Buildium can't take this.",
    State.UNCERTAIN: "Which record in Buildium?",
    State.CONFLICT: "Changed on both sides",
    State.MISSING: "Gone in Buildium",
    State.HELD: "Sync is paused",
}


def freshness(row: SyncStatus) -> Freshness:
    with speaking_as(rows.MACHINE):
        return OutboxAndLog().freshness(row.entity_type, [row.entity_id])[row.entity_id]


def timeline(app: Flask, row: SyncStatus, limit: int = 50) -> list[Entry]:
    with speaking_as(rows.MACHINE):
        return list(OutboxAndLog().timeline("property", "properties", row.entity_id, limit))


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_words(state: State) -> None:
    assert freshness(rows.status_of_property(state)).words == WORDS[state]


@pytest.mark.usefixtures("session")
def test_a_record_that_is_in_step_says_as_of_when() -> None:
    row = rows.status_of_property(State.SYNCED, last_synced_at=now())
    assert freshness(row).words.startswith("Matches Buildium as of ")


@pytest.mark.usefixtures("session")
def test_a_waiting_record_says_what_it_waits_for() -> None:
    later = rows.status(next_attempt_at=now() + timedelta(minutes=5, seconds=20), attempts=1, cause="retrying")
    untaken = rows.status(next_attempt_at=now() - timedelta(minutes=5))
    assert "in 5 minutes" in freshness(later).detail
    assert "no worker has taken it" in freshness(untaken).detail
    rows.open_breaker("Buildium refused the API key (401).")
    assert "connection to Buildium is paused: Buildium refused the API key" in freshness(untaken).detail


@pytest.mark.usefixtures("session")
def test_a_page_of_records_is_asked_in_one_query(session: scoped_session[Session]) -> None:
    ids = [rows.status(state).entity_id for state in State for _ in range(3)]
    with speaking_as(rows.MACHINE), watching(session.connection()) as watch:
        found = OutboxAndLog().freshness("property", [*ids, "unknown"])
    assert len(found) == len(ids)
    assert len(watch.queries) == 1


def test_the_record_s_page_leads_to_the_field_to_correct(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.FAILED)
    answer = staff.get(f"/properties/{row.entity_id}").text
    assert f"/properties/{row.entity_id}/edit#postal_code" in answer
    assert "Postal code: Not a postal code." in answer


def test_a_viewer_gets_no_link_to_what_is_refused(client: FlaskClient) -> None:
    row = rows.status_of_property(State.CONFLICT)
    sign_in(client, "viewer")
    answer = client.get(f"/properties/{row.entity_id}").text
    assert "Changed on both sides" in answer
    assert "/sync" not in answer


def test_the_timeline_is_one_list_newest_first(app: Flask, session: scoped_session[Session]) -> None:
    row = rows.status_of_property(State.CONFLICT, last_synced_at=now() - timedelta(hours=1))
    rows.call(entity_type="property", entity_id=row.entity_id)
    rows.event(EventState.ECHO, buildium_entity_id=row.buildium_id)
    with watching(session.connection()) as watch:
        found = timeline(app, row)
    assert {entry.kind for entry in found} == {"change", "call", "webhook", "conflict", "sync"}
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    assert len(watch.queries) <= 4


@pytest.mark.usefixtures("session")
def test_an_echo_tells_how_long_the_round_trip_took(app: Flask) -> None:
    row = rows.status_of_property(State.CONFLICT)
    sent = now() - timedelta(minutes=1)
    rows.call(entity_type="property", entity_id=row.entity_id, created_at=sent)
    rows.event(EventState.ECHO, buildium_entity_id=row.buildium_id, created_at=sent + timedelta(seconds=3))
    assert "Buildium confirmed our change 3.0 s after it was sent." in [entry.detail for entry in timeline(app, row)]


def test_a_change_tells_who_and_what_in_the_words_of_the_form(app: Flask, client: FlaskClient) -> None:
    row = rows.status_of_property(State.SYNCED)
    user = sign_in(client, "staff")
    page = client.get(f"/properties/{row.entity_id}/edit").text
    version = page.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    data = {"name": "Elm Court", "year_built": "1955", "address_line1": "1 Elm St", "version": version}
    assert client.post(f"/properties/{row.entity_id}/edit", data=data).status_code in (303, 422)
    changes = [entry for entry in timeline(app, row) if entry.kind == "change" and entry.changes]
    assert ("Year built", "1940", "1955") in changes[0].changes
    with speaking_as(rows.MACHINE):
        assert changes[0].who == user.name


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("2027-08-31", "Aug 31, 2027"),
        ("2027-08-31T00:00:00", "Aug 31, 2027"),  # of a lease: the seeds' own columns
        ("2026-11-22T03:39:36.5+00:00", "Nov 22, 2026, 3:39:36 AM"),
        ("2027-13-31", "2027-13-31"),
        ("2027-08-31T10:00:00", "2027-08-31T10:00:00"),
        (None, ""),
    ],
)
def test_days_and_moments_are_said_as_pages_show_them(app: Flask, kept: str | None, words: str) -> None:
    with app.app_context():
        assert said(kept) == words


@pytest.mark.usefixtures("session")
def test_a_timeline_is_no_longer_than_asked(app: Flask) -> None:
    row = rows.status_of_property(State.FAILED)
    for _ in range(5):
        rows.call(entity_type="property", entity_id=row.entity_id)
    assert len(timeline(app, row, limit=3)) == 3


def test_what_needs_somebody_is_counted_and_linked(app: Flask, session: scoped_session[Session]) -> None:
    for state in State:
        rows.status(state)
    rows.event(EventState.DEAD)
    with app.test_request_context(), speaking_as(rows.MACHINE):
        found = OutboxAndLog().attention()
    assert [each.url for each in found] == [
        "/sync/records?state=failed",
        "/sync/records?state=conflict",
        "/sync/records?state=missing",
        "/sync/records?state=uncertain&cause=several+candidates",
        "/sync/webhooks?state=dead",
        "/sync/records?state=blocked",
    ]
    assert {each.count for each in found} == {1}


@pytest.mark.usefixtures("session")
def test_the_badge_counts_what_only_a_person_can_settle() -> None:
    with speaking_as(rows.MACHINE):
        assert number_waiting() == ""
    for state in State:
        rows.status(state)
    rows.event(EventState.DEAD)
    with speaking_as(rows.MACHINE):
        assert number_waiting() == "5"


def test_the_badge_stands_in_the_navigation(staff: FlaskClient) -> None:
    rows.status(State.FAILED)
    assert '<span class="count">1<' in staff.get("/properties").text


def test_what_holds_the_sync_up_stands_on_the_first_page(staff: FlaskClient) -> None:
    from portal.extensions import db
    from portal.operations.alerts.models import AlertCause
    from portal.sync.models import SyncPause

    with speaking_as(rows.MACHINE):
        part = {"cause": "part:workers", "title": "Workers: none is running", "url": "/sync/queues", "number": 1}
        db.session.add(AlertCause(**part, detail="", opened_at=now(), is_open=True, is_part=True))
        db.session.add(SyncPause(entity_type="vendor", direction="push", mode="paused"))
        db.session.commit()
    answer = staff.get("/").text
    assert "Workers: none is running" in answer
    assert "Pauses that hold the sync back" in answer
    assert "Nothing waits for you" not in answer
