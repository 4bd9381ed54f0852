"""What follows when a record has arrived in Buildium: its children are linked, and what waited for it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, update

from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.bodies import (
    create_body,
    disguise_body,
    hash_of,
    merged,
    not_ours,
    ours,
    set_if_new,
    snapshot_of,
    take_over,
)
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.lookup import is_alike, looked_for, noted_creates
from portal.sync.matching import open_ids
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium, queue, wake
from portal.sync.pauses import is_switched_off
from portal.sync.preflight import problems
from portal.sync.pull import pull_bodies, pull_one
from portal.sync.reading import asked_now
from portal.sync.resource import Body, Children, Direction, Resource
from portal.sync.states import Event, State, before


def children_bodies(resource: Resource, record: Any, along: Mapping[str, Body]) -> Body:
    """The part of a create request that takes children along (units of a new property); empty where there are none.
    `along` is what `said_along` says of the new ones."""
    inline = resource.children
    if inline is None:
        return {}
    kind = current_sync().resource(inline.resource)
    bodies = list(along.values())
    known = sorted(each for child in children_of(inline, record) if (each := kind.buildium_id(child)) is not None)
    new = {inline.remote: bodies}
    return (new if bodies else {}) | ({inline.known: known[: inline.at_most]} if inline.known and known else {})


def new_children(resource: Resource, record: Any) -> list[Any]:
    """The children that go along with the record's create. One that Buildium would refuse stays behind: it must not
    keep its parent from arriving; nor do children go that are paused as a kind."""
    inline = resource.children
    if inline is None or (is_switched_off(inline.resource) and not is_switched_off(resource.name)):
        return []
    kind, ids = current_sync().resource(inline.resource), Identities()
    left = [each for each in children_of(inline, record) if kind.buildium_id(each) is None]
    undecided = open_ids(kind.name, [each.id for each in left])
    left = [each for each in left if str(each.id) not in undecided]
    ready = [
        each
        for each in sorted(left, key=lambda each: str(each.id))
        if all(problem.waits_for for problem in problems(kind, each, ours(kind, each, ids), None, ids))
    ]
    return ready[: inline.at_most]


def note_children(resource: Resource, along: Mapping[str, Body], sent_at: Any) -> None:
    """Write down that these children (id → what is said of each) are being created inside their parent, so that whoever
    pushes one of them after a crash looks for it first; None where the create was cleanly not made. Does not commit."""
    if resource.children is None:
        return
    kind = current_sync().resource(resource.children.resource)
    for key, body in along.items():
        mine = (SyncStatus.entity_type == kind.name, SyncStatus.entity_id == key, SyncStatus.buildium_id.is_(None))
        sent = None if sent_at is None else disguise_body(body, kind.secrets)
        change = update(SyncStatus).where(*mine).values(last_post_attempt_at=sent_at, last_post_body=sent)
        db.session.execute(change.execution_options(synchronize_session=False))


def said_along(resource: Resource, record: Any) -> dict[str, Body]:
    """The children that go along with the record's create, by id: what the request says of each."""
    inline = resource.children
    if inline is None:
        return {}
    kind, ids = current_sync().resource(inline.resource), Identities()
    bodies = {str(each.id): create_body(kind, ours(kind, each, ids)) for each in new_children(resource, record)}
    return {key: {name: body[name] for name in body if name != inline.parent} for key, body in bodies.items()}


def children_of(inline: Children, record: Any) -> list[Any]:
    held = getattr(record, inline.relationship)
    return [getattr(each, inline.through) if inline.through else each for each in held]


def arrived(resource: Resource, record: Any, body: Body, lane: Lane) -> None:
    """Link the children that came along, refresh the parent that it changed, and release whoever waited for this
    record. Commits."""
    key = str(record.id)
    db.session.rollback()
    if resource.children:
        link_children(resource.children, record, body, lane)
    fetch_made_along(resource, record, body, lane)
    if resource.nested and isinstance(parent := body.get(resource.nested.key), int):
        pull_one(current_sync().resource(resource.nested.resource), parent, lane)
    release(resource.name, key, lane)


