"""A pull: bring Buildium's current records here. An event or a listing is only a hint that something moved.

Whatever Buildium says is merged with what is still unsent here, field by field, and never queues a push.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from portal.buildium.errors import MissingError
from portal.buildium.limiter import Lane
from portal.database import now
from portal.extensions import db
from portal.sync.bodies import (
    Values,
    assign,
    hash_of,
    incoming,
    merged,
    not_ours,
    ours,
    set_if_new,
    snapshot_of,
    still_ours,
    theirs,
)
from portal.sync.conflicts import attributed, conflict_words, describe, renewed
from portal.sync.current import current_sync
from portal.sync.log import log_failure
from portal.sync.matching import PARENT, REVIEW, adopted_row, arrived_after_all, defer, deferred, may_be_ours
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium
from portal.sync.page import WEIGHT, Outcome, Page, expanded, load, named_in, names_strangers, references
from portal.sync.places import places_by_id, rows_of
from portal.sync.reading import asked_now, read_at
from portal.sync.resource import Body, Resource
from portal.sync.states import Event, State, after, before
from portal.sync.unfit import UNKEEPABLE, is_about_a_value, is_being_saved, words_of
from portal.sync.unsettled import is_being_created

REOPENED = {State.MISSING: Event.BACK, State.BLOCKED: Event.RELEASED}


def pull_one(resource: Resource, buildium_id: int, lane: Lane = Lane.BULK, hint: Body | None = None) -> Outcome:
    """Fetch one record as Buildium has it now, and keep it. Commits; raises BuildiumError where the fetch fails.

    `hint` is what is known besides the id (an event's body).
    """
    outcomes, asked_at = [Outcome.FOREIGN], asked_now()
    try:
        for place in places_by_id(resource, buildium_id, hint or {}, lane):
            kept = pull_bodies(resource, read_at(place, buildium_id, lane), asked_at)
            outcomes.append(kept.get(buildium_id, Outcome.FOREIGN))
    except MissingError:
        return mark_missing(resource, buildium_id)
    return max(outcomes, key=WEIGHT.index)


def pull_bodies(resource: Resource, bodies: Sequence[Body], asked_at: datetime) -> dict[int, Outcome]:
    """Keep a page of Buildium's records, asked for at `asked_at` (`asked_now`): what happened to each, by Buildium id.
    Of a record that was sent or fetched since then the answer is old, and changes nothing. Commits."""
    if resource.kinds is None:
        return pull_alike(resource, bodies, asked_at)
    kinds, outcomes = resource.kinds, dict[int, Outcome]()
    for kind in kinds.paths:
        alike = [each for each in bodies if each.get(kinds.key) == kind]
        outcomes |= pull_alike(resource.of_kind(kind), alike, asked_at)
    return outcomes


def pull_alike(resource: Resource, bodies: Sequence[Body], asked_at: datetime) -> dict[int, Outcome]:
    """Keep records of one kind.

    One record that can't be kept (too long for its column, a number twice, saved by a person this very moment) must not
    take its page along: then each is tried alone.
    """
    try:
        return pull_page(resource, bodies, asked_at)
    except UNKEEPABLE as error:
        db.session.rollback()
        busy = is_being_saved(error)
        if not busy and not is_about_a_value(error):
            raise
        if len(bodies) != 1:
            return {key: value for body in bodies for key, value in pull_alike(resource, [body], asked_at).items()}
        log_failure("not kept", entity_type=resource.name, buildium_id=bodies[0].get("Id"), error=words_of(error))
        return {int(bodies[0].get("Id") or 0): Outcome.BUSY if busy else Outcome.REFUSED}


def pull_page(resource: Resource, bodies: Sequence[Body], asked_at: datetime) -> dict[int, Outcome]:
    accepted = [each for each in expanded(resource, bodies) if resource.accepts is None or resource.accepts(each)]
    page = Page(resource, accepted, asked_at)
    leave_out(page, fetch_parents(page))
    load(page)
    with db.session.no_autoflush, from_buildium(db.session):
        for body in page.bodies:
            page.outcomes[body["Id"]] = keep(page, body)
        db.session.flush()
        relate(page)
        if page.arrivals:
            db.session.execute(insert(SyncStatus), [agreed_row(page, *each) for each in page.arrivals])
            arrived_after_all(resource, [body["Id"] for _, body in page.arrivals])
        defer(resource, page.for_review)
    db.session.commit()
    return page.outcomes


def fetch_parents(page: Page) -> set[tuple[str, int]]:
    """Records refer to parents by Buildium id; one that we don't know yet is fetched first (MAPPING §8.5). Those that
    turn out to be none of ours to keep are returned: (resource, Buildium id)."""
    foreign = set()
    for name, wanted in references(page).items():
        page.ids.load(name, remote_ids=wanted)
        unknown = {(name, each) for each in wanted if page.ids.local(name, each) is None}
        page.deferred |= deferred(unknown)
        for _, each in sorted(unknown - page.deferred):
            outcome = pull_one(current_sync().resource(name), each)
            if outcome is Outcome.REVIEW:
                page.deferred.add((name, each))
            elif outcome in (Outcome.MISSING, Outcome.FOREIGN):
                foreign.add((name, each))
            else:
                page.ids.load(name, remote_ids=[each])
    return foreign


def leave_out(page: Page, foreign: set[tuple[str, int]]) -> None:
    """What lies inside a record that isn't ours isn't either: the history of an association's task."""
    if page.resource.nested:
        inside, key = page.resource.nested.resource, page.resource.nested.key
        strange = [body for body in page.bodies if (inside, body.get(key)) in foreign]
        page.outcomes.update({body["Id"]: Outcome.FOREIGN for body in strange})
        page.bodies = [body for body in page.bodies if body not in strange]


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
    if page.deferred and page.deferred & named_in(page.resource, body):
        page.for_review[body["Id"]] = PARENT
        return Outcome.REVIEW
    if row is None or record is None:
        return keep_new(page, body, record)
    if row.sync_status == State.SYNCING or is_old(page, row):
        return Outcome.BUSY
    # What only a look at the single record tells is as it was, where a listing doesn't say it.
    before = row.remote_snapshot or {}
    body = {**{key: before[key] for key in page.resource.more if key in before}, **body}
    found = hash_of(page.resource, body)
    if row.remote_hash == found and row.sync_status != State.MISSING:
        return Outcome.UNCHANGED
    return keep_changed(page, row, record, body, found)


def is_old(page: Page, row: SyncStatus) -> bool:
    """Whether a push, or a pull that asked later, has told more while the answer was under way: as news, it would
    undo a person's edit."""
    return page.asked_at is not None and row.remote_seen_at is not None and row.remote_seen_at > page.asked_at


def keep_new(page: Page, body: Body, record: Any) -> Outcome:
    kind = page.resource
    if record is not None and kind.pushed:
        return keep_adopted(page, record, body)
    if record is None and may_be_ours(page, body):
        page.for_review[body["Id"]] = REVIEW
        return Outcome.REVIEW
    if record is None and is_being_created(page, body):
        return Outcome.BUSY
    record = kind.model() if record is None else record
    assign(kind, record, body, theirs(kind, body), page.ids)
    setattr(record, kind.id_column, body["Id"])
    db.session.add(record)
    page.arrivals.append((record, body))
    return Outcome.CREATED


def keep_adopted(page: Page, record: Any, body: Body) -> Outcome:
    """A row that had this Buildium id before the sync ever saw it: both sides keep what they say, and where they say
    something different, a person decides."""
    row = adopted_row(page.resource, record, body)
    if row.sync_status == State.SYNCING:
        return Outcome.BUSY
    db.session.add(row)
    outcome = keep_changed(page, row, record, body, hash_of(page.resource, body))
    if outcome is Outcome.UPDATED and not still_ours(page.resource, record, row.remote_snapshot or {}, body):
        row.sync_status, row.synced_version, row.last_synced_at = State.SYNCED.value, 1, now()
        row.next_attempt_at = None
    return outcome


def agreed_row(page: Page, record: Any, body: Body) -> dict[str, Any]:
    """The outbox row of a record that came from Buildium: both sides agree from the start."""
    kind = page.resource
    return {
        "entity_type": kind.name,
        "entity_id": str(record.id),
        "buildium_id": body["Id"],
        "record_name": str(record)[:255],
        "sync_status": State.SYNCED.value,
        "synced_version": 1,
        "remote_snapshot": snapshot_of(kind, body),
        "remote_hash": hash_of(kind, body),
        "remote_seen_at": page.asked_at,
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
    if row.sync_status == State.HELD:
        row.next_attempt_at = func.clock_timestamp()  # in shadow mode it is worked out anew
    if merge.conflicts and not clean:
        both = {**describe(kind, merge), **renewed(kind, row.conflict or {}, mine, answer)}
        row.conflict = attributed(kind, record, both, row.conflict)
        row.sync_status, row.cause = State.CONFLICT.value, "conflict"
        row.error_message = conflict_words(row.conflict)
        return Outcome.CONFLICT
    if clean:
        row.sync_status, row.last_synced_at = State.SYNCED.value, func.clock_timestamp()
        row.error_message = row.cause = None
    elif (state := State(row.sync_status)) in REOPENED:
        # Edited here while it was gone there, or kept back for what Buildium said until now: that is still to be sent.
        row.sync_status, row.next_attempt_at = after(REOPENED[state], state).value, func.clock_timestamp()
        row.error_message = row.error_fields = row.cause = row.blocked_on = None
        row.retries = 0
    return Outcome.UPDATED


def pull_listed(resource: Resource, query: Body, lane: Lane) -> None:
    """Fetch and keep what a listing holds now. Commits."""
    asked_at = asked_now()
    pull_bodies(resource, list(rows_of(resource, query, lane)), asked_at)


def pull_touched(resource: Resource, buildium_id: int, lane: Lane) -> None:
    """What changes along with a record of ours and tells nobody: a property's owners have no event. Commits."""
    if resource.touches:
        key, name = resource.touches
        pull_listed(current_sync().resource(name), {key: buildium_id}, lane)
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
        "remote_seen_at": func.clock_timestamp(),
    }
    db.session.execute(update(SyncStatus).where(*mine, may_follow, SyncStatus.sync_status != "syncing").values(gone))
    db.session.commit()
    return Outcome.MISSING
