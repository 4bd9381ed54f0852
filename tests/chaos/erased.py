"""Whether anything changed that nobody edited: every value of every record of the kinds that take part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.chaos.kinds import KINDS, Body, Kind, at
from tests.chaos.oracle import Evidence, Finding

# What the database keeps by itself, and what tells of the sync and not of the record.
KEPT_BY_ITSELF = {"version", "updated_at", "search_text", "sort_name", "created_at", "updatedAt"}


def erased(evidence: Evidence, rows: dict[str, dict[str, Body]], there: dict[tuple[str, int], Body]) -> list[Finding]:
    """`rows` and `there` are both sides as they were before the first step."""
    found: list[Finding] = []
    for kind in KINDS.values():
        marks = marks_of(evidence, kind)
        for key, body in first_bodies(evidence, kind, there).items():
            after = evidence.there.get((kind.there, key))
            took = kind.marker.there.split(".")[0] if at(after, kind.marker.there) == marks.get(key, "") else ""
            changed = differences(kind, f"{kind.name} {key} there", body, after, there=True)
            found += [each for each in changed if each.field != took]
        for local, row in rows[kind.table].items():
            found += differences(
                kind, f"{kind.name} {local} here", row, evidence.rows[kind.table].get(local), there=False
            )
    return found


def marks_of(evidence: Evidence, kind: Kind) -> dict[int, str]:
    """The marks of records that were made here. One that Buildium had made along with its parent, such as the unit of a
    new house, became ours if it arrived first, and takes ours on."""
    mine = [slot for slot in evidence.slots.values() if slot.kind is kind and slot.made == "here"]
    return {slot.remote: kind.marker.typed(slot.born) for slot in mine if slot.remote is not None}


def first_bodies(evidence: Evidence, kind: Kind, there: dict[tuple[str, int], Body]) -> dict[int, Body]:
    """Each record as it was at the beginning, or when it came to be."""
    found = {number: body for (name, number), body in there.items() if name == kind.there}
    for (name, number), moments in evidence.books.journal.items():
        if name == kind.there and moments[0][1] is not None:
            found.setdefault(number, moments[0][1])
    return found


def differences(kind: Kind, name: str, before: Body, after: Body | None, *, there: bool) -> Iterator[Finding]:
    """What is gone altogether was deleted, which others look at."""
    for key, old in before.items() if after else ():
        if not skipped(kind, key, there=there) and spelled(old) != spelled((after or {}).get(key)):
            yield Finding("erased", name, key, f"“{old}” became “{(after or {}).get(key)}”")


def skipped(kind: Kind, key: str, *, there: bool) -> bool:
    if there:
        return key in kind.ignored or any(key == value.there for value in kind.values)
    own = {value.here for value in kind.values} | KEPT_BY_ITSELF | kind.derived
    return key in own or (key.startswith("buildium_") and key.endswith("_at"))


def spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: spelled(each) for key, each in value.items() if spelled(each) is not None}
    return None if value in ("", [], {}) else value
