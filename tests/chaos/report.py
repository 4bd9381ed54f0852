"""What a run says: the table of faults, and the story of every record whose promise was broken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tests.chaos.log import ACCEPTED, REFUSED, SKIPPED, UNKNOWN, Entry
from tests.chaos.oracle import INVARIANTS, Finding
from tests.chaos.run import Verdict

MOST_STORIES = 5


def summary(verdict: Verdict) -> Iterator[str]:
    plan = verdict.plan
    outcomes = Counter(entry.outcome for entry in verdict.entries if entry.step and not is_fault(entry))
    yield f"seed {plan.seed}: {len(plan.edits)} edits, {len(plan.faults)} faults"
    yield "  edits: " + ", ".join(f"{outcomes[each]} {each}" for each in (ACCEPTED, REFUSED, UNKNOWN, SKIPPED))
    yield "  " + ", ".join(f"{name} in {seconds:.0f} s" for name, seconds in verdict.seconds.items())
    yield "  answers of Buildium: " + ", ".join(f"{key} × {each}" for key, each in sorted(verdict.calls.items()))
    helped = Counter(entry.act for entry in verdict.entries if not entry.step)
    yield "  the automatic person: " + (", ".join(f"{act} × {each}" for act, each in sorted(helped.items())) or "idle")
    found = Counter(finding.what for finding in verdict.findings)
    yield "  " + ", ".join(f"{found[each]} {each}" for each in (*INVARIANTS, "raced"))


def is_fault(entry: Entry) -> bool:
    return entry.who.startswith("fault")


def fault_table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Fault × times injected × outcome. `missed` are those that met nothing: no call came, the part was away."""
    injected: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for entry in (entry for verdict in verdicts for entry in verdict.entries if is_fault(entry)):
        injected[entry.act] += entry.outcome != SKIPPED
        missed[entry.act] += entry.outcome == SKIPPED
        broken[entry.act] += entry.outcome == UNKNOWN
        met[entry.act] += int(entry.facts.get("met", 0))
    yield f"{'fault':36}{'injected':>9}{'missed':>8}{'calls met':>11}  outcome"
    fine = "nothing lost" if not any(verdict.broken for verdict in verdicts) else "see the findings"
    for name in sorted({*injected, *missed}):
        outcome = f"{broken[name]} unexpected answers" if broken[name] else fine if injected[name] else "not injected"
        yield f"{name:36}{injected[name]:9}{missed[name]:8}{met[name] or '':>11}  {outcome}"


def stories(verdict: Verdict) -> Iterator[str]:
    told: set[str] = set()
    for finding in verdict.findings:
        yield str(finding)
    for finding in verdict.broken:
        if finding.slot not in told and len(told) < MOST_STORIES and finding.slot in verdict.evidence.slots:
            told.add(finding.slot)
            yield from story(finding, verdict)


def story(finding: Finding, verdict: Verdict) -> Iterator[str]:
    """Edits, values on both sides and decisions about one record, in order."""
    slot = verdict.evidence.slots[finding.slot]
    names = {finding.slot, f"{slot.kind.name} {slot.local}"}
    lines = [(entry.began, entry.words()) for entry in verdict.entries if entry.slot in names]
    for at, action, door, changes in verdict.evidence.books.audit.get((slot.kind.table, slot.local or ""), []):
        lines.append((at, f"{clock(at)} here, {door} {action}: {json.dumps(changes, ensure_ascii=False)[:400]}"))
    for at, values in verdict.evidence.books.journal.get((slot.kind.there, slot.remote or 0), []):
        shown = {each.there: (values or {}).get(each.there) for each in slot.kind.values}
        lines.append((at, f"{clock(at)} there: {'deleted' if values is None else shown}"))
    state = verdict.evidence.states.get((slot.kind.name, slot.local or ""), "no row")
    yield f"\nThe story of {finding.slot} ({slot.kind.name} {slot.local}, {slot.remote} in Buildium, {state}):"
    yield from (f"  {words}" for _, words in sorted(lines, key=lambda line: line[0]))


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-3]
