"""Who changed our side of a conflict, from the audit trail, and through what Buildium's side was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import inspect, select

from portal.acting import Door
from portal.audit import AuditEntry
from portal.extensions import db
from portal.sync.log import cause_now
from portal.sync.resource import Field, Resource

LATEST = 50  # changes of a record that are looked through; an unsent one isn't far back
THEIR_DOORS = (Door.WEBHOOK.value, Door.IMPORT.value, Door.PUSH.value)


def changed_by(resource: Resource, record: Any, places: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Place → changed_by, changed_by_id, changed_at of the last change here that didn't come from Buildium; a place
    that the trail says nothing of is left out. One query."""
    wanted = {item.remote: traces_of(resource, record, item) for item in resource.fields if item.remote in set(places)}
    rows = {(table, key) for traces in wanted.values() for table, keys, _ in traces for key in keys}
    entries = latest_changes(rows)
    found: dict[str, dict[str, Any]] = {}
    for place, traces in wanted.items():
        last = next((entry for entry in entries if any(is_of(entry, *trace) for trace in traces)), None)
        if last is not None:
            who = {"changed_by": last.actor_name, "changed_by_id": str(last.actor_id) if last.actor_id else None}
            found[place] = {**who, "changed_at": last.at.isoformat()}
    return found


def traces_of(resource: Resource, record: Any, item: Field) -> list[tuple[str, tuple[str, ...], str | None]]:
    """Where the trail tells of a field: (table, ids of rows, column, or None for any of them)."""
    if item.name is None:
        return []
    if item.items:
        parts = tuple(str(part.id) for part in getattr(record, item.name))
        return [(item.items.model.__tablename__, parts, None)]
    mapped = inspect(resource.model).column_attrs
    stored = getattr(getattr(resource.model, item.name, None), "stored", item.name)
    if stored not in mapped:
        return []
    return [(resource.model.__tablename__, (str(record.id),), mapped[stored].columns[0].name)]


def latest_changes(rows: set[tuple[str, str]]) -> list[Any]:
    """Newest first."""
    if not rows:
        return []
    by_table: dict[str, list[str]] = {}
    for table, key in sorted(rows):
        by_table.setdefault(table, []).append(key)
    columns = (AuditEntry.actor_id, AuditEntry.actor_name, AuditEntry.at, AuditEntry.table_name, AuditEntry.row_id)
    ours = AuditEntry.door.notin_(THEIR_DOORS) | AuditEntry.door.is_(None)
    parts = [
        select(AuditEntry.id, *columns, AuditEntry.changes)
        .where(AuditEntry.table_name == table, AuditEntry.row_id.in_(keys), ours)
        .order_by(AuditEntry.id.desc())
        .limit(LATEST)
        for table, keys in by_table.items()
    ]
    found = parts[0] if len(parts) == 1 else parts[0].union_all(*parts[1:])
    return sorted(db.session.execute(found).all(), key=lambda entry: entry.id, reverse=True)


def is_of(entry: Any, table: str, keys: tuple[str, ...], column: str | None) -> bool:
    return entry.table_name == table and entry.row_id in keys and (column is None or column in entry.changes)


def seen_through() -> Mapping[str, str]:
    """What brought Buildium's value here: {"webhook": id}, {"run": id}, or nothing for a push that looked."""
    cause = cause_now()
    if cause.webhook_event_id:
        return {"webhook": str(cause.webhook_event_id)}
    return {"run": str(cause.run_id)} if cause.run_id else {}
