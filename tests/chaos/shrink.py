"""Cutting a failing plan down: leave out steps, by halves and then by smaller parts, while it still fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tests.chaos.oracle import Finding
from tests.chaos.plan import Plan, Step
from tests.chaos.run import Verdict


def shrink(plan: Plan, finding: Finding, run: Callable[[Plan], Verdict], runs: int) -> Plan:
    """The smallest plan found in so many runs that breaks the same promise; first all about other records goes."""
    budget = iter(range(runs))
    own = plan.only(about(plan, finding.slot))
    if len(own.edits) and fails(own, finding, run, budget):
        plan = own
    pieces = 2
    while pieces <= len(plan.steps):
        parts = map(plan.only, without_each(plan.steps, pieces))
        smaller = next((part for part in parts if fails(part, finding, run, budget)), None)
        plan, pieces = (plan, pieces * 2) if smaller is None else (smaller, max(2, pieces - 1))
    return plan


def about(plan: Plan, slot: str) -> list[Step]:
    """The record's own steps, those of all it hangs on, and every fault."""
    parents = {step.slot: step.parents for step in plan.steps if step.parents}
    wanted, new = {slot}, [slot]
    while new:
        new = [each for name in new for each in parents.get(name, ()) if each not in wanted]
        wanted |= set(new)
    return [step for step in plan.steps if step.is_fault or step.slot in wanted]


def without_each(steps: Sequence[Step], pieces: int) -> list[list[Step]]:
    size = -(-len(steps) // pieces)
    return [[*steps[:start], *steps[start + size :]] for start in range(0, len(steps), size)]


def fails(plan: Plan, finding: Finding, run: Callable[[Plan], Verdict], budget: Iterator[int]) -> bool:
    """Whether the plan breaks the promise too; no more plan does once the budget is spent."""
    if next(budget, None) is None:
        return False
    return any(each.what == finding.what for each in run(plan).broken)
