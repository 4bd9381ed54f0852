from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.database import now
from portal.entities.tasks.history import TaskHistory
from portal.entities.tasks.model import STEPS, Task
from portal.words import TASK_STATUSES
from tests.entities.task_rows import BY, staff_member, task_of
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, link, parsed, words

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def update(client: FlaskClient, task: Task, **values: str) -> Any:
    return client.post(f"/tasks/{task.id}/history", data=values)


def the_entries(stored: Stored) -> list[TaskHistory]:
    return list(stored(select(TaskHistory).order_by(TaskHistory.entry_at)))


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("start", "New", "InProgress"),
        ("complete", "InProgress", "Completed"),
        ("defer", "New", "Deferred"),
        ("close", "Completed", "Closed"),
        ("reopen", "Closed", "New"),
    ],
)
def test_each_verb_gives_the_task_its_status_and_leaves_an_entry(verb: str, before: str, after: str) -> None:
    task, at = Task(subject="x", status=before, priority="High", assigned_to="Sam Staff"), now()
    entry = getattr(task, verb)(BY, at, "A word")
    assert (task.status, entry.status, task.notes) == (after, after, "A word")
    assert (entry.written_by, entry.entry_at, entry.assigned_to, entry.priority) == (BY, at, "Sam Staff", "High")
    assert entry.is_unsent


def test_no_verb_is_offered_that_would_change_nothing() -> None:
    becomes = {"start": "InProgress", "complete": "Completed", "defer": "Deferred", "close": "Closed", "reopen": "New"}
    for status in TASK_STATUSES:
        offered = Task(subject="x", status=status).steps
        assert offered
        assert status not in {becomes[verb] for verb in offered}
    assert set(becomes) == set(STEPS)


def test_a_note_keeps_the_status() -> None:
    task = Task(subject="x", status="Deferred")
    entry = task.add_note("Waiting for parts", BY, now())
    assert (task.status, entry.status, entry.changes_status) == ("Deferred", "Deferred", False)


def test_statuses_go_out_one_by_one() -> None:
    task = Task(subject="x", status="New", buildium_task_id=1)
    first, second = task.start(BY, now()), task.complete(BY, now())
    assert (task.status, task.status_to_send) == ("Completed", "InProgress")
    first.message_pushed = True
    assert task.status_to_send == "Completed"
    second.message_pushed = True
    task.status_to_send = "Deferred"
    assert (task.status, task.status_to_send) == ("Deferred", "Deferred")


def test_what_a_person_decides_wins_over_what_waits() -> None:
    task = Task(subject="x", status="New", buildium_task_id=1)
    task.complete(BY, now())
    task.status_to_send = "Deferred"
    assert (task.status, task.status_to_send) == ("Deferred", "Deferred")


def test_a_status_and_its_note_are_one_step(manager: FlaskClient, store: Store, stored: Stored) -> None:
    staff_member(store)
    task = task_of(store, assigned_to_user_id=7, scheduled_date=now())
    answer = update(manager, task, note=" On my way ", to="start")
    assert (answer.status_code, answer.location) == (303, f"/tasks/{task.id}#history")
    made = the_entries(stored)[-1]
    assert (made.status, made.notes, made.assigned_to) == ("InProgress", "On my way", "Sam Staff")
    assert (made.written_by or "").startswith("Manager")
    said = words(parsed(manager.get(f"/tasks/{task.id}")))
    assert "New → In progress" in said
    assert said.count("Due:") == 1  # of the first entry; the second changes nothing about it
    assert "On my way" in said
    assert "Waiting to be sent" in said


