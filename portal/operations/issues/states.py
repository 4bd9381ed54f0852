"""What an issue is right now. A person's word is stored; what follows from the rows is looked at each time, so that an
issue opens again by itself the moment a failure of its kind arrives, whichever path wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from portal.extensions import db
from portal.operations.issues.models import Issue
from portal.sync.models import SyncRun, SyncStatus
from portal.webhooks.models import WebhookEvent

FAILING: tuple[Any, ...] = (SyncStatus, WebhookEvent, SyncRun)


class IssueState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IGNORED = "ignored"
    RESOLVED = "resolved"


WORDS: Mapping[str, str] = {
    IssueState.OPEN: "Open",
    IssueState.ACKNOWLEDGED: "Somebody is on it",
    IssueState.IGNORED: "Ignored",
    IssueState.RESOLVED: "Resolved",
}
TONES: Mapping[str, str] = {
    IssueState.OPEN: "bad", IssueState.ACKNOWLEDGED: "wait", IssueState.IGNORED: "off", IssueState.RESOLVED: "good",
}  # fmt: skip


def number_of(model: Any) -> ColumnElement[int]:
    """From the index alone."""
    return select(func.count()).where(model.issue_id == Issue.id).correlate(Issue).scalar_subquery()


def ends_of(model: Any, *, newest: bool) -> ColumnElement[datetime]:
    """When the last, or the first, of its rows failed: one entry of the index."""
    by = model.failed_at.desc() if newest else model.failed_at.asc()
    rows = select(model.failed_at).where(model.issue_id == Issue.id).correlate(Issue).order_by(by)
    return rows.limit(1).scalar_subquery()


def has(model: Any) -> ColumnElement[bool]:
    return select(model.id).where(model.issue_id == Issue.id).correlate(Issue).exists()


how_many: ColumnElement[int] = number_of(SyncStatus) + number_of(WebhookEvent) + number_of(SyncRun)
has_rows: ColumnElement[bool] = or_(*(has(model) for model in FAILING))
# The same, denied one by one: PostgreSQL then looks into the index of each.
nothing_behind: ColumnElement[bool] = and_(*(~has(model) for model in FAILING))
newest_failure: ColumnElement[datetime] = func.greatest(*(ends_of(model, newest=True) for model in FAILING))
oldest_failure: ColumnElement[datetime] = func.least(*(ends_of(model, newest=False) for model in FAILING))
# Resolved, and something failed since; acknowledged, and nothing of what had failed by then is left.
state_now: ColumnElement[str] = case(
    (~has_rows, IssueState.RESOLVED.value),
    (Issue.state == IssueState.OPEN.value, IssueState.OPEN.value),
    ((Issue.state == IssueState.RESOLVED.value) & (newest_failure > Issue.settled_at), IssueState.OPEN.value),
    ((Issue.state == IssueState.ACKNOWLEDGED.value) & (oldest_failure > Issue.settled_at), IssueState.OPEN.value),
    ((Issue.state == IssueState.IGNORED.value) & (Issue.ignored_until <= func.now()), IssueState.OPEN.value),
    ((Issue.state == IssueState.IGNORED.value) & (Issue.ignored_over < how_many), IssueState.OPEN.value),
    else_=Issue.state,
)


@dataclass(frozen=True)
class Standing:
    """An issue as it is now: `number` of rows, when the first and the last of these failed (None without rows)."""

    issue: Issue
    state: str
    number: int
    oldest: datetime | None
    newest: datetime | None

    @property
    def first_seen(self) -> datetime:
        return self.issue.first_seen_at

    @property
    def last_seen(self) -> datetime:
        return max(filter(None, (self.newest, self.issue.last_seen_at if not self.newest else None)))


# Each figure is worked out once, whatever is asked of it.
FIGURES = (
    select(
        Issue.id,
        state_now.label("state"),
        how_many.label("number"),
        oldest_failure.label("oldest"),
        newest_failure.label("newest"),
    )
    .cte("figures")
    .prefix_with("materialized")
)


def standings(*where: ColumnElement[bool]) -> Select[Any]:
    """Issues with their figures; order and bounds are the caller's."""
    columns = (FIGURES.c.state, FIGURES.c.number, FIGURES.c.oldest, FIGURES.c.newest)
    return select(Issue, *columns).join(FIGURES, FIGURES.c.id == Issue.id).where(*where)


def read(rows: Any) -> list[Standing]:
    return [Standing(*row) for row in rows]


def standing(issue_id: UUID) -> Standing | None:
    """One issue as it is now; looks at no other."""
    found = select(Issue, state_now, how_many, oldest_failure, newest_failure).where(Issue.id == issue_id)
    row = db.session.execute(found).one_or_none()
    return Standing(*row) if row else None


def numbers_by_state(*where: ColumnElement[bool]) -> dict[str, int]:
    """Issues by what they are now. One query, which counts no rows."""
    found = select(state_now.label("state")).select_from(Issue).where(*where).subquery()
    rows = select(found.c.state, func.count()).group_by(found.c.state)
    return {state: number for state, number in db.session.execute(rows)}


OPEN_ONES = select(func.count()).select_from(Issue).where(state_now == IssueState.OPEN.value)


def number_open() -> int:
    """For the tab, on every page of the dashboard: looks at an entry or two per issue, however many rows it has."""
    return db.session.scalar(OPEN_ONES) or 0
