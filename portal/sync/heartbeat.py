"""Signs of life from a thread of their own: one page of a run, or one job of a worker, may take longer than a dead one
is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from portal.acting import Actor, Door, acting_as
from portal.extensions import db
from portal.sync.models import SyncRun

EVERY_SECONDS = 5.0


def beating(run_id: UUID) -> AbstractContextManager[None]:
    """Say every few seconds that somebody works on the run, until the block ends."""
    return meanwhile(partial(beat, db.engine, run_id), EVERY_SECONDS)


def beat(engine: Engine, run_id: UUID) -> None:
    alive = update(SyncRun).where(SyncRun.id == run_id, SyncRun.state == "running")
    # A database that is away for a moment ends the run by itself; its sign of life must not.
    with acting_as(Actor.machine(Door.IMPORT)), suppress(DBAPIError), engine.begin() as connection:
        connection.execute(alive.values(heartbeat_at=func.clock_timestamp()))


@contextmanager
def meanwhile(act: Callable[[], None], seconds: float) -> Iterator[None]:
    """Until the block ends, `act` every so many seconds, in another thread; what it raises ends that."""
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(seconds):
            act()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
