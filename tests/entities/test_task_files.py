from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.database import now
from portal.entities.tasks.history import TaskHistory, TaskHistoryFile
from portal.entities.tasks.model import Task
from portal.storage import MEGABYTE, storage
from tests.entities.task_rows import task_of
from tests.people import sign_in
from tests.web.conftest import Store, Stored
from tests.web.pages import errors, link, parsed, words

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

PHOTO, PDF = b"\xff\xd8\xff\xe0 a photo", b"%PDF-1.7 a scan"


def send(client: FlaskClient, task: Task, *files: tuple[bytes, str], **values: str) -> Any:
    given = [(io.BytesIO(content), name) for content, name in files]
    return client.post(f"/tasks/{task.id}/history", data={"files": given, **values})


def the_files(stored: Stored) -> list[TaskHistoryFile]:
    return list(stored(select(TaskHistoryFile).order_by(TaskHistoryFile.file_name)))


def task_with_file(store: Store, **values: Any) -> tuple[Task, TaskHistoryFile]:
    """A task whose only file is as `values` say."""
    task = Task(subject="Fix the tap", status="New", priority="Normal", task_type="Todo", buildium_task_id=5)
    entry = TaskHistory(task=task, status="New", entry_at=now(), buildium_history_id=9)
    file = TaskHistoryFile(task_history=entry, **{"file_name": "Roof.jpg", "upload_state": "sent", **values})
    store(task, entry, file)
    return task, file


@pytest.fixture
def kept(app: Flask) -> str:
    """The key of a stored photo."""
    with app.app_context():
        return storage().keep(io.BytesIO(PHOTO), "Roof.jpg").key


def test_a_note_takes_several_files_along(manager: FlaskClient, store: Store, stored: Stored) -> None:
    task = task_of(store)
    assert send(manager, task, (PHOTO, "Tap.jpg"), (PDF, "Offer.pdf"), note="See here").status_code == 303
    offer, photo = the_files(stored)
    assert (offer.file_type, photo.file_type) == ("application/pdf", "image/jpeg")
    assert (photo.file_size, photo.upload_state) == (len(PHOTO), "waiting")
    assert photo.task_history_id == offer.task_history_id
    addresses = [f"/tasks/{task.id}/files/{each.id}" for each in (photo, offer)]
    page = manager.get(f"/tasks/{task.id}")
    assert "Waiting to be sent" in words(parsed(page))
    (picture,) = parsed(page).iter("img")
    assert (picture.get("alt"), picture.get("src")) == ("Tap.jpg", addresses[0])
    assert link(page, "Offer.pdf") == addresses[1]


def test_files_without_a_note_are_named_in_one(manager: FlaskClient, store: Store, stored: Stored) -> None:
    """Only an update with a message is sure to have an entry in Buildium."""
    task = task_of(store)
    send(manager, task, (PHOTO, "Tap.jpg"))
    assert stored(select(TaskHistory.notes).where(TaskHistory.notes.is_not(None))) == ["Added: Tap.jpg"]


def test_a_file_that_is_refused_takes_the_others_along_and_says_why(
    manager: FlaskClient, store: Store, stored: Stored, app: Flask
) -> None:
    task = task_of(store)
    with app.app_context():
        before = sorted(storage().folder.rglob("*.*"))
    page = send(manager, task, (PHOTO, "Tap.jpg"), (b"MZ", "virus.exe"), note="Typed before")
    assert page.status_code == 422
    assert errors(page)["files"].startswith("virus.exe: Files of this kind aren’t taken.")
    assert [each.text for each in parsed(page).iter("textarea")] == ["Typed before"]
    assert the_files(stored) == []
    with app.app_context():
        assert sorted(storage().folder.rglob("*.*")) == before


def test_too_many_files_at_once_are_refused(manager: FlaskClient, store: Store, stored: Stored) -> None:
    page = send(manager, task_of(store), *[(PHOTO, f"{n}.jpg") for n in range(11)])
    assert errors(page)["files"].startswith("Choose 10 files at most")
    assert the_files(stored) == []


def test_what_may_be_sent_is_said_before(manager: FlaskClient, store: Store, app: Flask) -> None:
    page = manager.get(f"/tasks/{task_of(store).id}")
    with app.app_context():
        most = f"{storage().most // MEGABYTE} mb"
    assert most in words(parsed(page))
    assert "jpg" in words(parsed(page))


