"""One outbox row: everything the sync knows about a record, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from uuid import UUID

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.extensions import db
from portal.operations.acts import acts_about, note_act
from portal.operations.blueprint import back_to, operations
from portal.operations.lists import is_integer
from portal.operations.pauses.shadow import shadow_of
from portal.operations.places import errors, record_url
from portal.operations.records import conflict, fields
from portal.operations.records.about import calls_about, events_about
from portal.operations.records.timeline import timeline
from portal.operations.words import NOT_AGAIN, cause_of, kind, shown
from portal.sync import breaker, resolve
from portal.sync.current import current_sync
from portal.sync.models import SyncStatus
from portal.sync.resolve import ENOUGH
from portal.sync.states import State, TransitionError
from portal.vault import SealedError
from portal.web.access import Permission, may, requires
from portal.web.record_sync import Entry

LATEST = 20


@operations.get("/records/<uuid:row_id>")
@requires(Permission.VIEW_SYNC)
def record(row_id: UUID) -> str:
    row = db.get_or_404(SyncStatus, row_id)
    values, unreadable = [], ""
    try:
        values = fields.table(row)
    except SealedError as error:
        unreadable = str(error)
    return render_template(
        "sync/record.html",
        row=row,
        cause=cause_of(row.sync_status, row.cause),
        errors=errors(row),
        attempts=len(current_sync().retry_waits) + 1,
        values=values,
        conflict=conflict.of(row),
        decided=conflict.decided(row),
        unreadable=unreadable,
        candidates=[(each["Id"], described(each)) for each in row.candidates or []],
        is_careful=is_careful(row),
        is_void=is_void(row),
        shadow=shadow_of(row),
        calls=calls_about(row, LATEST),
        events=events_about(row, LATEST),
        entries=timeline_of(row),
        acts=acts_about("record", row.id),
        is_worn=is_worn(row),
        page_url=record_url(row.entity_type, row.entity_id),
        edit_url=record_url(row.entity_type, row.entity_id, "edit"),
    )


def timeline_of(row: SyncStatus) -> Sequence[Entry]:
    """Edit, job, calls, webhook and echo in the order in which they happened, newest first."""
    resource = current_sync().resources.by_name.get(row.entity_type)
    return timeline(row.entity_type, resource.model.__tablename__, row.entity_id, LATEST) if resource else ()


def is_careful(row: SyncStatus) -> bool:
    """Whether a page asks before it is sent again."""
    resource = current_sync().resources.by_name.get(row.entity_type)
    return resource is not None and resource.careful


def is_void(row: SyncStatus) -> bool:
    """Whether it is one of several that were made with one request, and gone: that request can't be made again for it.
    A void payment stays void; what it paid is open, and is paid by a new one."""
    resource = current_sync().resources.by_name.get(row.entity_type)
    return row.sync_status == State.MISSING and resource is not None and bool(resource.joins)


def described(candidate: dict[str, object]) -> str:
    return ", ".join(shown(value) for key, value in candidate.items() if key != "Id")


@operations.post("/records/<uuid:row_id>/retry")
@requires(Permission.OPERATE_SYNC)
def retry(row_id: UUID) -> ResponseReturnValue:
    """Send again, as if it had just been saved."""
    row = found(row_id)
    state, name = row.sync_status, named(row)
    if is_worn(row) and not (request.form.get("stubborn") and may(Permission.RETRY_STUBBORN)):
        flash(f"Nothing was done for {name}. It failed three times for one cause: change something first.", "error")
        return back_to("record", row_id=row_id)
    note_act("retry", f"Sent {name} again", target=("record", row_id))
    if done(lambda: resolve.retry(row), NOT_AGAIN.get(state), name):
        waiting = " The connection to Buildium is paused; it is sent when that is over." if breaker.is_open() else ""
        flash(f"{name} will be sent again now.{waiting}")
    return back_to("record", row_id=row_id)


@operations.post("/records/<uuid:row_id>/link")
@requires(Permission.OPERATE_SYNC)
def link(row_id: UUID) -> ResponseReturnValue:
    row = found(row_id)
    text, name = request.form.get("buildium_id", ""), named(row)
    if not is_integer(text):
        abort(HTTPStatus.BAD_REQUEST, "That is no id of a record in Buildium.")
    note_act("link", f"Linked {name} to Buildium’s record {text}", target=("record", row_id))
    if done(lambda: resolve.link_to(row, int(text)), None, name):
        flash(f"{name} is linked to Buildium’s record {text}. The two are compared now.")
    return back_to("record", row_id=row_id)


@operations.get("/records/<uuid:row_id>/anew")
@requires(Permission.OPERATE_SYNC)
def ask_anew(row_id: UUID) -> str:
    """Asks before money is sent again: Buildium can undo neither a bill nor a payment."""
    row = db.get_or_404(SyncStatus, row_id)
    back = record_url(row.entity_type, row.entity_id)
    return render_template("sync/anew.html", row=row, name=named(row), page_url=back)


@operations.post("/records/<uuid:row_id>/anew")
@requires(Permission.OPERATE_SYNC)
def anew(row_id: UUID) -> ResponseReturnValue:
    row = found(row_id)
    name = named(row)
    if is_void(row):
        flash(f"Nothing was done for {name}. It is void in Buildium. Enter a new payment instead.", "error")
        return back_to("record", row_id=row_id)
    note_act("anew", f"Had {name} created in Buildium as a new record", target=("record", row_id))
    if done(lambda: resolve.create_anew(row), None, name):
        flash(f"{name} will be created in Buildium as a new record.")
    return back_to("record", row_id=row_id)


def is_worn(row: SyncStatus) -> bool:
    """Whether a person has sent it again three times, and each time it failed for the same cause."""
    return row.issue_id is not None and row.retries >= ENOUGH and row.retried_issue_id == row.issue_id


def found(row_id: UUID) -> SyncStatus:
    """The row, locked, so that no worker takes it between what is looked at and what is written."""
    row: SyncStatus = db.one_or_404(select(SyncStatus).where(SyncStatus.id == row_id).with_for_update())
    return row


def named(row: SyncStatus) -> str:
    return f"“{row.record_name}”" if row.record_name else f"This {kind(row.entity_type).lower()}"


def done(act: Callable[[], None], why_not: str | None, name: str) -> bool:
    """Whether `act` could be done; otherwise the page says in words why not."""
    try:
        act()
    except TransitionError as error:
        db.session.rollback()
        flash(f"Nothing was done for {name}. {why_not or error}", "error")
        return False
    return True
