"""`python -m tests.chaos`: break everything, and prove that nothing was lost."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterable
from itertools import count, takewhile
from pathlib import Path

from tests.chaos.company import imported
from tests.chaos.faults import FAULTS
from tests.chaos.outcome import Outcome, outcome_of
from tests.chaos.plan import EDITS_PER_SECOND, Plan, make_plan
from tests.chaos.report import fault_table, stories, summary, totals
from tests.chaos.run import run
from tests.chaos.shrink import shrink


def main() -> int:
    asked = arguments()
    signal.signal(signal.SIGTERM, end)
    asked.folder.mkdir(parents=True, exist_ok=True)
    outcomes = kept_in(asked.folder) if asked.table else performed_all(asked)
    tell(["", *fault_table(outcomes), "", *totals(outcomes)])
    return 1 if any(each.is_broken for each in outcomes) != asked.naive else 0


def end(*_: object) -> None:
    """Whoever ends it ends its portal, too; to be told twice must not cut that short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def kept_in(folder: Path) -> list[Outcome]:
    return [Outcome.load(path) for path in folder.glob("seed-*.outcome")]


def performed_all(asked: argparse.Namespace) -> list[Outcome]:
    if asked.plan:
        plans = iter([Plan.load(asked.plan)])
    else:
        names = [name for name in FAULTS if not asked.faults or any(part in name for part in asked.faults.split(","))]
        # With a time to fill, one seed after another until it is over.
        seeds = count(asked.seed) if asked.minutes else range(asked.seed, asked.seed + asked.seeds)
        plans = (make_plan(seed, asked.edits, names, asked.rate) for seed in seeds)
    end = time.monotonic() + (asked.minutes * 60 or 1e9)
    with imported(asked.template) as template:
        return [performed(plan, template, asked) for plan in takewhile(lambda _: time.monotonic() < end, plans)]


def performed(plan: Plan, template: Path, asked: argparse.Namespace) -> Outcome:
    """Run one plan; where a promise is broken, keep the plan, tell the stories, and shrink it if asked to."""
    kept = asked.folder / f"seed-{plan.seed}.plan"
    plan.save(kept)
    verdict = run(plan, template, kept.with_suffix(".log"), asked.place, keep=asked.keep, naive=asked.naive)
    outcome = outcome_of(verdict)
    outcome.save(kept.with_suffix(".outcome"))
    tell(summary(outcome))
    if verdict.findings:
        tell(stories(verdict))
    if verdict.broken:
        tell([f"\nOnce more: python -m tests.chaos --plan {kept}"])
    if verdict.broken and asked.shrink:
        small = shrink(plan, verdict.broken[0], lambda part: run(part, template, place=asked.place), asked.shrink)
        small.save(kept.with_suffix(".small.plan"))
        tell([f"Shrunk to {len(small.steps)} of {len(plan.steps)} steps:", *map(str, small.steps)])
    return outcome


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
    parser.add_argument("--template", type=Path, help="keep the imported portfolio there, and begin with it again")
    parser.add_argument("--keep", action="store_true", help="keep the portal's folder")
    parser.add_argument("--table", action="store_true", help="run nothing: the table of all runs that are in --folder")
    parser.add_argument("--naive", action="store_true", help="push naively instead: then promises must be broken")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
