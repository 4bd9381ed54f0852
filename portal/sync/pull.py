"""A pull: bring Buildium's current records here. An event or a listing is only a hint that something moved.

Whatever Buildium says is merged with what is still unsent here, field by field, and never queues a push.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from portal.buildium.errors import MissingError
from portal.buildium.limiter import Lane
from portal.database import now
from portal.extensions import db
from portal.sync.bodies import (
    Values,
    assign,
    create_body,
    hash_of,
    incoming,
    merged,
    not_ours,
    ours,
    set_if_new,
    snapshot_of,
    theirs,
)
from portal.sync.conflicts import describe, renewed
from portal.sync.current import current_sync
from portal.sync.identities import Identities
from portal.sync.log import log_failure
from portal.sync.lookup import is_alike, looked_for, noted_creates
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium
from portal.sync.page import WEIGHT, Outcome, Page, expanded, load, names_strangers, references
from portal.sync.places import place_of, places_by_id, rows_of
from portal.sync.resource import Body, Resource
from portal.sync.states import Event, State, before

UNKEEPABLE = (IntegrityError, DataError, StaleDataError, ValueError, TypeError)


def pull_one(resource: Resource, buildium_id: int, lane: Lane = Lane.BULK, hint: Body | None = None) -> Outcome:
    """Fetch one record as Buildium has it now, and keep it. Commits; raises BuildiumError where the fetch fails.

    `hint` is what is known besides the id (an event's body).
    """
    outcomes = [Outcome.FOREIGN]
    try:
        for place in places_by_id(resource, buildium_id, hint or {}, lane):
            path = f"{place.path}/{buildium_id}"
            below = below_of(resource, buildium_id)
            body = place.tagged(current_sync().buildium.get(path, lane))
            body |= read_below(path, below, lane)
            outcomes.append(pull_bodies(resource, [body]).get(buildium_id, Outcome.FOREIGN))
    except MissingError:
        return mark_missing(resource, buildium_id)
    return max(outcomes, key=WEIGHT.index)


def below_of(resource: Resource, buildium_id: int) -> dict[str, str]:
    """What is read beside our record, by the key under which its body will hold it."""
    if not resource.more:
        return {}
    record = db.session.scalar(select(resource.model).where(getattr(resource.model, resource.id_column) == buildium_id))
    below = {} if record is None else places_below(resource, record)
    db.session.rollback()
    return below


def places_below(resource: Resource, record: Any) -> dict[str, str]:
    """What is read beside a record of ours, where it has any: key → path after the record's own."""
    return {key: path for key, place in resource.more.items() if (path := place(record))}


def read_below(path: str, below: Mapping[str, str], lane: Lane) -> Body:
    """What lies below a record, by the key under which its body holds it; None for what is gone: a note may be deleted
    without its lease."""
    found: Body = {}
    for key, place in below.items():
        try:
            found[key] = current_sync().buildium.get(f"{path}/{place}", lane)
        except MissingError:
            found[key] = None
    return found


def pull_bodies(resource: Resource, bodies: Sequence[Body]) -> dict[int, Outcome]:
    """Keep a page of Buildium's records: what happened to each, by Buildium id. Commits."""
    if resource.kinds is None:
        return pull_alike(resource, bodies)
    kinds, outcomes = resource.kinds, dict[int, Outcome]()
    for kind in kinds.paths:
        outcomes |= pull_alike(resource.of_kind(kind), [each for each in bodies if each.get(kinds.key) == kind])
    return outcomes


def pull_alike(resource: Resource, bodies: Sequence[Body]) -> dict[int, Outcome]:
    """Keep records of one kind.

    One record that can't be kept (too long for its column, a number twice, saved by a person this very moment) must not
    take its page along: then each is tried alone.
    """
    try:
        return pull_page(resource, bodies)
    except UNKEEPABLE as error:
        db.session.rollback()
        if len(bodies) != 1:
            return {key: value for body in bodies for key, value in pull_alike(resource, [body]).items()}
        log_failure("not kept", entity_type=resource.name, buildium_id=bodies[0].get("Id"), error=words_of(error))
        outcome = Outcome.BUSY if isinstance(error, StaleDataError) else Outcome.REFUSED
        return {int(bodies[0].get("Id") or 0): outcome}


def words_of(error: Exception) -> str:
    """What the database says of a value, without the value."""
    diagnosis = getattr(getattr(error, "orig", None), "diag", None)
    return str(getattr(diagnosis, "message_primary", None) or error).splitlines()[0]


def pull_page(resource: Resource, bodies: Sequence[Body]) -> dict[int, Outcome]:
    accepted = [each for each in expanded(resource, bodies) if resource.accepts is None or resource.accepts(each)]
    page = Page(resource, accepted)
    fetch_parents(page)
    load(page)
    with db.session.no_autoflush, from_buildium(db.session):
        for body in page.bodies:
            page.outcomes[body["Id"]] = keep(page, body)
        db.session.flush()
        relate(page)
        if page.arrivals:
            db.session.execute(insert(SyncStatus), [agreed_row(resource, *each) for each in page.arrivals])
    db.session.commit()
    return page.outcomes


def fetch_parents(page: Page) -> None:
    """Records refer to parents by Buildium id; one that we don't know yet is fetched first (MAPPING §8.5)."""
    for name, wanted in references(page).items():
        page.ids.load(name, remote_ids=wanted)
        parent = current_sync().resource(name)
        for each in sorted(wanted):
            if page.ids.local(name, each) is None and pull_one(parent, each) is not Outcome.MISSING:
                page.ids.load(name, remote_ids=[each])


def unknown_parts(resource: Resource, body: Body, *, fetch: bool) -> set[str]:
    """The places of lists that name records which aren't here, also after these were asked for; or which are and don't
    know it, being children whose linking was cut short. Such a list can't be taken over. May commit."""
    lists = [item for item in resource.fields if item.items]
    page = Page(resource, [body])
    if lists and fetch:
        fetch_parents(page)
    return {item.remote for item in lists if names_strangers(item, body, page.ids)}


def keep(page: Page, body: Body) -> Outcome:
    row, record = page.rows.get(page.key(body)), page.records.get(page.key(body))
    if row is None or record is None:
        return keep_new(page, body, record)
    if row.sync_status == State.SYNCING:
        return Outcome.BUSY
    # What only a look at the single record tells is as it was, where a listing doesn't say it.
    before = row.remote_snapshot or {}
    body = {**{key: before[key] for key in page.resource.more if key in before}, **body}
    found = hash_of(page.resource, body)
    if row.remote_hash == found and row.sync_status != State.MISSING:
        return Outcome.UNCHANGED
    return keep_changed(page, row, record, body, found)


def keep_new(page: Page, body: Body, record: Any) -> Outcome:
    kind = page.resource
    if record is None and is_being_created(page, body):
        return Outcome.BUSY
    record = kind.model() if record is None else record
    assign(kind, record, body, theirs(kind, body), page.ids)
    setattr(record, kind.id_column, body["Id"])
    db.session.add(record)
    page.arrivals.append((record, body))
    return Outcome.CREATED


def agreed_row(kind: Resource, record: Any, body: Body) -> dict[str, Any]:
    """The outbox row of a record that came from Buildium: both sides agree from the start."""
    return {
        "entity_type": kind.name,
        "entity_id": str(record.id),
        "buildium_id": body["Id"],
        "record_name": str(record)[:255],
        "sync_status": State.SYNCED.value,
        "synced_version": 1,
        "remote_snapshot": snapshot_of(kind, body),
        "remote_hash": hash_of(kind, body),
        "remote_seen_at": now(),
        "last_synced_at": now(),
    }


def relate(page: Page) -> None:
    """References among the records of one kind: the parent may have come on the same page."""
    for item in page.resource.fields:
        if item.name and item.refers_to == page.resource.name:
            arrived = {getattr(record, page.resource.id_column): record for record, _ in page.arrivals}
            wanted = {item.extract(body) for body in page.bodies} - {None}
            page.ids.load(item.refers_to, remote_ids=wanted)
            for body in page.bodies:
                record = page.records.get(page.key(body)) or arrived.get(body["Id"])
                created = page.outcomes[body["Id"]] is Outcome.CREATED
                if record is not None and (created or item.remote in page.taken.get(body["Id"], ())):
                    set_if_new(record, item.name, incoming(item, item.extract(body), page.ids))


def is_being_created(page: Page, body: Body) -> bool:
    """Whether a record of ours without a Buildium id may be this one, its create being under way or unknown."""
    if page.unsettled is None:
        page.unsettled = unsettled_creates(page.resource)
    return any(
        all(body.get(key) == value for key, value in place.tag.items()) and is_alike(place, sent, body)
        for place, sent in page.unsettled
    )


def unsettled_creates(kind: Resource) -> list[tuple[Resource, Body]]:
    """The creates of ours that may have been made: the place of each, and what it says or said."""
    if kind.search is None:
        return []
    unsettled = (State.SYNCING.value, State.UNCERTAIN.value, State.BLOCKED.value, State.PENDING.value)
    # A create that was noted may have happened, also where its look-up was refused and the row waits for a person.
    open_ones = SyncStatus.sync_status.in_(unsettled) | SyncStatus.last_post_attempt_at.is_not(None)
    rows = select(SyncStatus.entity_id).where(
        SyncStatus.entity_type == kind.name, SyncStatus.buildium_id.is_(None), open_ones
    )
    with db.session.no_autoflush:
        keys = db.session.scalars(rows).all()
        said, ids = noted_creates(kind, keys), Identities()
        mine = [(db.session.get(kind.model, key), said.get(key)) for key in keys]
        return [would_make(kind, record, sent, ids) for record, sent in mine if record is not None]


def would_make(kind: Resource, record: Any, said: Body | None, ids: Identities) -> tuple[Resource, Body]:
    """Where the create of our record makes, or has made (it `said`), something, and what."""
    place = place_of(current_sync().resource(kind.name), record, ids)
    _, sent = place.request(record, place.path, create_body(place, ours(place, record, ids)), ids)
    return place, looked_for(place, sent, said)


def keep_changed(page: Page, row: SyncStatus, record: Any, body: Body, found: str) -> Outcome:
    """Take what only Buildium changed; where both sides changed the same field, a person decides."""
    kind = page.resource
    mine = ours(kind, record, page.ids)
    merge = merged(kind, row.remote_snapshot, mine, body)
    answer = theirs(kind, body)
    clean = row.sync_status in (State.SYNCED, State.MISSING) and row.synced_version == row.local_version
    taken: Values = answer if clean else {key: answer[key] for key in (merge.incoming | not_ours(kind)) & answer.keys()}
    taken |= {key: value for key, value in merge.values.items() if key in merge.incoming and not clean}
    assign(kind, record, body, taken, page.ids)
    page.taken[body["Id"]] = frozenset(taken)
    row.remote_snapshot = snapshot_of(kind, body, before=row.remote_snapshot)
    row.remote_hash, row.record_name = found, str(record)[:255]
    row.remote_seen_at = func.clock_timestamp()
    if merge.conflicts and not clean:
        row.conflict = {**describe(kind, merge), **renewed(kind, row.conflict or {}, mine, answer)}
        row.sync_status, row.cause = State.CONFLICT.value, "conflict"
        row.error_message = (
            "Changed here and in Buildium: " + ", ".join(each["label"] for each in row.conflict.values()) + "."
        )
        return Outcome.CONFLICT
    if clean:
        row.sync_status, row.last_synced_at = State.SYNCED.value, func.clock_timestamp()
        row.error_message = row.cause = None
    return Outcome.UPDATED


def pull_touched(resource: Resource, buildium_id: int, lane: Lane) -> None:
    """What changes along with a record of ours and tells nobody: a property's owners have no event. Commits."""
    if resource.touches:
        key, name = resource.touches
        other = current_sync().resource(name)
        pull_bodies(other, list(rows_of(other, {key: buildium_id}, lane)))
    if resource.names:
        key, name = resource.names
        mine = (SyncStatus.entity_type == resource.name, SyncStatus.buildium_id == buildium_id)
        seen = db.session.scalar(select(SyncStatus.remote_snapshot).where(*mine))
        db.session.rollback()
        for each in (seen or {}).get(key) or ():
            pull_one(current_sync().resource(name), each["Id"], lane)


def mark_missing(resource: Resource, buildium_id: int) -> Outcome:
    """Buildium answers 404: keep everything here, say so, and let a person decide. Commits."""
    mine = (SyncStatus.entity_type == resource.name, SyncStatus.buildium_id == buildium_id)
    may_follow = SyncStatus.sync_status.in_(before(Event.GONE))
    gone = {
        "sync_status": State.MISSING.value,
        "cause": "missing",
        "error_message": "Buildium has no such record any more.",
        "next_attempt_at": None,
    }
    db.session.execute(update(SyncStatus).where(*mine, may_follow, SyncStatus.sync_status != "syncing").values(gone))
    db.session.commit()
    return Outcome.MISSING
