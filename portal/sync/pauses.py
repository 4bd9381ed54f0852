"""Holding the sync of one kind of record, or of all of them, back in one direction, and letting it go on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from portal.extensions import db
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.states import Event, State, TransitionError, after, before

ALL = "*"
PUSH, PULL = "push", "pull"


def pause(entity_type: str, direction: str, reason: str | None, by: str) -> int:
    """Hold `entity_type` (or ALL) back from now on; returns how many waiting records are held. Commits.

    Raises TransitionError where it is paused already. What is being sent right now is finished.
    """
    values = {"entity_type": entity_type, "direction": direction, "reason": reason or None, "paused_by": by}
    made = insert(SyncPause).values(values).on_conflict_do_nothing().returning(SyncPause.id)
    if db.session.scalar(made) is None:
        db.session.rollback()
        raise TransitionError("This is paused already.")
    held = 0
    if direction == PUSH:
        waiting = (SyncStatus.sync_status.in_(before(Event.PAUSED)), of(entity_type))
        held = move(waiting, after(Event.PAUSED, State.PENDING))
    db.session.commit()
    return held


def resume(pause_id: UUID) -> int:
    """End a pause; returns how many held records are due now. Commits. Raises TransitionError where it has ended.

    What another pause holds as well stays held.
    """
    ended = db.session.execute(
        delete(SyncPause).where(SyncPause.id == pause_id).returning(SyncPause.entity_type, SyncPause.direction)
    ).one_or_none()
    if ended is None:
        db.session.rollback()
        raise TransitionError("This pause has ended already.")
    freed = 0
    if ended.direction == PUSH:
        others = select(SyncPause.id).where(
            SyncPause.direction == PUSH, SyncPause.entity_type.in_((ALL, SyncStatus.entity_type))
        )
        held = (SyncStatus.sync_status.in_(before(Event.RESUMED)), of(ended.entity_type), ~others.exists())
        freed = move(held, after(Event.RESUMED, State.HELD))
    db.session.commit()
    return freed


def of(entity_type: str) -> ColumnElement[bool]:
    return true() if entity_type == ALL else SyncStatus.entity_type == entity_type


def move(which: tuple[ColumnElement[bool], ...], state: State) -> int:
    """Due at once in its new state: a held row isn't looked at, a released one is sent."""
    values = {"sync_status": state.value, "next_attempt_at": func.clock_timestamp()}
    done = db.session.execute(
        update(SyncStatus).where(*which).values(values).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
