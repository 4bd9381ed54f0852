"""Holding the sync of one kind of record, or of all of them, back in one direction, and letting it go on.

The switch of a kind and direction stands on one of three: on, which leaves no row, paused, or shadow. In shadow mode
what waits is worked out as if it were sent (`portal.sync.shadows`), and held back all the same.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, delete, func, select, text, true, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from portal.database import affected
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.models import BuildiumConnection, SyncPause, SyncStatus
from portal.sync.shadow_models import Shadow
from portal.sync.states import Event, State, TransitionError, after, before

ALL = "*"
PUSH, PULL = "push", "pull"
PAUSED, SHADOW = "paused", "shadow"
SETTINGS = "the settings"
BEGUN = "A first connection begins like this (PORTAL_BEGIN_IN_SHADOW)."

# A microsecond apart in the order of the saves, so that they are sent in it.
RELEASE = text(
    """
    update buildium_sync_status as row set
      sync_status = :state, attempts = 0, cause = null, error_message = null, error_fields = null, blocked_on = null,
      next_attempt_at = clock_timestamp() + ordered.place * interval '1 microsecond'
    from (select id, row_number() over (order by queued_at, id) as place
          from buildium_sync_status where sync_status = any(:states) and entity_type = any(:kinds)) as ordered
    where row.id = ordered.id
    """
).bindparams(bindparam("states", type_=ARRAY(Text)), bindparam("kinds", type_=ARRAY(Text)))


def pause(entity_type: str, direction: str, reason: str | None, by: str, mode: str = PAUSED) -> int:
    """Hold `entity_type` (or ALL) back from now on; returns how many waiting records are held. Commits.

    Raises TransitionError where the switch stands there already. What is being sent right now is finished.
    """
    values = {"entity_type": entity_type, "direction": direction, "mode": mode, "reason": reason or None}
    asked = insert(SyncPause).values({**values, "paused_by": by})
    moved = asked.on_conflict_do_update(
        index_elements=["entity_type", "direction"],
        set_={"mode": mode, "reason": reason or None, "paused_by": by, "created_at": func.now()},
        where=SyncPause.mode != mode,
    )
    if db.session.scalar(moved.returning(SyncPause.id)) is None:
        db.session.rollback()
        raise TransitionError("This is in shadow mode already." if mode == SHADOW else "This is paused already.")
    held = 0
    if direction == PUSH:
        held = hold_back(of(entity_type))
        due_again(of(entity_type))
    forget_shadows()
    db.session.commit()
    return held


def resume(pause_id: UUID) -> int:
    """End a pause; returns how many held records are due now, in the order in which they were saved. Commits. Raises
    TransitionError where it has ended.

    What another pause holds as well stays held.
    """
    ended = db.session.scalar(delete(SyncPause).where(SyncPause.id == pause_id).returning(SyncPause.direction))
    if ended is None:
        db.session.rollback()
        raise TransitionError("This pause has ended already.")
    freed = release() if ended == PUSH else 0
    if ended == PUSH:
        due_again(true())
    forget_shadows()
    db.session.commit()
    return freed


def release() -> int:
    """Everything held that no pause holds is due now. Does not commit."""
    off = switched()
    free = [] if ALL in off else [name for name in current_sync().resources.by_name if name not in off]
    values = {"states": before(Event.RESUMED), "state": after(Event.RESUMED, State.HELD).value, "kinds": free}
    return affected(db.session.execute(RELEASE, values)) if free else 0


def hold_back(*where: ColumnElement[bool]) -> int:
    """Rows that wait, of kinds that are paused, are held from now on; how many. Does not commit."""
    off = select(SyncPause.id).where(
        SyncPause.direction == PUSH, SyncPause.entity_type.in_((ALL, SyncStatus.entity_type))
    )
    waiting = (SyncStatus.sync_status.in_(before(Event.PAUSED)), off.exists(), *where)
    values = {"sync_status": after(Event.PAUSED, State.PENDING).value, "next_attempt_at": func.clock_timestamp()}
    done = db.session.execute(
        update(SyncStatus).where(*waiting).values(values).execution_options(synchronize_session=False)
    )
    return affected(done)


def due_again(*where: ColumnElement[bool]) -> None:
    """What is held is to be worked out, wherever that is the mode. Does not commit."""
    idle = (SyncStatus.sync_status == State.HELD.value, SyncStatus.next_attempt_at.is_(None), *where)
    values = {"next_attempt_at": func.clock_timestamp(), "cause": None, "error_message": None}
    db.session.execute(update(SyncStatus).where(*idle).values(values).execution_options(synchronize_session=False))


def forget_shadows() -> None:
    """What was worked out for kinds that aren't in shadow mode any more means nothing now. Does not commit."""
    db.session.execute(delete(Shadow).where(Shadow.entity_type.not_in(shadowed())))


def tend() -> None:
    """Every few seconds: let go what a save held back at the very moment when its pause ended. Commits."""
    begin_as_told()
    if not current_sync().begins_in_shadow:
        first_time()
    release()
    db.session.commit()


def switched() -> dict[str, str]:
    """Kinds (or ALL) that aren't sent now, and how their switch stands."""
    rows = select(SyncPause.entity_type, SyncPause.mode).where(SyncPause.direction == PUSH)
    return {row.entity_type: row.mode for row in db.session.execute(rows)}


def shadowed() -> list[str]:
    """Kinds that are worked out now: a pause, of the kind or of all, is stronger."""
    off = switched()
    kinds = current_sync().resources.by_name
    return [name for name in kinds if {off[each] for each in (ALL, name) if each in off} == {SHADOW}]


def is_switched_off(entity_type: str) -> bool:
    return bool({ALL, entity_type} & switched().keys())


def begin_as_told() -> None:
    """A portal that is told to begin in shadow mode does so once, before the first push it ever makes. Commits."""
    if not current_sync().begins_in_shadow or not first_time():
        db.session.rollback()
        return
    values = {"entity_type": ALL, "direction": PUSH, "mode": SHADOW, "reason": BEGUN, "paused_by": SETTINGS}
    db.session.execute(insert(SyncPause).values(values).on_conflict_do_nothing())
    hold_back()
    db.session.commit()


def first_time() -> bool:
    """Whether nobody has begun yet; whoever gets True here has. Does not commit."""
    new = update(BuildiumConnection).where(BuildiumConnection.begun_at.is_(None))
    done = db.session.execute(new.values(begun_at=func.clock_timestamp()))
    return affected(done) > 0


def of(entity_type: str) -> ColumnElement[bool]:
    return true() if entity_type == ALL else SyncStatus.entity_type == entity_type
