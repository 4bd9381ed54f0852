"""Files of a task's history: up in two steps, down when somebody asks (MAPPING “Since then”, 3; §4.16, §7)."""

from __future__ import annotations

import io
from typing import Any

import httpx
from sqlalchemy import select

from portal.database import now
from portal.entities.tasks import jobs
from portal.entities.tasks.history import TaskHistory, TaskHistoryFile
from portal.entities.tasks.model import Task
from portal.extensions import db
from portal.storage import storage
from tests.live import Live
from tests.task_records import BY, entries, history_there, pull_history, sent_task

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


def with_photo(task: Task, name: str = "Tap.jpg", content: bytes = PHOTO, note: str = "See the photo") -> TaskHistory:
    kept = storage().keep(io.BytesIO(content), name)
    entry = task.add_note(note, BY, now())
    columns = {"file_name": kept.name, "file_type": kept.content_type, "file_size": kept.size, "file_url": kept.key}
    entry.files = [TaskHistoryFile(**columns)]
    return entry


def the_file() -> TaskHistoryFile:
    db.session.rollback()
    return db.session.scalars(select(TaskHistoryFile)).one()


def files_there(live: Live, task: Task, entry: int = -1) -> list[dict[str, Any]]:
    history_id = history_there(live, task)[entry]["Id"]
    found: list[dict[str, Any]] = live.get(f"/v1/tasks/{task.buildium_task_id}/history/{history_id}/files")
    return found


def bytes_there(live: Live, task: Task) -> bytes:
    history_id, (file,) = history_there(live, task)[-1]["Id"], files_there(live, task)
    place = f"/v1/tasks/{task.buildium_task_id}/history/{history_id}/files/{file['Id']}/downloadrequest"
    return httpx.get(live.http.post(place).raise_for_status().json()["DownloadUrl"]).raise_for_status().content


def work_until_sent(live: Live) -> None:
    for _ in range(6):
        live.work_later()
        if the_file().upload_state not in ("waiting", "sending"):
            return


