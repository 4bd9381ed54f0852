"""Every change of a synced record writes its outbox row in the same transaction, whichever code made the change.

The listeners sit on the session, so that no save can forget them. Changes made inside `from_buildium()` came from
there and are not sent back. After the commit a job is enqueued as a wake-up; where that fails, the sweeper finds
the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import has_app_context
from sqlalchemy import event, inspect, text
from sqlalchemy.orm import Session, UOWTransaction, scoped_session

from portal.acting import Door, actor
from portal.buildium.limiter import Lane
from portal.extensions import db, queues
from portal.parts import key_of_whole, model_of_whole, whole_name
from portal.sync.current import current_sync
from portal.sync.resource import Resource
from portal.sync.states import Event, before

AnySession = Session | scoped_session[Any]

QUEUE = text(
    """
    insert into buildium_sync_status as row
      (entity_type, entity_id, buildium_id, record_name, sync_status, lane, queued_at, next_attempt_at)
    values (:entity_type, :entity_id, :buildium_id, :record_name,
            case when exists (select from sync_pauses where direction = 'push' and entity_type in ('*', :entity_type))
                 then 'held' else 'pending' end,
            :lane, clock_timestamp(), clock_timestamp())
    on conflict (entity_type, entity_id) do update set
      local_version = row.local_version + 1,
      record_name = excluded.record_name,
      lane = excluded.lane,
      sync_status = case when row.sync_status = any(:open) then excluded.sync_status else row.sync_status end,
      queued_at = case when row.sync_status in ('pending', 'held') then row.queued_at else clock_timestamp() end,
      next_attempt_at = case when row.sync_status = any(:open) then clock_timestamp() else row.next_attempt_at end,
      attempts = case when row.sync_status = any(:open) then 0 else row.attempts end,
      error_message = case when row.sync_status = any(:open) then null else row.error_message end,
      error_fields = case when row.sync_status = any(:open) then null else row.error_fields end,
      cause = case when row.sync_status = any(:open) then null else row.cause end,
      blocked_on = case when row.sync_status = any(:open) then null else row.blocked_on end
    """
)


@contextmanager
def from_buildium(session: AnySession) -> Iterator[None]:
    """Changes flushed inside came from Buildium: they are written down, and not sent back."""
    session.info["from_buildium"] = True
    try:
        yield
        session.flush()
    finally:
        session.info["from_buildium"] = False


@event.listens_for(db.session, "after_flush")
def write_outbox_rows(session: Session, _: UOWTransaction) -> None:
    if session.info.get("from_buildium") or not has_app_context():
        return
    changed: dict[tuple[str, str], Any] = {}
    for record in [*session.new, *session.dirty, *session.deleted]:
        target = pushed_by(session, record)
        if target is not None and target not in session.deleted and type(target) in current_sync().resources.by_model:
            changed[resource_of(target).name, str(target.id)] = target
    for key, target in sorted(changed.items()):
        queue(session, resource_of(target), target)
        session.info.setdefault("to_wake", set()).add(key)


@event.listens_for(db.session, "after_commit")
def wake_workers(session: Session) -> None:
    if not session.in_nested_transaction():
        for key in sorted(session.info.pop("to_wake", ())):
            entity_type, entity_id = key
            wake(entity_type, entity_id, lane_now())


@event.listens_for(db.session, "after_rollback")
def forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("to_wake", None)


def pushed_by(session: Session, record: Any) -> Any:
    """The record whose push carries this change; None where nothing of it is Buildium's."""
    through = whole_name(record)
    if through:
        parent = getattr(record, through) or whole_by_key(session, record)
        if parent is None or whole_name(parent):
            return parent and pushed_by(session, parent)
        taken_off = getattr(record, through) is None
        untold = record in session.dirty and not (taken_off or is_relinked(record) or is_edited(record, parent))
        return None if untold else parent
    resource = current_sync().resources.by_model.get(type(record))
    if resource is None or not resource.pushed:
        return None
    changes = inspect(record).attrs
    touched = record in session.new or any(
        changes[name].history.has_changes() for name in column_names(resource, record)
    )
    return record if touched else None


def whole_by_key(session: Session, part: Any) -> Any:
    """The whole of a part that was taken off its list, and doesn't know it any more."""
    key = key_of_whole(part)
    with session.no_autoflush:
        return session.get(model_of_whole(part), key) if key else None


def is_relinked(record: Any) -> bool:
    state = inspect(record)
    keys = [column.key for column in state.mapper.column_attrs if column.columns[0].foreign_keys]
    return any(state.attrs[key].history.has_changes() for key in keys)


def is_edited(part: Any, parent: Any) -> bool:
    """Whether anything of a part has changed that its parent's push sends."""
    kind = current_sync().resources.by_model.get(type(parent))
    lists = [item.items for item in kind.fields if item.items and item.items.model is type(part)] if kind else []
    names = {each.name for items in lists for each in items.fields if each.name}
    mapped = inspect(part).attrs
    return any(name in mapped and mapped[name].history.has_changes() for name in names)


def column_names(resource: Resource, record: Any) -> list[str]:
    """The mapped attributes behind the pushed names: a sealed value's is the one that holds its ciphertext."""
    mapped = inspect(type(record)).column_attrs
    new = resource.buildium_id(record) is None
    names = resource.pushed_names() | (resource.created_names() if new else frozenset())
    stored = {name: getattr(getattr(type(record), name, None), "stored", name) for name in names}
    return [attribute for attribute in stored.values() if attribute in mapped]


def resource_of(record: Any) -> Resource:
    return current_sync().resources.by_model[type(record)]


def queue(session: AnySession, resource: Resource, record: Any) -> None:
    """Write the record's outbox row as to be sent, or add this version to the row that is there."""
    session.connection().execute(
        QUEUE,
        {
            "entity_type": resource.name,
            "entity_id": str(record.id),
            "buildium_id": resource.buildium_id(record),
            "record_name": str(record)[:255],
            "lane": lane_now().value,
            "open": before(Event.SAVED),
        },
    )


def lane_now() -> Lane:
    who = actor()
    return Lane.PEOPLE if who and who.door is Door.BROWSER else Lane.BULK


def wake(entity_type: str, entity_id: str, lane: Lane | str) -> bool:
    """Ask a worker to look at the row now. The id of the job is the record's, so that ten saves make one push."""
    job_id = f"push-{entity_type}-{entity_id}"
    return queues.enqueue(str(lane), "portal.sync.jobs.push", entity_type, entity_id, job_id=job_id)
