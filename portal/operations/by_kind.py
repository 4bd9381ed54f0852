"""One line per kind of record: how many are in which state, and when something last went well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union_all

from portal.extensions import db
from portal.operations.words import kind, kinds
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.runs import Kind
from portal.sync.states import State

COLUMNS: Mapping[str, str] = {
    State.SYNCED.value: "In sync",
    State.PENDING.value: "Waiting",
    State.BLOCKED.value: "Can’t be sent",
    State.CONFLICT.value: "Conflicts",
    State.FAILED.value: "Refused",
}


@dataclass(frozen=True)
class Line:
    """One kind of record: rows by state, the last time one of them was brought in step, and its newest run."""

    name: str
    words: str
    counts: Mapping[str, int]
    last_success: datetime | None
    run: SyncRun | None

    @property
    def rest(self) -> int:
        """Those in a state without a column of its own."""
        return sum(number for state, number in self.counts.items() if state not in COLUMNS)

    @property
    def drift(self) -> int:
        """How many records the newest run found different; an import only begins."""
        if self.run is None or self.run.kind == Kind.IMPORT:
            return 0
        return self.run.created + self.run.updated + self.run.missing + self.run.conflicts


def lines(counts: Mapping[str, Mapping[str, int]]) -> list[Line]:
    """A line per kind; two queries for all of them besides the `counts`."""
    names = list(kinds())
    successes, runs = last_successes(names), newest_runs(names)
    return [Line(name, kind(name), counts.get(name, {}), successes.get(name), runs.get(name)) for name in names]


def last_successes(names: list[str]) -> dict[str, datetime]:
    """One probe of an index per kind instead of a look at every row."""
    if not names:
        return {}
    newest = [
        select(func.max(SyncStatus.last_synced_at)).where(SyncStatus.entity_type == name).scalar_subquery().label(name)
        for name in names
    ]
    row = db.session.execute(select(*newest)).one()
    return {name: moment for name, moment in zip(names, row, strict=True) if moment is not None}


def newest_runs(names: list[str]) -> dict[str, SyncRun]:
    if not names:
        return {}
    newest = [
        select(SyncRun.id).where(SyncRun.entity_type == name).order_by(SyncRun.created_at.desc()).limit(1).subquery()
        for name in names
    ]
    ids = union_all(*(select(each.c.id) for each in newest)).subquery()
    found = db.session.scalars(select(SyncRun).where(SyncRun.id.in_(select(ids.c.id))))
    return {run.entity_type: run for run in found}
