"""What happens in a chaos run: a list of steps that follows from the seed alone, and can be kept, replayed and cut."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.chaos.kinds import KINDS, Kind

PEOPLE, BUILDIUM, FAULTS = 8, 2, 4
LONG_RUN = 1000  # edits
EDITS_PER_SECOND = 9.0
# Closer together, one fault keeps Buildium from being asked at all, and most of the others from being met.
SECONDS_BETWEEN_FAULTS = 2.4
SECONDS_BETWEEN_HOURS = 6.0


@dataclass(frozen=True)
class Step:
    """At `at` seconds `who` does `act`. `slot` names a record: `unit 3` is the third of the sample's, `unit +17` the
    one that step 17 makes; `pause` is how long a person thinks, or a fault lasts."""

    number: int
    at: float
    who: str
    act: str
    slot: str = ""
    fields: tuple[str, ...] = ()
    pause: float = 0.0
    parents: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        return self.who.startswith("fault")

    @property
    def kind(self) -> Kind:
        return KINDS[self.slot.split()[0]]


@dataclass(frozen=True)
class Plan:
    seed: int
    steps: tuple[Step, ...]

    @property
    def edits(self) -> tuple[Step, ...]:
        return tuple(each for each in self.steps if not each.is_fault)

    @property
    def faults(self) -> tuple[Step, ...]:
        return tuple(each for each in self.steps if each.is_fault)

    def only(self, steps: Sequence[Step]) -> Plan:
        """A part of the plan: the rest left out, and the pauses that it leaves cut short."""
        moved, late, last = [], 0.0, 0.0
        for each in sorted(steps, key=lambda step: step.at):
            late += max(0.0, each.at - last - 1.0)
            last = each.at
            moved.append(replace(each, at=round(each.at - late, 3)))
        return Plan(self.seed, tuple(moved))

    def save(self, path: Path) -> None:
        rows = [json.dumps(asdict(step)) for step in self.steps]
        path.write_text(json.dumps({"seed": self.seed}) + "\n" + "\n".join(rows) + "\n")

    @classmethod
    def load(cls, path: Path) -> Plan:
        head, *rows = path.read_text().splitlines()
        steps = [
            Step(**{**row, "fields": tuple(row["fields"]), "parents": tuple(row["parents"])})
            for row in map(json.loads, rows)
        ]
        return cls(json.loads(head)["seed"], tuple(steps))


def make_plan(seed: int, edits: int, faults: Sequence[str], per_second: float = EDITS_PER_SECOND) -> Plan:
    """`edits` steps of people on both sides, and faults (their names, each as often as the others) all along."""
    dice = random.Random(seed)
    author = Author(dice, per_second)
    steps = [author.step(number) for number in range(1, edits + 1)]
    steps += accidents(dice, faults, steps[-1].at, edits)
    if faults:
        steps += hours(steps[-1].at, len(steps))
    return Plan(seed, tuple(sorted(steps, key=lambda step: step.at)))


def accidents(dice: random.Random, names: Sequence[str], until: float, edits: int) -> Iterator[Step]:
    """Each fault of the list comes before any comes again; the first of its name in a long run is a `big` one."""
    at, left, number, seen = 1.0, list[str](), 0, set[str]()
    while names and at < until:
        left = left or dice.sample(list(names), len(names))
        number += 1
        name = left.pop()
        options = {"dice": dice.randrange(2**31), "big": name not in seen and edits >= LONG_RUN}
        seen.add(name)
        who = f"fault {number % FAULTS}"
        pause = round(dice.uniform(0.5, 3.0), 2)
        yield Step(edits + number, round(at, 3), who, name, pause=pause, options=options)
        at += dice.expovariate(1 / SECONDS_BETWEEN_FAULTS)


def hours(until: float, number: int) -> Iterator[Step]:
    """Waits of minutes and hours pass in seconds, so that what was put off is tried again while faults go on."""
    for place in range(1, int(until / SECONDS_BETWEEN_HOURS) + 1):
        yield Step(number + place, place * SECONDS_BETWEEN_HOURS, "fault time", "time passes", options={"dice": 0})


class Author:
    """Writes the steps of people, knowing which records there will be."""

    def __init__(self, dice: random.Random, per_second: float) -> None:
        self.dice, self.per_second, self.at = dice, per_second, 0.0
        self.slots = [f"{kind.name} {place}" for kind in KINDS.values() for place in range(1, kind.wanted + 1)]
        self.hot = dice.sample([slot for slot in self.slots if KINDS[slot.split()[0]].editable], 5)
        self.gone: set[str] = set()
        self.parents: Counter[tuple[str, str]] = Counter()  # how many of a kind a record bears

    def step(self, number: int) -> Step:
        self.at += self.dice.expovariate(self.per_second)
        there = self.dice.random() < 0.35
        who = f"buildium {self.dice.randrange(BUILDIUM)}" if there else f"person {self.dice.randrange(PEOPLE)}"
        chance = self.dice.random()
        if chance < (0.1 if there else 0.15):
            return self.create(number, who, there)
        if there and chance < 0.14 and (made := self.deletable()):
            self.gone.add(made)
            return Step(number, round(self.at, 3), who, "delete there", made)
        return self.edit(number, who, there)

    def create(self, number: int, who: str, there: bool) -> Step:
        kinds = [each for each in KINDS.values() if each.new_there or not there]
        kind, parents = next(
            (each, found)
            for each in self.dice.sample(kinds, len(kinds))
            if all(found := [self.parent(each, name) for name in each.parents])
        )
        for each in parents:
            self.parents[kind.name, each] += 1
        slot = f"{kind.name} +{number}"
        self.slots.append(slot)
        act = "create there" if there else "create"
        return Step(number, round(self.at, 3), who, act, slot, parents=tuple(parents))

    def parent(self, kind: Kind, name: str) -> str:
        """A record of the kind `name` that can bear one more of `kind`; empty where there is none."""
        room = kind.room.get(name)
        found = [
            slot
            for slot in self.slots
            if slot.split()[0] == name and slot not in self.gone
            and (room is None or ("+" in slot and self.parents[kind.name, slot] < room))
        ]  # fmt: skip
        return self.dice.choice(found or [""])

    def edit(self, number: int, who: str, there: bool) -> Step:
        slot = self.dice.choice(self.hot) if self.dice.random() < 0.4 else self.some()
        kind = KINDS[slot.split()[0]]
        several = min(len(kind.values), 2 if self.dice.random() < 0.3 else 1)
        fields = tuple(self.dice.sample([each.field for each in kind.values], several))
        pause = round(self.dice.choice((0, 0, 0.2, 1.5)) * self.dice.random(), 2)
        return Step(number, round(self.at, 3), who, "edit there" if there else "edit", slot, fields, pause)

    def some(self) -> str:
        """A record that isn't deleted; of those made in the run only kinds that are edited then."""
        found = [slot for slot in self.slots if "+" not in slot or KINDS[slot.split()[0]].editable]
        return self.dice.choice([slot for slot in found if slot not in self.gone])

    def deletable(self) -> str:
        """A record made in the run that nothing hangs on."""
        bearing = {slot for _, slot in self.parents}
        made = [slot for slot in self.slots if "+" in slot and KINDS[slot.split()[0]].deletable]
        return self.dice.choice([slot for slot in made if slot not in self.gone | bearing] or [""])
