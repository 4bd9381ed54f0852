"""The history of a task on both sides: no POST exists, so entries go out as messages of updates (MAPPING §4.15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.database import now
from portal.entities.tasks.model import Task
from portal.extensions import db
from portal.sync import imports
from portal.sync.current import current_sync
from portal.sync.decisions import decide
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.page import Outcome
from portal.sync.pull import pull_one
from portal.sync.runs import Kind, begin
from portal.webhooks.handlers import process_buildium_webhook_event
from tests.live import Live
from tests.task_records import (
    BY,
    entries,
    history_there,
    messages_there,
    pull_history,
    sent_task,
    staff_member,
    to_do,
)


def settle(live: Live, task: Task) -> None:
    live.save(task)
    live.work()
    live.work_later()
    assert live.state(task) == "synced", live.row(task).error_message


def puts(live: Live, task: Task) -> int:
    return live.asked("PUT", f"/v1/tasks/todorequests/{task.buildium_task_id}")


def test_the_entry_of_the_creation_is_buildiums_own_and_not_made_twice(live: Live) -> None:
    task = sent_task(live, description="Drips.")
    (there,) = history_there(live, task)
    pull_history(task, there["Id"])
    (entry,) = entries(task)
    assert (entry.buildium_history_id, entry.written_by, entry.status) == (there["Id"], BY, "New")
    assert puts(live, task) == 0


def test_a_note_becomes_one_message_there(live: Live) -> None:
    task = sent_task(live)
    task.add_note("Called the tenant.", BY, now())
    settle(live, task)
    assert messages_there(live, task)[1:] == [("New", "Called the tenant.")]
    assert puts(live, task) == 1
    entry = entries(task)[-1]
    assert (entry.buildium_history_id, entry.is_unsent) == (history_there(live, task)[1]["Id"], False)


def test_each_change_of_the_status_is_an_entry_there_in_its_order(live: Live) -> None:
    task = sent_task(live)
    at = now()
    task.start(BY, at, "On my way")
    live.save(task)
    task.complete(BY, at + timedelta(seconds=1), "Done")
    settle(live, task)
    assert messages_there(live, task)[1:] == [("InProgress", "On my way"), ("Completed", "Done")]
    assert live.get(f"/v1/tasks/{task.buildium_task_id}")["TaskStatus"] == "Completed"
    assert [each.status for each in entries(task)] == ["New", "InProgress", "Completed"]


def test_what_happens_to_a_new_task_before_it_is_sent_is_all_told(live: Live) -> None:
    task = to_do(staff_member(live))
    task.start(BY, now() + timedelta(seconds=1))
    task.add_note("Parts ordered", BY, now() + timedelta(seconds=2))
    settle(live, task)
    assert messages_there(live, task) == [("New", None), ("InProgress", None), ("InProgress", "Parts ordered")]
    assert [each.status for each in entries(task)] == ["New", "InProgress", "InProgress"]


@pytest.mark.parametrize("fault", ["commit_then_drop", "truncate", "html"])
@pytest.mark.parametrize("note", ["Called the tenant.", None])
def test_a_message_is_sent_once_when_the_worker_dies_before_the_answer(
    live: Live, fault: str, note: str | None
) -> None:
    task = sent_task(live)
    task.start(BY, now(), note)
    live.fault(fault, method="PUT", path=f"/v1/tasks/todorequests/{task.buildium_task_id}")
    settle(live, task)
    assert messages_there(live, task)[1:] == [("InProgress", note)]
    assert puts(live, task) == 1


def test_a_note_still_to_be_sent_outlives_a_task_that_seemed_to_be_gone(live: Live) -> None:
    task = sent_task(live)
    for second, words in enumerate(("First", "Second")):
        task.add_note(words, BY, now() + timedelta(seconds=second))
    # The first note takes two looks at the task; the third look, for the second note, says that it is gone.
    live.fault("status", method="GET", path=f"/v1/tasks/todorequests/{task.buildium_task_id}", status=404, skip=2)
    live.save(task)
    live.work()
    assert live.state(task) == "missing"
    pull_one(current_sync().resource("task"), task.buildium_task_id or 0)
    live.work()
    live.work_later()
    assert [words for _, words in messages_there(live, task)[1:]] == ["First", "Second"]


def test_the_same_words_twice_are_two_messages(live: Live) -> None:
    task = sent_task(live)
    for second in range(2):
        task.add_note("Nobody at home.", BY, now() + timedelta(seconds=second))
        settle(live, task)
    assert messages_there(live, task)[1:] == [("New", "Nobody at home.")] * 2


def test_a_webhook_that_is_faster_than_the_answer_makes_no_second_entry(live: Live) -> None:
    task = sent_task(live)
    task.add_note("Called the tenant.", BY, now())
    live.fault("commit_then_drop", method="PUT", path=f"/v1/tasks/todorequests/{task.buildium_task_id}")
    live.save(task)
    live.work()
    brought = history_there(live, task)[1]["Id"]
    assert pull_history(task, brought) is Outcome.CREATED
    live.work_later()
    assert live.state(task) == "synced"
    mine = entries(task)[-1]
    assert [each.buildium_history_id for each in entries(task)] == [each["Id"] for each in history_there(live, task)]
    assert (mine.written_by, mine.notes) == (BY, "Called the tenant.")
    assert pull_history(task, brought) is Outcome.UNCHANGED
    assert puts(live, task) == 1


def test_an_edit_made_while_the_answer_was_lost_is_sent_too(live: Live) -> None:
    task = sent_task(live)
    task.add_note("Called the tenant.", BY, now())
    live.fault("commit_then_drop", method="PUT", path=f"/v1/tasks/todorequests/{task.buildium_task_id}")
    live.save(task)
    live.work()
    task.subject = "Fix both taps"
    settle(live, task)
    assert live.get(f"/v1/tasks/{task.buildium_task_id}")["Title"] == task.subject == "Fix both taps"
    assert [message for _, message in messages_there(live, task)].count("Called the tenant.") == 1


def test_a_plain_update_comes_back_as_an_entry(live: Live) -> None:
    task = sent_task(live)
    task.priority = "High"
    settle(live, task)
    for each in history_there(live, task):
        pull_history(task, each["Id"])
    assert [(each.status, each.priority, each.written_here) for each in entries(task)] == [
        ("New", "Normal", True),
        ("New", "High", False),
    ]


def test_a_status_changed_in_buildium_arrives_with_its_entry(live: Live) -> None:
    task = sent_task(live)
    body = {"Title": task.subject, "TaskStatus": "Completed", "Priority": "Normal", "Message": "Fixed it",
            "AssignedToUserId": task.assigned_to_user_id}  # fmt: skip
    live.http.put(f"/v1/tasks/todorequests/{task.buildium_task_id}", json=body).raise_for_status()
    there = history_there(live, task)[1]
    assert pull_history(task, there["Id"]) is Outcome.CREATED
    pull_one(current_sync().resource("task"), task.buildium_task_id or 0)
    entry = entries(task)[-1]
    assert (task.status, entry.status) == ("Completed", "Completed")
    assert (entry.notes, entry.written_by) == ("Fixed it", "Sam Staff")
    assert task.completed_date == entry.entry_at


def test_a_status_changed_there_stays_when_a_note_is_added_here(live: Live) -> None:
    task = sent_task(live)
    live.edit_there("tasks", task.buildium_task_id or 0, TaskStatus="Deferred")
    task.add_note("Waiting for parts", BY, now())
    settle(live, task)
    assert (task.status, live.get(f"/v1/tasks/{task.buildium_task_id}")["TaskStatus"]) == ("Deferred", "Deferred")


def test_a_status_changed_on_both_sides_is_decided_by_a_person(live: Live) -> None:
    task = sent_task(live)
    live.edit_there("tasks", task.buildium_task_id or 0, TaskStatus="Deferred")
    task.complete(BY, now())
    live.save(task)
    live.work()
    assert live.state(task) == "conflict"
    assert "Status" in (live.row(task).error_message or "")


def test_a_text_that_is_corrected_here_is_corrected_there(live: Live) -> None:
    task = sent_task(live)
    task.add_note("Caled the tenant.", BY, now())
    settle(live, task)
    entry = entries(task)[-1]
    entry.write_over("Called the tenant.", now())
    settle(live, entry.task)
    assert messages_there(live, task)[-1] == ("New", "Called the tenant.")
    assert (entries(task)[-1].notes, entries(task)[-1].edited_notes) == ("Called the tenant.", None)
    assert len(history_there(live, task)) == 2


def test_an_update_that_makes_no_entry_is_not_sent_for_ever(live: Live) -> None:
    """Whether each update makes one is not stated (MAPPING §11)."""
    task = sent_task(live)
    live.switch(task_history_on_update=False)
    task.start(BY, now())
    settle(live, task)
    assert puts(live, task) == 1
    assert entries(task)[-1].message_pushed


def test_a_task_reopened_is_no_longer_completed(live: Live) -> None:
    task = sent_task(live)
    at = now()
    task.complete(BY, at)
    settle(live, task)
    assert task.completed_date == at
    task.reopen(BY, at + timedelta(minutes=1))
    settle(live, task)
    assert task.completed_date is None


def asked(live: Live, *names: str) -> int:
    """How many tasks a nightly comparison asks for their history."""
    begin(Kind.FULL, [*names, "task_history"], "test")
    live.work()
    mine = select(SyncRun).where(SyncRun.entity_type == "task_history").order_by(SyncRun.created_at.desc()).limit(1)
    run = db.session.scalars(mine).one()
    assert (run.state, run.missing, run.error_message) == ("done", 0, None)
    return run.calls


def changed_there(live: Live, task: Task, hours: int) -> None:
    """Buildium said that the task changed so many hours ago."""
    task.buildium_updated_at = now() - timedelta(hours=hours)
    live.save(task)


def test_an_import_brings_every_history_and_nothing_is_missing_after_a_night(live: Live) -> None:
    who = staff_member(live)
    body = {"Title": "There", "TaskStatus": "New", "Priority": "Low", "AssignedToUserId": who.buildium_user_id}
    for _ in range(3):
        live.http.post("/v1/tasks/todorequests", json=body).raise_for_status()
    imports.begin_import("test")
    live.work()
    assert [len(entries(task)) for task in db.session.query(Task)] == [1, 1, 1]
    asked(live, "task")
    gone = select(SyncStatus).where(SyncStatus.sync_status == "missing")
    assert db.session.scalars(gone).all() == []


def test_a_task_is_asked_for_its_history_once_after_each_change(live: Live) -> None:
    task = sent_task(live)
    changed_there(live, task, hours=3)
    assert (asked(live), asked(live)) == (1, 0)
    changed_there(live, task, hours=2)
    assert (asked(live), asked(live)) == (1, 0)


def test_a_task_that_changed_while_it_was_asked_is_asked_again(live: Live) -> None:
    task = sent_task(live)
    changed_there(live, task, hours=0)
    assert (asked(live), asked(live)) == (1, 1)


def test_a_second_entry_of_the_same_second_whose_event_was_lost_comes_with_the_next_run(live: Live) -> None:
    task = sent_task(live)
    known = len(entries(task))
    body = {"Title": task.subject, "TaskStatus": "New", "Priority": "Normal",
            "AssignedToUserId": task.assigned_to_user_id, "Message": "Unheard"}  # fmt: skip
    live.http.put(f"/v1/tasks/todorequests/{task.buildium_task_id}", json=body).raise_for_status()
    assert len(entries(task)) == known
    asked(live, "task")
    assert entries(task)[-1].notes == "Unheard"


@pytest.mark.parametrize(("side", "status"), [("ours", "Completed"), ("theirs", "Deferred")])
def test_what_a_person_decides_about_the_status_holds_on_both_sides(live: Live, side: str, status: str) -> None:
    task = sent_task(live)
    live.edit_there("tasks", task.buildium_task_id or 0, TaskStatus="Deferred")
    task.complete(BY, now(), "Done")
    live.save(task)
    live.work()
    decide(live.row(task), {"TaskStatus": side})
    settle(live, task)
    assert (task.status, live.get(f"/v1/tasks/{task.buildium_task_id}")["TaskStatus"]) == (status, status)
    assert [message for _, message in messages_there(live, task)].count("Done") == 1


def test_the_event_of_an_entry_brings_the_entry_and_the_status(live: Live) -> None:
    task = sent_task(live)
    body = {"Title": task.subject, "TaskStatus": "InProgress", "Priority": "Normal", "Message": "On my way",
            "AssignedToUserId": task.assigned_to_user_id}  # fmt: skip
    live.http.put(f"/v1/tasks/todorequests/{task.buildium_task_id}", json=body).raise_for_status()
    event = {"AccountId": 1, "TaskId": task.buildium_task_id, "TaskHistoryId": history_there(live, task)[1]["Id"]}
    assert process_buildium_webhook_event("evt_1", "Task.History.Created", event) == "processed"
    db.session.refresh(task)
    assert (task.status, entries(task)[-1].notes) == ("InProgress", "On my way")
    assert process_buildium_webhook_event("evt_2", "Task.History.Created", event) == "echo"


def test_the_event_of_an_entry_brings_an_earlier_one_whose_event_was_lost(live: Live) -> None:
    task = sent_task(live)
    body = {
        "Title": task.subject,
        "TaskStatus": "New",
        "Priority": "Normal",
        "AssignedToUserId": task.assigned_to_user_id,
    }
    for message in ("Lost", "Heard"):
        at = f"/v1/tasks/todorequests/{task.buildium_task_id}"
        live.http.put(at, json={**body, "Message": message}).raise_for_status()
    event = {"AccountId": 1, "TaskId": task.buildium_task_id, "TaskHistoryId": history_there(live, task)[-1]["Id"]}
    assert process_buildium_webhook_event("evt_1", "Task.History.Created", event) == "processed"
    assert [each.notes for each in entries(task)][-2:] == ["Lost", "Heard"]


def test_the_event_of_an_entry_brings_a_task_that_is_not_known_yet(live: Live) -> None:
    who = staff_member(live)
    body = {"Title": "There", "TaskStatus": "New", "Priority": "Low", "AssignedToUserId": who.buildium_user_id}
    made = live.http.post("/v1/tasks/todorequests", json=body).raise_for_status().json()
    (entry,) = live.get(f"/v1/tasks/{made['Id']}/history")
    event = {"AccountId": 1, "TaskId": made["Id"], "TaskHistoryId": entry["Id"]}
    assert process_buildium_webhook_event("evt_1", "Task.History.Created", event) == "processed"
    task = db.session.query(Task).one()
    assert (task.subject, len(entries(task))) == ("There", 1)
