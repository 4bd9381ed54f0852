"""Runs over whole listings: the first import, and the reconciliation that covers what webhooks don't tell.

A run is a row per kind of record with a checkpoint per page, so that it can be watched, stopped and resumed. Only a
complete listing, read from its first page in one go, may conclude that a record is missing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import ColumnElement, func, insert, select, update

from portal.acting import Actor, Door, acting_as
from portal.buildium.client import is_last
from portal.buildium.errors import BuildiumError, ThrottledError
from portal.buildium.limiter import Lane
from portal.database import affected
from portal.extensions import db, queues
from portal.sync import breaker
from portal.sync.adoption import conclude, mark
from portal.sync.current import current_sync
from portal.sync.drift import differences, write_down
from portal.sync.heartbeat import beating
from portal.sync.log import because, log_failure
from portal.sync.models import SyncPause, SyncRun
from portal.sync.page import Outcome
from portal.sync.pauses import ALL, PULL
from portal.sync.places import changes_of, count_parents, listings, note_listed, parents_after, rows_of
from portal.sync.pull import pull_bodies
from portal.sync.reading import asked_now
from portal.sync.resource import Body, Resource
from portal.sync.vanished import conclude_inside, conclude_missing

OVERLAP = timedelta(minutes=15)
MICROSECOND = timedelta(microseconds=1)
SHORTEST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds, where Buildium asks to wait
PARENTS = 20  # whose listings are kept together
DEAD = timedelta(seconds=30)  # without a sign of life: the worker of a run is gone


class Kind(StrEnum):
    IMPORT = "import"
    INCREMENTAL = "incremental"
    FULL = "full"
    OWNERS = "owners"


def begin(kind: Kind, names: Iterable[str], requested_by: str, *, again: bool = False) -> UUID:
    """Queue one run per named resource, in the order of the registry, and wake a worker. Commits.

    What is listed parent by parent takes minutes, so it comes last: by then everything else can be worked with. An
    import compares rows that are here already, unless one only reads `again` what waited for a decision.
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
    if kind is Kind.IMPORT and not again:
        mark(ordered)
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


@dataclass(frozen=True)
class Read:
    """What one step has read: `place` is the checkpoint after it, `done` how much of what `total` counts it was, and
    `listed` the changes of parents that were asked for what lies inside them."""

    rows: list[Body]
    place: Mapping[str, int]
    read_at: datetime
    done: int
    calls: int = 1
    listed: Mapping[UUID, datetime] = field(default_factory=dict)


def go_on(*which: ColumnElement[bool]) -> int:
    """Queue runs that were stopped or have failed again, each from its checkpoint on; how many. Commits."""
    over = SyncRun.state.in_(("stopped", "failed"))
    again = {"state": "queued", "stop_requested": False, "finished_at": None, "error_message": None}
    change = update(SyncRun).where(over, *which).values(again | {"resumed": SyncRun.resumed + 1})
    done = db.session.execute(change.execution_options(synchronize_session=False))
    db.session.commit()
    wake_runs()
    return affected(done)


def run_all() -> None:
    """Work on queued and abandoned runs until none is left. One worker at a time has each run."""
    with acting_as(Actor.machine(Door.IMPORT)):
        breaker.meet()
        while not breaker.is_open() and (run := take()) is not None:
            with because(run_id=run.id), beating(run.id):
                perform(run)


def is_dead() -> ColumnElement[bool]:
    """Runs whose worker has died."""
    return (SyncRun.state == "running") & (SyncRun.heartbeat_at < func.clock_timestamp() - DEAD)


def take() -> SyncRun | None:
    """The next run that is queued, or whose worker has died. Commits."""
    oldest = select(SyncRun).where((SyncRun.state == "queued") | is_dead()).order_by(SyncRun.created_at).limit(1)
    run = db.session.scalar(oldest.with_for_update(skip_locked=True))
    if run is not None:
        run.state, run.started_at = "running", run.started_at or datetime.now(UTC)
        run.heartbeat_at = datetime.now(UTC)
    db.session.commit()
    return run


def perform(run: SyncRun) -> None:
    """Read the listings page by page from the checkpoint on. Commits."""
    resource = current_sync().resource(run.entity_type)
    fresh = run.cursor_offset == 0 and run.cursor_part == 0 and run.since is None
    # Where not every parent is asked, what lies in the others was not looked for.
    fresh = fresh and not (resource.nested and (resource.nested.asked or resource.nested.as_of))
    seen: set[int] | None = set() if fresh else None
    try:
        state = step_by_step(run, resource, seen)
        if state == "done" and seen is not None and run.kind in (Kind.FULL, Kind.IMPORT):
            conclude_missing(run, resource, seen)
    except BuildiumError as error:
        db.session.rollback()
        breaker.trip(error) if error.status in (401, 503) else None
        finish(run, "failed", str(error))
        log_failure("run failed", kind=run.kind, entity_type=run.entity_type, error=error)
        return
    if state == "done" and run.kind == Kind.IMPORT:
        conclude(resource)
    finish(run, state)


