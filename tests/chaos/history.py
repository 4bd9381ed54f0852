"""Both sides' own books: which values each field had, in order. Here the audit trail, there the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.sandbox.requests_log import KEPT
from tests.chaos.company import Company, Slot
from tests.chaos.kinds import Body, Value

READS = """
    select endpoint, extract(epoch from created_at)::float, duration_ms from buildium_api_log
    where method = 'GET' and entity_id is not null and response_status = 200 order by created_at
"""
LATE = 1.0  # seconds


@dataclass(frozen=True)
class Moment:
    """A value that a field got at `at` (seconds since the epoch); `door` is by whom, here."""

    at: float
    value: str | None
    door: str = ""


@dataclass
class Books:
    """What is asked of the two sides once, at the end of a run."""

    journal: dict[tuple[str, int], list[tuple[float, Body | None]]] = field(default_factory=dict)
    audit: dict[tuple[str, str], list[tuple[float, str, str, Body]]] = field(default_factory=dict)
    reads: dict[str, list[tuple[float, float]]] = field(default_factory=dict)  # the GETs of pushes, by path
    arrivals: dict[str, list[float]] = field(default_factory=dict)  # when Buildium got a GET, by path

    def read_before(self, path: str, typed: float, written: float) -> bool:
        """Whether the last GET that a push made before the write at `written` had begun before `typed`."""
        done = [self.begun(path, began, ended) for began, ended in self.reads.get(path, []) if ended <= written]
        return bool(done) and max(done) < typed

    def begun(self, path: str, began: float, ended: float) -> float:
        """When that GET came to Buildium: the portal's log is written a moment after the answer."""
        known = [each for each in self.arrivals.get(path, []) if began - LATE <= each <= ended]
        return max(known, default=began)

    def here(self, slot: Slot, value: Value) -> list[Moment]:
        found = self.audit.get((slot.kind.table, slot.local or ""), [])
        return [
            Moment(at, value.same(changes[value.here][1]), door)
            for at, _, door, changes in found
            if value.here in changes
        ]

    def there(self, slot: Slot, value: Value, remotes: list[int]) -> list[Moment]:
        """Over all records that were this one at Buildium, one after another."""
        moments: list[Moment] = []
        for remote in remotes:
            for at, values in self.journal.get((slot.kind.there, remote), []):
                told = None if values is None else value.same(values.get(value.there))
                if values is not None and (not moments or moments[-1].value != told):
                    moments.append(Moment(at, told))
        return moments


def read_books(company: Company) -> Books:
    books = Books()
    for at, kind, number, values in journal_lines(company.home / "sandbox" / "journal.jsonl"):
        books.journal.setdefault((kind, number), []).append((at, values))
    rows = company.query(
        "select extract(epoch from at)::float, table_name, row_id, action, coalesce(door, ''), changes from audit_log"
        " order by id"
    )
    for at, table, key, action, door, changes in rows:
        books.audit.setdefault((table, key), []).append((at, action, door, changes))
    with company.control as control:
        for each in control.get("/requests", params={"method": "GET", "limit": KEPT}).json()["items"]:
            books.arrivals.setdefault(each["path"], []).append(datetime.fromisoformat(each["at"]).timestamp())
    for path, ended, milliseconds in company.query(READS):
        books.reads.setdefault(path, []).append((ended - (milliseconds or 0) / 1000, ended))
    return books


def journal_lines(path: Path) -> Iterator[tuple[float, str, int, Any]]:
    for line in path.read_bytes().split(b"\n"):
        found = json.loads(line) if line else {}
        if isinstance(found, list):
            for kind, number, _, updated, values in found:
                yield datetime.fromisoformat(updated).timestamp(), kind, number, values
