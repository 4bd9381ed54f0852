"""The oracle knows every edit that either side accepted, and says what became of each once everything has settled.

Accepted is what the portal answered with 303 and what Buildium's control answered with 2xx. What a person typed whose
answer was lost may or may not have happened; where the books hold it, it counts as accepted.

A value v of a field is *superseded* by w where somebody put w in its place knowingly:

- w was typed on the side where v stood before (also where v had only been pulled there): the form's version, and
  Buildium's own page, showed v;
- or a person, shown v and w side by side in a conflict, chose w (the log has each decision).

After settling, both sides must hold the same value F of each field, and from every accepted value a chain of such steps
must lead to F. Whatever else happened on the way is not looked at: a value may come back late, but it has to come.

- **lost**: no chain from an accepted value, and the other side hadn't touched the field at the same time.
- **overwritten**: no chain, because the other side's value took its place and nobody was asked.
- **raced**: Buildium's value was committed there between the GET and the PUT of one push. Its API has no conditional
  update, so nobody could know. Counted apart, and shown.
- **apart**: the two sides hold different values.
- **erased**: a value changed that nobody edited, on either side, in any record of these kinds.
- **twice**: more than one record, on either side, of what was created once; **never**: none, although it was accepted.
- **stuck**: a row, an event or a run that is still open, or needs a person who has done what he could.

What was deleted in Buildium counts as settled where the portal says so (`missing`) and keeps every value that was typed
here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.chaos.company import Slot
from tests.chaos.history import Books, Moment
from tests.chaos.kinds import Body, Value, at
from tests.chaos.log import ACCEPTED, UNKNOWN, Entry

INVARIANTS = ("lost", "overwritten", "apart", "erased", "twice", "never", "stuck")


@dataclass(frozen=True)
class Finding:
    """`what` is one of INVARIANTS, or `raced`."""

    what: str
    slot: str
    field: str
    words: str

    def __str__(self) -> str:
        return f"{self.what.upper()} {self.slot} {self.field}: {self.words}"


@dataclass
class Evidence:
    """One run, as it ended. `rows` and `there` are all records by table or kind and id; `states` the outbox."""

    slots: dict[str, Slot]
    entries: list[Entry]
    books: Books
    rows: dict[str, dict[str, Body]]
    there: dict[tuple[str, int], Body]
    states: dict[tuple[str, str], str] = field(default_factory=dict)

    def typed(self, slot: str, field_name: str) -> Iterator[tuple[str, bool, bool]]:
        """(what was typed, whether here, whether it was accepted) of every edit that may have happened."""
        for entry in self.entries:
            fields = entry.facts.get("fields", {})
            if entry.slot == slot and field_name in fields and entry.outcome in (ACCEPTED, UNKNOWN):
                yield fields[field_name], "there" not in entry.act, entry.outcome == ACCEPTED


def judge(evidence: Evidence) -> list[Finding]:
    """Every broken promise about values and copies."""
    found: list[Finding] = []
    for name, slot in sorted(evidence.slots.items()):
        found += copies(name, slot, evidence)
        if slot.local is not None or slot.remote is not None:
            for value in slot.kind.values:
                found += Story(name, slot, value, evidence).findings()
    return found


class Story:
    """One field of one record: what it was on both sides, and what should have become of it."""

    def __init__(self, name: str, slot: Slot, value: Value, evidence: Evidence) -> None:
        self.name, self.slot, self.value, self.evidence = name, slot, value, evidence
        edits = [(value.same(typed), here, sure) for typed, here, sure in evidence.typed(name, value.field)]
        self.ours = {typed for typed, here, _ in edits if here}
        self.theirs = {typed for typed, here, _ in edits if not here}
        self.accepted = {typed for typed, _, sure in edits if sure}
        self.here = evidence.books.here(slot, value)
        self.there = evidence.books.there(slot, value, [slot.remote] if slot.remote else [])

    def findings(self) -> list[Finding]:
        row = self.evidence.rows[self.slot.kind.table].get(self.slot.local or "")
        body = self.evidence.there.get((self.slot.kind.there, self.slot.remote or 0))
        mine = None if row is None else self.value.same(row[self.value.here])
        yours = None if body is None else self.value.same(body[self.value.there])
        if row is not None and body is not None and mine != yours:
            return [self.finding("apart", f"“{mine}” here, “{yours}” there")]
        final = yours if row is None else mine
        return [] if row is None and body is None else list(self.unreached(final, gone=body is None))

    def unreached(self, final: str | None, *, gone: bool) -> Iterator[Finding]:
        known = {each.value for each in [*self.here, *self.there]}
        wanted = self.accepted | ((self.ours | self.theirs) & known)
        if gone:
            # What was typed there just before it was deleted there may never have been seen here.
            wanted -= self.theirs - self.ours
        reaching = self.reaching(final)
        for value in sorted(wanted - reaching, key=str):
            yield self.finding(self.what(value), f"“{value}” became “{final}”")

    def reaching(self, final: str | None) -> set[str | None]:
        """Every value from which a chain of steps leads to the final one."""
        before: dict[str | None, set[str | None]] = defaultdict(set)
        for earlier, later in self.steps():
            before[later].add(earlier)
        found, new = {final}, [final]
        while new:
            new = [each for value in new for each in before[value] if each not in found]
            found |= set(new)
        return found

    def steps(self) -> Iterator[tuple[str | None, str | None]]:
        yield from knowingly(self.here, self.ours)
        yield from knowingly(self.there, self.theirs)
        for entry in self.evidence.entries:
            if entry.act == "decide" and entry.slot == f"{self.slot.kind.resource} {self.slot.local}":
                facts = entry.facts
                if facts.get("place") == self.value.there:
                    pair = self.value.same(facts["theirs"]), self.value.same(facts["ours"])
                    yield pair if facts["choice"] == "ours" else (pair[1], pair[0])

    def what(self, value: str | None) -> str:
        if value in self.theirs and self.raced(value):
            return "raced"
        others = self.theirs if value in self.ours else self.ours
        return "overwritten" if others & {each.value for each in [*self.here, *self.there]} else "lost"

    def raced(self, value: str | None) -> bool:
        """Whether the push that replaced it there had read the record before it was typed."""
        place = next((number for number, each in enumerate(self.there) if each.value == value), len(self.there))
        # Whoever typed later there saw it: what counts is the last of them.
        while place + 1 < len(self.there) and self.there[place + 1].value in self.theirs:
            place += 1
        if place + 1 >= len(self.there):
            return False
        path = f"{self.slot.kind.path}/{self.slot.remote}"
        return self.evidence.books.read_before(path, self.there[place].at, self.there[place + 1].at)

    def finding(self, what: str, words: str) -> Finding:
        return Finding(what, self.name, self.value.field, words)


def knowingly(moments: list[Moment], typed_there: set[str | None]) -> Iterator[tuple[str | None, str | None]]:
    """(what stood there before, what somebody typed in its place)."""
    for number, each in enumerate(moments):
        if each.value in typed_there:
            yield from ((before.value, each.value) for before in moments[:number])


def copies(name: str, slot: Slot, evidence: Evidence) -> Iterable[Finding]:
    if not slot.born or not slot.kind.there:
        return
    marker = slot.kind.marker
    wanted = marker.typed(slot.born)
    here = sum(marker.same(row[marker.here]) == wanted for row in evidence.rows[slot.kind.table].values())
    theirs = [
        number
        for (kind, number), body in evidence.there.items()
        if kind == slot.kind.there and marker.same(at(body, marker.there)) == wanted
    ]
    there = len(theirs)
    if here > 1 or there > 1:
        yield from twice(name, slot, here, theirs, evidence)
    if slot.made and not slot.gone_there and not (here and there):
        yield Finding("never", name, "", f"{here} here, {there} there")


def twice(name: str, slot: Slot, here: int, theirs: list[int], evidence: Evidence) -> Iterable[Finding]:
    """Two look-alikes that Buildium itself has made are no fault of the sync where it waited for a person and listed
    them. Anything else is."""
    listed = {
        each["Id"]
        for entry in evidence.entries
        if entry.act == "link" and entry.slot == f"{slot.kind.resource} {slot.local}"
        for each in entry.facts["candidates"]
    }
    made_there = {entry.facts.get("twin") for entry in evidence.entries} & set(theirs)
    if made_there and set(theirs) <= listed and here <= len(theirs):
        return
    for side, number in (("here", here), ("there", len(theirs))):
        if number > 1:
            yield Finding("twice", name, "", f"{number} records {side}")
