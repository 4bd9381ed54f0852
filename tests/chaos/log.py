"""What a run did, in order: lines of JSON that say what was tried, when, and what came of it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ACCEPTED, REFUSED, UNKNOWN, SKIPPED = "accepted", "refused", "unknown", "skipped"


@dataclass(frozen=True)
class Entry:
    """`step` is the step's number (0: not of the plan). `began` and `ended` are seconds since the epoch."""

    step: int
    who: str
    act: str
    slot: str
    outcome: str
    began: float
    ended: float
    facts: dict[str, Any] = field(default_factory=dict)

    def words(self) -> str:
        at = datetime.fromtimestamp(self.began, UTC).strftime("%H:%M:%S.%f")[:-3]
        facts = ", ".join(f"{key} {value}" for key, value in self.facts.items())
        return f"{at} step {self.step} {self.who}: {self.act} {self.slot} → {self.outcome} {facts}".rstrip()


class Log:
    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self._lock = threading.Lock()
        self._file = path.open("w") if path else None

    def add(self, entry: Entry) -> None:
        with self._lock:
            self.entries.append(entry)
            if self._file:
                self._file.write(json.dumps(entry.__dict__, default=str) + "\n")
                self._file.flush()

    def note(self, act: str, outcome: str, **facts: Any) -> None:
        """Something beside the plan, such as what the automatic person did."""
        now = time.time()
        self.add(Entry(0, "settling", act, str(facts.pop("slot", "")), outcome, now, now, facts))

    def of(self, slot: str) -> list[Entry]:
        return [each for each in self.entries if each.slot == slot]

    def close(self) -> None:
        if self._file:
            self._file.close()
