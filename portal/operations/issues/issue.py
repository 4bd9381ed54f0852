"""One issue: what is behind it, and what people say of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, tzinfo
from uuid import UUID

from flask import abort, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue

from portal.database import now
from portal.extensions import db
from portal.operations.acts import acts_about, note_act
from portal.operations.blueprint import back_to, operations, person
from portal.operations.calls.call import errors_of, label
from portal.operations.calls.messages import lines
from portal.operations.causes.catalogue import cause_named, cause_of_slug
from portal.operations.issues import rows
from portal.operations.issues.listing import title
from portal.operations.issues.models import Issue
from portal.operations.issues.retries import newest_retries, worn_out
from portal.operations.issues.states import IssueState, standing
from portal.operations.lists import is_integer
from portal.web.access import Permission, requires
from portal.web.formats import day
from portal.web.lists import read_place

LONGEST_NOTE = 2000


@operations.get("/issues/<uuid:issue_id>")
@requires(Permission.VIEW_SYNC)
def issue(issue_id: UUID) -> str:
    found = standing(issue_id) or abort(404)
    notes: list[str] = []
    page = rows.page(found.issue, read_place(request.args, rows.order_of(found.issue), notes))
    example = rows.example(found.issue, page.records)
    errors = errors_of(example) if example else []
    return render_template(
        "sync/issue.html",
        it=found,
        issue=found.issue,
        cause=cause_named(found.issue.cause),
        rows_are=rows.model_of(found.issue).__tablename__,
        page=page,
        notes=notes,
        address=rows.address,
        edits=rows.last_edits(found.issue, page.records),
        example=example,
        complaints=[(label(example, key), message) for key, message in errors] if example else [],
        request_lines=lines(example.request_data, [key for key, _ in errors]) if example else [],
        answer_lines=lines(example.response_data) if example else [],
        retries=newest_retries(found.issue.id),
        worn_out=worn_out(found.issue),
        acts=acts_about("issue", issue_id),
    )


@operations.get("/help/<name>")
@requires(Permission.VIEW_SYNC)
def help(name: str) -> str:
    """What a cause means and what to do, for whoever has never seen it."""
    cause = cause_of_slug(name) or abort(404)
    return render_template("sync/help.html", cause=cause)


@operations.post("/issues/<uuid:issue_id>/state")
@requires(Permission.OPERATE_SYNC)
def settle_issue(issue_id: UUID) -> ResponseReturnValue:
    """`state` is what a person says of the issue, `note` why; to ignore it, `until` (a date) or `over` (a number)."""
    found = db.get_or_404(Issue, issue_id)
    settle = SETTLE.get(request.form.get("state", ""))
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    words = settle(found, note) if settle else "!Nothing was done: choose what to do with the issue."
    if words.startswith("!"):
        db.session.rollback()
        flash(words[1:], "error")
        return back_to("issue", issue_id=issue_id)
    found.note = note or found.note
    db.session.commit()
    flash(words)
    return back_to("issue", issue_id=issue_id)


def acknowledge(found: Issue, note: str) -> str:
    put(found, IssueState.ACKNOWLEDGED, "acknowledge", f"Is looking after “{title(found)}”", note)
    return "It is marked as being looked after, by you."


def resolve(found: Issue, note: str) -> str:
    put(found, IssueState.RESOLVED, "resolve", f"Called “{title(found)}” resolved", note)
    return "It counts as resolved. A new failure of this kind opens it again by itself."


def reopen(found: Issue, note: str) -> str:
    put(found, IssueState.OPEN, "reopen", f"Opened “{title(found)}” again", note)
    return "It is open again."


def ignore(found: Issue, note: str) -> str:
    until, over = read_day(request.form.get("until", "")), request.form.get("over", "").strip()
    if (until is None or until <= now()) and not (is_integer(over) and int(over) > 0):
        return "!Nothing was ignored: say until which day (a later one than today), or up to how many records."
    until = until if until and until > now() else None
    found.ignored_until, found.ignored_over = until, int(over) if is_integer(over) and int(over) > 0 else None
    terms = [f"until {day(until.astimezone(zone()))}"] if until else []
    terms += [f"until it is more than {found.ignored_over} records"] if found.ignored_over else []
    words = ", or ".join(terms)
    put(found, IssueState.IGNORED, "ignore", f"Ignored “{title(found)}” {words}", note)
    return f"It is ignored {words}. Then it opens again by itself."


def write_note(found: Issue, note: str) -> str:
    if not note:
        return "!Nothing was noted: the note is empty."
    note_act("note", f"Wrote a note on “{title(found)}”", target=("issue", found.id), reason=note)
    return "The note is kept."


SETTLE: dict[str, Callable[[Issue, str], str]] = {
    "acknowledged": acknowledge,
    "resolved": resolve,
    "open": reopen,
    "ignored": ignore,
    "note": write_note,
}


def put(found: Issue, state: IssueState, kind: str, words: str, note: str) -> None:
    if state is not IssueState.IGNORED:
        found.ignored_until = found.ignored_over = None
    found.state, found.settled_at, found.settled_by = state.value, now(), person()
    note_act(kind, words, target=("issue", found.id), reason=note)


def read_day(text: str) -> datetime | None:
    """When that day begins, where the portal's people are."""
    try:
        chosen = datetime.fromisoformat(text.strip()).date()
    except ValueError:
        return None
    return datetime.combine(chosen, time(), zone())


def zone() -> tzinfo:
    found: tzinfo = current_app.extensions["settings"].time_zone
    return found
