"""Pages about sending many again: the plan with its counts, the progress, and a button to stop it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.extensions import db
from portal.operations.acts import note_act, receipt
from portal.operations.blueprint import back_to, operations, person
from portal.operations.issues import retries
from portal.operations.issues.listing import title
from portal.operations.issues.models import Issue, Retry, RetryItem
from portal.operations.issues.retry_plan import AT_ONCE, TOO_MANY, Plan, Selection, of_filter, of_issue, plan
from portal.operations.issues.rows import model_of
from portal.operations.lists import Asked
from portal.operations.models import Act
from portal.operations.words import kind
from portal.sync.models import SyncRun, SyncStatus
from portal.sync.runs import Kind, begin, is_under_way
from portal.web.access import Permission, may, requires
from portal.web.formats import plural
from portal.webhooks.models import WebhookEvent

MOST_ITEMS = 50
ITEM_WORDS = {
    "waiting": "Waiting", "sending": "Being sent", "succeeded": "Arrived", "failed": "Failed again",
    "later": "Tried again by itself", "skipped": "Skipped", "left": "Not sent",
}  # fmt: skip
ITEM_TONES = {
    "waiting": "wait", "sending": "info", "succeeded": "good", "failed": "bad", "later": "wait", "skipped": "off",
    "left": "off",
}  # fmt: skip
RETRY_WORDS = {
    "queued": "Waiting for a worker", "running": "Under way", "done": "Done", "stopped": "Stopped",
    "cancelled": "Cancelled",
}  # fmt: skip
RETRY_TONES = {"queued": "wait", "running": "info", "done": "good", "stopped": "bad", "cancelled": "off"}


@operations.context_processor
def retry_words() -> dict[str, Any]:
    return {"retry_words": RETRY_WORDS, "retry_tones": RETRY_TONES}


@operations.get("/issues/<uuid:issue_id>/retry")
@requires(Permission.OPERATE_SYNC)
def plan_retry_of_issue(issue_id: UUID) -> str:
    found = db.get_or_404(Issue, issue_id)
    return planned(of_issue(found, stubborn=is_stubborn()), f"Issue: {title(found)}")


@operations.post("/issues/<uuid:issue_id>/retry")
@requires(Permission.OPERATE_SYNC)
def retry_issue(issue_id: UUID) -> ResponseReturnValue:
    """Everything behind the issue; `stubborn` also takes what failed three times for the same cause."""
    found = db.get_or_404(Issue, issue_id)
    if model_of(found) is SyncRun:
        return start_again(found)
    if retries.is_stuck(found) and not is_stubborn():
        flash("Nothing was sent: it failed three times for the same cause. Change what is named below first.", "error")
        return back_to("issue", issue_id=issue_id)
    verb = "Sent" if found.direction == "out" else "Handled"
    return begun(of_issue(found, stubborn=is_stubborn()), f"{verb} “{title(found)}” again", issue_id)


@operations.get("/retry")
@requires(Permission.OPERATE_SYNC)
def plan_retry() -> str:
    selection, asked = of_filter(request.args.to_dict(), stubborn=is_stubborn())
    return planned(selection, filter_words(asked))


@operations.post("/retry")
@requires(Permission.OPERATE_SYNC)
def retry_filter() -> ResponseReturnValue:
    """Everything that the list of records shows with the parameters of this form."""
    given = {name: value for name, value in request.form.items() if name not in ("csrf_token", "stubborn")}
    selection, asked = of_filter(given, stubborn=is_stubborn())
    return begun(selection, f"Sent again: {filter_words(asked)}", None)


@operations.get("/retries")
@requires(Permission.VIEW_SYNC)
def all_retries() -> str:
    return render_template("sync/retries.html", retries=retries.newest_retries())


@operations.get("/retries/<uuid:retry_id>")
@requires(Permission.VIEW_SYNC)
def show_retry(retry_id: UUID) -> str:
    found = db.get_or_404(Retry, retry_id)
    chosen = request.args.get("outcome", "")
    act = db.session.get_one(Act, found.act_id)
    numbers = retries.numbers(retry_id)
    return render_template(
        "sync/retry.html",
        retry=found,
        act=act,
        receipt=receipt(act.queued, act.skipped_because),
        numbers=numbers,
        total=sum(numbers.values()),
        finished=sum(number for state, number in numbers.items() if state not in ("waiting", "sending")),
        item_words=ITEM_WORDS,
        item_tones=ITEM_TONES,
        chosen=chosen if chosen in ITEM_WORDS else "",
        items=items(retry_id, chosen) if chosen in ITEM_WORDS else [],
        most=MOST_ITEMS,
        is_going=found.state in retries.GOING,
        rest=act.skipped_because.get(TOO_MANY, 0),
        rest_url=url_of_plan(found, act),
    )


def url_of_plan(found: Retry, act: Act) -> str:
    """Where what was meant is counted anew."""
    if found.issue_id:
        return url_for("operations.plan_retry_of_issue", issue_id=found.issue_id)
    return url_for("operations.plan_retry", **(act.filter or {}))


@operations.post("/retries/<uuid:retry_id>/cancel")
@requires(Permission.OPERATE_SYNC)
def cancel_retry(retry_id: UUID) -> ResponseReturnValue:
    left = retries.cancel(retry_id)
    if left is None:
        flash("Nothing was cancelled: it is over already.", "error")
    else:
        flash(f"Cancelled. {plural(left, 'record')} {'was' if left == 1 else 'were'} not sent.")
    return back_to("show_retry", retry_id=retry_id)


def is_stubborn() -> bool:
    """Whether a manager has ticked to try again what failed three times."""
    return bool(request.values.get("stubborn")) and may(Permission.RETRY_STUBBORN)


def planned(selection: Selection, words: str) -> str:
    found: Plan = plan(selection)
    issue = selection.issue
    return render_template(
        "sync/retry_plan.html",
        plan=found,
        words=words,
        issue=issue,
        filter=selection.filter or {},
        is_stuck=issue is not None and retries.is_stuck(issue) and not selection.stubborn,
        stubborn=selection.stubborn,
        at_once=AT_ONCE,
        records=selection.row_kind == "record",
    )


def begun(selection: Selection, words: str, issue_id: UUID | None) -> ResponseReturnValue:
    made = retries.begin(selection, words, person())
    if made is None:
        flash("Nothing was sent: none of them can be sent again now. The plan says why.", "error")
        if issue_id:
            return back_to("issue", issue_id=issue_id)
        return back_to("plan_retry", **(selection.filter or {}))
    act = db.session.get_one(Act, made.act_id)
    flash(f"{receipt(act.queued, act.skipped_because)} The first one is tried before the others follow.")
    return back_to("show_retry", retry_id=made.id)


def start_again(found: Issue) -> ResponseReturnValue:
    """A run is not sent again but started anew; it goes on where it stopped."""
    wanted = Kind(found.field or "")
    if is_under_way(wanted):
        flash("Nothing was started: one of these is waiting or running already.", "error")
        return back_to("issue", issue_id=found.id)
    note_act("start", f"Started again: {title(found)}", target=("issue", found.id))
    begin(wanted, [found.entity_type or ""], person())
    flash("It is started again. Its progress is below.")
    return back_to("runs")


def filter_words(asked: Asked) -> str:
    """“Refused; Kind: Property”."""
    return "; ".join(f"{each.filter.label}: {each.filter.words(each.value)}" for each in asked.chosen) or "all records"


def items(retry_id: UUID, state: str) -> Sequence[Any]:
    """(what it is called, its row's id, its kind, why) of one outcome, the first of them. One query per table."""
    mine = (RetryItem.retry_id == retry_id, RetryItem.state == state)
    columns = (RetryItem.place, RetryItem.row_kind, RetryItem.row_id, RetryItem.why)
    rows = (
        select(*columns, SyncStatus.record_name, SyncStatus.entity_type, WebhookEvent.event_type)
        .outerjoin(SyncStatus, SyncStatus.id == RetryItem.row_id)
        .outerjoin(WebhookEvent, WebhookEvent.id == RetryItem.row_id)
        .where(*mine)
    )
    return [
        (name or event or f"A {kind(of).lower()} without a name", row_id, row_kind, why)
        for _, row_kind, row_id, why, name, of, event in db.session.execute(
            rows.order_by(RetryItem.place).limit(MOST_ITEMS)
        )
    ]
