"""The deliveries of webhooks: what each of them looks like and the history of all."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Literal

KEPT = 5000
State = Literal["waiting", "delivered", "retrying", "dropped", "suspended", "not sent"]


@dataclass
class Attempt:
    at: str
    status: int | None
    error: str
    ms: float


@dataclass
class Delivery:
    """One body on its way to the subscriber. `era` counts the resets before it: what was on its way during a reset
    belongs to the past."""

    number: int
    body: bytes
    event: str
    created: str
    era: int
    state: State = "waiting"
    faults: dict[str, Any] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "event": self.event,
            "body": self.body.decode("utf-8", "replace"),
            "created": self.created,
            "state": self.state,
            "faults": self.faults,
            "attempts": [vars(attempt) for attempt in self.attempts],
        }


class History:
    """The last deliveries, oldest first, and how many there were of each outcome."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._kept: deque[Delivery] = deque(maxlen=KEPT)
            self._attempts: Counter[str] = Counter()
            self._number = 0

    def add(self, **facts: Any) -> Delivery:
        with self._lock:
            self._number += 1
            delivery = Delivery(number=self._number, **facts)
            self._kept.append(delivery)
            return delivery

    def attempted(self, delivery: Delivery, attempt: Attempt, state: State) -> None:
        with self._lock:
            delivery.attempts.append(attempt)
            delivery.state = state
            self._attempts["delivered" if state == "delivered" else "failed"] += 1

    def listed(self, *, event: str = "", state: str = "", limit: int = 100) -> list[dict[str, Any]]:
        """Newest first, of this event name's beginning and this state."""
        with self._lock:
            return [
                delivery.json()
                for delivery in reversed(self._kept)
                if delivery.event.startswith(event) and delivery.state in (state or delivery.state)
            ][:limit]

    def counters(self) -> dict[str, Any]:
        with self._lock:
            states = Counter(delivery.state for delivery in self._kept)
            return {"total": self._number, "states": dict(states), "attempts": dict(self._attempts)}
