"""Every way to get stuck that `portal.operations.machinery.stuck` lists comes unstuck once swept."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from portal.acting import Actor, Door, acting_as
from portal.entities.properties.model import Property
from portal.entities.tasks.history import TaskHistoryFile
from portal.extensions import db, queues
from portal.operations.machinery.orphans import remove_orphans, send_on
from portal.operations.machinery.stuck import EVERYTHING, Seen, everything
from portal.storage import storage
from portal.sync import runs
from portal.sync.current import current_sync
from portal.sync.leases import claim
from portal.sync.models import SyncRun, SyncSchedule, SyncStatus
from portal.sync.schedule import Task, introduce, tick
from portal.sync.stuck import sweep
from portal.webhooks.models import WebhookEvent
from portal.webhooks.process import take, wake_if_due
from tests.live import Burst, Live
from tests.records import synced_property
from tests.sync.test_task_files import with_photo
from tests.task_records import sent_task, staff_member
from tests.webhooks.test_inbox import event

MACHINE = Actor.machine(Door.COMMAND)


def seen(name: str) -> Seen:
    db.session.rollback()
    return next(each for each in everything() if each.stuck.name == name)


def earlier(model: type[Any], seconds: float, **columns: Any) -> None:
    """Move moments of every row back, as if the time had passed."""
    with acting_as(MACHINE):
        db.session.execute(
            update(model).values({key: each - timedelta(seconds=seconds) for key, each in columns.items()})
        )
        db.session.commit()


def work_only(live: Live) -> None:
    """What is queued by now, without looking for more."""
    for lane in ("people", "bulk"):
        Burst(live.app, lane, live.redis).work(burst=True, logging_level="ERROR")
    db.session.rollback()


def edited(live: Live, name: str = "Edited") -> Property:
    house = synced_property(live)
    house.name = name
    live.save(house)
    return house


def test_every_way_to_get_stuck_says_who_ends_it_and_when(live: Live) -> None:
    for each in EVERYTHING:
        assert each.within > timedelta(0)
        assert each.title
        assert each.who.endswith((".", "”."))
    assert {each.number for each in everything()} == {0}


def test_jobs_that_redis_lost_are_asked_for_again(live: Live) -> None:
    house = edited(live)
    live.redis.flushdb()
    live.redis.set("buildium:known", 1)
    earlier(SyncStatus, 6, next_attempt_at=SyncStatus.next_attempt_at)
    assert seen("lost jobs").number == 1
    sweep()
    work_only(live)
    assert (live.state(house), seen("lost jobs").number) == ("synced", 0)


def test_a_lost_job_is_asked_for_although_its_queue_is_never_empty(live: Live) -> None:
    house = edited(live)
    live.redis.flushdb()
    live.redis.set("buildium:known", 1)
    queues.enqueue("people", "portal.sync.jobs.push", "property", "somebody else's", job_id="push-property-other")
    earlier(SyncStatus, 6, next_attempt_at=SyncStatus.next_attempt_at)
    sweep()
    sweep()
    assert queues.waiting("people") == 2
    work_only(live)
    assert live.state(house) == "synced"


def test_a_row_without_a_time_is_due(live: Live) -> None:
    house = edited(live)
    live.redis.flushdb()
    live.redis.set("buildium:known", 1)
    with acting_as(MACHINE):
        db.session.execute(update(SyncStatus).values(next_attempt_at=None))
        db.session.commit()
    sweep()
    work_only(live)
    assert live.state(house) == "synced"


def test_a_record_held_by_a_killed_worker_is_given_to_another(live: Live) -> None:
    house = edited(live)
    live.redis.flushdb()
    live.redis.set("buildium:known", 1)
    assert claim("property", str(house.id))
    sweep()
    assert live.state(house) == "syncing"
    earlier(SyncStatus, 30, leased_until=SyncStatus.leased_until)
    assert (seen("leases").number, seen("leases").is_late) == (1, True)
    sweep()
    earlier(SyncStatus, 2, next_attempt_at=SyncStatus.next_attempt_at)
    sweep()
    work_only(live)
    assert (live.state(house), seen("leases").number) == ("synced", 0)


def test_an_event_that_was_kept_and_never_announced_to_a_worker_is_processed(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Renamed there")
    left_over(house)
    earlier(WebhookEvent, 6, created_at=WebhookEvent.created_at)
    assert seen("events").number == 1
    wake_if_due()
    work_only(live)
    assert (house.name, seen("events").number) == ("Renamed there", 0)


def test_events_that_a_killed_worker_had_are_taken_again_after_a_minute(live: Live) -> None:
    house = synced_property(live)
    live.edit_there("rentals", house.buildium_property_id or 0, Name="Renamed there")
    left_over(house)
    with acting_as(MACHINE):
        assert take()
    wake_if_due()
    work_only(live)
    assert house.name == "Harbor View"
    earlier(WebhookEvent, 67, next_attempt_at=WebhookEvent.next_attempt_at)
    assert seen("events").number == 1
    wake_if_due()
    work_only(live)
    assert house.name == "Renamed there"


def left_over(house: Property) -> None:
    """An event as it is when the web process dies right after it was kept."""
    body = event(PropertyId=house.buildium_property_id)
    with acting_as(MACHINE):
        facts = {"event_id": "left over", "event_type": body["EventName"], "account_id": body["AccountId"]}
        db.session.add(WebhookEvent(event_data=body, raw_body=b"{}", **facts))
        db.session.commit()


def test_a_run_whose_worker_died_is_taken_by_the_next_one(live: Live) -> None:
    synced_property(live)
    runs.begin(runs.Kind.FULL, ["property"], "test")
    live.redis.flushdb()
    live.redis.set("buildium:known", 1)
    with acting_as(MACHINE):
        assert runs.take()
    sweep()
    assert not queues.waiting("bulk")
    earlier(SyncRun, 31, heartbeat_at=SyncRun.heartbeat_at)
    assert seen("runs").number == 1
    sweep()
    work_only(live)
    run = db.session.scalars(select(SyncRun)).one()
    assert (run.state, run.seen, seen("runs").number) == ("done", 1, 0)


def test_a_task_in_the_middle_of_which_the_clock_died_is_done_again_long_before_its_next_time(live: Live) -> None:
    done: list[str] = []
    nightly = Task("nightly something", 86400, lambda: done.append("done"))
    with acting_as(MACHINE):
        introduce([nightly])
        begun = {"last_started_at": func.now() - timedelta(minutes=11), "last_finished_at": None}
        db.session.execute(update(SyncSchedule).values(begun))
        db.session.commit()
        tick([nightly])
        assert not done
        assert seen("tasks").number == 1
        sweep()
        tick([nightly])
    assert (done, seen("tasks").number) == (["done"], 0)


def test_a_scheduler_that_died_is_seen(live: Live) -> None:
    with acting_as(MACHINE):
        introduce([Task("sweep", 2, sweep, at_start=True)])
        db.session.commit()
    assert seen("clock").number == 0
    earlier(SyncSchedule, 60, next_due_at=SyncSchedule.next_due_at)
    assert (seen("clock").number, seen("clock").is_late) == (1, True)


def test_an_upload_that_was_begun_and_forgotten_is_sent_on(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    with_photo(task)
    live.save(task)
    with acting_as(MACHINE):
        forgotten = {"sync_status": "synced", "next_attempt_at": None}
        db.session.execute(update(SyncStatus).values(forgotten))
        db.session.commit()
    live.redis.flushdb()
    live.redis.set("buildium:known", 1)
    long_ago(live, TaskHistoryFile, SyncStatus)
    assert seen("uploads").number == 1
    with acting_as(MACHINE):
        assert send_on() == 1
    for _ in range(4):
        live.work_later()
    assert db.session.scalars(select(TaskHistoryFile.upload_state)).one() == "sent"
    assert seen("uploads").number == 0


def long_ago(live: Live, *models: type[Any]) -> None:
    """Their `updated_at` is kept by a trigger, which only the owner of the tables can pass by."""
    import psycopg

    address = live.app.extensions["settings"].database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as owner:
        for model in models:
            table = model.__tablename__
            owner.execute(f"alter table {table} no force row level security".encode())
            owner.execute(f"alter table {table} disable trigger user".encode())
            owner.execute(f"update {table} set updated_at = updated_at - interval '1 hour'".encode())
            owner.execute(f"alter table {table} enable trigger user".encode())
            owner.execute(f"alter table {table} force row level security".encode())


def test_bytes_that_belong_to_no_record_are_removed_and_those_of_a_record_stay(live: Live) -> None:
    task = sent_task(live)
    with_photo(task)
    live.save(task)
    kept = db.session.scalars(select(TaskHistoryFile.file_url)).one() or ""
    orphan = storage().keep(io.BytesIO(b"%PDF-1.7 nobody's"), "Nobody's.pdf").key
    young = storage().keep(io.BytesIO(b"%PDF-1.7 just coming"), "Coming.pdf").key
    broken_off = storage().path(orphan).parent / "tmpabc123"
    broken_off.write_bytes(b"half")
    for path in (storage().path(kept), storage().path(orphan), broken_off):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    with acting_as(MACHINE):
        assert remove_orphans() == 2
    there = [storage().path(key).exists() for key in (kept, orphan, young)]
    assert (there, broken_off.exists()) == ([True, False, True], False)


def test_a_stopped_run_goes_on_from_its_checkpoint(live: Live) -> None:
    sent_task(live)
    runs.begin(runs.Kind.FULL, ["task"], "test")
    with acting_as(MACHINE):
        db.session.execute(update(SyncRun).values(stop_requested=True))
        db.session.commit()
    live.work()
    run = db.session.scalars(select(SyncRun)).one()
    assert (run.state, run.cursor_part, run.calls) == ("stopped", 1, 1)
    assert runs.go_on(SyncRun.id == run.id) == 1
    live.work()
    assert (run.state, run.calls, run.resumed, run.missing) == ("done", 4, 1, 0)


def test_the_history_of_a_task_that_is_not_ours_is_ignored_and_not_tried_until_it_is_dead(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The simulated Buildium has no associations: here every task is taken for one of theirs.
    known = current_sync().resources.by_name
    monkeypatch.setitem(known, "task", replace(known["task"], accepts=lambda _: False))
    who = staff_member(live)
    asked = {"Title": "Pool", "AssignedToUserId": who.buildium_user_id, "TaskStatus": "New", "Priority": "Normal"}
    number = live.http.post("/v1/tasks/todorequests", json=asked).raise_for_status().json()["Id"]
    entry = live.get(f"/v1/tasks/{number}/history")[0]["Id"]
    body = {**event("Task.History.Created", TaskId=number, TaskHistoryId=entry), "TaskType": "Todo"}
    with acting_as(MACHINE):
        facts = {"event_id": "an association's", "event_type": body["EventName"], "account_id": body["AccountId"]}
        db.session.add(WebhookEvent(event_data=body, raw_body=b"{}", **facts))
        db.session.commit()
    live.work()
    row = db.session.scalars(select(WebhookEvent)).one()
    assert (row.state, row.retry_count) == ("ignored", 0)
