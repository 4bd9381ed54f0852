"""What must hold for the merge of any three versions (SYNC.md, “Merge rules”)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.sync.merge import Merge, Parts, equal, three_way
from tests.properties.depth import examples
from tests.properties.texts import texts

PLACES = ("Name", "Memo", "Amount", "Flag")
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.1, 1.0, 1.5, Decimal("1.50"), Decimal("-0.10")]),
    st.sampled_from(["", " ", "a", "a ", "a\r\nb", "a\nb", "A"]), texts(20),
)  # fmt: skip
BODIES = st.fixed_dictionaries(dict.fromkeys(PLACES, SCALARS))


@st.composite
def versions(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Base, ours and theirs, of which the later ones often keep what the base says."""
    base = draw(BODIES)
    ours, theirs = ({key: draw(st.sampled_from([value, draw(SCALARS)])) for key, value in base.items()} for _ in "ab")
    return base, ours, theirs


@examples(150)
@given(versions())
def test_a_conflict_is_where_both_sides_changed_differently_and_nowhere_else(three: Any) -> None:
    base, ours, theirs = three
    merge = three_way(base, ours, theirs)
    for key in PLACES:
        moved_here, moved_there = not equal(ours[key], base[key]), not equal(theirs[key], base[key])
        assert (key in merge.conflicts) == (moved_here and moved_there and not equal(ours[key], theirs[key]))


@examples(150)
@given(versions())
def test_no_value_is_invented(three: Any) -> None:
    _, ours, theirs = three
    merge = three_way(*three)
    assert set(merge.values) == set(ours)
    assert all(value is ours[key] or value is theirs[key] for key, value in merge.values.items())


@examples(150)
@given(versions())
def test_merging_the_result_again_changes_nothing(three: Any) -> None:
    merge = three_way(*three)
    again = three_way(three[0], merge.values, three[2])
    assert again.values == merge.values
    assert again.conflicts.keys() == merge.conflicts.keys()
    assert not again.incoming - merge.incoming
    agreed = three_way(merge.values, merge.values, merge.values)
    assert (agreed.incoming, agreed.outgoing, agreed.conflicts) == (set(), set(), {})


@examples(150)
@given(versions())
def test_after_the_push_and_the_pull_both_sides_are_at_rest(three: Any) -> None:
    """What the merge says is sent and taken over; then neither side owes the other anything."""
    base, ours, theirs = three
    merge = three_way(base, ours, theirs)
    here = {key: theirs[key] if key in merge.incoming else ours[key] for key in PLACES if key not in merge.conflicts}
    there = {key: ours[key] if key in merge.outgoing else theirs[key] for key in here}
    rest = three_way(there, here, there)
    assert (rest.incoming, rest.outgoing, rest.conflicts) == (set(), set(), {})


LINES = {"Lines": Parts("Id", frozenset({"Paid"}))}
PART_VALUES = {"Amount": st.sampled_from([None, 1.0, 2.0]), "Memo": st.sampled_from([None, "", "a", "b"])}
DETAILS = st.fixed_dictionaries({**PART_VALUES, "Paid": st.sampled_from([None, 5.0])})


@st.composite
def lists_of_parts(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Three versions of a list: parts are kept, changed, removed or added; those added here have no id yet."""
    base = {number: {"Id": number, **draw(DETAILS)} for number in draw(st.sets(st.integers(1, 4)))}
    ours, theirs = (
        [draw(st.sampled_from([part, {**part, **draw(DETAILS)}])) for part in base.values() if draw(st.booleans())]
        for _ in "ab"
    )
    added_there = [{"Id": number, **draw(DETAILS)} for number in draw(st.sets(st.integers(5, 6)))]
    added_here = draw(st.lists(DETAILS, max_size=2))
    return list(base.values()), draw(st.permutations(ours)) + added_here, draw(st.permutations(theirs + added_there))


def of_lines(base: Any, ours: Any, theirs: Any) -> Merge:
    return three_way({"Lines": base}, {"Lines": ours}, {"Lines": theirs}, parts=LINES)


@examples(300)
@given(lists_of_parts())
def test_parts_are_merged_by_what_happened_to_each(three: Any) -> None:
    merge, clash = of_lines(*three), False
    base, ours, theirs = ({part.get("Id"): part for part in version} for version in three)
    wanted: dict[Any, Any] = {}
    for number in {*base, *ours, *theirs} - {None}:
        part, apart = expected(base.get(number), ours.get(number), theirs.get(number))
        clash = clash or apart
        wanted |= {} if part is None else {number: part}
    assert ("Lines" in merge.conflicts) == clash
    if clash:
        assert merge.values["Lines"] == three[1], "a conflict keeps ours until a person decides"
        return
    result = merge.values["Lines"]
    assert {part["Id"] for part in result if part.get("Id")} == set(wanted)
    assert all(equal(part, wanted[part["Id"]]) for part in result if part.get("Id"))
    assert [part for part in result if not part.get("Id")] == [part for part in three[1] if not part.get("Id")]


def expected(base: Any, ours: Any, theirs: Any) -> tuple[Any, bool]:
    """One part as a person would merge it, and whether she could not."""
    if ours is None or theirs is None:
        left = ours or theirs
        return (left, False) if base is None else (None, left is not None and not equal(left, base))
    result, apart = {"Paid": theirs["Paid"], "Id": theirs["Id"]}, False
    for place in PART_VALUES:
        before = (base or {}).get(place)
        here, there = not equal(ours[place], before), not equal(theirs[place], before)
        apart = apart or (here and there and not equal(ours[place], theirs[place]))
        result[place] = ours[place] if here else theirs[place]
    return result, apart


@examples(200)
@given(lists_of_parts())
def test_a_list_of_parts_is_at_rest_after_the_push(three: Any) -> None:
    merge = of_lines(*three)
    if merge.conflicts:
        return
    there = [part if "Id" in part else {**part, "Id": 100 + place} for place, part in enumerate(merge.values["Lines"])]
    rest = of_lines(there, there, there)
    assert (rest.incoming, rest.outgoing, rest.conflicts) == (set(), set(), {})
    changed_there = not equal(by_number(three[2]), by_number(merge.values["Lines"]))
    assert ("Lines" in merge.outgoing) == changed_there


def by_number(parts: Any) -> Any:
    return sorted(parts, key=lambda part: str(part.get("Id")))
