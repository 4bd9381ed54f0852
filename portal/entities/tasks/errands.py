"""What a task's push brings besides the task: the entries of its history, changed texts, and files (MAPPING §4.15, §7).

History has no POST: an entry goes out as the message of an update of the task. Each is looked for before it is sent
again, because an update whose answer was lost has made its entry all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import object_session

from portal.database import now
from portal.entities.days import moment_in
from portal.entities.tasks.history import TaskHistory, TaskHistoryFile
from portal.entities.tasks.model import Task
from portal.storage import storage
from portal.sync.errands import Errand, Upload
from portal.sync.merge import equal
from portal.sync.resource import Body

CLOCKS_APART = timedelta(minutes=5)
MOST_TRIES = 3


def errands(task: Task, _: Body, __: Collection[str]) -> list[Errand | Upload]:
    """One entry at a time, in their order: each with the task as it was then, and before files that belong to it."""
    unsent = [entry for entry in task.history if entry.is_unsent]
    return [
        *(sending(task, entry) for entry in unsent[:1]),
        *(rewording(entry) for entry in task.history if entry.edited_notes and entry.buildium_history_id),
        *files(task),
    ]


def sending(task: Task, entry: TaskHistory) -> Errand:
    """The update that makes the entry. The first one of a new task is there already: its creation has made it."""
    text, status, written = entry.notes, entry.status, entry.entry_at or now()
    taken = {each.buildium_history_id for each in task.history if each.written_here}
    came_along = text is None and not entry.changes_status

    def is_it(row: Body) -> bool:
        if came_along or row["Id"] in taken:
            return row["Id"] not in taken
        says_the_same = equal(row.get("Message"), text) and (text or row.get("TaskStatus") == status)
        return bool(says_the_same) and is_later(row, written)

    body = {"Message": text} if text else {}
    return Errand("PUT", "", body, keep=linking(entry.id), look="history", found=is_it, whole=True)


def is_later(row: Body, written: datetime) -> bool:
    made = moment_in(row.get("CreatedDateTIme"))
    return made is not None and made >= written - CLOCKS_APART


def linking(entry_id: UUID) -> Callable[[Task, Body], None]:
    """Our entry is this row of Buildium's history. A webhook may have brought the row here meanwhile: then they are
    made one."""

    def keep(task: Task, row: Body) -> None:
        lock(task)
        entry = entry_of(task, entry_id)
        if entry is None:
            return
        entry.message_pushed = True
        if "CreatedDateTIme" not in row:  # Buildium made no entry: the answer is the task
            return
        twin = next((each for each in task.history if each.buildium_history_id == row["Id"]), None)
        if twin is None:
            entry.buildium_history_id = row["Id"]
            entry.buildium_created_at = moment_in(row["CreatedDateTIme"])
        else:
            become_one(task, twin, entry)

    return keep


def lock(task: Task) -> None:
    """Until the end of the transaction nobody adds to the history, so that no twin can appear in between."""
    session = object_session(task)
    if session is None:
        raise RuntimeError("a task that is kept has its session")
    session.flush()
    session.execute(select(Task.id).where(Task.id == task.id).with_for_update())
    session.expire(task, ["history"])


def become_one(task: Task, twin: TaskHistory, entry: TaskHistory) -> None:
    """The one that the sync knows already stays, with what only ours can tell."""
    twin.written_here, twin.message_pushed = True, True
    twin.written_by, twin.status, twin.entry_at = entry.written_by, entry.status, entry.entry_at
    twin.edited_notes = entry.edited_notes
    for file in list(entry.files):
        file.task_history = twin
    task.history.remove(entry)


def rewording(entry: TaskHistory) -> Errand:
    entry_id, text = entry.id, entry.edited_notes

    def keep(task: Task, row: Body) -> None:
        found = entry_of(task, entry_id)
        if found is not None:
            found.notes = row.get("Message")
            # Somebody may have corrected it once more meanwhile.
            found.edited_notes = None if found.edited_notes == text else found.edited_notes

    return Errand("PUT", f"history/{entry.buildium_history_id}", {"Message": text}, keep=keep)


def files(task: Task) -> Iterator[Errand | Upload]:
    """Files that Buildium has begun to take are looked for after those that it hasn't seen: one that doesn't appear
    must not keep the others waiting."""
    found = [(each, file) for each in task.history if each.buildium_history_id for file in each.files]
    for entry, file in sorted(found, key=lambda pair: pair[1].upload_state == "sending"):
        if file.upload_state == "removing" and file.buildium_file_id:
            yield removing(entry, file)
        elif file.upload_state in ("waiting", "sending") and has_bytes(file):
            yield uploading(entry, file)


def has_bytes(file: TaskHistoryFile) -> bool:
    return bool(file.file_url) and storage().path(file.file_url or "").is_file()


def uploading(entry: TaskHistory, file: TaskHistoryFile) -> Upload:
    file_id, place = file.id, storage().path(file.file_url or "")

    def begun(task: Task, physical_name: str) -> None:
        it = file_of(task, file_id)
        if it is not None:
            it.physical_file_name, it.upload_state, it.sent_at = physical_name, "sending", now()

    def keep(task: Task, row: Body) -> None:
        it = file_of(task, file_id)
        if it is not None:
            it.buildium_file_id, it.upload_state, it.problem = row["Id"], "sent", None
            it.task_history.file_ids = sorted({*(it.task_history.file_ids or ()), row["Id"]})

    def again(task: Task) -> None:
        it = file_of(task, file_id)
        if it is not None:
            give_up_or_repeat(it)

    waited = (now() - file.sent_at).total_seconds() if file.sent_at else 0.0
    return Upload(
        path=f"history/{entry.buildium_history_id}/files", file_name=file.file_name, content=place.read_bytes,
        begun=begun, keep=keep, again=again, physical_name=file.physical_file_name, waited_seconds=waited,
    )  # fmt: skip


def give_up_or_repeat(file: TaskHistoryFile) -> None:
    tries = (file.tries or 0) + 1
    file.send_again()
    file.tries = tries
    if tries >= MOST_TRIES:
        file.upload_state = "failed"
        file.problem = f"Buildium’s file storage didn’t keep it, in {MOST_TRIES} tries."


def removing(entry: TaskHistory, file: TaskHistoryFile) -> Errand:
    file_id = file.id

    def keep(task: Task, _: Body) -> None:
        it = file_of(task, file_id)
        if it is not None:
            entry = it.task_history
            entry.file_ids = [each for each in entry.file_ids or () if each != it.buildium_file_id]
            if it.file_url:
                storage().remove(it.file_url)
            entry.files.remove(it)

    return Errand("DELETE", f"history/{entry.buildium_history_id}/files/{file.buildium_file_id}", keep=keep)


def entry_of(task: Task, entry_id: UUID) -> TaskHistory | None:
    return next((each for each in task.history if each.id == entry_id), None)


def file_of(task: Task, file_id: UUID) -> TaskHistoryFile | None:
    return next((file for entry in task.history for file in entry.files if file.id == file_id), None)
