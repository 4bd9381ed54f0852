from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.sync.merge import canonical, equal, three_way

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
