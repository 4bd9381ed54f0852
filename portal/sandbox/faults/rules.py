"""Which request meets which fault: rules for the next so many matching requests, or until they are cleared."""

from __future__ import annotations

import fnmatch
import random
import threading
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FaultName = Literal[
    "status",
    "delay",
    "drop",
    "hang",
    "hold",
    "commit_then_delay",
    "commit_then_drop",
    "commit_then_hang",
    "commit_then_hold",
    "commit_then_status",
    "truncate",
    "chunk_trunc",
    "garbage",
    "html",
    "empty",
    "huge",
    "slow",
    "unknown_fields",
    "unknown_enums",
    "dup_commit",
]
LONGEST_HOLD_S = 600.0


class FaultRule(BaseModel):
    """One rule. `path` is a pattern (`/v1/rentals*`), `method` empty is any; `skip` lets so many requests pass
    first, then `times` meet the fault (null: until cleared), each with `probability`.

    `status` and `retry_after` (seconds, or "date" for an HTTP date 1 s ahead) belong to status and
    commit_then_status; `seconds` to delays, hangs, holds and slow; `size` (bytes) to huge; `how` to drops;
    `fields` to unknown_enums.
    """

    model_config = ConfigDict(extra="forbid")

    fault: FaultName
    method: str = ""
    path: str = "*"
    skip: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=1)] | None = 1
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    status: Annotated[int, Field(ge=400, le=599)] = 503
    retry_after: Annotated[int, Field(ge=0)] | Literal["date"] | None = None
    seconds: Annotated[float, Field(ge=0, le=LONGEST_HOLD_S)] | None = None
    size: Annotated[int, Field(ge=1)] = 200_000_000
    how: Literal["close", "reset"] = "close"
    fields: list[str] | None = None
    seen: int = 0
    hits: int = 0
    id: int = 0

    def wants(self, method: str, path: str) -> bool:
        return self.method.upper() in ("", method) and fnmatch.fnmatchcase(path, self.path)


class Faults:
    """The rules in force and the requests that are being held. The first rule that applies wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[FaultRule] = []
        self._last_id = 0
        self._release = threading.Event()
        self._held: list[str] = []

    def add(self, rule: FaultRule) -> FaultRule:
        with self._lock:
            self._last_id += 1
            added = rule.model_copy(update={"id": self._last_id, "seen": 0, "hits": 0})
            self._rules.append(added)
            return added

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.model_dump() for rule in self._rules]

    def remove(self, rule_id: int) -> bool:
        with self._lock:
            kept = [rule for rule in self._rules if rule.id != rule_id]
            found = len(kept) < len(self._rules)
            self._rules = kept
            return found

    def clear(self) -> None:
        """Remove every rule and let go what is held or hanging."""
        with self._lock:
            self._rules = []
        self.release()

    def meet(self, method: str, path: str) -> FaultRule | None:
        """The rule this request meets, counting it; None for most."""
        with self._lock:
            for rule in self._rules:
                if rule.wants(method, path) and self._applies(rule):
                    rule.hits += 1
                    return rule
        return None

    def held(self) -> list[str]:
        """The requests that are waiting now, as `POST /v1/rentals`."""
        with self._lock:
            return list(self._held)

    def release(self) -> None:
        with self._lock:
            self._release.set()
            self._release = threading.Event()

    def wait(self, name: str, seconds: float) -> bool:
        """Hold a request until it is released (True) or the seconds have passed (False)."""
        with self._lock:
            release = self._release
            self._held.append(name)
        try:
            return release.wait(seconds)
        finally:
            with self._lock:
                self._held.remove(name)

    def _applies(self, rule: FaultRule) -> bool:
        if rule.times is not None and rule.hits >= rule.times:
            return False
        rule.seen += 1
        # Chance here is only a test load's, nothing secret depends on it.
        return rule.seen > rule.skip and (rule.probability >= 1 or random.random() < rule.probability)