def test_a_file_is_handed_out_to_be_saved(manager: FlaskClient, store: Store, kept: str) -> None:
    task, file = task_with_file(store, file_url=kept, file_type="image/jpeg", file_size=len(PHOTO))
    answer = manager.get(f"/tasks/{task.id}/files/{file.id}")
    assert (answer.data, answer.headers["Content-Type"]) == (PHOTO, "image/jpeg")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_pictures_stand_in_the_page(manager: FlaskClient, store: Store, kept: str) -> None:
    task, _ = task_with_file(store, file_url=kept, file_type="image/svg+xml", file_name="Roof.svg")
    assert list(parsed(manager.get(f"/tasks/{task.id}")).iter("img")) == []


def test_a_file_belongs_to_its_task(manager: FlaskClient, store: Store, kept: str) -> None:
    _, file = task_with_file(store, file_url=kept)
    other = task_of(store)
    assert manager.get(f"/tasks/{other.id}/files/{file.id}").status_code == 404


def test_what_only_buildium_has_can_be_asked_for(manager: FlaskClient, store: Store, stored: Stored) -> None:
    task, file = task_with_file(store, buildium_file_id=3)
    page = manager.get(f"/tasks/{task.id}")
    assert "Fetch from Buildium" in words(parsed(page))
    assert manager.get(f"/tasks/{task.id}/files/{file.id}").status_code == 404
    assert manager.post(f"/tasks/{task.id}/files/{file.id}/copy").status_code == 303
    assert the_files(stored)[0].asked_for_at is not None
    said = words(parsed(manager.get(f"/tasks/{task.id}")))
    assert "Being fetched from Buildium" in said
    assert "Fetch from Buildium" not in said


def test_names_that_are_not_known_yet_can_be_asked_for(manager: FlaskClient, store: Store) -> None:
    task = Task(subject="Fix the tap", status="New", priority="Normal", task_type="Todo", buildium_task_id=5)
    entry = TaskHistory(task=task, status="New", entry_at=now(), buildium_history_id=9, file_ids=[1, 2])
    store(task, entry)
    assert "Show 2 more files" in words(parsed(manager.get(f"/tasks/{task.id}")))
    assert manager.post(f"/tasks/{task.id}/history/{entry.id}/files").status_code == 303


def test_a_file_that_failed_says_what_to_do(manager: FlaskClient, store: Store, stored: Stored, kept: str) -> None:
    task, file = task_with_file(store, file_url=kept, upload_state="failed", problem="It didn’t keep it.", tries=3)
    said = words(parsed(manager.get(f"/tasks/{task.id}")))
    assert "Not in Buildium" in said
    assert "It didn’t keep it." in said
    manager.post(f"/tasks/{task.id}/files/{file.id}/upload")
    (again,) = the_files(stored)
    assert (again.upload_state, again.tries, again.problem) == ("waiting", 0, None)


def test_removing_a_file_asks_first(manager: FlaskClient, store: Store, stored: Stored, kept: str, app: Flask) -> None:
    task, file = task_with_file(store, file_url=kept, upload_state="waiting")
    address = f"/tasks/{task.id}/files/{file.id}/removal"
    assert "Buildium doesn’t have it." in words(parsed(manager.get(address)))
    assert len(the_files(stored)) == 1
    assert manager.post(address).status_code == 303
    assert the_files(stored) == []
    with app.app_context():
        assert not storage().path(kept).exists()


def test_a_file_that_buildium_has_stays_until_it_is_gone_there(
    manager: FlaskClient, store: Store, stored: Stored, kept: str
) -> None:
    task, file = task_with_file(store, file_url=kept, buildium_file_id=3)
    address = f"/tasks/{task.id}/files/{file.id}/removal"
    assert "Nobody can bring it back." in words(parsed(manager.get(address)))
    manager.post(address)
    assert the_files(stored)[0].upload_state == "removing"
    assert "Being removed from Buildium" in words(parsed(manager.get(f"/tasks/{task.id}")))


def test_a_file_on_its_way_can_not_be_removed_yet(manager: FlaskClient, store: Store, stored: Stored) -> None:
    task, file = task_with_file(store, upload_state="sending", physical_file_name="x.jpg")
    assert manager.post(f"/tasks/{task.id}/files/{file.id}/removal").status_code == 409
    assert len(the_files(stored)) == 1


def test_who_may_only_look_can_fetch_and_remove_nothing(client: FlaskClient, store: Store, kept: str) -> None:
    task, file = task_with_file(store, file_url=kept, buildium_file_id=3)
    sign_in(client, "viewer")
    assert client.get(f"/tasks/{task.id}/files/{file.id}").status_code == 200
    assert client.get(f"/tasks/{task.id}/files/{file.id}/removal").status_code == 403
    assert client.post(f"/tasks/{task.id}/files/{file.id}/copy").status_code == 403