def fetch_made_along(resource: Resource, record: Any, body: Body, lane: Lane) -> None:
    """What Buildium made along with the record, and only its answer names (a bank account's ledger account), comes here
    too and is tied to it. Commits."""
    for item in resource.fields:
        made = item.extract(body) if item.refers_to and item.direction is Direction.PULL else None
        if isinstance(made, int):
            if Identities().local(item.refers_to, made) is None:
                pull_one(current_sync().resource(item.refers_to), made, lane)
            db.session.refresh(record)
            with from_buildium(db.session):
                set_if_new(record, item.name or "", Identities().local(item.refers_to, made))
            db.session.commit()


def link_children(inline: Children, record: Any, body: Body, lane: Lane) -> None:
    """Give our children the ids of theirs at Buildium, matched by what tells one child from another there.

    Where none was sent, Buildium made a default child: it becomes the first of ours that is still without an id, or
    else a new record here (MAPPING §0.3).
    """
    kind = current_sync().resource(inline.resource)
    asked_at = asked_now()
    rows = children_rows(inline, kind, body, lane)
    db.session.refresh(record)
    ids, strangers = Identities(), []
    left = [each for each in children_of(inline, record) if kind.buildium_id(each) is None]
    said = noted_creates(kind, [str(each.id) for each in left])
    bodies = {
        each.id: looked_for(kind, create_body(kind, ours(kind, each, ids)), said.get(str(each.id))) for each in left
    }
    for row in rows:
        child = next((each for each in left if is_alike(kind, bodies[each.id], row)), None)
        if child is None:
            strangers.append(row)
        else:
            left.remove(child)
            link(kind, child, row)
    if inline.query and len(rows) == 1 and strangers and left:
        link(kind, left[0], strangers.pop())
    db.session.commit()
    pull_bodies(kind, strangers, asked_at)


def children_rows(inline: Children, kind: Resource, body: Body, lane: Lane) -> list[Body]:
    """Buildium's children of the parent in `body`. No transaction is open meanwhile."""
    buildium = current_sync().buildium
    if inline.named is None:
        return list(buildium.rows(kind.path, {inline.query: body["Id"]}, lane))
    return [buildium.get(f"{kind.path}/{each}", lane) for each in inline.named(body)]


def link(kind: Resource, record: Any, body: Body) -> None:
    """Say that our record is Buildium's `body`; where they differ, ours is still to be sent. Does not commit."""
    snapshot = snapshot_of(kind, body)
    mine = {item.remote for item in kind.fields} - not_ours(kind)
    take_over(kind, record, body, ours(kind, record, Identities()), keep=mine)
    queue(db.session, kind, record)
    left = merged(kind, snapshot, ours(kind, record, Identities()), body).outgoing
    # In every state, also while a worker has the row: where the record has an id that its row doesn't know, it would be
    # created once more, and come back as another.
    seen = {
        "buildium_id": body["Id"],
        "remote_snapshot": snapshot,
        "remote_hash": hash_of(kind, body),
        "remote_seen_at": func.clock_timestamp(),
    }
    agreed = {
        "sync_status": State.PENDING.value if left else State.SYNCED.value,
        "next_attempt_at": func.clock_timestamp() if left else None,
        "last_synced_at": func.clock_timestamp(),
        "synced_version": SyncStatus.local_version,
    }
    change = update(SyncStatus).where(SyncStatus.entity_type == kind.name, SyncStatus.entity_id == str(record.id))
    db.session.execute(change.values(seen))
    open_states = SyncStatus.sync_status.in_([*before(Event.SAVED), State.HELD.value])
    db.session.execute(change.where(open_states).values(agreed))


def release(entity_type: str, entity_id: str, lane: Lane) -> None:
    """Rows that were blocked on this record are due now. Commits."""
    waiting = (SyncStatus.blocked_on == f"{entity_type}:{entity_id}", SyncStatus.sync_status == State.BLOCKED.value)
    pending = {"sync_status": State.PENDING.value, "next_attempt_at": func.clock_timestamp(), "blocked_on": None}
    change = update(SyncStatus).where(*waiting).values(pending)
    rows = db.session.execute(change.returning(SyncStatus.entity_type, SyncStatus.entity_id)).all()
    db.session.commit()
    for row in rows:
        wake(row.entity_type, row.entity_id, lane)
