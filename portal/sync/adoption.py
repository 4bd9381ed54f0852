"""The first import onto rows that are here already: they are compared with what arrives before any of them is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, Text, cast, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.adoption_models import Adoption, Deferred
from portal.sync.current import current_sync
from portal.sync.matching import IMPORT_WORDS, PARENT
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.resource import Resource
from portal.sync.states import Event, State, after

AT_ONCE = 1000


def mark(resources: Iterable[Resource]) -> int:
    """Rows without a Buildium id wait from now on until an import has compared them; how many. Does not commit.

    At the first import of a kind that is every row whose create wasn't begun; later only what the sync has never heard
    of, because somebody put it into the database.
    """
    kinds = [each for each in resources if each.likeness and each.pushed]
    imported = select(SyncRun.entity_type).where(SyncRun.kind == "import", SyncRun.state == "done").distinct()
    known = set(db.session.scalars(imported))
    new = {each.name: unheard_of(each, is_first=each.name not in known) for each in kinds}
    # One look at all kinds: nearly always there is nothing to mark.
    some = [select(literal(name)).where(each.exists()) for name, each in new.items()]
    found = set(db.session.scalars(union_all(*some))) if some else set()
    return sum(mark_all(each, db.session.scalars(new[each.name]).all()) for each in kinds if each.name in found)


def unheard_of(kind: Resource, *, is_first: bool) -> Select[Any]:
    """Records without a Buildium id that the sync has never heard of; before the first import, those that nobody has
    begun to create there."""
    key = cast(kind.model.id, Text)
    mine = (SyncStatus.entity_type == kind.name, SyncStatus.entity_id == key)
    begun = SyncStatus.last_post_attempt_at.is_not(None) | SyncStatus.sync_status.in_(("syncing", "uncertain"))
    known = select(SyncStatus.id).where(*mine, *([begun] if is_first else []))
    marked = select(Adoption.id).where(Adoption.entity_type == kind.name, Adoption.entity_id == key)
    column = getattr(kind.model, kind.id_column)
    return select(kind.model).where(column.is_(None), ~known.exists(), ~marked.exists())


def mark_all(kind: Resource, records: Sequence[Any]) -> int:
    for start in range(0, len(records), AT_ONCE):
        keep_waiting(kind, records[start : start + AT_ONCE])
    return len(records)


def keep_waiting(kind: Resource, records: Sequence[Any]) -> None:
    names = [{"entity_type": kind.name, "entity_id": str(each.id), "record_name": str(each)[:255]} for each in records]
    db.session.execute(insert(Adoption).on_conflict_do_nothing(), names)
    state = {
        "sync_status": State.BLOCKED.value, "cause": "awaiting import", "error_message": IMPORT_WORDS,
        "lane": Lane.BULK.value,
    }  # fmt: skip
    rows = insert(SyncStatus).on_conflict_do_nothing(index_elements=["entity_type", "entity_id"])
    db.session.execute(rows, [{**each, **state} for each in names])


def conclude(kind: Resource) -> None:
    """After a complete listing: rows that nothing in Buildium is like are new there, and are sent. Commits.

    Not while records wait for their parents: what they are is not compared yet. Money is never sent on a guess: that
    nothing is like it is for a person to confirm.
    """
    waiting = (Adoption.entity_type == kind.name, Adoption.state == "waiting")
    if not db.session.scalar(select(func.count()).where(*waiting)):
        db.session.rollback()
        return
    held_up = (Deferred.entity_type == kind.name, Deferred.why == PARENT)
    if db.session.scalar(select(Deferred.id).where(*held_up).limit(1)) is None:
        ready = select(Adoption.entity_id).where(*waiting)
        keys = [each for each in db.session.scalars(ready) if kind.careful or not has_open_parent(kind, each)]
        if kind.careful:
            settle(kind, keys, "review")
        else:
            are_new(kind, keys)
    db.session.commit()


def has_open_parent(kind: Resource, key: str) -> bool:
    """Whether a parent of ours, by which it would be compared, isn't decided itself."""
    record = db.session.get(kind.model, key)
    within = kind.likeness.within if kind.likeness else ()
    for item in kind.fields:
        if record is not None and item.name and item.refers_to and item.remote in within:
            parent = getattr(record, item.name)
            mine = (Adoption.entity_type == item.refers_to, Adoption.entity_id == str(parent))
            if db.session.scalar(select(Adoption.id).where(*mine, Adoption.state.in_(("waiting", "review")))):
                return True
    return False


def are_new(kind: Resource, keys: Sequence[str]) -> None:
    """Nothing in Buildium is these, nor what lies in them: they are sent. Does not commit."""
    if not keys:
        return
    settle(kind, keys, "new")
    release(kind, keys)
    for child in current_sync().resources.ordered:
        inside = child.likeness.within if child.likeness else ()
        for item in child.fields:
            if item.name and item.refers_to == kind.name and item.remote in inside:
                column = cast(getattr(child.model, item.name), Text)
                mine = select(cast(child.model.id, Text)).where(column.in_(keys))
                open_ones = (Adoption.entity_type == child.name, Adoption.state == "waiting")
                wanted = select(Adoption.entity_id).where(*open_ones, Adoption.entity_id.in_(mine))
                are_new(child, list(db.session.scalars(wanted)))


def settle(kind: Resource, keys: Sequence[str], state: str) -> None:
    mine = (Adoption.entity_type == kind.name, Adoption.entity_id.in_(keys))
    db.session.execute(update(Adoption).where(*mine).values(state=state).execution_options(synchronize_session=False))


def release(kind: Resource, keys: Sequence[str]) -> None:
    """Their outbox rows go on; what is paused stays held."""
    mine = (SyncStatus.entity_type == kind.name, SyncStatus.entity_id.in_(keys))
    blocked = SyncStatus.sync_status == State.BLOCKED.value
    values = {
        "sync_status": after(Event.RELEASED, State.BLOCKED).value, "next_attempt_at": func.clock_timestamp(),
        "cause": None, "error_message": None, "blocked_on": None,
    }  # fmt: skip
    change = update(SyncStatus).where(*mine, blocked).values(values)
    db.session.execute(change.execution_options(synchronize_session=False))
