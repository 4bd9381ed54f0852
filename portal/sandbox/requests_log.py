"""What was asked of the API, so that people can look and tests can count."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 5000
LONGEST_BODY = 20_000


@dataclass(frozen=True)
class Seen:
    """One request: `at` is when it came, UTC in ISO 8601, `ms` its duration, `status` None where no answer was sent;
    `executed` says how often it reached the API behind the faults, `fault` which fault met it."""

    number: int
    at: str
    method: str
    path: str
    query: str
    body: str
    status: int | None
    ms: float
    fault: str
    executed: int

    def json(self) -> dict[str, Any]:
        return asdict(self)


class RequestsLog:
    """The last requests and counters over all of them, since the start or the last `clear`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._number = 0
            self._seen: deque[Seen] = deque(maxlen=KEPT)
            self._by_status: Counter[str] = Counter()
            self._by_call: Counter[str] = Counter()
            self._last_second: deque[float] = deque()
            self._in_flight = 0
            self._most_in_flight = 0
            self._most_per_second = 0

    def started(self) -> None:
        now = time.monotonic()
        with self._lock:
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
            self._last_second.append(now)
            while self._last_second[0] <= now - 1:
                self._last_second.popleft()
            self._most_per_second = max(self._most_per_second, len(self._last_second))

    def ended(self, **facts: Any) -> None:
        """Keep what happened; `facts` are the fields of `Seen` without the number."""
        with self._lock:
            self._in_flight = max(0, self._in_flight - 1)
            self._number += 1
            seen = Seen(number=self._number, **facts)
            self._seen.append(seen)
            self._by_status[str(seen.status)] += 1
            self._by_call[f"{seen.method} {seen.path}"] += 1

    def listed(self, *, method: str = "", path: str = "", since: int = 0, limit: int = 100) -> list[dict[str, Any]]:
        """The newest `limit` requests, newest first: of this method, under this path, after this number."""
        with self._lock:
            seen = list(self._seen)
        found = [
            each.json()
            for each in reversed(seen)
            if each.number > since and each.method in (method or each.method) and each.path.startswith(path)
        ]
        return found[:limit]

    def counters(self) -> dict[str, Any]:
        with self._lock:
            return {
                "total": self._number,
                "in_flight": self._in_flight,
                "most_in_flight": self._most_in_flight,
                "most_per_second": self._most_per_second,
                "by_status": dict(self._by_status),
                "by_call": dict(self._by_call.most_common(200)),
            }
