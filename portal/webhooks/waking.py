"""Waking a worker for new events: at once for the first, and then once per moment instead of once per event."""

from __future__ import annotations

import threading
import time

from portal.buildium.limiter import Lane
from portal.queues import Queues

QUIET_SECONDS = 0.1


class Waker:
    """One job of a fixed id drains the inbox. An event that comes right after a wake gets one of its own a moment
    later, so that none is left behind when the job has just looked."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues
        self._lock = threading.Lock()
        self._last = 0.0
        self._planned = False

    def wake(self) -> None:
        with self._lock:
            wait = self._last + QUIET_SECONDS - time.monotonic()
            if self._planned:
                return
            if wait > 0:
                self._planned = True
                timer = threading.Timer(wait, self._later)
                timer.daemon = True
                timer.start()
                return
            self._last = time.monotonic()
        drain_soon(self._queues)

    def _later(self) -> None:
        with self._lock:
            self._planned = False
            self._last = time.monotonic()
        drain_soon(self._queues)


def drain_soon(queues: Queues) -> bool:
    return queues.enqueue(Lane.BULK.value, "portal.webhooks.jobs.drain", job_id="drain-webhooks")