def test_a_photo_arrives_with_its_note_byte_by_byte(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    with_photo(task)
    live.save(task)
    live.work()
    work_until_sent(live)
    assert live.state(task) == "synced", live.row(task).error_message
    assert bytes_there(live, task) == PHOTO
    file = the_file()
    assert (file.upload_state, file.buildium_file_id) == ("sent", files_there(live, task)[0]["Id"])
    assert history_there(live, task)[-1]["Message"] == "See the photo"


def test_a_file_that_appears_late_is_waited_for_and_not_sent_twice(live: Live) -> None:
    live.switch(file_delay=3600)
    task = sent_task(live)
    with_photo(task)
    live.save(task)
    live.work()
    live.work_later()
    live.work_later()
    assert the_file().upload_state == "sending"
    assert live.state(task) == "pending"
    appear(live)
    work_until_sent(live)
    assert (the_file().upload_state, live.state(task)) == ("sent", "synced")
    assert len(files_there(live, task)) == 1
    assert uploads(live) == 1


def appear(live: Live) -> None:
    with live.sandbox.simulation.change() as world:
        for file in world.all("files"):
            world.change(file, {"AppearsAt": None})


def uploads(live: Live) -> int:
    found = live.http.get("/_control/requests", params={"method": "POST", "limit": 5000}).json()["items"]
    return sum(each["path"].endswith("/uploads") for each in found)


def test_an_upload_whose_time_is_up_gets_a_new_ticket(live: Live) -> None:
    live.switch(file_delay=0, file_ticket_seconds=0)
    task = sent_task(live)
    with_photo(task)
    live.save(task)
    live.work()
    assert the_file().upload_state == "waiting"
    live.switch(file_ticket_seconds=300)
    work_until_sent(live)
    assert (the_file().upload_state, bytes_there(live, task)) == ("sent", PHOTO)
    assert uploads(live) == 2


def test_a_file_that_is_never_kept_is_given_up_and_the_rest_goes_on(live: Live) -> None:
    live.switch(file_ticket_seconds=0)
    task = sent_task(live)
    with_photo(task)
    task.subject = "Fix both taps"
    live.save(task)
    live.work()
    for _ in range(4):
        live.work_later()
    file = the_file()
    assert (file.upload_state, live.state(task)) == ("failed", "synced")
    assert "3 tries" in (file.problem or "")
    assert live.get(f"/v1/tasks/{task.buildium_task_id}")["Title"] == "Fix both taps"
    live.switch(file_ticket_seconds=300, file_delay=0)
    file.send_again()
    live.save(file)
    live.work()
    work_until_sent(live)
    assert the_file().upload_state == "sent"


def test_a_file_removed_here_is_deleted_there(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    with_photo(task)
    live.save(task)
    live.work()
    work_until_sent(live)
    file = the_file()
    place = storage().path(file.file_url or "")
    file.upload_state = "removing"
    live.save(file)
    live.work()
    assert live.state(task) == "synced", live.row(task).error_message
    db.session.rollback()
    assert db.session.scalars(select(TaskHistoryFile)).all() == []
    assert files_there(live, task) == []
    assert not place.exists()


def photo_there(live: Live, task: Task, name: str = "Roof.jpg") -> int:
    """A photo that somebody adds to the first entry in Buildium's own pages; gives the entry's id."""
    history_id = history_there(live, task)[0]["Id"]
    place = f"/v1/tasks/{task.buildium_task_id}/history/{history_id}/files"
    ticket = live.http.post(f"{place}/uploads", json={"FileName": name}).raise_for_status().json()
    headers = {"Content-Type": "application/octet-stream", **ticket["Headers"]}
    httpx.put(ticket["UploadUrl"], content=PHOTO, headers=headers).raise_for_status()
    return int(history_id)


def test_a_photo_from_buildium_is_listed_and_fetched_when_somebody_asks(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    history_id = photo_there(live, task)
    pull_history(task, history_id)
    (entry,) = entries(task)
    assert entry.unlisted_files == 1
    assert jobs.entries_with_unknown_files() == [entry.id]
    jobs.look_for_files()
    live.work()
    file = the_file()
    assert (file.file_name, file.file_type, file.upload_state) == ("Roof.jpg", "image/jpeg", "sent")
    assert file.file_url is None
    assert jobs.entries_with_unknown_files() == []
    jobs.fetch(str(file.id))
    file = the_file()
    assert storage().path(file.file_url or "").read_bytes() == PHOTO
    assert (file.file_size, file.problem, live.state(task)) == (len(PHOTO), None, "synced")


def test_an_address_to_download_from_that_has_run_out_is_said_at_the_file(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    pull_history(task, photo_there(live, task))
    jobs.list_files(str(entries(task)[0].id))
    live.switch(file_ticket_seconds=0)
    jobs.fetch(str(the_file().id))
    assert (the_file().file_url, "403" in (the_file().problem or "")) == (None, True)
    live.switch(file_ticket_seconds=300)
    jobs.fetch(str(the_file().id))
    assert the_file().file_url
    assert the_file().problem is None


def test_a_file_deleted_in_buildium_goes_here_too(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    history_id = photo_there(live, task)
    pull_history(task, history_id)
    entry_id = str(entries(task)[0].id)
    jobs.list_files(entry_id)
    live.delete_there("files", the_file().buildium_file_id or 0)
    jobs.list_files(entry_id)
    db.session.rollback()
    assert db.session.scalars(select(TaskHistoryFile)).all() == []


def test_no_address_of_a_file_is_ever_kept(live: Live) -> None:
    live.switch(file_delay=0)
    task = sent_task(live)
    pull_history(task, photo_there(live, task))
    jobs.list_files(str(entries(task)[0].id))
    jobs.fetch(str(the_file().id))
    said = [str((call.request_data, call.response_data)) for call in live.call_log()]
    assert not [each for each in said if "X-Amz-Signature" in each]
