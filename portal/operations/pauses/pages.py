"""Holding the sync back and letting it go on, by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations, person
from portal.operations.words import kind, kinds
from portal.sync import pauses
from portal.sync.models import SyncPause
from portal.sync.states import TransitionError
from portal.web.access import Permission, requires
from portal.web.formats import plural

DIRECTIONS: Mapping[str, str] = {pauses.PUSH: "Sending to Buildium", pauses.PULL: "Fetching from Buildium"}
MODES: Mapping[str, str] = {pauses.PAUSED: "Pause", pauses.SHADOW: "Shadow mode (work out, send nothing)"}
LONGEST_REASON = 500


def in_force() -> Sequence[SyncPause]:
    return db.session.scalars(select(SyncPause).order_by(SyncPause.created_at)).all()


@operations.post("/pauses")
@requires(Permission.OPERATE_SYNC)
def pause() -> ResponseReturnValue:
    entity_type, direction = request.form.get("entity_type", ""), request.form.get("direction", "")
    mode = request.form.get("mode", pauses.PAUSED)
    if entity_type not in {pauses.ALL, *kinds()} or direction not in DIRECTIONS or mode not in MODES:
        flash("Nothing was paused: choose what, and in which direction.", "error")
        return back_to("index")
    if mode == pauses.SHADOW and direction != pauses.PUSH:
        flash("Nothing was changed: shadow mode is about sending. Fetching changes nothing in Buildium.", "error")
        return back_to("index")
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    note_act(*begun(entity_type, direction, mode), target=("kind", entity_type), reason=reason)
    try:
        held = pauses.pause(entity_type, direction, reason, person(), mode)
    except TransitionError as error:
        flash(str(error), "error")
        return back_to("index")
    if mode == pauses.SHADOW:
        flash(f"Shadow mode is on for {what(entity_type)}. {plural(held, 'waiting record')} held and worked out.")
        return back_to("shadow")
    rest = f" {plural(held, 'record')} that waited {'is' if held == 1 else 'are'} held." if direction == "push" else ""
    flash(f"{DIRECTIONS[direction]} is paused for {what(entity_type)}.{rest} Nothing is lost meanwhile.")
    return back_to("index")


@operations.post("/pauses/<uuid:pause_id>/end")
@requires(Permission.OPERATE_SYNC)
def resume(pause_id: UUID) -> ResponseReturnValue:
    found = db.session.get(SyncPause, pause_id)
    if found is not None:
        note_act(*ended(found), target=("kind", found.entity_type))
    try:
        freed = pauses.resume(pause_id)
    except TransitionError as error:
        flash(str(error), "error")
        return back_to("index")
    flash(f"Resumed. {plural(freed, 'held record')} {'is' if freed == 1 else 'are'} sent now.")
    return back_to("index")


def begun(entity_type: str, direction: str, mode: str) -> tuple[str, str]:
    """The act: its kind, and what was done in words."""
    if mode == pauses.SHADOW:
        return "switch", f"Switched shadow mode on for {what(entity_type)}"
    return "pause", f"Paused {doing(direction)} for {what(entity_type)}"


def ended(pause: SyncPause) -> tuple[str, str]:
    if pause.mode == pauses.SHADOW:
        return "switch", f"Switched shadow mode off for {what(pause.entity_type)}"
    return "resume", f"Resumed {doing(pause.direction)} for {what(pause.entity_type)}"


def doing(direction: str) -> str:
    """Within a sentence."""
    words = DIRECTIONS[direction]
    return words[0].lower() + words[1:]


def what(entity_type: str) -> str:
    return "everything" if entity_type == pauses.ALL else f"every {kind(entity_type).lower()}"
