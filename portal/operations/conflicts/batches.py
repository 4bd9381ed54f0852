"""The same decision for many records, or its undoing: the preview, the progress and the receipt are one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations
from portal.operations.records.conflict import described, summary
from portal.operations.words import kind
from portal.sync import batches, similar, undoing
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.models import SyncStatus
from portal.web.access import Permission, requires
from portal.web.formats import plural

SHOWN = 50


@operations.get("/decision-batches/<uuid:batch_id>")
@requires(Permission.VIEW_SYNC)
def decision_batch(batch_id: UUID) -> str:
    batch: DecisionBatch = db.get_or_404(DecisionBatch, batch_id)
    example = db.session.get(SyncDecision, batch.decision_id) if batch.decision_id else None
    first = rows_of(batch, "waiting")
    return render_template(
        "sync/decision_batch.html",
        batch=batch,
        example=example,
        summary=summary(example) if example else "",
        numbers=batches.outcomes(batch),
        reasons=batches.reasons(batch),
        waiting=first,
        skipped=rows_of(batch, "skipped"),
        done=rows_of(batch, "done"),
        effects=effects(batch, first) if batch.state == "proposed" else {},
        shown=SHOWN,
        at_once=batches.AT_ONCE,
        undo_until=undoing.undo_until(example) if example else None,
        undo_hours=undoing.undo_hours(),
    )


def rows_of(batch: DecisionBatch, outcome: str) -> Sequence[BatchRow]:
    mine = select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.outcome == outcome)
    return db.session.scalars(mine.order_by(BatchRow.id).limit(SHOWN)).all()


def effects(batch: DecisionBatch, rows: Sequence[BatchRow]) -> Mapping[int, list[str]]:
    """What would happen to each of the rows that are shown, a sentence per field."""
    if batch.act == "undo":
        made = {each.id: each for each in by_id(SyncDecision, [row.decision_id for row in rows])}
        return {row.id: [undoing.said_of(made[row.decision_id])] for row in rows if row.decision_id in made}
    open_ones = {each.id: each for each in by_id(SyncStatus, [row.status_id for row in rows])}
    told = described({each.id: each.conflict or {} for each in open_ones.values()}, batch.entity_type)
    return {
        row.id: [
            f"{each.label}: {each.keeping if batch.choices.get(each.place) == 'ours' else each.taking}"
            for each in told.get(row.status_id, ())
        ]
        for row in rows
    }


def by_id(model: Any, ids: Sequence[Any]) -> Sequence[Any]:
    return db.session.scalars(select(model).where(model.id.in_(ids))).all()


@operations.post("/decision-batches/<uuid:batch_id>/start")
@requires(Permission.OPERATE_SYNC)
def start_batch(batch_id: UUID) -> ResponseReturnValue:
    batch: DecisionBatch = db.get_or_404(DecisionBatch, batch_id)
    if not batches.begin(batch):
        flash("Nothing was started: that was done already.", "error")
        return back_to("decision_batch", batch_id=batch_id)
    db.session.refresh(batch)
    records = plural(batch.total, kind(batch.entity_type).lower() + " record")
    words = f"The same decision for {records}" if batch.act == "decide" else f"The decisions about {records} undone"
    note_act("decide", words, target=("decision batch", batch.id), asked=batch.total)
    db.session.commit()
    flash(receipt(batch) if batch.state == "done" else f"{records} are worked on now. This page shows how far it is.")
    return back_to("decision_batch", batch_id=batch_id)


def receipt(batch: DecisionBatch) -> str:
    """“Decided 12, skipped 3: 2 × It was saved here meanwhile.”"""
    numbers = batches.outcomes(batch)
    verb = "Decided" if batch.act == "decide" else "Undone"
    text = f"{verb} {numbers.get('done', 0):,}, skipped {numbers.get('skipped', 0):,}"
    why = " ".join(f"{number:,} × {reason}" for reason, number in batches.reasons(batch).items())
    return f"{text}: {why}" if why else f"{text}."


@operations.post("/decision-batches/<uuid:batch_id>/undo")
@requires(Permission.OPERATE_SYNC)
def propose_undo(batch_id: UUID) -> ResponseReturnValue:
    """Show what can be taken back; nothing is undone by this."""
    batch: DecisionBatch = db.get_or_404(DecisionBatch, batch_id)
    if batch.act != "decide" or batch.state != "done":
        flash("Nothing was prepared: there is nothing to undo.", "error")
        return back_to("decision_batch", batch_id=batch_id)
    return back_to("decision_batch", batch_id=similar.propose_undo(batch).id)
