"""What is kept for how long, and that it goes then."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from portal.database import now
from portal.extensions import db, queues
from portal.operations.alerts.models import Alert
from portal.operations.housekeeping import tidy_up
from portal.operations.keeping import forgetting
from portal.operations.models import Act
from portal.sync.models import ApiCall, SyncRun
from portal.webhooks.models import EventState, WebhookEvent
from tests.operations import rows
from tests.operations.pages import page, text
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def number(model: Any) -> int:
    with speaking_as(rows.MACHINE):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def tidy() -> None:
    with speaking_as(rows.MACHINE):
        tidy_up()


def days(many: float) -> Any:
    return now() - timedelta(days=many)


def act(at: Any) -> None:
    rows.write(Act(kind="retry", words="Sent one again", actor_name="Pat", at=at, finished_at=at))


def alert(state: str, at: Any) -> None:
    facts = {"kind": "test", "channel": "email", "recipients": "p@example.com", "subject": "s", "body": "b", "url": "u"}
    rows.write(Alert(state=state, created_at=at, **facts))


pytestmark = pytest.mark.usefixtures("session")


def test_what_is_older_than_its_setting_goes_and_the_rest_stays() -> None:
    for old in (91, 89):
        rows.call(created_at=days(old))
    for old in (31, 29):
        rows.event(created_at=days(old))
        alert("sent", days(old))
    for old in (366, 364):
        act(days(old))
        rows.run("done", created_at=days(old), finished_at=days(old))
    tidy()
    assert [number(model) for model in (ApiCall, WebhookEvent, Alert, Act, SyncRun)] == [1, 1, 1, 1, 1]


def test_what_still_needs_somebody_stays_however_old_it_is() -> None:
    for state in (EventState.RECEIVED, EventState.FAILED, EventState.DEAD):
        rows.event(state, created_at=days(400))
    alert("waiting", days(400))
    rows.run("running", created_at=days(400))
    rows.run("done", kind="import", created_at=days(400), finished_at=days(400))
    tidy()
    assert [number(model) for model in (WebhookEvent, Alert, SyncRun)] == [3, 1, 2]


def test_it_goes_in_batches_and_another_job_has_its_turn_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    for _ in range(5):
        rows.call(created_at=days(100))
    with speaking_as(rows.MACHINE):
        assert forgetting.forget_until(time.monotonic() - 1)
    assert number(ApiCall) == 3, "one batch, and then the time was over"
    with speaking_as(rows.MACHINE):
        assert not forgetting.forget_until(time.monotonic() + 60)
    assert number(ApiCall) == 0


def test_what_is_left_asks_for_another_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.operations import housekeeping

    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    monkeypatch.setattr(housekeeping, "TURN_SECONDS", -1.0)
    for _ in range(5):
        rows.call(created_at=days(100))
    tidy()
    assert queues.waiting("bulk") == 1
    monkeypatch.setattr(housekeeping, "TURN_SECONDS", 60.0)
    tidy()
    assert queues.waiting("bulk") == 1


def test_the_page_says_how_long_and_since_when(staff: FlaskClient) -> None:
    rows.call(created_at=days(40))
    lines = [text(line) for line in page(staff, "/sync/kept").findall(".//tbody/tr")]
    assert any("Calls to Buildium" in line and "90 days" in line and "month ago" in line for line in lines), lines
    assert any("Webhook events" in line and "30 days" in line and "None" in line for line in lines), lines


def test_the_webhooks_say_it_too(staff: FlaskClient) -> None:
    rows.event(created_at=days(3))
    assert "Kept 30 days; the oldest that is done with is from" in text(page(staff, "/sync/webhooks"))
