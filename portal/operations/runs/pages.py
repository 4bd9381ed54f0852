"""Imports and comparisons: how far they are, what they found, and buttons to start and stop them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import case, func, null, select, update

from portal.extensions import db
from portal.operations.acts import note_act
from portal.operations.blueprint import back_to, operations, person
from portal.operations.lists import Listing, read_list
from portal.operations.runs.drift import standings, unannounced
from portal.operations.words import RUN_KINDS, RUN_WORDS, kind, kinds
from portal.sync.current import current_sync
from portal.sync.models import SyncRun
from portal.sync.runs import Kind, begin, go_on
from portal.web.access import Permission, requires
from portal.web.filters import Choice

GOING = ("queued", "running")

# What a person may start; owners alone are polled by the schedule.
STARTS: Mapping[str, tuple[str, str]] = {
    Kind.IMPORT.value: (
        "Import everything",
        "Reads every record from Buildium. One that was stopped goes on by “Go on” below.",
    ),  # fmt: skip
    Kind.INCREMENTAL.value: ("Fetch what changed", "Reads what Buildium says was changed since the last time."),
    Kind.FULL.value: ("Compare everything", "Reads every listing, and finds what drifted or is gone in Buildium."),
}

RUNS = Listing(
    "operations.runs",
    SyncRun,
    SyncRun.created_at,
    filters=(
        Choice("kind", "What", RUN_KINDS, lambda value: SyncRun.kind == value),
        Choice("entity_type", "Kind", kinds, lambda value: SyncRun.entity_type == value),
        Choice("outcome", "Outcome", RUN_WORDS, lambda value: SyncRun.state == value),
    ),
)


@operations.get("/runs")
@requires(Permission.VIEW_SYNC)
def runs() -> str:
    asked = read_list(RUNS, request.args)
    page = asked.page()
    going = db.session.scalar(select(func.count()).select_from(SyncRun).where(SyncRun.state.in_(GOING)))
    return render_template(
        "sync/runs.html",
        asked=asked,
        page=page,
        going=going,
        starts=STARTS,
        standings=standings(),
        missed=unannounced([run.id for run in page.records]),
    )


@operations.post("/runs")
@requires(Permission.OPERATE_SYNC)
def begin_run() -> ResponseReturnValue:
    wanted = request.form.get("kind", "")
    if wanted not in STARTS:
        flash("Nothing was started: there is no such run.", "error")
        return back_to("runs")
    same = select(SyncRun.id).where(SyncRun.state.in_(GOING), SyncRun.kind == wanted).limit(1)
    if db.session.scalar(same):
        flash("Nothing was started: one of these is waiting or running already. Its progress is below.", "error")
        return back_to("runs")
    ordered = current_sync().resources.ordered
    changed_only = wanted == Kind.INCREMENTAL
    names = [each.name for each in ordered if each.has_changed_filter or not changed_only]
    note_act("start", f"Started “{STARTS[wanted][0]}”", target=("run kind", wanted))
    begin(Kind(wanted), names, person())
    flash(f"“{STARTS[wanted][0]}” is queued: {len(names)} kinds of records, one after another.")
    return back_to("runs")


@operations.post("/runs/<uuid:run_id>/stop")
@requires(Permission.OPERATE_SYNC)
def stop_run(run_id: UUID) -> ResponseReturnValue:
    """A run that waits is stopped at once, one that runs after the page it is reading."""
    waiting = SyncRun.state == "queued"
    stopped = {
        "stop_requested": True,
        "state": case((waiting, "stopped"), else_=SyncRun.state),
        "finished_at": case((waiting, func.clock_timestamp()), else_=null()),
    }
    mine = update(SyncRun).where(SyncRun.id == run_id, SyncRun.state.in_(GOING)).values(stopped)
    returned = mine.returning(SyncRun.state, SyncRun.kind, SyncRun.entity_type)
    found = db.session.execute(returned.execution_options(synchronize_session=False)).one_or_none()
    if found is None:
        db.session.rollback()
        flash("Nothing was stopped: that run is over already.", "error")
        return back_to("runs")
    note_act("stop", f"Stopped “{named(found)}”", target=("run", run_id))
    db.session.commit()
    flash("Stopped." if found.state == "stopped" else "It stops after the page that it is reading now.")
    return back_to("runs")


@operations.post("/runs/<uuid:run_id>/resumption")
@requires(Permission.OPERATE_SYNC)
def resume_run(run_id: UUID) -> ResponseReturnValue:
    """Let a run that was stopped or has failed go on from its last page."""
    over = (SyncRun.id == run_id, SyncRun.state.in_(("stopped", "failed")))
    run = db.session.scalar(select(SyncRun).where(*over).with_for_update())
    if run is None:
        db.session.rollback()
        flash("Nothing was resumed: that run was neither stopped nor has it failed.", "error")
        return back_to("runs")
    note_act("resume", f"Let “{named(run)}” go on", target=("run", run_id))
    go_on(SyncRun.id == run_id)
    flash("It goes on from the page where it ended. What is gone in Buildium only a run from the start can tell.")
    return back_to("runs")


def named(run: Any) -> str:
    """“Full comparison: Property”."""
    return f"{RUN_KINDS[run.kind]}: {kind(run.entity_type)}"
