"""The oracle bites: each promise, broken by hand, is found; what may happen is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.company import Slot
from tests.chaos.erased import erased
from tests.chaos.history import Books
from tests.chaos.kinds import KINDS, Body, mark
from tests.chaos.log import ACCEPTED, UNKNOWN, Entry
from tests.chaos.oracle import Evidence, judge
from tests.chaos.pairs import look_alikes

UNIT, LOCAL, REMOTE = KINDS["unit"], "u-1", 1001
Told = list[tuple[str, str]]


def edit(number: int, act: str = "edit", outcome: str = ACCEPTED) -> Entry:
    return Entry(number, "x", act, "unit 1", outcome, number, number, {"fields": {"description": f"edit {number}"}})


def decided(ours: int, theirs: int, choice: str) -> Entry:
    facts = {"place": "Description", "ours": f"edit {ours}", "theirs": f"edit {theirs}", "choice": choice}
    return Entry(0, "settling", "decide", f"unit {LOCAL}", ACCEPTED, 99, 99, facts)


def evidence(here: list[int], there: list[int], *entries: Entry, apart: int | None = None) -> Evidence:
    """Both sides went through these edits, in this order; each ends with its last one."""
    last_here, last_there = f"edit {here[-1]}", f"edit {apart or there[-1]}"
    audit = [
        (float(at), "update", "browser", {"description": ["", f"edit {number}"]}) for at, number in enumerate(here)
    ]
    journal: list[tuple[float, Body | None]] = [
        (float(at), {"Description": f"edit {number}"}) for at, number in enumerate(there)
    ]
    row: Body = dict.fromkeys([value.here for value in UNIT.values]) | {"description": last_here, "address_line1": ""}
    body: Body = dict.fromkeys([value.there for value in UNIT.values]) | {"Description": last_there}
    books = Books(journal={("units", REMOTE): journal}, audit={("units", LOCAL): audit})
    return Evidence(
        {"unit 1": Slot(UNIT, LOCAL, REMOTE)}, list(entries), books, {"units": {LOCAL: row}}, {("units", REMOTE): body}
    )


FINE: dict[str, Evidence] = {
    "an edit here arrives there": evidence([0, 1], [0, 1], edit(1)),
    "an edit there arrives here": evidence([0, 1], [0, 1], edit(1, "edit there")),
    "a later save takes an earlier one's place": evidence([0, 1, 2], [0, 2], edit(1), edit(2)),
    "an edit there on top of one that had arrived": evidence([0, 1, 2], [0, 1, 2], edit(1), edit(2, "edit there")),
    "an edit here by somebody who saw theirs": evidence([0, 1, 2], [0, 1, 2], edit(1, "edit there"), edit(2)),
    "both sides, and a person decided": evidence(
        [0, 1, 2], [0, 2], edit(1), edit(2, "edit there"), decided(1, 2, "theirs")
    ),
    "an unanswered save that didn't happen": evidence([0, 1], [0, 1], edit(1), edit(2, outcome=UNKNOWN)),
}
BROKEN: dict[str, tuple[Evidence, str]] = {
    "a save that is in no book": (evidence([0], [0], edit(1)), "lost"),
    "a save that went back to what was before": (evidence([0, 1, 0], [0], edit(1)), "lost"),
    "an unanswered save that happened, and is gone": (evidence([0, 1, 0], [0], edit(1, outcome=UNKNOWN)), "lost"),
    "a value there that ours replaced unseen": (
        evidence([0, 2], [0, 1, 2], edit(1, "edit there"), edit(2)), "overwritten",
    ),
    "a save that theirs replaced unasked": (
        evidence([0, 1, 2], [0, 2], edit(1), edit(2, "edit there")), "overwritten",
    ),
    "a decision that was not kept": (
        evidence([0, 1, 2], [0, 2], edit(1), edit(2, "edit there"), decided(1, 2, "ours")), "overwritten",
    ),
    "two sides that differ": (evidence([0, 1], [0, 1], edit(1), apart=7), "apart"),
}  # fmt: skip


@pytest.mark.parametrize("case", FINE)
def test_what_may_happen_is_no_finding(case: str) -> None:
    assert judge(FINE[case]) == []


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_promise_is_found(case: str) -> None:
    found, what = BROKEN[case]
    assert [finding.what for finding in judge(found)] == [what]


def test_a_value_typed_between_the_get_and_the_put_of_a_push_is_counted_apart() -> None:
    found = evidence([0, 2], [0, 1, 2], edit(1, "edit there"), edit(2))
    found.books.reads[f"/v1/rentals/units/{REMOTE}"] = [(0.5, 0.6)]
    assert [finding.what for finding in judge(found)] == ["raced"]


def test_when_buildium_was_read_its_own_log_tells_best() -> None:
    found = evidence([0, 2], [0, 1, 2], edit(1, "edit there"), edit(2))
    path = f"/v1/rentals/units/{REMOTE}"
    found.books.reads[path] = [(1.2, 1.5)]
    assert [finding.what for finding in judge(found)] == ["overwritten"]
    found.books.arrivals[path] = [0.6]
    assert [finding.what for finding in judge(found)] == ["raced"]


def test_copies_on_either_side_are_found() -> None:
    found = evidence([1], [1], edit(1, "create"))
    found.slots["unit 1"].born, found.slots["unit 1"].made = 1, "here"
    found.rows["units"][LOCAL]["address_line1"] = mark(1)
    assert [finding.what for finding in judge(found)] == ["never"]
    for number in (REMOTE, REMOTE + 1):
        found.there["units", number] = {**found.there["units", REMOTE], "Address": {"AddressLine1": mark(1)}}
    assert [finding.what for finding in judge(found)] == ["twice"]


def test_a_value_that_nobody_edited_must_not_change() -> None:
    found = evidence([1], [1])
    before: dict[str, Any] = {"Description": "x", "UnitBedrooms": "TwoBed", "IsActive": True}
    found.there["units", REMOTE] |= {"UnitBedrooms": None, "IsActive": False}
    rows: dict[str, dict[str, Body]] = {kind.table: {} for kind in KINDS.values()}
    findings = erased(found, rows, {("units", REMOTE): before})
    assert [(finding.what, finding.field) for finding in findings] == [("erased", "UnitBedrooms")]


@pytest.mark.parametrize(("born", "found"), [(1, []), (2, ["Address"])])
def test_a_unit_that_came_with_its_house_takes_on_the_address_typed_here(born: int, found: list[str]) -> None:
    seen = evidence([1], [1], edit(1, "create"))
    seen.slots["unit 1"].born, seen.slots["unit 1"].made = born, "here"
    before = {**seen.there["units", REMOTE], "Address": {"AddressLine1": mark(7)}}
    seen.there["units", REMOTE] |= {"Address": {"AddressLine1": mark(1)}}
    rows: dict[str, dict[str, Body]] = {kind.table: {} for kind in KINDS.values()}
    assert [finding.field for finding in erased(seen, rows, {("units", REMOTE): before})] == found


@pytest.mark.parametrize(("linked", "found"), [(True, []), (False, ["twice"])])
def test_entries_of_a_task_that_buildium_made_twice_are_no_copies_once_a_person_has_chosen(
    linked: bool, found: list[str]
) -> None:
    seen = evidence([1], [1])
    seen.rows |= {kind.table: {} for kind in KINDS.values() if kind.table not in seen.rows}
    task = seen.slots["task +1"] = Slot(KINDS["task"], "t-1", 5, born=1, made="here")
    facts = {"candidates": [{"Id": 5}, {"Id": 6}], "chosen": "5"}
    if linked:
        seen.entries.append(Entry(0, "settling", "link", f"task {task.local}", ACCEPTED, 9, 9, facts))
    seen.there |= {("task_history", number): {"Message": "What to do, 1"} for number in (7, 8)}
    assert [each.what for each in look_alikes(KINDS["note"], seen, {})] == found
