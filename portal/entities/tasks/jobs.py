"""What workers do for the files of task histories besides pushes: ask which there are, and fetch one (MAPPING §7)."""

from __future__ import annotations

import io
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.acting import Actor, Door, acting_as
from portal.entities.tasks.history import TaskHistory, TaskHistoryFile
from portal.entities.tasks.model import Task
from portal.extensions import db, queues
from portal.storage import FileRefusedError, storage
from portal.sync.files import BuildiumError, bytes_at, files_at
from portal.sync.outbox import from_buildium
from portal.sync.resource import Body
from portal.sync.schedule import MINUTE
from portal.sync.schedule import Task as Repeated

AT_ONCE = 100
KILOBYTE = 1024


def tasks() -> tuple[Repeated, ...]:
    """For the clock. There is no event about files: the ids at an entry are all that tells of them (MAPPING §4.16)."""
    return (Repeated("list the files of tasks", MINUTE, look_for_files),)


def look_for_files() -> None:
    """Have the files listed of entries that name others than are known."""
    for entry_id in entries_with_unknown_files():
        queues.enqueue("bulk", f"{__name__}.list_files", str(entry_id), job_id=f"list-{entry_id}")


def entries_with_unknown_files() -> list[UUID]:
    known = aliased(TaskHistoryFile)
    number_known = (
        select(func.count())
        .where(known.task_history_id == TaskHistory.id, known.buildium_file_id == func.any(TaskHistory.file_ids))
        .scalar_subquery()
    )
    named = func.cardinality(TaskHistory.file_ids)
    found = select(TaskHistory.id).where(named > 0, named != number_known).limit(AT_ONCE)
    return list(db.session.scalars(found))


def list_files(entry_id: str) -> None:
    """Make the rows of an entry's files those that Buildium has. Commits. Raises BuildiumError."""
    with acting_as(Actor.machine(Door.IMPORT)):
        place = place_of(UUID(entry_id))
        if place is None:
            return
        db.session.rollback()
        rows = files_at(place)
        entry = db.session.get_one(TaskHistory, UUID(entry_id))
        with from_buildium(db.session):
            keep(entry, rows)
        db.session.commit()


def keep(entry: TaskHistory, rows: list[Body]) -> None:
    there = {row["Id"]: row for row in rows}
    for file in list(entry.files):
        is_there = file.buildium_file_id in there
        if file.buildium_file_id is not None and not is_there and file.buildium_file_id in (entry.file_ids or ()):
            forget(entry, file)
    known = {file.buildium_file_id for file in entry.files} | {file.physical_file_name for file in entry.files}
    for row in rows:
        # One of ours that has just appeared is for its push to recognise.
        if row["Id"] not in known and row.get("PhysicalFileName") not in known:
            entry.files.append(new_file(row))
    entry.file_ids = sorted(there)


def forget(entry: TaskHistory, file: TaskHistoryFile) -> None:
    if file.file_url:
        storage().remove(file.file_url)
    entry.files.remove(file)


def new_file(row: Body) -> TaskHistoryFile:
    return TaskHistoryFile(
        buildium_file_id=row["Id"],
        file_name=(row.get("Title") or f"File {row['Id']}")[:255],
        file_type=(row.get("ContentType") or "")[:100] or None,
        file_size=(row.get("Size") or 0) * KILOBYTE,
        physical_file_name=row.get("PhysicalFileName"),
        upload_state="sent",
    )


def fetch(file_id: str) -> None:
    """Keep the bytes of a file that only Buildium has. Commits; what goes wrong is said at the file."""
    with acting_as(Actor.machine(Door.IMPORT)):
        file = db.session.get(TaskHistoryFile, UUID(file_id))
        place = place_of(file.task_history_id) if file and file.file_url is None else None
        if file is None or place is None or file.buildium_file_id is None:
            return
        path, name = f"{place}/{file.buildium_file_id}", file.file_name
        db.session.rollback()
        try:
            kept = storage().keep(io.BytesIO(bytes_at(path)), name)
        except (BuildiumError, FileRefusedError) as error:
            write(file_id, problem=str(error), asked_for_at=None)
            return
        write(
            file_id, file_url=kept.key, file_type=kept.content_type, file_size=kept.size, problem=None,
            asked_for_at=None,
        )  # fmt: skip


def write(file_id: str, **columns: object) -> None:
    file = db.session.get(TaskHistoryFile, UUID(file_id))
    with from_buildium(db.session):
        for name, value in columns.items():
            setattr(file, name, value)
    db.session.commit()


def place_of(entry_id: UUID) -> str | None:
    """Where Buildium has the entry's files; None for one that it doesn't have."""
    named = select(Task.buildium_task_id, TaskHistory.buildium_history_id).join(TaskHistory.task)
    row = db.session.execute(named.where(TaskHistory.id == entry_id)).one_or_none()
    if row is None or None in row:
        return None
    return f"/v1/tasks/{row.buildium_task_id}/history/{row.buildium_history_id}/files"
