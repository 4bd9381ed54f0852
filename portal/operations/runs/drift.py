"""What runs have found: drift per kind of record, and the evidence, record by record and field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, select, tuple_, union_all
from sqlalchemy.orm import defer

from portal.extensions import db, queues
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations
from portal.operations.counts import ALL, numbers_by
from portal.operations.lists import STATE, Listing, read_list
from portal.operations.words import kind, kinds
from portal.sync.drift_models import Announcement, Drift, Finding
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.runs import Kind
from portal.sync.states import State
from portal.web.access import Permission, requires
from portal.web.filters import Choice
from portal.web.formats import moment
from portal.webhooks.gaps import LOOKED_BACK, silences

NO_QUEUE = "The queue (Redis) doesn’t answer, so Buildium was not asked. Try again once it does."
COMPARISONS = (Kind.INCREMENTAL.value, Kind.FULL.value, Kind.OWNERS.value)

FINDINGS: Mapping[str, str] = {
    Finding.CHANGED: "Changed in Buildium",
    Finding.NEW: "Missing here until then",
    Finding.GONE: "Gone in Buildium",
    Finding.BACK: "There again",
    Finding.CONFLICT: "Changed on both sides",
}
FINDING_TONES: Mapping[str, str] = {
    Finding.CHANGED: "info", Finding.NEW: "info", Finding.GONE: "bad", Finding.BACK: "good", Finding.CONFLICT: "bad",
}  # fmt: skip
ANNOUNCEMENTS: Mapping[str, str] = {
    Announcement.MISSED: "No webhook came",
    Announcement.LATE: "A webhook came late",
    Announcement.AWAITED: "A webhook may still come",
    Announcement.ANNOUNCED: "A webhook announced it",
    Announcement.NONE: "Buildium never announces this",
}
ANNOUNCEMENT_TONES: Mapping[str, str] = {
    Announcement.MISSED: "wait", Announcement.LATE: "wait", Announcement.AWAITED: "off",
    Announcement.ANNOUNCED: "good", Announcement.NONE: "off",
}  # fmt: skip


@dataclass(frozen=True)
class OfRun:
    """Those of one run: set by a link, shown as a chip, not asked for."""

    name: str = "run"
    label: str = "Run"
    field: str = "of"
    rare: bool = False

    def read(self, raw: str) -> UUID:
        return UUID(raw)

    def words(self, value: UUID) -> str:
        found = db.session.get(SyncRun, value)
        return f"{kind(found.entity_type)}, {moment(found.created_at)}" if found else "one that is gone"

    def where(self, value: UUID) -> ColumnElement[bool]:
        return Drift.run_id == value


FOUND = Listing(
    "operations.drift",
    Drift,
    Drift.created_at,
    filters=(
        Choice(STATE, "Webhook", ANNOUNCEMENTS, lambda value: Drift.announcement == value),
        Choice("finding", "What", FINDINGS, lambda value: Drift.finding == value),
        Choice("entity_type", "Kind", kinds, lambda value: Drift.entity_type == value),
        OfRun(),
    ),
)


@dataclass(frozen=True)
class Gap:
    """Changes of one kind that no webhook announced, under the event that should have."""

    entity_type: str
    event_name: str | None
    number: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Standing:
    """The newest comparison of one kind that was finished, and how many of its findings no webhook announced."""

    name: str
    words: str
    run: SyncRun
    unannounced: int


def standings() -> Sequence[Standing]:
    """A line per kind that was ever compared. Two queries, each of which probes an index once per kind."""
    names = list(kinds())
    done = (SyncRun.state == "done", SyncRun.kind.in_(COMPARISONS))
    newest = [
        select(SyncRun.id).where(SyncRun.entity_type == name, *done).order_by(SyncRun.created_at.desc()).limit(1)
        for name in names
    ]
    if not newest:
        return ()
    ids = union_all(*(select(each.subquery().c.id) for each in newest)).subquery()
    runs = {run.entity_type: run for run in db.session.scalars(select(SyncRun).where(SyncRun.id.in_(select(ids.c.id))))}
    missed = unannounced([run.id for run in runs.values()])
    return [Standing(name, kind(name), runs[name], missed.get(runs[name].id, 0)) for name in names if name in runs]


def unannounced(run_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Run → number of its findings that no webhook announced in time. One query."""
    late = Drift.announcement.in_((Announcement.MISSED.value, Announcement.LATE.value))
    counted = select(Drift.run_id, func.count()).where(Drift.run_id.in_(run_ids), late).group_by(Drift.run_id)
    return {run_id: number for run_id, number in db.session.execute(counted)}


def gaps() -> Sequence[Gap]:
    """What was missed within a week, by kind and event, most first. One query over an index."""
    missed = (Drift.announcement == Announcement.MISSED.value, Drift.created_at > func.now() - LOOKED_BACK)
    number = func.count().label("number")
    columns = (Drift.entity_type, Drift.event_name, number, func.min(Drift.read_at), func.max(Drift.read_at))
    grouped = select(*columns).where(*missed).group_by(Drift.entity_type, Drift.event_name).order_by(number.desc())
    rows = db.session.execute(grouped)
    return [Gap(name, event, count, first, last) for name, event, count, first, last in rows]


@operations.get("/drift")
@requires(Permission.VIEW_SYNC)
def drift() -> str:
    asked = read_list(FOUND, request.args)
    counts = numbers_by(Drift.announcement, *asked.where(but=STATE))
    page = asked.page()
    return render_template(
        "sync/drift.html",
        asked=asked,
        page=page,
        total=counts.get(asked.value(STATE), 0),
        states=asked.tabs(counts, {ALL: "All", **ANNOUNCEMENTS}),
        rows=rows_about(page.records),
        gaps=gaps(),
        silences=silences(),
        words={"finding": FINDINGS, "announcement": ANNOUNCEMENTS},
        finding_tones=FINDING_TONES,
        announcement_tones=ANNOUNCEMENT_TONES,
        missing=State.MISSING.value,
    )


def rows_about(found: Sequence[Drift]) -> Mapping[UUID, SyncStatus]:
    """Finding → the outbox row of its record, as it is now. One query."""
    keys = {(each.entity_type, each.entity_id): each.id for each in found if each.entity_id}
    wanted = tuple_(SyncStatus.entity_type, SyncStatus.entity_id).in_(list(keys))
    rows = db.session.scalars(select(SyncStatus).where(wanted).options(defer(SyncStatus.remote_snapshot))).all()
    known = {(row.entity_type, row.entity_id): row for row in rows}
    return {each.id: known[key] for each in found if (key := (each.entity_type, each.entity_id)) in known}


@operations.post("/drift/<uuid:drift_id>/question")
@requires(Permission.OPERATE_SYNC)
def ask_again(drift_id: UUID) -> ResponseReturnValue:
    """Have Buildium asked once more for a record that a listing didn't contain."""
    found = db.get_or_404(Drift, drift_id)
    job = f"ask-{found.entity_type}-{found.buildium_id}"
    asked = queues.enqueue("people", "portal.sync.jobs.ask", found.entity_type, found.buildium_id, job_id=job)
    if asked:
        name = f"“{found.record_name}”" if found.record_name else f"a {kind(found.entity_type).lower()}"
        note_act("ask", f"Had Buildium asked once more for {name}", target=("run", found.run_id))
        db.session.commit()
    flash("Buildium is asked again now. If the record is there, it comes back by itself." if asked else NO_QUEUE)
    return back_to("drift", run=found.run_id)
