"""Files that got stuck: uploads that were begun and never finished, and bytes in our folder that belong to no record.

Whatever the record is, a table that keeps files has the columns file_url (the key into our folder) and upload_state.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Text, cast, func, select, union_all

from portal.database import Base
from portal.extensions import db
from portal.storage import KEY, storage
from portal.sync.models import SyncStatus
from portal.sync.outbox import pushed_by, queue, resource_of
from portal.sync.states import State
from portal.sync.stuck import COUNT_TO, Look, Stuck

GRACE_SECONDS = 3600.0  # an upload that is under way has no row yet
HALF_DONE = ("waiting", "sending", "removing")
# A file may take a quarter of an hour to appear in Buildium (MAPPING, “Since then”, 3).
PATIENCE = timedelta(minutes=30)
AT_ONCE = 100
UPLOADS, ORPHANS = "look after uploads", "remove files of no record"


def file_models() -> list[type[Any]]:
    return [each.class_ for each in Base.registry.mappers if {"file_url", "upload_state"} <= set(each.columns.keys())]


def half_done(model: type[Any]) -> tuple[Any, ...]:
    old = model.updated_at < func.clock_timestamp() - PATIENCE
    return model.upload_state.in_(HALF_DONE), model.file_url.is_not(None), old


def uploads() -> Look:
    parts = [select(model.updated_at.label("since")).where(*half_done(model)) for model in file_models()]
    some = union_all(*parts).limit(COUNT_TO).subquery()
    return select(func.count(), func.min(some.c.since)).select_from(some)


def send_on() -> int:
    """Queue the records whose files are half done although their row says that all was sent; how many. Commits."""
    queued = 0
    for model in file_models():
        for file in db.session.scalars(select(model).where(*half_done(model)).limit(AT_ONCE)).all():
            target = pushed_by(db.session(), file)
            if target is not None and is_settled(target):
                queue(db.session, resource_of(target), target)
                queued += 1
    db.session.commit()
    return queued


def is_settled(record: Any) -> bool:
    """Whether nothing of the record waits to be sent, for so long that this isn't its own doing."""
    mine = (SyncStatus.entity_type == resource_of(record).name, SyncStatus.entity_id == cast(str(record.id), Text))
    quiet = SyncStatus.updated_at < func.clock_timestamp() - PATIENCE
    row = select(SyncStatus.id).where(*mine, SyncStatus.sync_status == State.SYNCED.value, quiet)
    return db.session.scalar(row) is not None


def remove_orphans() -> int:
    """Delete what no record names: the save that brought it was undone, or its process died in between. How many."""
    removed = 0
    for paths in batches(old_files()):
        kept = named({path.name for path in paths})
        for path in paths:
            if path.name not in kept:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def old_files() -> Iterator[Path]:
    """Everything in the folder that has been there for a while, parts of broken-off copies too."""
    before = time.time() - GRACE_SECONDS
    for path in storage().folder.glob("[0-9a-f][0-9a-f]/*"):
        if (KEY.fullmatch(path.name) or path.name.startswith("tmp")) and path.stat().st_mtime < before:
            yield path


def batches(paths: Iterator[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for path in paths:
        batch.append(path)
        if len(batch) == COUNT_TO:
            yield batch
            batch = []
    if batch:
        yield batch


def named(keys: set[str]) -> set[str]:
    """Which of these keys a record names, in any table with a column for them."""
    tables = [table for table in Base.metadata.tables.values() if "file_url" in table.columns]
    found = {
        key
        for table in tables
        for key in db.session.scalars(select(table.c.file_url).where(table.c.file_url.in_(keys)))
    }
    db.session.rollback()
    return found


FILES_STUCK = (
    Stuck(
        "uploads", "Files on their way to Buildium for more than half an hour",
        "The upload was begun and never finished.",
        timedelta(minutes=40), "The clock has the record sent again; it looks for the file before it sends it twice.",
        UPLOADS, uploads, send_on,
    ),
    Stuck(
        "orphans", "Bytes of files that belong to no record",
        "The save that brought the file was undone, or its process was killed.",
        timedelta(hours=2), "The clock removes them once they are an hour old.", ORPHANS, None, remove_orphans,
    ),
)  # fmt: skip
