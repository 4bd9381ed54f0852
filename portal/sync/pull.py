"""A pull: bring Buildium's current records here. An event or a listing is only a hint that something moved.

Whatever Buildium says is merged with what is still unsent here, field by field, and never queues a push.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from portal.buildium.errors import MissingError
from portal.buildium.limiter import Lane
from portal.extensions import db
from portal.sync.current import current_sync
from portal.sync.keeping import agreed_row, keep, relate
from portal.sync.log import log_failure
from portal.sync.matching import arrived_after_all, defer, deferred
from portal.sync.models import SyncStatus
from portal.sync.outbox import from_buildium
from portal.sync.page import WEIGHT, Outcome, Page, expanded, load, names_strangers, references
from portal.sync.places import places_by_id, rows_of
from portal.sync.reading import asked_now, read_at
from portal.sync.resource import Body, Resource
from portal.sync.states import Event, State, before
from portal.sync.unfit import UNKEEPABLE, is_about_a_value, is_being_saved, words_of


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
