"""Runs over whole listings: the first import, and the reconciliation that covers what webhooks don't tell.

A run is a row per kind of record with a checkpoint per page, so that it can be watched, stopped and resumed. Only a
complete listing, read from its first page in one go, may conclude that a record is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Text, cast, func, insert, select, update

from portal.acting import Actor, Door, acting_as
from portal.buildium.client import is_last
from portal.buildium.errors import BuildiumError
from portal.buildium.limiter import Lane
from portal.extensions import db, queues
from portal.sync import breaker
from portal.sync.current import current_sync
from portal.sync.log import because, log_failure
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.page import Outcome
from portal.sync.places import count_parents, listings, parents_after, rows_of
from portal.sync.pull import mark_missing, pull_bodies
from portal.sync.resource import Body, Resource
from portal.sync.states import State

OVERLAP = timedelta(minutes=15)
MICROSECOND = timedelta(microseconds=1)
PARENTS = 20  # whose listings are kept together
# More than this share of a kind vanishing at once is more likely a wrong key than a busy day.
MISSING_SHARE, MISSING_ALWAYS = 0.1, 20


class Kind(StrEnum):
    IMPORT = "import"
    INCREMENTAL = "incremental"
    FULL = "full"
    OWNERS = "owners"


def begin(kind: Kind, names: Iterable[str], requested_by: str) -> UUID:
    """Queue one run per named resource, in the order of the registry, and wake a worker. Commits.

    What is listed parent by parent takes minutes, so it comes last: by then everything else can be worked with.
    """
    batch, wanted = uuid4(), set(names)
    known = [each for each in current_sync().resources.ordered if each.name in wanted]
    ordered = sorted(known, key=lambda each: each.nested is not None)
    begun = datetime.now(UTC)
    since = changed_since(ordered) if kind in (Kind.INCREMENTAL, Kind.OWNERS) else {}
    facts = {"kind": kind.value, "batch": batch, "requested_by": requested_by}
    # A microsecond apart, so that the order of the batch is the order of the work.
    rows = [
        {**facts, "entity_type": each.name, "since": since.get(each.name), "created_at": begun + MICROSECOND * place}
        for place, each in enumerate(ordered)
    ]
    if rows:
        db.session.execute(insert(SyncRun), rows)
    db.session.commit()
    wake_runs()
    return batch


def is_under_way(kind: Kind) -> bool:
    """Whether a run of this kind is queued or running."""
    going = select(SyncRun.id).where(SyncRun.kind == kind.value, SyncRun.state.in_(("queued", "running")))
    return db.session.scalar(going.limit(1)) is not None


def wake_runs() -> None:
    queues.enqueue(Lane.BULK.value, "portal.sync.jobs.run_all", job_id="runs", timeout=3600)


def changed_since(resources: Iterable[Resource]) -> dict[str, datetime]:
    """Where the last complete run of each resource began, less an overlap; what is left out asks for everything."""
    names = [each.name for each in resources if each.has_changed_filter]
    done = (SyncRun.state == "done", SyncRun.entity_type.in_(names), SyncRun.started_at.is_not(None))
    last = (
        select(SyncRun.entity_type, func.max(SyncRun.started_at).label("begun"))
        .where(*done)
        .group_by(SyncRun.entity_type)
    )
    return {row.entity_type: row.begun - OVERLAP for row in db.session.execute(last)}


def run_all() -> None:
    """Work on queued and abandoned runs until none is left. One worker at a time has each run."""
    with acting_as(Actor.machine(Door.IMPORT)):
        breaker.meet()
        while not breaker.is_open() and (run := take()) is not None:
            with because(run_id=run.id):
                perform(run)


def take() -> SyncRun | None:
    """The next run that is queued, or whose worker has died: its heartbeat is 30 seconds old. Commits."""
    dead = func.clock_timestamp() - timedelta(seconds=30)
    free = (SyncRun.state == "queued") | ((SyncRun.state == "running") & (SyncRun.heartbeat_at < dead))
    oldest = select(SyncRun).where(free).order_by(SyncRun.created_at).limit(1)
    run = db.session.scalar(oldest.with_for_update(skip_locked=True))
    if run is not None:
        run.state, run.started_at = "running", run.started_at or datetime.now(UTC)
        run.heartbeat_at = datetime.now(UTC)
    db.session.commit()
    return run


def perform(run: SyncRun) -> None:
    """Read the listings page by page from the checkpoint on; a page and its checkpoint are kept together. Commits."""
    resource = current_sync().resource(run.entity_type)
    fresh = run.cursor_offset == 0 and run.cursor_part == 0 and run.since is None
    # Where not every parent is asked, what lies in the others was not looked for.
    fresh = fresh and not (resource.nested and resource.nested.asked)
    seen: set[int] | None = set() if fresh else None
    step = parent_step if resource.nested else page_step
    try:
        while step(run, resource, seen):
            if db.session.scalar(select(SyncRun.stop_requested).where(SyncRun.id == run.id)):
                finish(run, "stopped")
                return
    except BuildiumError as error:
        db.session.rollback()
        breaker.trip(error) if error.status in (401, 503) else None
        finish(run, "failed", str(error))
        log_failure("run failed", kind=run.kind, entity_type=run.entity_type, error=error)
        return
    if seen is not None and run.kind in (Kind.FULL, Kind.IMPORT):
        conclude_missing(run, resource, seen)
    finish(run, "done")


def page_step(run: SyncRun, resource: Resource, seen: set[int] | None) -> bool:
    """One page; True where another follows, in this listing or in the next."""
    parts = listings(resource)
    if run.cursor_part >= len(parts):
        return False
    place = parts[run.cursor_part]
    query = dict(place.query)
    if run.since is not None:
        form = "%Y-%m-%d" if place.changed_by_day else "%Y-%m-%dT%H:%M:%SZ"
        query["lastupdatedfrom"] = run.since.astimezone(UTC).strftime(form)
    page = current_sync().buildium.page(place.path, query, run.cursor_offset, Lane.BULK, paged=place.paged)
    if run.cursor_offset == 0:
        run.total = (run.total or 0) + (page.total or 0)
    run.cursor_offset += len(page.rows)
    if is_last(page, run.cursor_offset):
        run.cursor_part, run.cursor_offset = run.cursor_part + 1, 0
    return tally(run, resource, [place.tagged(row) for row in page.rows], seen) and run.cursor_part < len(parts)


def parent_step(run: SyncRun, resource: Resource, seen: set[int] | None) -> bool:
    """The listings inside the next few parents; True where there were any. The checkpoint is a parent's Buildium id."""
    if run.total is None:
        run.total = count_parents(resource)
    following = parents_after(resource, run.cursor_part, PARENTS)
    db.session.commit()
    if not following:
        return False
    began = datetime.now(UTC)
    rows = [row for parent in following for row in rows_of(resource.inside(parent), {}, Lane.BULK)]
    run.cursor_part = following[-1]
    tally(run, resource, rows, seen, calls=len(following))
    for each in vanished(resource, following, {row["Id"] for row in rows}, began):
        mark_missing(resource, each)
        run.missing += 1
    return True