def step_by_step(run: SyncRun, resource: Resource, seen: set[int] | None) -> str:
    """Read and keep until nothing is left ("done") or somebody wants it to end ("stopped")."""
    read = read_parents if resource.nested else read_page
    while not is_paused(resource.name):
        try:
            step = read(run, resource)
            if step is None:
                return "done"
            keep(run, resource, step, seen)
        except ThrottledError as error:
            # To be told to wait is no failure: the step is done once more after it.
            db.session.rollback()
            time.sleep(min(max(error.retry_after or 0.0, SHORTEST_WAIT), LONGEST_WAIT))
        current_app.extensions["beside_pages"]()
        if db.session.scalar(select(SyncRun.stop_requested).where(SyncRun.id == run.id)):
            return "stopped"
    run.error_message = "Fetching this is paused. It goes on once somebody resumes that, and then this."
    return "stopped"


def is_paused(name: str) -> bool:
    paused = select(SyncPause.id).where(SyncPause.direction == PULL, SyncPause.entity_type.in_((ALL, name))).limit(1)
    found = db.session.scalar(paused)
    db.session.commit()
    return found is not None


def read_page(run: SyncRun, resource: Resource) -> Read | None:
    """The page at the checkpoint; None where the last one of the last listing was read."""
    parts = listings(resource)
    if run.cursor_part >= len(parts):
        return None
    place = parts[run.cursor_part]
    query = dict(place.query)
    if run.since is not None:
        form = "%Y-%m-%d" if place.changed_by_day else "%Y-%m-%dT%H:%M:%SZ"
        query["lastupdatedfrom"] = run.since.astimezone(UTC).strftime(form)
    part, offset, read_at = run.cursor_part, run.cursor_offset, asked_now()
    page = current_sync().buildium.page(place.path, query, offset, Lane.BULK, paged=place.paged)
    after = offset + len(page.rows)
    total = (run.total or 0) + (page.total or 0) if offset == 0 else run.total or 0
    following = (part + 1, 0) if is_last(page, after) else (part, after)
    checkpoint = {"cursor_part": following[0], "cursor_offset": following[1], "total": total}
    return Read([place.tagged(row) for row in page.rows], checkpoint, read_at, len(page.rows))


def read_parents(run: SyncRun, resource: Resource) -> Read | None:
    """The listings inside the next few parents; None where there are none. The checkpoint is a parent's Buildium id."""
    total = count_parents(resource) if run.total is None else run.total
    following = parents_after(resource, run.cursor_part, PARENTS)
    run.total = total
    listed = changes_of(resource, following)
    read_at = asked_now()
    if not following:
        return None
    rows = [row for parent in following for row in rows_of(resource.inside(parent), {}, Lane.BULK)]
    conclude_inside(run, resource, following, {row["Id"] for row in rows}, read_at)
    return Read(rows, {"cursor_part": following[-1]}, read_at, len(following), len(following), listed)


def keep(run: SyncRun, resource: Resource, step: Read, seen: set[int] | None) -> None:
    """Keep what was read, and then, in one commit, the checkpoint, the counts and the evidence: whoever goes on after a
    crash reads this step once more, and finds it the same."""
    found = differences(resource, step.rows) if run.kind != Kind.IMPORT else {}
    outcomes = pull_bodies(resource, step.rows, step.read_at)
    if seen is not None:
        seen.update(outcomes)
    write_down(run, resource, found, outcomes, step.read_at)
    if Outcome.BUSY not in outcomes.values():
        note_listed(step.listed, step.read_at)
    for name, value in {**tallied(run, outcomes), **step.place}.items():
        setattr(run, name, value)
    run.seen += len(step.rows)
    run.done += step.done
    run.calls += step.calls
    run.heartbeat_at = datetime.now(UTC)
    db.session.commit()


def tallied(run: SyncRun, outcomes: Mapping[int, Outcome]) -> dict[str, Any]:
    """The run's counts with those of one step."""
    count = Counter(outcomes.values())
    refused = run.refused + count[Outcome.REFUSED]
    words = f"{refused} records can't be kept here: the log says why." if refused else run.error_message
    return {
        "created": run.created + count[Outcome.CREATED],
        "updated": run.updated + count[Outcome.UPDATED],
        "conflicts": run.conflicts + count[Outcome.CONFLICT],
        "unchanged": run.unchanged + count[Outcome.UNCHANGED] + count[Outcome.BUSY],
        "refused": refused,
        "for_review": run.for_review + count[Outcome.REVIEW],
        "error_message": words,
    }


def finish(run: SyncRun, state: str, error: str | None = None) -> None:
    change = {"state": state, "finished_at": datetime.now(UTC), "error_message": error or run.error_message}
    db.session.execute(update(SyncRun).where(SyncRun.id == run.id).values(change))
    db.session.commit()
