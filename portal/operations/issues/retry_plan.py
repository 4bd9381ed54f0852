"""Counting before anything is sent again: what of an issue or of a filter would be sent, and what wouldn't, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, select
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.operations.issues.models import Issue, RetryItem
from portal.operations.issues.rows import model_of
from portal.operations.lists import Asked, read_list
from portal.operations.records.listing import RECORDS
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.resolve import ENOUGH
from portal.sync.states import State
from portal.webhooks.models import EventState, WebhookEvent

CALLS_PER_SECOND = 10
# An hour's work at the rate that Buildium allows. More at once would be written down in vain where the first one fails,
# and could be judged by nobody for a day; the plan and the page of the retry say how to go on.
AT_ONCE = 20_000
OPEN_ITEMS = ("waiting", "sending")

WORN_OUT = "failed three times for the same cause"
IN_ANOTHER = "are being sent again already"
TOO_MANY = f"stay for the next time: no more than {AT_ONCE:,} go at once"

is_worn_out = and_(SyncStatus.retries >= ENOUGH, SyncStatus.retried_issue_id == SyncStatus.issue_id)
is_paused = (
    select(SyncPause.id)
    .where(SyncPause.direction == "push", SyncPause.entity_type.in_(("*", SyncStatus.entity_type)))
    .exists()
)


def in_another(model: Any) -> ColumnElement[bool]:
    return select(RetryItem.row_id).where(RetryItem.row_id == model.id, RetryItem.state.in_(OPEN_ITEMS)).exists()


@dataclass(frozen=True)
class Selection:
    """What somebody asked to be sent again: rows of `model` that fit `where`. `issue` or `filter` says whose they are;
    with `stubborn` also those that failed three times for the same cause."""

    model: Any
    where: tuple[ColumnElement[bool], ...]
    issue: Issue | None = None
    filter: Mapping[str, str] | None = None
    stubborn: bool = False

    @property
    def row_kind(self) -> str:
        return "record" if self.model is SyncStatus else "webhook"

    def why_not(self) -> ColumnElement[Any]:
        """In words, for each row; NULL for one that is sent."""
        if self.model is WebhookEvent:
            failed = WebhookEvent.state.in_((EventState.FAILED.value, EventState.DEAD.value))
            return case((in_another(WebhookEvent), IN_ANOTHER), (~failed, "were handled meanwhile"), else_=null())
        worn_out = () if self.stubborn else ((is_worn_out, WORN_OUT),)
        return case(*REASONS, (is_paused, "are paused"), (in_another(SyncStatus), IN_ANOTHER), *worn_out, else_=null())

    def calls(self) -> ColumnElement[Any]:
        """How many calls to Buildium a row takes: an update looks first."""
        if self.model is WebhookEvent:
            return literal(1)
        return case((SyncStatus.buildium_id.is_(None), 1), else_=2)

    def going(self) -> Select[Any]:
        """The rows that are sent, in the order in which they failed."""
        number = func.row_number().over(order_by=(self.model.failed_at, self.model.id))
        rows = select(number.label("place"), self.model.id.label("row_id"), self.model.issue_id)
        mine = rows.where(*self.where, self.why_not().is_(None))
        return mine.order_by(self.model.failed_at, self.model.id).limit(AT_ONCE)


REASONS: tuple[tuple[ColumnElement[bool], str], ...] = (
    (SyncStatus.sync_status == State.SYNCED.value, "match Buildium already"),
    (SyncStatus.sync_status == State.SYNCING.value, "are being sent right now"),
    (SyncStatus.sync_status == State.HELD.value, "are paused"),
    (SyncStatus.sync_status == State.CONFLICT.value, "were changed on both sides: choose which values stay"),
    (SyncStatus.sync_status == State.PENDING.value, "wait to be sent anyway"),
    (SyncStatus.cause == "deleted here", "no longer exist here"),
    (SyncStatus.cause == "several candidates", "could be several records in Buildium: choose which"),
    (SyncStatus.cause == "waiting for parent", "wait for another record, and follow by themselves"),
    (SyncStatus.cause.in_(("awaiting import", "awaiting review")), "have to be compared with Buildium first"),
    (
        and_(SyncStatus.sync_status == State.UNCERTAIN.value, SyncStatus.next_attempt_at.is_not(None)),
        "are being looked for in Buildium",
    ),
)


@dataclass(frozen=True)
class Plan:
    """`going` rows are sent, `skipped` says in words why how many aren't; `calls` is what Buildium will be asked."""

    going: int
    skipped: Mapping[str, int]
    calls: int

    @property
    def asked(self) -> int:
        return self.going + sum(self.skipped.values())

    @property
    def rest(self) -> int:
        """Those that are too many for one time."""
        return self.skipped.get(TOO_MANY, 0)

    @property
    def seconds(self) -> float:
        """At the rate that Buildium allows, if nothing else has to be sent."""
        return self.calls / CALLS_PER_SECOND


def plan(selection: Selection) -> Plan:
    """One query over the rows that are meant."""
    rows = select(selection.why_not().label("why"), selection.calls().label("calls")).where(*selection.where).subquery()
    grouped = select(rows.c.why, func.count(), func.sum(rows.c.calls)).group_by(rows.c.why)
    skipped: Counter[str] = Counter()
    going = calls = 0
    for why, number, asked in db.session.execute(grouped):
        if why is None:
            going, calls = min(number, AT_ONCE), int(asked * min(number, AT_ONCE) / number)
            skipped.update({TOO_MANY: number - AT_ONCE} if number > AT_ONCE else {})
        else:
            skipped[why] += number
    return Plan(going, dict(skipped.most_common()), calls)


def of_issue(issue: Issue, *, stubborn: bool = False) -> Selection:
    model = model_of(issue)
    return Selection(model, (model.issue_id == issue.id,), issue=issue, stubborn=stubborn)


def of_filter(given: Mapping[str, str], *, stubborn: bool = False) -> tuple[Selection, Asked]:
    """Records of the list of records; its parameters are understood as that list does."""
    asked = read_list(RECORDS, MultiDict(given))
    filter_ = {each.filter.name: each.raw for each in asked.chosen}
    return Selection(SyncStatus, tuple(asked.where()), filter=filter_, stubborn=stubborn), asked
