"""What a business rule sees: the records inside one transaction, the switches, and the events it causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from portal.sandbox.collection import Collection, Record, Values
from portal.sandbox.errors import RefusedError
from portal.sandbox.store import Transaction
from portal.sandbox.switches import Switches

if TYPE_CHECKING:
    from portal.sandbox.resource import Event

Happening = tuple[str, Values]


class World:
    """One request's view. `scope` holds the ids of the path (`{"LeaseId": 7}`); `happenings` collects the
    webhooks to be sent once the transaction is committed, as (event name, id fields)."""

    def __init__(
        self,
        transaction: Transaction,
        switches: Switches,
        events: Mapping[str, Event],
        scope: Mapping[str, int] | None = None,
    ) -> None:
        self._transaction = transaction
        self._events = events
        self.switches = switches
        self.scope = dict(scope or {})
        self.now = transaction.now
        self.happenings: list[Happening] = []

    def all(self, kind: str) -> list[Record]:
        """Every record of a kind, by id."""
        records = self._collection(kind).records
        return [records[record_id] for record_id in sorted(records)]

    def get(self, kind: str, record_id: int | None) -> Record | None:
        return None if record_id is None else self._collection(kind).records.get(record_id)

    def find(self, kind: str, field: str, value: object) -> list[Record]:
        """Records whose indexed field is, or contains, the value."""
        return self._collection(kind).find(field, value)

    def needed(self, kind: str, record_id: int, field: str, *, missing: int = 422) -> Record:
        """The record a request refers to in `field`; refuses with `missing` where it doesn't exist."""
        record = self.get(kind, record_id)
        if record is None:
            raise RefusedError(missing, [(field, f"{field} {record_id} does not exist.")])
        return record

    def insert(self, kind: str, values: Values) -> Record:
        record = self._transaction.insert(kind, values)
        self._announce_all(record, "Created")
        return record

    def replace(self, record: Record, values: Values, *, quiet: bool = False) -> Record:
        """Put these values in place of all of the record's; `quiet` sends no webhook."""
        changed = self._transaction.replace(record, values)
        if not quiet:
            self._announce_all(changed, "Updated")
        return changed

    def change(self, record: Record, values: Values, *, quiet: bool = False) -> Record:
        """Replace some values and keep the others."""
        return self.replace(record, {**record.values, **values}, quiet=quiet)

    def remove(self, record: Record) -> None:
        self._transaction.remove(record)
        self._announce_all(record, "Deleted")

    def announce(self, record: Record, operation: str) -> None:
        """The webhook of the record itself, as often as it is called for."""
        event = self._events.get(record.kind)
        if event is not None and operation in event.operations:
            own = {event.id_field: record.id} if event.id_field else {}
            ids = {**own, **event.more(record)}
            self.happenings.append((f"{event.prefix}.{operation}", ids))

    def same(self, one: str | None, other: str | None) -> bool:
        """Whether two names count as equal where Buildium wants them unique."""
        if one is None or other is None:
            return False
        return one.casefold() == other.casefold() if self.switches.unique_ignores_case else one == other

    def next_id(self, kind: str) -> int:
        """The id that the next record of a kind will get, for parts of it that are numbered after it."""
        return self._collection(kind).next_id

    def _announce_all(self, record: Record, operation: str) -> None:
        self.announce(record, operation)
        event = self._events.get(record.kind)
        if event is not None:
            along = event.along(self, record)
            self.happenings += [(f"{prefix}.{operation}", ids) for prefix, ids in along]

    def _collection(self, kind: str) -> Collection:
        return self._transaction.collections[kind]
