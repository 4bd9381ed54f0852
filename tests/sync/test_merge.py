from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.sync.merge import Merge, Parts, canonical, equal, three_way

VALUES = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["", "a", "b "]))
BODIES = st.fixed_dictionaries({"x": VALUES, "y": VALUES})
IDS = st.lists(st.integers(1, 5), unique=True).map(sorted)


@given(base=BODIES, ours=BODIES, theirs=BODIES)
def test_no_edit_of_either_side_is_lost_without_a_conflict(base: Any, ours: Any, theirs: Any) -> None:
    merge = three_way(base, ours, theirs)
    for key in ours:
        moved = [side[key] for side in (ours, theirs) if not equal(side[key], base[key])]
        if key in merge.conflicts:
            assert len(moved) == 2
            assert not equal(*moved)
        elif moved:
            assert all(equal(merge.values[key], value) for value in moved)
        else:
            assert equal(merge.values[key], base[key])


@given(base=BODIES, ours=BODIES, theirs=BODIES)
def test_what_has_to_be_sent_and_taken_over_is_exactly_what_differs(base: Any, ours: Any, theirs: Any) -> None:
    merge = three_way(base, ours, theirs)
    for key in set(ours) - set(merge.conflicts):
        assert (key in merge.outgoing) == (not equal(merge.values[key], theirs[key]))
        assert (key in merge.incoming) == (not equal(merge.values[key], ours[key]))


@given(base=BODIES, ours=BODIES, theirs=BODIES)
def test_both_sides_come_to_the_same_result(base: Any, ours: Any, theirs: Any) -> None:
    here, there = three_way(base, ours, theirs), three_way(base, theirs, ours)
    assert here.conflicts.keys() == there.conflicts.keys()
    assert all(equal(here.values[key], there.values[key]) for key in set(ours) - set(here.conflicts))


@given(base=IDS, ours=IDS, theirs=IDS)
def test_links_added_and_removed_on_either_side_all_count(base: list[int], ours: list[int], theirs: list[int]) -> None:
    merge = three_way({"ids": base}, {"ids": ours}, {"ids": theirs}, frozenset({"ids"}))
    result = set(merge.values["ids"])
    removed = (set(base) - set(ours)) | (set(base) - set(theirs))
    added = (set(ours) - set(base)) | (set(theirs) - set(base))
    assert result == (set(base) | added) - removed
    assert not merge.conflicts


@given(VALUES)
def test_the_canonical_form_is_stable(value: Any) -> None:
    assert canonical(canonical(value)) == canonical(value)


def test_spellings_of_one_value_are_equal() -> None:
    assert equal(None, "")
    assert equal(12, 12.0)
    assert equal("a\r\nb", "a\nb ")
    assert not equal(0, None)
    assert not equal(False, None)


LINES = {"Lines": Parts("Id", frozenset({"Paid"}))}
FIRST, SECOND = {"Id": 1, "Amount": 10.0, "Memo": "First"}, {"Id": 2, "Amount": 20.0, "Memo": "Second"}


def lines(base: list[Any], ours: list[Any], theirs: list[Any]) -> Merge:
    return three_way({"Lines": base}, {"Lines": ours}, {"Lines": theirs}, parts=LINES)


def test_each_side_may_change_another_line() -> None:
    merge = lines([FIRST, SECOND], [{**FIRST, "Amount": 11.0}, SECOND], [FIRST, {**SECOND, "Memo": "Theirs"}])
    assert merge.values["Lines"] == [{**FIRST, "Amount": 11.0}, {**SECOND, "Memo": "Theirs"}]
    assert (merge.incoming, merge.outgoing, merge.conflicts) == ({"Lines"}, {"Lines"}, {})


def test_each_side_may_change_another_value_of_one_line() -> None:
    merge = lines([FIRST], [{**FIRST, "Amount": 11.0}], [{**FIRST, "Memo": "Theirs"}])
    assert merge.values["Lines"] == [{"Id": 1, "Amount": 11.0, "Memo": "Theirs"}]
    assert not merge.conflicts


def test_the_same_value_of_one_line_changed_on_both_sides_is_a_conflict_of_the_list() -> None:
    merge = lines([FIRST], [{**FIRST, "Amount": 11.0}], [{**FIRST, "Amount": 12.0}])
    assert set(merge.conflicts) == {"Lines"}
    assert merge.values["Lines"] == [{**FIRST, "Amount": 11.0}]


def test_a_line_added_here_and_one_added_there_are_both_kept() -> None:
    new = {"Amount": 5.0, "Memo": "New here"}
    merge = lines([FIRST], [FIRST, new], [FIRST, SECOND])
    assert merge.values["Lines"] == [FIRST, SECOND, new]


def test_a_line_removed_on_one_side_goes_and_one_that_the_other_side_changed_is_a_conflict() -> None:
    assert lines([FIRST, SECOND], [FIRST], [FIRST, SECOND]).values["Lines"] == [FIRST]
    assert lines([FIRST, SECOND], [FIRST, SECOND], [FIRST]).values["Lines"] == [FIRST]
    assert lines([FIRST, SECOND], [FIRST], [FIRST, {**SECOND, "Amount": 21.0}]).conflicts


def test_what_only_buildium_decides_about_a_line_is_no_change_of_ours() -> None:
    merge = lines([FIRST], [FIRST], [{**FIRST, "Paid": 10.0}])
    assert (merge.incoming, merge.outgoing, merge.conflicts) == ({"Lines"}, set(), {})
