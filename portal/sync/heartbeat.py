"""A run's sign of life from a thread of its own: one page may take longer than a dead worker is waited for, when the
parents of its records have to be fetched one by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from portal.acting import Actor, Door, acting_as
from portal.extensions import db
from portal.sync.models import SyncRun

EVERY_SECONDS = 5.0


@contextmanager
def beating(run_id: UUID) -> Iterator[None]:
    """Say every few seconds that somebody works on the run, until the block ends."""
    done = threading.Event()
    thread = threading.Thread(target=beat_until, args=(done, db.engine, run_id), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def beat_until(done: threading.Event, engine: Engine, run_id: UUID) -> None:
    alive = update(SyncRun).where(SyncRun.id == run_id, SyncRun.state == "running")
    with acting_as(Actor.machine(Door.IMPORT)):
        while not done.wait(EVERY_SECONDS):
            # A database that is away for a moment ends the run by itself; its sign of life must not.
            with suppress(DBAPIError), engine.begin() as connection:
                connection.execute(alive.values(heartbeat_at=func.clock_timestamp()))
