"""What the chaos run has to know of a kind of record.

A value that somebody types is unique in the whole run, so that wherever it turns up it tells whose edit it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Body = dict[str, Any]
# The name of a kind → the id of the parent of that kind, of the side that asks. Besides: bank, account and staff.
Find = Callable[[str], Any]


@dataclass(frozen=True)
class Value:
    """One field that both sides edit: its name in the form, its column here, its place in Buildium's record (a name at
    the top level, so that an edit there changes nothing else), and what edit number n types."""

    field: str
    there: str
    typed: Callable[[int], str] = lambda number: f"edit {number} "
    column: str = ""
    number: bool = False

    @property
    def here(self) -> str:
        return self.column or self.field

    def sent(self, number: int) -> Any:
        """What edit number n puts into Buildium's record."""
        typed = self.typed(number).strip()
        if not self.number:
            return typed
        return float(typed) if "." in typed else int(typed)

    def same(self, value: Any) -> str | None:
        """One spelling for both sides."""
        if value is None or value == "":
            return None
        text = f"{float(value):.2f}" if self.number else str(value).strip()
        # A day may be kept as its midnight.
        return text.removesuffix("T00:00:00")


def mark(number: int) -> str:
    return f"{number} Marker Street"


@dataclass(frozen=True)
class Kind:
    """`new` gives the fields of the form of a new record, `new_there` the message that creates one at Buildium (None:
    nobody makes it there); both get the number of the edit and a way to the ids of others.

    `marker` is what creates write and nobody edits: it tells copies of one record. `samples` is a condition for the
    records of the sample portfolio that may be edited, `wanted` how many of them take part. `parents` are the kinds of
    the records it hangs on, `room` how many of it one of them bears at most, where that must be one made in the run.
    """

    name: str
    pages: str
    table: str
    id_column: str
    there: str  # its kind at Buildium; empty where it is no record of its own there
    path: str
    values: tuple[Value, ...]
    new: Callable[[int, Find], Body]
    new_there: Callable[[int, Find], Body] | None
    marker: Value = Value("address_line1", "Address.AddressLine1", mark)
    samples: str = "true"
    wanted: int = 4
    parents: tuple[str, ...] = ()
    room: Mapping[str, int] = field(default_factory=dict)
    deletable: bool = False
    editable: bool = True  # whether records made in the run are edited
    ignored: frozenset[str] = frozenset()  # places at Buildium that follow from other records
    derived: frozenset[str] = frozenset()  # columns that do
    opens: Callable[[Find], str] | None = None  # the page of the form, where it isn't that of a plain new record
    fill: Callable[[Body, Find], Body] | None = None  # what to type, seen the form
    confirms: str = ""  # where the form goes once the page has asked whether to do it

    @property
    def resource(self) -> str:
        """What the sync calls it."""
        return {"note": "task_history"}.get(self.name, self.name)

    def value(self, name: str) -> Value:
        return next(each for each in self.values if each.field == name)

    def form(self, find: Find) -> str:
        return self.opens(find) if self.opens else f"{self.pages}/new"


HERE = {"city": "Portland", "state": "ME", "postal_code": "04101", "country": "UnitedStates"}


def address(number: int) -> Body:
    return {
        "AddressLine1": mark(number), "City": "Portland", "State": "ME", "PostalCode": "04101",
        "Country": "UnitedStates",
    }  # fmt: skip


def at(body: Mapping[str, Any] | None, place: str) -> Any:
    found: Any = body
    for key in place.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def day(number: int, first: date = date(2040, 1, 1)) -> str:
    """A day for each edit; far ahead, so that nothing comes due during a run."""
    return (first + timedelta(days=number)).isoformat()
