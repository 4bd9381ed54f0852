"""The records: in memory, indexed, changed only in transactions that are journalled before anyone sees an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from portal.sandbox.collection import Collection, Record, Values
from portal.sandbox.journal import Change, Journal


class Transaction:
    """Reads and changes inside one commit. Changes are visible at once and undone if the block fails."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self.collections = collections
        self.now = datetime.now(UTC)
        self.changes: list[Change] = []
        self._undo: list[tuple[Collection, int, Record | None]] = []

    def insert(self, kind: str, values: Values) -> Record:
        collection = self.collections[kind]
        record = Record(kind, collection.next_id, self.now, self.now, values)
        self._undo.append((collection, record.id, None))
        collection.put(record)
        self.changes.append(record.change())
        return record

    def replace(self, old: Record, values: Values, *, touch: bool = True) -> Record:
        collection = self.collections[old.kind]
        record = Record(old.kind, old.id, old.created, self.now if touch else old.updated, values)
        self._undo.append((collection, old.id, old))
        collection.put(record)
        self.changes.append(record.change())
        return record

    def remove(self, old: Record) -> None:
        collection = self.collections[old.kind]
        self._undo.append((collection, old.id, old))
        collection.drop(old.id)
        now = self.now.isoformat()
        self.changes.append((old.kind, old.id, now, now, None))

    def undo(self) -> None:
        for collection, record_id, old in reversed(self._undo):
            if old is None:
                collection.drop(record_id)
            else:
                collection.put(old)


class Store:
    """Every collection, one lock, one journal (None: memory only). `indexed` maps each kind to its indexed fields."""

    def __init__(self, indexed: Mapping[str, tuple[str, ...]], journal: Journal | None = None) -> None:
        self._indexed = indexed
        self._journal = journal
        self._lock = threading.RLock()
        self.collections = self._emptied()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A block that commits when it ends, or leaves no trace when it raises."""
        with self._lock:
            transaction = Transaction(self.collections)
            committed = False
            try:
                yield transaction
                if transaction.changes and self._journal:
                    self._journal.append(transaction.changes)
                committed = True
            finally:
                if not committed:
                    transaction.undo()

    def load(self) -> bool:
        """Read the journal and compact it. Returns whether it held anything (an emptied company counts).
        Raises ValueError for a damaged journal, which gives the folder free and leaves it as it is."""
        if self._journal is None:
            return False
        found = False
        try:
            for line in self._journal.read():
                found = True
                self._apply(line)
        except ValueError:
            self._journal.close()
            raise
        if found:
            self.compact()
        return found

    def reset(self, records: list[Record]) -> None:
        """Forget everything and begin with these records; ids start again. Where the disk is full, nothing changes."""
        with self._lock:
            before, self.collections = self.collections, self._emptied()
            for record in records:
                self.collections[record.kind].put(record)
            try:
                self.compact()
            except OSError:
                self.collections = before
                raise

    def compact(self) -> None:
        if self._journal is not None:
            self._journal.compact(self._snapshot())

    def counts(self) -> dict[str, int]:
        return {kind: len(collection.records) for kind, collection in self.collections.items()}

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _emptied(self) -> dict[str, Collection]:
        return {kind: Collection(fields) for kind, fields in self._indexed.items()}

    def _snapshot(self) -> Iterator[Any]:
        yield {"next": {kind: collection.next_id for kind, collection in self.collections.items()}}
        for collection in self.collections.values():
            for record in sorted(collection.records.values(), key=lambda record: record.id):
                yield [record.change()]

    def _apply(self, line: Any) -> None:
        if isinstance(line, dict):
            for kind, next_id in line["next"].items():
                if kind in self.collections:
                    self.collections[kind].next_id = next_id
            return
        for kind, record_id, created, updated, values in line:
            # A kind that this version no longer serves is left behind rather than refused.
            collection = self.collections.get(kind)
            if collection is None:
                continue
            if values is None:
                collection.drop(record_id)
            else:
                at = datetime.fromisoformat
                collection.put(Record(kind, record_id, at(created), at(updated), values))
