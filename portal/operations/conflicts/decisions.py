"""Deciding conflicts: one by one, the same for similar ones, and back again within a time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations
from portal.operations.places import record_url
from portal.operations.records import conflict
from portal.operations.records.record import done, found, named
from portal.sync import decisions, similar, undoing
from portal.sync.decision_models import SyncDecision
from portal.sync.models import SyncStatus
from portal.web.access import Permission, requires

CHOICE = "choice:"
SIDES = (decisions.OURS, decisions.THEIRS)
TARGET = "record"


@operations.post("/records/<uuid:row_id>/decision")
@requires(Permission.OPERATE_SYNC)
def decide(row_id: UUID) -> ResponseReturnValue:
    """One choice per field, or `all` for one side altogether; `then=similar` goes on to the ones that are like it."""
    row = found(row_id)
    name, places = named(row), list(row.conflict or {})
    everything = request.form.get("all", "")
    choices = {place: everything or request.form.get(CHOICE + place, "") for place in places}
    if any(side not in SIDES for side in choices.values()):
        flash("Nothing was decided: choose one of the two values for every field.", "error")
        return back_to("record", row_id=row_id)
    made: list[SyncDecision] = []
    if done(lambda: made.append(decisions.decide(row, choices, request.form.get("seen"))), None, name):
        decision = made[0]
        note(f"{name}: {conflict.summary(decision)}", row_id)
        kept = sum(side == decisions.OURS for side in choices.values())
        flash(f"{name}: kept ours for {kept} and took Buildium’s for {len(choices) - kept}. It is sent now.")
        if request.form.get("then") == "similar":
            return back_to("decision", decision_id=decision.id)
    return back_to("record", row_id=row_id)


def note(words: str, target: Any, **facts: Any) -> None:
    """Write the act down among what people did at the dashboard. Commits."""
    note_act("decide", words, target=(TARGET, target), **facts)
    db.session.commit()


@operations.get("/decisions/<uuid:decision_id>")
@requires(Permission.VIEW_SYNC)
def decision(decision_id: UUID) -> str:
    """What was decided, what undoing it does, and the open conflicts that are like it."""
    made: SyncDecision = db.get_or_404(SyncDecision, decision_id)
    row = db.session.get(SyncStatus, made.status_id)
    return render_template(
        "sync/decision.html",
        decision=made,
        row=row,
        fields=conflict.fields_of(made),
        summary=conflict.summary(made),
        refused=undoing.why_not(made, row),
        until=undoing.undo_until(made),
        is_sent=row is not None and (row.synced_version or 0) >= made.local_version and row.sync_status == "synced",
        alike={} if made.undone_at else {each: similar.number_similar(made, each) for each in SCOPES},
        scopes=SCOPES,
        page_url=record_url(made.entity_type, made.entity_id),
    )


SCOPES = {
    similar.SAME_FIELDS: "A conflict about the same fields, whatever the values",
    similar.SAME_VALUES: "A conflict about the same fields, and between the same values",
}


@operations.post("/decisions/<uuid:decision_id>/undo")
@requires(Permission.OPERATE_SYNC)
def undo_decision(decision_id: UUID) -> ResponseReturnValue:
    mine = select(SyncDecision).where(SyncDecision.id == decision_id).with_for_update()
    made: SyncDecision = db.one_or_404(mine)
    row_id, name = made.status_id, f"“{made.record_name}”"
    if not done(lambda: undoing.undo(made), None, name):
        return back_to("decision", decision_id=decision_id)
    note(f"{name}: the decision of {made.decided_by} was undone. {made.undone_words}", row_id)
    flash(f"{name}: the decision is undone. {made.undone_words} It is sent now.")
    return back_to("record", row_id=row_id)


@operations.post("/decisions/<uuid:decision_id>/similar")
@requires(Permission.OPERATE_SYNC)
def propose_similar(decision_id: UUID) -> ResponseReturnValue:
    """Show what the same choice would be made for; nothing is decided by this."""
    made: SyncDecision = db.get_or_404(SyncDecision, decision_id)
    scope = request.form.get("scope", "")
    if scope not in SCOPES or made.undone_at is not None:
        flash("Nothing was prepared: choose which conflicts count as similar.", "error")
        return back_to("decision", decision_id=decision_id)
    batch = similar.propose(made, scope)
    return back_to("decision_batch", batch_id=batch.id)