def test_a_step_that_somebody_else_took_already_changes_nothing(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    task = task_of(store, status="Completed")
    assert update(manager, task, to="complete").status_code == 303
    assert len(the_entries(stored)) == 1
    assert update(manager, task, to="complete", note="Done, too").status_code == 303
    assert the_entries(stored)[-1].notes == "Done, too"


def test_nothing_at_all_is_no_update(manager: FlaskClient, store: Store, stored: Stored) -> None:
    task = task_of(store)
    page = update(manager, task, note="  ")
    assert page.status_code == 422
    assert errors(page)["note"] == "Write a note or choose a file; a new status has a button of its own."
    assert len(the_entries(stored)) == 1


def test_a_note_longer_than_buildium_takes_is_kept_on_the_page(manager: FlaskClient, store: Store) -> None:
    task = task_of(store)
    page = update(manager, task, note="x" * 65_501)
    assert errors(page)["note"] == "The note has 65,501 characters. Buildium takes 65,500 at most."
    assert "xxxx" in next("".join(each.itertext()) for each in parsed(page).iter("textarea"))


def test_no_step_of_that_name_is_a_bad_request(manager: FlaskClient, store: Store) -> None:
    assert update(manager, task_of(store), to="delete").status_code == 400


def test_a_note_can_be_corrected(manager: FlaskClient, store: Store, stored: Stored) -> None:
    task = task_of(store)
    update(manager, task, note="Caled the tenant.")
    page = link(manager.get(f"/tasks/{task.id}"), "Change the note")
    assert page
    assert errors(manager.post(page, data={"text": " "}))["text"] == "Enter 1 to 65,500 characters."
    assert manager.post(page, data={"text": "Called the tenant."}).status_code == 303
    assert (the_entries(stored)[-1].notes, the_entries(stored)[-1].edited_notes) == ("Called the tenant.", None)


def test_a_note_that_buildium_has_is_to_be_changed_there_too(
    manager: FlaskClient, store: Store, stored: Stored
) -> None:
    task = Task(subject="Fix the tap", status="New", priority="Normal", task_type="Todo")
    entry = task.add_note("Caled the tenant.", BY, now())
    entry.buildium_history_id, entry.message_pushed = 9, True
    store(task, entry)
    manager.post(f"/tasks/{task.id}/history/{entry.id}", data={"text": "Called the tenant."})
    (found,) = the_entries(stored)
    assert (found.notes, found.edited_notes) == ("Caled the tenant.", "Called the tenant.")
    said = words(parsed(manager.get(f"/tasks/{task.id}")))
    assert "New text waiting to be sent" in said
    assert "Called the tenant." in said


def test_an_entry_from_buildium_is_changed_there(manager: FlaskClient, store: Store) -> None:
    task = Task(subject="Fix the tap", status="New", priority="Normal", task_type="Todo")
    entry = TaskHistory(task=task, status="New", notes="Theirs", entry_at=now(), buildium_history_id=9)
    store(task, entry)
    page = manager.get(f"/tasks/{task.id}")
    assert "Theirs" in words(parsed(page))
    assert link(page, "Change the note") is None
    assert manager.get(f"/tasks/{task.id}/history/{entry.id}").status_code == 409


def test_an_entry_belongs_to_its_task(manager: FlaskClient, store: Store, stored: Stored) -> None:
    task, other = task_of(store), task_of(store)
    update(manager, task, note="A note")
    entry = the_entries(stored)[-1]
    assert manager.get(f"/tasks/{other.id}/history/{entry.id}").status_code == 404


def test_who_may_only_look_has_no_box(client: FlaskClient, store: Store) -> None:
    task = task_of(store)
    sign_in(client, "viewer")
    assert "Update the task" not in words(parsed(client.get(f"/tasks/{task.id}")))
    assert client.post(f"/tasks/{task.id}/history", data={"note": "x"}).status_code == 403


def test_a_history_tells_what_each_entry_changed() -> None:
    task = Task(subject="x", status="New", priority="Normal", assigned_to="Sam Staff")
    task.begin(BY, now())
    task.priority, task.assigned_to = "High", "Mo Staff"
    task.start(BY, now())
    (_, changes), (_, first) = task.story
    assert changes == [("Status", "New", "In progress"), ("Assigned to", "Sam Staff", "Mo Staff"),
                       ("Priority", "Normal", "High")]  # fmt: skip
    assert first[0] == ("Status", "", "New")
