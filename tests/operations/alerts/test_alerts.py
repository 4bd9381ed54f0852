"""The page of alerts, and what people do there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.config import Alerting
from portal.database import now
from portal.extensions import db
from portal.operations.alerts.models import Alert, AlertCause, AlertSilence
from portal.operations.models import Act
from tests.operations import rows
from tests.operations.pages import receipt, row_count, tabs
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


def alert(state: str = "sent", **values: object) -> Alert:
    facts = {"kind": "problem", "channel": "email", "recipients": "pat@example.com", "subject": "No worker is running"}
    row = Alert(state=state, **{**facts, "body": "Start one.", "url": "https://portal.example.com/sync", **values})
    rows.write(row)
    return row


def open_cause(key: str = "webhooks-given-up", **values: object) -> AlertCause:
    facts = {"title": "Webhooks given up", "url": "/sync/webhooks?state=dead", "number": 12, "opened_at": now()}
    row = AlertCause(cause=key, is_open=True, **{**facts, **values})
    rows.write(row)
    return row


def silences() -> list[AlertSilence]:
    with speaking_as(rows.MACHINE):
        found = list(db.session.scalars(select(AlertSilence).execution_options(populate_existing=True)))
        for each in found:
            db.session.expunge(each)
    return found


def acts() -> list[str]:
    with speaking_as(rows.MACHINE):
        return list(db.session.scalars(select(Act.words).order_by(Act.at)))


@pytest.fixture
def told(app: Flask) -> Iterator[None]:
    settings = app.extensions["settings"]
    alerting = Alerting(
        smtp_url="smtp://pat:s3cret@mail.example.com", emails=("pat@example.com",), sender="portal@example.com",
        webhook_url="https://hooks.example.com/token-in-the-path", webhook_secret="what signs",
    )  # fmt: skip
    app.extensions["settings"] = replace(settings, alerting=alerting)
    yield
    app.extensions["settings"] = settings


def test_each_tab_counts_the_alerts_behind_it(staff: FlaskClient) -> None:
    for number, state in enumerate(("waiting", "failed", "sent"), 1):
        for _ in range(number):
            alert(state)
    found = tabs(staff, "/sync/alerts")
    assert {words: number for words, (number, _) in found.items()} == {
        "All": 6,
        "To be sent": 1,
        "Given up": 2,
        "Sent": 3,
    }
    for number, url in found.values():
        assert row_count(staff, url) == number


def test_it_says_whom_it_tells_and_no_secret(staff: FlaskClient, told: None) -> None:
    answer = staff.get("/sync/alerts").text
    assert "pat@example.com" in answer
    assert "hooks.example.com" in answer
    assert [secret for secret in ("s3cret", "token-in-the-path", "what signs") if secret in answer] == []


def test_it_says_what_to_set_where_nobody_is_told(staff: FlaskClient) -> None:
    assert "PORTAL_SMTP_URL" in staff.get("/sync/alerts").text
    assert "Nothing was sent" in receipt(staff, "/sync/alerts/test")


def test_a_test_goes_to_every_channel_and_is_written_down(staff: FlaskClient, told: None) -> None:
    assert "A test is sent within ten seconds." in receipt(staff, "/sync/alerts/test")
    with speaking_as(rows.MACHINE):
        written = db.session.execute(select(Alert.channel, Alert.kind, Alert.state, Alert.requested_by)).all()
    assert sorted((channel, kind, state) for channel, kind, state, _ in written) == [
        ("email", "test", "waiting"), ("webhook", "test", "waiting"),
    ]  # fmt: skip
    assert all((by or "").startswith("Staff") for *_, by in written)
    assert acts() == ["Sent a test of the alerts"]


def test_a_cause_is_silenced_and_told_again(staff: FlaskClient) -> None:
    open_cause()
    words = receipt(staff, "/sync/alerts/silences", {"cause": "webhooks-given-up", "hours": "24"})
    assert "Nothing is said of “Webhooks given up” until" in words
    (silence,) = silences()
    assert timedelta(hours=23) < silence.until - now() <= timedelta(hours=24)
    assert silence.silenced_by.startswith("Staff")
    page = staff.get("/sync/alerts").text
    assert "Silent until" in page
    assert "Webhooks given up: 12" in page
    assert "It is told again." in receipt(staff, f"/sync/alerts/silences/{silence.id}/end")
    assert silences() == []
    assert acts() == ["Silenced for a day: Webhooks given up", "Ended the silence about “Webhooks given up”"]


def test_a_second_silence_replaces_the_first(staff: FlaskClient) -> None:
    open_cause()
    for hours in ("1", "168"):
        staff.post("/sync/alerts/silences", data={"cause": "webhooks-given-up", "hours": hours})
    (silence,) = silences()
    assert silence.until - now() > timedelta(days=6)


@pytest.mark.parametrize(
    ("given", "status"),
    [({"cause": "webhooks-given-up", "hours": "7"}, 400), ({"cause": "nothing", "hours": "24"}, 404), ({}, 404)],
)
def test_a_silence_of_nothing_or_for_any_time_is_refused(
    staff: FlaskClient, given: dict[str, str], status: int
) -> None:
    open_cause()
    assert staff.post("/sync/alerts/silences", data=given).status_code == status
    assert silences() == []


def test_an_alert_that_was_given_up_is_sent_again(staff: FlaskClient) -> None:
    row = alert("failed", attempts=9, error_message="mail.example.com can't be reached.")
    assert "can&#39;t be reached" in staff.get(f"/sync/alerts/{row.id}").text
    assert "It is sent again" in receipt(staff, f"/sync/alerts/{row.id}/retry")
    after = rows.again(row)
    assert (after.state, after.attempts) == ("waiting", 0)
    assert after.next_attempt_at is not None


def test_one_that_has_arrived_is_not_sent_twice(staff: FlaskClient) -> None:
    row = alert("sent")
    assert "it has been sent already" in receipt(staff, f"/sync/alerts/{row.id}/retry")
    assert rows.again(row).state == "sent"


def test_a_viewer_neither_sees_nor_silences(client: FlaskClient) -> None:
    sign_in(client, "viewer")
    assert client.get("/sync/alerts").status_code == 403
    for act in ("test", "silences", f"{alert().id}/retry", f"silences/{alert().id}/end"):
        assert client.post(f"/sync/alerts/{act}").status_code == 403


def test_the_badge_counts_the_parts_that_do_not_work(app: Flask, staff: FlaskClient) -> None:
    from portal.operations.alerts.attention import number_waiting

    with speaking_as(rows.MACHINE):
        before = int(number_waiting() or 0)
    open_cause("part:workers", title="Workers: No worker is running", number=1, is_part=True)
    open_cause("webhooks-given-up")
    with speaking_as(rows.MACHINE):
        assert int(number_waiting()) == before + 1, "lists are counted by their own rows"