def vanished(resource: Resource, parents: list[int], listed: set[int], began: datetime) -> list[int]:
    """What we have in these parents and their listings haven't: each is complete, even if not every parent is asked."""
    nested = resource.nested
    if nested is None:
        return []
    outer, model = current_sync().resource(nested.resource), resource.model
    known = select(SyncStatus.buildium_id).join(model, SyncStatus.entity_id == cast(model.id, Text))
    known = known.join(outer.model, getattr(model, nested.attribute) == outer.model.id).where(
        getattr(outer.model, outer.id_column).in_(parents),
        SyncStatus.entity_type == resource.name,
        SyncStatus.sync_status == State.SYNCED.value,
        SyncStatus.last_synced_at < began,
    )
    return sorted(each for each in db.session.scalars(known) if each is not None and each not in listed)


def tally(run: SyncRun, resource: Resource, rows: list[Body], seen: set[int] | None, calls: int = 1) -> bool:
    """Keep the rows, and count them together with the checkpoint. Commits."""
    outcomes = pull_bodies(resource, rows)
    if seen is not None:
        seen.update(outcomes)
    count = Counter(outcomes.values())
    run.seen += len(rows)
    run.done += calls if resource.nested else len(rows)
    run.created += count[Outcome.CREATED]
    run.updated += count[Outcome.UPDATED] + count[Outcome.CONFLICT]
    run.unchanged += count[Outcome.UNCHANGED] + count[Outcome.BUSY]
    if count[Outcome.REFUSED]:
        run.error_message = f"{count[Outcome.REFUSED]} records can't be kept here: the log says why."
    run.calls += calls
    run.heartbeat_at = datetime.now(UTC)
    db.session.commit()
    return True


def conclude_missing(run: SyncRun, resource: Resource, seen: set[int]) -> None:
    """Records that a complete listing no longer contains. A suspicious number of them is reported, not believed."""
    known = select(SyncStatus.buildium_id).where(
        SyncStatus.entity_type == resource.name,
        SyncStatus.sync_status == State.SYNCED.value,
        SyncStatus.last_synced_at < run.started_at,
    )
    ours = {each for each in db.session.scalars(known) if each is not None}
    gone = ours - seen
    if len(gone) > max(MISSING_ALWAYS, MISSING_SHARE * len(ours)):
        run.error_message = f"{len(gone)} of {len(ours)} records were not in the listing: too many to believe."
        return
    for each in sorted(gone):
        mark_missing(resource, each)
    run.missing = len(gone)


def finish(run: SyncRun, state: str, error: str | None = None) -> None:
    change = {"state": state, "finished_at": datetime.now(UTC), "error_message": error or run.error_message}
    db.session.execute(update(SyncRun).where(SyncRun.id == run.id).values(**change, missing=run.missing))
    db.session.commit()
