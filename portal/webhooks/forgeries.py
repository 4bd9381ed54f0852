"""How often an address may send what is no event of Buildium's. Genuine events are kept before anybody counts."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

PER_MINUTE = 300
MINUTE = 60.0


class Forgeries:
    """Refused deliveries of the present minute, by address, as seen by this process."""

    def __init__(self, per_minute: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._minute = 0

    def is_too_many(self, address: str) -> bool:
        """Count one more; whether the address has used up its minute."""
        minute = int(self._clock() // MINUTE)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counted = minute, Counter()
            self._counted[address] += 1
            return self._counted[address] > self.per_minute
