from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.chaos.faults import FAULTS
from tests.chaos.kinds import KINDS
from tests.chaos.plan import Plan, make_plan


def test_a_seed_always_gives_the_same_plan() -> None:
    assert make_plan(7, 300, list(FAULTS)) == make_plan(7, 300, list(FAULTS))
    assert make_plan(7, 300, list(FAULTS)) != make_plan(8, 300, list(FAULTS))


def test_a_kept_plan_is_read_back_as_it_was(tmp_path: Path) -> None:
    plan = make_plan(7, 50, list(FAULTS))
    plan.save(tmp_path / "plan")
    assert Plan.load(tmp_path / "plan") == plan


def test_every_fault_comes_once_before_any_comes_again() -> None:
    faults = make_plan(7, 2000, list(FAULTS)).faults
    names = [step.act for step in faults if step.who != "fault time"]
    assert set(names[: len(FAULTS)]) == set(FAULTS)


def test_all_kinds_are_made_and_edited_on_every_side_where_they_can_be() -> None:
    edits = make_plan(7, 3000, []).edits
    expected = {(name, "create") for name in KINDS}
    expected |= {(name, "create there") for name, kind in KINDS.items() if kind.new_there}
    expected |= {(name, act) for name, kind in KINDS.items() if kind.editable for act in ("edit", "edit there")}
    assert {(step.kind.name, step.act) for step in edits} >= expected


def test_nothing_is_made_below_what_is_deleted_or_full() -> None:
    gone: set[str] = set()
    borne: Counter[tuple[str, str]] = Counter()
    for step in make_plan(7, 3000, []).edits:
        assert not gone & {step.slot, *step.parents}
        gone |= {step.slot} if step.act == "delete there" else set()
        borne.update((step.kind.name, parent) for parent in step.parents)
    assert all(number <= KINDS[kind].room.get(slot.split()[0], number) for (kind, slot), number in borne.items())
    assert gone


def test_no_two_edits_type_the_same() -> None:
    for kind in KINDS.values():
        for value in kind.values:
            assert len({value.typed(number) for number in range(1, 3000)}) == 2999


def test_a_part_of_a_plan_keeps_its_order_and_loses_its_long_pauses() -> None:
    plan = make_plan(7, 200, list(FAULTS))
    part = plan.only([plan.steps[0], plan.steps[-1]])
    assert [step.number for step in part.steps] == [plan.steps[0].number, plan.steps[-1].number]
    assert part.steps[1].at - part.steps[0].at <= 1.001
