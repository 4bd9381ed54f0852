"""Something goes on beside the test while Buildium holds an answer back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from portal.extensions import db
from portal.sync.push import push_now
from tests.live import Live
from tests.waiting import wait_until


@contextmanager
def beside(live: Live, act: Callable[[], Any]) -> Iterator[list[Any]]:
    """`act` in another thread. After the block Buildium lets go, the thread ends, and the list has what came of it."""
    found: list[Any] = []

    def run() -> None:
        with live.app.app_context():
            found.append(act())
            db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield found
    finally:
        live.http.post("/_control/holds/release")
        thread.join(30)
    db.session.rollback()


@contextmanager
def pushing(live: Live, record: Any) -> Iterator[None]:
    """A worker pushes the record while the block runs; it has ended after the block."""
    name, key = live.row(record).entity_type, str(record.id)
    with beside(live, lambda: push_now(name, key)):
        yield


def held(live: Live, seconds: float = 60) -> None:
    """Wait until Buildium holds a call."""
    wait_until(lambda: live.http.get("/_control/holds").json(), seconds, "a call to be held at Buildium")
