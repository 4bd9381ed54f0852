"""The first import, as the command line and the start see it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.acting import Actor, Door, acting_as
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import SyncRun
from portal.sync.runs import Kind, begin, go_on, is_under_way


def never_imported() -> bool:
    """Whether no import was ever asked for."""
    with acting_as(Actor.machine(Door.COMMAND)):
        found = db.session.scalar(select(SyncRun.id).where(SyncRun.kind == Kind.IMPORT.value).limit(1))
        db.session.rollback()
    return found is None


def begin_import(requested_by: str) -> UUID:
    """Queue an import of everything, parents first; workers do it. One that was stopped goes on instead, from its
    checkpoints. Returns the batch."""
    with acting_as(Actor.machine(Door.COMMAND)):
        batch = unfinished()
        if batch is not None and go_on(SyncRun.batch == batch):
            return batch
        return begin(Kind.IMPORT, current_sync().resources.by_name, requested_by)


def unfinished() -> UUID | None:
    """The newest import, if parts of it were stopped or have failed."""
    newest = select(SyncRun.batch).where(SyncRun.kind == Kind.IMPORT.value).order_by(SyncRun.created_at.desc()).limit(1)
    ended = (SyncRun.batch == newest.scalar_subquery(), SyncRun.state.in_(("stopped", "failed")))
    return db.session.scalar(select(SyncRun.batch).where(*ended).limit(1))


def progress() -> list[str]:
    """A line per kind of record of the newest import; empty when there is none."""
    with acting_as(Actor.machine(Door.COMMAND)):
        newest = (
            select(SyncRun.batch).where(SyncRun.kind == Kind.IMPORT.value).order_by(SyncRun.created_at.desc()).limit(1)
        )
        runs = db.session.scalars(select(SyncRun).where(SyncRun.batch.in_(newest)).order_by(SyncRun.created_at)).all()
        lines = [line(run) for run in runs]
        db.session.rollback()
    return lines


def is_over() -> bool:
    """Whether no import is queued or running."""
    with acting_as(Actor.machine(Door.COMMAND)):
        going = is_under_way(Kind.IMPORT)
        db.session.rollback()
    return not going


def line(run: SyncRun) -> str:
    count = f"{run.done:,}" + (f" of {run.total:,}" if run.total is not None else "")
    count += f" asked, {run.seen:,} records" if run.done != run.seen else ""
    return f"{run.entity_type.replace('_', ' ')}: {run.state}, {count}" + (
        f" – {run.error_message}" if run.error_message else ""
    )
