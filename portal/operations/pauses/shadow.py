"""Shadow mode as people see it: what would be sent if sending were on, record by record, and the way out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, load_only

from portal.extensions import db
from portal.operations.blueprint import operations
from portal.operations.counts import ALL, numbers_by
from portal.operations.lists import STATE, Listing, read_list
from portal.operations.pauses.pages import what
from portal.operations.words import kinds
from portal.sync import pauses
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.rehearsal import Outcome
from portal.sync.shadow_models import Shadow
from portal.sync.states import State
from portal.web import search
from portal.web.access import Permission, requires
from portal.web.filters import Choice, Words

# What a person looks for first: what can't be taken back, and what needs somebody.
OUTCOMES: Mapping[str, str] = {
    Outcome.ERASE.value: "Would erase something",
    Outcome.CREATE.value: "Would create",
    Outcome.CHANGE.value: "Would change",
    Outcome.LINK.value: "Would link",
    Outcome.CHOOSE.value: "Would ask somebody",
    Outcome.BLOCKED.value: "Can’t be sent",
    Outcome.LATER.value: "After another record",
    Outcome.NOTHING.value: "Nothing to send",
    Outcome.UNANSWERED.value: "Couldn’t be worked out",
}
TONES: Mapping[str, str] = {
    Outcome.ERASE.value: "bad", Outcome.CREATE.value: "info", Outcome.CHANGE.value: "info", Outcome.LINK.value: "info",
    Outcome.CHOOSE.value: "wait", Outcome.BLOCKED.value: "wait", Outcome.LATER.value: "wait",
    Outcome.NOTHING.value: "good", Outcome.UNANSWERED.value: "off",
}  # fmt: skip

SHADOWS = Listing(
    "operations.shadow",
    Shadow,
    Shadow.worked_out_at,
    filters=(
        Choice(STATE, "What would happen", OUTCOMES, lambda value: Shadow.outcome == value),
        Choice("entity_type", "Kind", kinds, lambda value: Shadow.entity_type == value),
        Words("q", "Name", lambda text: search.found(func.lower(Shadow.record_name), text)),
    ),
    loads=(
        joinedload(Shadow.row).load_only(SyncStatus.sync_status, SyncStatus.buildium_id, SyncStatus.entity_id),
        load_only(
            Shadow.status_id, Shadow.entity_type, Shadow.record_name, Shadow.outcome, Shadow.words,
            Shadow.worked_out_at,
        ),
    ),
)  # fmt: skip


@operations.get("/shadow")
@requires(Permission.VIEW_SYNC)
def shadow() -> str:
    asked = read_list(SHADOWS, request.args)
    numbers = numbers_by(Shadow.outcome, *asked.where(but=STATE))
    return render_template(
        "sync/shadow.html",
        asked=asked,
        page=asked.page(),
        outcomes=asked.tabs(numbers, {ALL: "All", **OUTCOMES}),
        total=numbers.get(asked.value(STATE), 0),
        outcome_words=OUTCOMES,
        outcome_tones=TONES,
        modes=in_force(),
        left=left_to_work_out(),
        what=what,
    )


@operations.get("/shadow/<uuid:pause_id>/end")
@requires(Permission.OPERATE_SYNC)
def ask_end_shadow(pause_id: UUID) -> str:
    """Asks before what waits is sent: Buildium can't undo it."""
    mode = db.get_or_404(SyncPause, pause_id)
    mine = [] if mode.entity_type == pauses.ALL else [Shadow.entity_type == mode.entity_type]
    numbers = numbers_by(Shadow.outcome, *mine)
    return render_template(
        "sync/shadow_end.html",
        mode=mode,
        what=what(mode.entity_type),
        waiting=held(mode.entity_type),
        numbers=[(words, numbers[name]) for name, words in OUTCOMES.items() if name in numbers],
    )


def in_force() -> Sequence[SyncPause]:
    mine = select(SyncPause).where(SyncPause.mode == pauses.SHADOW)
    return db.session.scalars(mine.order_by(SyncPause.created_at)).all()


def held(entity_type: str) -> int:
    waiting = (SyncStatus.sync_status == State.HELD.value, pauses.of(entity_type))
    return db.session.scalar(select(func.count()).where(*waiting)) or 0


def left_to_work_out() -> int:
    """Records whose result is still to come, or to be renewed."""
    due = (SyncStatus.sync_status == State.HELD.value, SyncStatus.next_attempt_at <= func.clock_timestamp())
    return db.session.scalar(select(func.count()).where(*due, SyncStatus.entity_type.in_(pauses.shadowed()))) or 0


def shadow_of(row: SyncStatus) -> dict[str, Any] | None:
    """For the page of a record: what was worked out for it; None where it isn't in shadow mode."""
    found = db.session.scalar(select(Shadow).where(Shadow.status_id == row.id))
    if found is None:
        return None
    requests = [
        (f"{each['method']} {each['path']}", json.dumps(each["body"], indent=2, ensure_ascii=False))
        for each in found.requests
    ]
    return {
        "outcome": OUTCOMES[found.outcome],
        "tone": TONES[found.outcome],
        "words": found.words,
        "changes": found.changes,
        "requests": requests,
        "worked_out_at": found.worked_out_at,
        "is_old": found.local_version != row.local_version,
    }
