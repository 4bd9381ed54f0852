"""The table over several runs says of each fault how often it took part, and in which seeds promises were broken."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.chaos.outcome import Outcome
from tests.chaos.report import fault_table, totals


def outcome(seed: int, injected: int, **findings: int) -> Outcome:
    faults = {"redis flushed": Counter(injected=injected, missed=1), "answer 500": Counter(injected=2, met=6)}
    calls = {"200": 9}
    return Outcome(seed, 50, Counter(accepted=40), faults, Counter(decide=1), Counter(findings), {"all": 60.0}, calls)


def test_an_outcome_is_read_back_as_it_was(tmp_path: Path) -> None:
    kept = outcome(3, 1, lost=2)
    kept.save(tmp_path / "seed-3.outcome")
    assert Outcome.load(tmp_path / "seed-3.outcome") == kept


def test_the_table_tells_injected_missed_and_what_became_of_the_runs() -> None:
    lines = list(fault_table([outcome(1, 2), outcome(2, 0), outcome(3, 1, lost=1, raced=2)]))
    assert [line.split(maxsplit=4) for line in lines[1:]] == [
        ["answer", "500", "6", "0", "18  every promise kept in 2 of 3 seeds, broken in 3"],
        ["redis", "flushed", "3", "3", "every promise kept in 1 of 2 seeds, broken in 3"],
    ]


def test_a_race_that_nobody_could_see_breaks_no_promise() -> None:
    assert not outcome(1, 1, raced=1).is_broken
    assert outcome(1, 1, stuck=1).is_broken


def test_the_totals_have_a_line_for_each_seed_and_one_for_all() -> None:
    lines = list(totals([outcome(2, 1, lost=1), outcome(1, 2)]))
    assert [line.split()[:6] for line in lines[1:]] == [
        ["1", "50", "40", "4", "60", "0"], ["2", "50", "40", "3", "60", "1"], ["all", "100", "80", "7", "120", "1"],
    ]  # fmt: skip
