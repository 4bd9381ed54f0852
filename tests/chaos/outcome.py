"""The numbers of a run, kept in a file, so that runs side by side make one table."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.log import ACCEPTED, REFUSED, SKIPPED, UNKNOWN, Entry
from tests.chaos.oracle import INVARIANTS
from tests.chaos.run import Verdict

OUTCOMES = (ACCEPTED, REFUSED, UNKNOWN, SKIPPED)
COUNTED = (*INVARIANTS, "raced")


@dataclass
class Outcome:
    """`entries` counts edits by what came of them, `faults` has injected, missed, unexpected and met of each."""

    seed: int
    edits: int
    entries: Counter[str]
    faults: dict[str, Counter[str]]
    helped: Counter[str]
    findings: Counter[str]
    seconds: dict[str, float]
    calls: dict[str, int]

    @property
    def is_broken(self) -> bool:
        return any(self.findings[each] for each in INVARIANTS)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.__dict__))

    @classmethod
    def load(cls, path: Path) -> Outcome:
        kept = json.loads(path.read_text())
        kept |= {name: Counter(kept[name]) for name in ("entries", "helped", "findings")}
        kept["faults"] = {name: Counter(numbers) for name, numbers in kept["faults"].items()}
        return cls(**kept)


def outcome_of(verdict: Verdict) -> Outcome:
    faults: dict[str, Counter[str]] = {}
    for entry in (each for each in verdict.entries if is_fault(each)):
        numbers = faults.setdefault(entry.act, Counter())
        numbers["missed" if entry.outcome == SKIPPED else "injected"] += 1
        numbers["unexpected"] += entry.outcome == UNKNOWN
        numbers["met"] += int(entry.facts.get("met", 0))
    return Outcome(
        seed=verdict.plan.seed,
        edits=len(verdict.plan.edits),
        entries=Counter(each.outcome for each in verdict.entries if each.step and not is_fault(each)),
        faults=faults,
        helped=Counter(each.act for each in verdict.entries if not each.step),
        findings=Counter(each.what for each in verdict.findings),
        seconds=verdict.seconds,
        calls=verdict.calls,
    )


def is_fault(entry: Entry) -> bool:
    return entry.who.startswith("fault")
