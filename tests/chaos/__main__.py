"""`python -m tests.chaos`: break everything, and prove that nothing was lost."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from itertools import count, takewhile
from pathlib import Path

from tests.chaos.company import imported
from tests.chaos.faults import FAULTS
from tests.chaos.plan import EDITS_PER_SECOND, Plan, make_plan
from tests.chaos.report import fault_table, stories, summary
from tests.chaos.run import Verdict, run
from tests.chaos.shrink import shrink


def main() -> int:
    asked = arguments()
    if asked.plan:
        plans = iter([Plan.load(asked.plan)])
    else:
        names = [name for name in FAULTS if not asked.faults or any(part in name for part in asked.faults.split(","))]
        # With a time to fill, one seed after another until it is over.
        seeds = count(asked.seed) if asked.minutes else range(asked.seed, asked.seed + asked.seeds)
        plans = (make_plan(seed, asked.edits, names, asked.rate) for seed in seeds)
    end = time.monotonic() + (asked.minutes * 60 or 1e9)
    asked.folder.mkdir(parents=True, exist_ok=True)
    with imported() as template:
        verdicts = [performed(plan, template, asked) for plan in takewhile(lambda _: time.monotonic() < end, plans)]
    tell(["", *fault_table(verdicts)])
    return 1 if any(verdict.broken for verdict in verdicts) else 0


def performed(plan: Plan, template: Path, asked: argparse.Namespace) -> Verdict:
    """Run one plan; where a promise is broken, keep the plan, tell the stories, and shrink it if asked to."""
    kept = asked.folder / f"seed-{plan.seed}.plan"
    plan.save(kept)
    verdict = run(plan, template, asked.folder / f"seed-{plan.seed}.log", asked.place, keep=asked.keep)
    tell(summary(verdict))
    if verdict.findings:
        tell(stories(verdict))
    if verdict.broken:
        tell([f"\nOnce more: python -m tests.chaos --plan {kept}"])
    if verdict.broken and asked.shrink:
        small = shrink(plan, verdict.broken[0], lambda part: run(part, template, place=asked.place), asked.shrink)
        small.save(asked.folder / f"seed-{plan.seed}.small.plan")
        tell([f"Shrunk to {len(small.steps)} of {len(plan.steps)} steps:", *map(str, small.steps)])
    return verdict


def tell(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="everything follows from it")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, one after another")
    parser.add_argument("--minutes", type=float, default=0, help="instead: seeds until so much time is over")
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--rate", type=float, default=EDITS_PER_SECOND, help="edits per second")
    parser.add_argument("--faults", default="", help="parts of the names of the faults, with commas; all where empty")
    parser.add_argument("--plan", type=Path, help="replay this plan instead of making one")
    parser.add_argument("--shrink", type=int, default=0, help="runs to spend on cutting a failing plan down")
    parser.add_argument("--folder", type=Path, default=Path("var/chaos"), help="for plans and logs")
    parser.add_argument("--place", type=Path, help="make the portal's folder here, such as on a small disk of its own")
    parser.add_argument("--keep", action="store_true", help="keep the portal's folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
