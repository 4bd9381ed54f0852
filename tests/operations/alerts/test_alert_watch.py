"""What is told, how often, and when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import delete, select, update

from portal.config import Alerting
from portal.database import now
from portal.extensions import db
from portal.operations.alerts import digest
from portal.operations.alerts.models import Alert, AlertCause, AlertSilence
from portal.operations.alerts.stand_in import stand_in
from portal.operations.alerts.watch import LOCK, watch
from portal.sync.models import SyncSchedule
from portal.webhooks.models import EventState, WebhookEvent
from tests.database.acting import plain
from tests.operations import rows
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session, scoped_session

MINUTES = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def alerting(app: Flask, session: scoped_session[Session]) -> Iterator[None]:
    """One address, no digest, and everything in order: workers, clock."""
    settings = app.extensions["settings"]
    set_alerting(app, digest_hour=None)
    yield
    app.extensions["settings"] = settings


def set_alerting(app: Flask, **values: Any) -> None:
    known: dict[str, Any] = {
        "smtp_url": "smtp://127.0.0.1:1",
        "emails": ("pat@example.com",),
        "sender": "p@example.com",
    }
    app.extensions["settings"] = replace(app.extensions["settings"], alerting=Alerting(**known | values))


def look(minutes: float = 5) -> list[tuple[str, str]]:
    """(kind, subject) of what is said anew when the clock looks after that many minutes. Parts of the sync that don't
    work in tests (no worker runs) are settled before."""
    with speaking_as(rows.MACHINE):
        ago = timedelta(minutes=minutes)
        db.session.execute(
            update(AlertCause).values(
                opened_at=AlertCause.opened_at - ago,
                clear_since=AlertCause.clear_since - ago,
                told_at=AlertCause.told_at - ago,
            )
        )
        db.session.commit()
        before = set(db.session.scalars(select(Alert.id)))
        watch()
        found = db.session.execute(select(Alert.kind, Alert.subject).where(Alert.id.notin_(before)))
        return [(kind, subject) for kind, subject in found]


def settle() -> None:
    """What tests lack anyway (workers, a clock) was told long ago."""
    with speaking_as(rows.MACHINE):
        watch()
        parts = update(AlertCause).where(AlertCause.is_part)
        db.session.execute(parts.values(is_told=True, told_at=now() + timedelta(days=9)))
        db.session.commit()


def cause(key: str) -> AlertCause:
    with speaking_as(rows.MACHINE):
        return db.session.scalars(
            select(AlertCause).where(AlertCause.cause == key).execution_options(populate_existing=True)
        ).one()


def remove(model: Any) -> None:
    with speaking_as(rows.MACHINE):
        db.session.execute(delete(model))
        db.session.commit()


def test_many_records_are_one_message(app: Flask) -> None:
    settle()
    for _ in range(30):
        rows.event(EventState.DEAD)
    assert look(0) == [], "it may mend itself within moments"
    assert look() == [("problem", "Webhooks given up: 30")]
    assert look() == []


def test_it_is_told_again_after_the_quiet_time_and_only_if_it_got_worse() -> None:
    settle()
    rows.event(EventState.DEAD)
    look(0)
    assert look() == [("problem", "Webhooks given up: 1")]
    assert look(250) == [], "it is no worse"
    rows.event(EventState.DEAD)
    assert look(0) == [("problem", "Webhooks given up: 2")]
    rows.event(EventState.DEAD)
    assert look() == [], "the quiet time"


def test_what_is_over_is_told_once_and_only_after_a_while() -> None:
    settle()
    rows.event(EventState.DEAD)
    look(0)
    look()
    remove(WebhookEvent)
    assert look(0) == [], "it may come back"
    assert look() == [("clear", "All clear: Webhooks given up")]
    assert look() == []


def test_what_comes_and_goes_is_no_alarm_each_time() -> None:
    settle()
    told = []
    for _ in range(5):
        event = rows.event(EventState.DEAD)
        told += look(0) + look(3)
        with speaking_as(rows.MACHINE):
            db.session.execute(delete(WebhookEvent).where(WebhookEvent.id == event.id))
            db.session.commit()
        told += look(0) + look(3)
    assert [kind for kind, _ in told] == ["problem", "clear"]


def test_nothing_is_said_of_what_never_was_told() -> None:
    settle()
    rows.event(EventState.DEAD)
    look(0)
    remove(WebhookEvent)
    assert look(0) + look() == []


def test_several_causes_at_once_are_one_message() -> None:
    settle()
    rows.event(EventState.DEAD)
    rows.open_breaker("Buildium refused the API key (401).")
    look(0)
    ((kind, subject),) = look()
    assert kind == "problem"
    assert subject.startswith("2 things need a person: Buildium: Buildium refused the API key (401).")
    with speaking_as(rows.MACHINE):
        body = db.session.scalars(select(Alert.body)).one()
    assert "Webhooks given up: 1" in body
    assert "/sync/webhooks?state=dead" in body


def test_a_silenced_cause_is_kept_quiet_until_then() -> None:
    settle()
    rows.event(EventState.DEAD)
    with speaking_as(rows.MACHINE):
        db.session.add(
            AlertSilence(cause="webhooks-given-up", until=now() + timedelta(hours=1), silenced_by="Pat Manager")
        )
        db.session.commit()
    assert look(0) + look() == []
    assert cause("webhooks-given-up").is_open
    with speaking_as(rows.MACHINE):
        db.session.execute(update(AlertSilence).values(until=now() - MINUTES))
        db.session.commit()
    assert look() == [("problem", "Webhooks given up: 1")]


def test_no_worker_and_a_late_clock_need_a_person() -> None:
    rows.task("sweep", 2, overdue=3600)
    look(0)
    ((_, subject),) = look()
    assert "No worker is running" in subject
    with speaking_as(rows.MACHINE):
        assert "The scheduler is not running" in db.session.scalars(select(Alert.body)).one()


def test_a_part_that_still_does_not_work_is_told_again_after_the_quiet_time() -> None:
    look(0)
    assert [kind for kind, _ in look()] == ["problem"]
    assert look(100) == []
    assert [kind for kind, _ in look(200)] == ["problem"]


def test_silence_of_webhooks_needs_a_person_after_a_weekend() -> None:
    settle()
    rows.event(created_at=now() - timedelta(days=2))
    assert look(0) + look() == []
    rows.event(created_at=now() - timedelta(days=4))
    remove(WebhookEvent)
    rows.event(created_at=now() - timedelta(days=4))
    look(0)
    ((_, subject),) = look()
    assert subject.startswith("No webhook has come since")


def test_a_run_that_failed_needs_a_person_until_one_succeeds() -> None:
    settle()
    rows.run("failed", entity_type="unit", created_at=now() - timedelta(hours=1))
    look(0)
    assert look() == [("problem", "The last comparison with Buildium failed for 1 kind of records: 1")]
    rows.run("done", entity_type="unit")
    look(0)
    assert [kind for kind, _ in look()] == ["clear"]


def test_without_a_channel_nothing_is_written_and_all_of_it_is_known(app: Flask) -> None:
    set_alerting(app, emails=(), digest_hour=None)
    rows.event(EventState.DEAD)
    assert look(0) + look() == []
    assert cause("webhooks-given-up").number == 1


@pytest.mark.parametrize(("hour", "said"), [(6, 0), (7, 1), (12, 1), (13, 0)])
def test_the_digest_goes_out_at_its_hour_where_the_portal_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch, hour: int, said: int
) -> None:
    zone = ZoneInfo("America/New_York")
    monkeypatch.setattr(digest, "here", lambda _: datetime(2026, 3, 9, hour, 30, tzinfo=zone))
    set_alerting(app, digest_hour=7)
    settle()
    assert "digest" not in [kind for kind, _ in look()], "once a day"
    with speaking_as(rows.MACHINE):
        digests = db.session.scalars(select(Alert.once).where(Alert.kind == "digest")).all()
    assert digests == ["digest:2026-03-09:email"] * said


def test_the_digest_says_how_the_sync_stands(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "here", lambda _: datetime(2026, 3, 9, 7, 30))
    set_alerting(app, digest_hour=7)
    for state in ("synced", "failed", "conflict", "pending"):
        rows.status(state)
    rows.run("done", updated=14, missing=1)
    slow = rows.call(duration_ms=4300)
    settle()
    with speaking_as(rows.MACHINE):
        body = db.session.scalars(select(Alert.body).where(Alert.kind == "digest")).one()
    for words in (
        "- 1 of 4 match Buildium",
        "- 14 records had changed there and were brought here; 1 record was gone there.",
        "- 4.3 s: Update in Buildium",
        f"/sync/api-log/{slow.id}",
        "No worker is running",
    ):
        assert words in body, body


def test_two_clocks_do_not_look_at_once(database_url: str) -> None:
    rows.event(EventState.DEAD)
    with psycopg.connect(plain(database_url)) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        assert look(0) + look() == []
        with speaking_as(rows.MACHINE):
            assert db.session.scalars(select(AlertCause)).all() == []
    look(0)
    assert [kind for kind, _ in look()] == ["problem"]


@pytest.mark.parametrize(("minutes", "causes"), [(1, 0), (6, 1)])
def test_a_worker_looks_itself_once_the_clock_has_stopped(minutes: int, causes: int) -> None:
    task = rows.task("sweep", 2, overdue=60 * minutes)
    with speaking_as(rows.MACHINE):
        db.session.execute(
            update(SyncSchedule).where(SyncSchedule.name == task.name).values(last_started_at=ago(minutes))
        )
        db.session.commit()
    with speaking_as(rows.MACHINE):
        stand_in()
        found = db.session.scalars(select(AlertCause.cause).where(AlertCause.cause == "part:schedule")).all()
    assert len(found) == causes


def ago(minutes: int) -> datetime:
    return now() - minutes * MINUTES
