"""What a run says: the table of faults, and the story of every record whose promise was broken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tests.chaos.oracle import Finding
from tests.chaos.outcome import COUNTED, OUTCOMES, Outcome
from tests.chaos.run import Verdict

MOST_STORIES = 5


def summary(outcome: Outcome) -> Iterator[str]:
    injected = sum(each["injected"] for each in outcome.faults.values())
    yield f"seed {outcome.seed}: {outcome.edits} edits, {injected} faults"
    yield "  edits: " + ", ".join(f"{outcome.entries[each]} {each}" for each in OUTCOMES)
    yield "  " + ", ".join(f"{name} in {seconds:.0f} s" for name, seconds in outcome.seconds.items())
    yield "  answers of Buildium: " + ", ".join(f"{key} × {each}" for key, each in sorted(outcome.calls.items()))
    yield "  the automatic person: " + (counted(outcome.helped) or "idle")
    yield "  " + ", ".join(f"{outcome.findings[each]} {each}" for each in COUNTED)


def counted(numbers: Counter[str]) -> str:
    return ", ".join(f"{name} × {each}" for name, each in sorted(numbers.items()))


def totals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """One line for each seed, and one for all of them."""
    yield f"{'seed':>5}{'edits':>7}{'accepted':>9}{'faults':>7}{'seconds':>8}" + "".join(
        f"{each:>12}" for each in COUNTED
    )
    for each in sorted(outcomes, key=lambda outcome: outcome.seed):
        yield row(str(each.seed), [each])
    if len(outcomes) > 1:
        yield row("all", outcomes)


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    numbers = (
        sum(each.edits for each in outcomes),
        sum(each.entries["accepted"] for each in outcomes),
        sum(fault["injected"] for each in outcomes for fault in each.faults.values()),
        round(sum(seconds for each in outcomes for seconds in each.seconds.values())),
    )
    head = f"{name:>5}{numbers[0]:7}{numbers[1]:9}{numbers[2]:7}{numbers[3]:8}"
    return head + "".join(f"{sum(each.findings[what] for each in outcomes):12}" for what in COUNTED)


def fault_table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Fault × times injected × outcome. `missed` are those that met nothing: no call came, the part was away. `calls`
    are those that a fault of the API met."""
    yield f"{'fault':36}{'injected':>9}{'missed':>8}{'calls':>7}  outcome"
    for name in sorted({name for each in outcomes for name in each.faults}):
        having = [each for each in outcomes if each.faults.get(name, Counter())["injected"]]
        numbers: Counter[str] = Counter()
        for each in outcomes:
            numbers.update(each.faults.get(name, {}))
        said = result(having, numbers["unexpected"])
        yield f"{name:36}{numbers['injected']:9}{numbers['missed']:8}{numbers['met'] or '':>7}  {said}"


def result(having: Sequence[Outcome], unexpected: int) -> str:
    """What became of the runs in which a fault took part."""
    if not having:
        return "not injected"
    broken = [str(each.seed) for each in having if each.is_broken]
    kept = f"every promise kept in {len(having) - len(broken)} of {len(having)} seeds"
    odd = f", {unexpected} unexpected answers" if unexpected else ""
    return kept + odd + (f", broken in {', '.join(broken)}" if broken else "")


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
    names = {finding.slot, f"{slot.kind.resource} {slot.local}"}
    lines = [(entry.began, entry.words()) for entry in verdict.entries if entry.slot in names]
    for at, action, door, changes in verdict.evidence.books.audit.get((slot.kind.table, slot.local or ""), []):
        lines.append((at, f"{clock(at)} here, {door} {action}: {json.dumps(changes, ensure_ascii=False)[:400]}"))
    for at, values in verdict.evidence.books.journal.get((slot.kind.there, slot.remote or 0), []):
        shown = {each.there: (values or {}).get(each.there) for each in slot.kind.values}
        lines.append((at, f"{clock(at)} there: {'deleted' if values is None else shown}"))
    state = verdict.evidence.states.get((slot.kind.resource, slot.local or ""), "no row")
    yield f"\nThe story of {finding.slot} ({slot.kind.resource} {slot.local}, {slot.remote} in Buildium, {state}):"
    yield from (f"  {words}" for _, words in sorted(lines, key=lambda line: line[0]))


def clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-3]
