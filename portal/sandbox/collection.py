"""Records, and the collections that keep them by id and by indexed fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.sandbox.journal import Change

Values = dict[str, Any]
FIRST_ID = 1001


@dataclass(frozen=True, slots=True)
class Record:
    """One stored record. `values` is never changed in place: a change makes a new record."""

    kind: str
    id: int
    created: datetime
    updated: datetime
    values: Values

    def __getitem__(self, field: str) -> Any:
        return self.values[field]

    def change(self) -> Change:
        return self.kind, self.id, self.created.isoformat(), self.updated.isoformat(), self.values


class Collection:
    """All records of one kind by id, with look-ups by the fields in `indexed` (scalars or lists of scalars)."""

    def __init__(self, indexed: tuple[str, ...] = ()) -> None:
        self.records: dict[int, Record] = {}
        self.next_id = FIRST_ID
        self._indexes: dict[str, dict[Any, dict[int, None]]] = {field: {} for field in indexed}

    def put(self, record: Record) -> None:
        self.drop(record.id, keep_place=True)
        self.records[record.id] = record
        self.next_id = max(self.next_id, record.id + 1)
        for field, index in self._indexes.items():
            for key in listed(record.values.get(field)):
                index.setdefault(key, {})[record.id] = None

    def drop(self, record_id: int, *, keep_place: bool = False) -> None:
        old = self.records.get(record_id)
        if old is None:
            return
        for field, index in self._indexes.items():
            for key in listed(old.values.get(field)):
                index[key].pop(record_id, None)
        if not keep_place:
            del self.records[record_id]

    def find(self, field: str, value: Any) -> list[Record]:
        """Records whose indexed field is, or contains, `value`. Raises KeyError for a field without an index."""
        return [self.records[record_id] for record_id in self._indexes[field].get(value, ())]


def listed(value: Any) -> list[Any]:
    """A scalar as a list of one, a list as it is."""
    return value if isinstance(value, list) else [value]


def filled(empty: Values, given: Values) -> Values:
    """Stored values from some of them, the others as in `empty`. Raises KeyError for a name that `empty` lacks."""
    unknown = set(given) - set(empty)
    if unknown:
        raise KeyError(*sorted(unknown))
    return {**empty, **given}
