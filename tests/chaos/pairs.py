"""Whether both stores hold the same records, each once: whatever made them, and also where nobody knows of an edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.chaos.kinds import KINDS, Body, Kind, at
from tests.chaos.log import ACCEPTED
from tests.chaos.oracle import Evidence, Finding


def unpaired(evidence: Evidence, before: dict[tuple[str, int], Body]) -> list[Finding]:
    """`before` is Buildium as it was before the first step."""
    found: list[Finding] = []
    for kind in (each for each in KINDS.values() if each.there):
        found += missing_partners(kind, evidence)
        found += look_alikes(kind, evidence, before)
    return [*found, *money(evidence), *ties(evidence)]


def missing_partners(kind: Kind, evidence: Evidence) -> Iterator[Finding]:
    rows = evidence.rows[kind.table]
    claimed = Counter(claims(kind, rows))
    for number in sorted(remote for name, remote in evidence.there if name == kind.there):
        if claimed[number] != 1:
            what = "twice" if claimed[number] else "never"
            yield Finding(what, f"{kind.name} {number} there", "", f"{claimed[number]} records here")
    for local, row in rows.items():
        state = evidence.states.get((kind.resource, local), "")
        if row[kind.id_column] is None and state == "synced":
            yield Finding("never", f"{kind.name} {local} here", "", "synced, but not there")
        if row[kind.id_column] and (kind.there, row[kind.id_column]) not in evidence.there and state == "synced":
            yield Finding("never", f"{kind.name} {local} here", "", "gone there, and nobody is told")


def claims(kind: Kind, rows: dict[str, Body]) -> Iterator[int]:
    """The id there of every record that claims one. A check that pays several bills is one payment there, and here a
    payment of each bill: the first bill's is taken for all of it."""
    first: dict[int, Any] = {}
    for row in rows.values():
        number, bill = row[kind.id_column], row.get("bill_id")
        if number is not None and (kind.table != "bill_payments" or first.setdefault(number, bill) == bill):
            yield number


def look_alikes(kind: Kind, evidence: Evidence, before: dict[tuple[str, int], Body]) -> Iterator[Finding]:
    """New records with the mark of another one: also those that came with others, as a tenant with a lease. Copies of
    what a step made are the oracle's."""
    own = {kind.marker.typed(slot.born) for slot in evidence.slots.values() if slot.born and slot.kind is kind}
    marks = Counter(
        str(at(body, kind.marker.there))
        for (name, number), body in evidence.there.items()
        if name == kind.there and (name, number) not in before and at(body, kind.marker.there) is not None
    )
    for mark, number in marks.items():
        if number > 1 and mark not in own and not listed(kind, evidence, mark):
            yield Finding("twice", f"{kind.name} “{mark}”", "", f"{number} records there")


def listed(kind: Kind, evidence: Evidence, mark: str) -> bool:
    """Whether Buildium made it twice along with something else (the unit of a house, the tenant of a lease, the first
    entry of a task's history, which says what the task says) and a person has linked that from a list of candidates."""
    linked = {entry.slot for entry in evidence.entries if entry.act == "link"}
    twins = [slot for slot in evidence.slots.values() if f"{slot.kind.resource} {slot.local}" in linked]
    return any(mark in (kind.marker.typed(slot.born), slot.kind.marker.typed(slot.born)) for slot in twins)


def money(evidence: Evidence) -> Iterator[Finding]:
    """What was billed and paid is the same on both sides, to the cent."""
    for kind in (each for each in KINDS.values() if each.table in ("bills", "bill_payments")):
        here: Counter[int] = Counter()
        for row in evidence.rows[kind.table].values():
            here[row[kind.id_column] or 0] += round(float(row["amount"]) * 100)
        for number, cents in here.items():
            body = evidence.there.get((kind.there, number))
            there = sum(round(line["Amount"] * 100) for line in body["Lines"]) if body else cents
            if cents != there:
                words = f"{cents / 100} here, {there / 100} there"
                yield Finding("apart", f"{kind.name} {number} there", "amount", words)


def ties(evidence: Evidence) -> Iterator[Finding]:
    """Who owns what: each tie that somebody made here is there, and the other way round."""
    owners, houses = evidence.rows["owners"], evidence.rows["properties"]
    here = {(row["owner_id"], row["property_id"]) for row in evidence.rows["ownership"].values()}
    known = {row["buildium_property_id"]: local for local, row in houses.items()}
    there = {
        (local, known[number])
        for local, row in owners.items()
        for number in (evidence.there.get(("owners", row["buildium_owner_id"] or 0)) or {}).get("PropertyIds") or ()
        if number in known
    }
    alive = {local for local, row in owners.items() if ("owners", row["buildium_owner_id"] or 0) in evidence.there}
    for owner, house in sorted(here ^ there):
        if owner in alive:
            where = "here" if (owner, house) in here else "there"
            yield Finding("apart", f"ownership of {house} by {owner}", "", f"only {where}")
    for entry in evidence.entries:
        slot = evidence.slots.get(entry.slot)
        made = slot and slot.kind.table == "ownership" and entry.outcome == ACCEPTED and slot.local
        if made and made not in evidence.rows["ownership"]:
            yield Finding("lost", entry.slot, "", "accepted, and gone")
