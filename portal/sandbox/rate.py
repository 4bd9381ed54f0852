"""The rate limit: so many requests in any one second, counted exactly (MAPPING §1.3)."""

from __future__ import annotations

import threading
import time
from collections import deque

WINDOW_S = 1.0


class SlidingWindow:
    """Remembers the moments of the accepted requests; refused ones don't count against the caller."""

    def __init__(self) -> None:
        self._moments: deque[float] = deque()
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._moments.clear()

    def wait(self, limit: int | None) -> float:
        """0 if the request is accepted, else the seconds until the next one would be. None is no limit."""
        if limit is None:
            return 0.0
        now = time.monotonic()
        with self._lock:
            while self._moments and self._moments[0] <= now - WINDOW_S:
                self._moments.popleft()
            if len(self._moments) < limit:
                self._moments.append(now)
                return 0.0
            return self._moments[-limit] + WINDOW_S - now
