"""Conflicts that are like one that was decided, and what the same choice would be made for: written down as it stands,
with the version and the conflict of each record, so that one that changes before somebody confirms is told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from portal.acting import actor
from portal.extensions import db
from portal.sync.conflicts import digest
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.decisions import OURS, THEIRS
from portal.sync.models import SyncStatus
from portal.sync.states import State

SAME_FIELDS, SAME_VALUES = "fields", "values"
AT_MOST = 10_000


@dataclass(frozen=True)
class Example:
    """An open conflict that others are compared with; its `fields` are place → values, as a decision's are."""

    entity_type: str
    status_id: UUID
    fields: Mapping[str, Mapping[str, Any]]


def similar(decision: SyncDecision | Example, scope: str) -> list[ColumnElement[bool]]:
    """Open conflicts of the same kind about exactly the same fields; with SAME_VALUES also between the same values."""
    places = sorted(decision.fields)
    listed = cast(literal(places, ARRAY(Text)), ARRAY(Text))
    found = [
        SyncStatus.sync_status == State.CONFLICT.value,
        SyncStatus.entity_type == decision.entity_type,
        SyncStatus.id != decision.status_id,
        SyncStatus.conflict.op("?&", is_comparison=True)(listed),
        SyncStatus.conflict.op("-", return_type=JSONB())(listed) == cast(literal("{}", Text), JSONB),
    ]
    if scope == SAME_VALUES:
        found += [
            SyncStatus.conflict[place][side] == cast(literal(json.dumps(decision.fields[place][side]), Text), JSONB)
            for place in places
            for side in (OURS, THEIRS)
        ]
    return found


def number_similar(decision: SyncDecision | Example, scope: str) -> int:
    return db.session.scalar(select(func.count()).select_from(SyncStatus).where(*similar(decision, scope))) or 0


def propose(decision: SyncDecision, scope: str) -> DecisionBatch:
    """Write down what the same decision would be made for. Commits; nothing is decided yet."""
    columns = (SyncStatus.id, SyncStatus.record_name, SyncStatus.local_version, SyncStatus.conflict)
    newest = select(*columns).where(*similar(decision, scope)).order_by(SyncStatus.updated_at.desc(), SyncStatus.id)
    rows = [
        {"status_id": row.id, "record_name": row.record_name, "local_version": row.local_version,
         "seen": digest(row.conflict)}
        for row in db.session.execute(newest.limit(AT_MOST))
    ]  # fmt: skip
    choices = {place: each["side"] for place, each in decision.fields.items()}
    found = number_similar(decision, scope) if len(rows) == AT_MOST else len(rows)
    facts = {"entity_type": decision.entity_type, "scope": scope, "choices": choices, "decision_id": decision.id}
    return written("decide", rows, found, **facts)


def propose_undo(batch: DecisionBatch) -> DecisionBatch:
    """Write down what of a batch can still be taken back. Commits; nothing is undone yet."""
    mine = (SyncDecision.batch_id == batch.id, SyncDecision.undone_at.is_(None))
    made = select(SyncDecision).where(*mine).order_by(SyncDecision.decided_at, SyncDecision.id)
    rows = [
        {"status_id": each.status_id, "record_name": each.record_name, "local_version": each.local_version,
         "decision_id": each.id}
        for each in db.session.scalars(made)
    ]  # fmt: skip
    facts = {"entity_type": batch.entity_type, "undoes_id": batch.id, "choices": batch.choices}
    return written("undo", rows, len(rows), **facts)


def written(act: str, rows: list[dict[str, Any]], found: int, **facts: Any) -> DecisionBatch:
    who = actor()
    batch = DecisionBatch(
        id=uuid4(),
        act=act,
        found=found,
        total=len(rows),
        requested_by_id=who.user_id if who else None,
        requested_by=who.name if who else "Nobody",
        **facts,
    )
    db.session.add(batch)
    db.session.flush()
    if rows:
        db.session.execute(insert(BatchRow), [{"batch_id": batch.id, **row} for row in rows])
    db.session.commit()
    return batch
