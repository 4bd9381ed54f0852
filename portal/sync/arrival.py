"""What follows when a record has arrived in Buildium: its children are linked, and what waited for it goes on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, update

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.bodies import create_body, hash_of, merged, not_ours, ours, snapshot_of, take_over
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.models import SyncStatus
from portal.sync.outbox import queue, wake
from portal.sync.preflight import problems
from portal.sync.pull import pull_bodies
from portal.sync.resource import Body, Children, Resource
from portal.sync.states import Event, State, before


def children_bodies(resource: Resource, record: Any) -> Body:
    """The part of a create request that takes children along (units of a new property); empty where there are none.

    A child that Buildium would refuse stays behind: it must not keep its parent from arriving.
    """
    inline = resource.children
    if inline is None:
        return {}
    kind, ids = current_sync().resource(inline.resource), Identities()
    bodies = []
    for child in sorted(getattr(record, inline.relationship), key=lambda each: str(each.id)):
        values = ours(kind, child, ids)
        if all(each.waits_for for each in problems(kind, child, values, None, ids)):
            body = create_body(kind, values)
            bodies.append({key: body[key] for key in body if key != inline.parent})
    return {inline.remote: bodies[: inline.at_most]} if bodies else {}


def arrived(resource: Resource, record: Any, body: Body, lane: Lane) -> None:
    """Link the children that came along, and release whoever waited for this record. Commits."""
    if resource.children:
        link_children(resource.children, record, body["Id"], lane)
    release(resource.name, str(record.id), lane)


def link_children(inline: Children, record: Any, buildium_id: int, lane: Lane) -> None:
    """Give our children the ids of theirs at Buildium, matched by what is unique inside the parent.

    Where none was sent, Buildium made a default child: it becomes the first of ours that is still without an id, or
    else a new record here (MAPPING §0.3).
    """
    kind = current_sync().resource(inline.resource)
    rows = list(current_sync().buildium.rows(kind.path, {inline.query: buildium_id}, lane))
    db.session.refresh(record)
    unlinked = [each for each in getattr(record, inline.relationship) if kind.buildium_id(each) is None]
    named = {getattr(each, inline.match): each for each in unlinked}
    strangers = []
    for row in rows:
        child = named.pop(row.get(inline.remote_match), None)
        if child is None:
            strangers.append(row)
        else:
            link(kind, child, row)
    if len(rows) == 1 and strangers and named:
        link(kind, next(iter(named.values())), strangers.pop())
    db.session.commit()
    pull_bodies(kind, strangers)


def link(kind: Resource, record: Any, body: Body) -> None:
    """Say that our record is Buildium's `body`; where they differ, ours is still to be sent. Does not commit."""
    snapshot = snapshot_of(kind, body)
    mine = {item.remote for item in kind.fields} - not_ours(kind)
    take_over(kind, record, body, ours(kind, record, Identities()), keep=mine)
    queue(db.session, kind, record)
    left = merged(kind, snapshot, ours(kind, record, Identities()), body).outgoing
    values = {
        "sync_status": State.PENDING.value if left else State.SYNCED.value,
        "next_attempt_at": func.clock_timestamp() if left else None,
        "buildium_id": body["Id"],
        "remote_snapshot": snapshot,
        "remote_hash": hash_of(kind, body),
        "remote_seen_at": func.clock_timestamp(),
        "last_synced_at": func.clock_timestamp(),
        "synced_version": SyncStatus.local_version,
    }
    mine_row = (SyncStatus.entity_type == kind.name, SyncStatus.entity_id == str(record.id))
    open_states = SyncStatus.sync_status.in_([*before(Event.SAVED), State.HELD.value])
    db.session.execute(update(SyncStatus).where(*mine_row, open_states).values(values))


def release(entity_type: str, entity_id: str, lane: Lane) -> None:
    """Rows that were blocked on this record are due now. Commits."""
    waiting = (SyncStatus.blocked_on == f"{entity_type}:{entity_id}", SyncStatus.sync_status == State.BLOCKED.value)
    pending = {"sync_status": State.PENDING.value, "next_attempt_at": func.clock_timestamp(), "blocked_on": None}
    change = update(SyncStatus).where(*waiting).values(pending)
    rows = db.session.execute(change.returning(SyncStatus.entity_type, SyncStatus.entity_id)).all()
    db.session.commit()
    for row in rows:
        wake(row.entity_type, row.entity_id, lane)
