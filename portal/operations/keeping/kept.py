"""How long the dashboard's rows are kept, by setting, and shown beside the rows. What no rule keeps any more is removed
by portal/operations/keeping/forgetting.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from portal.config import Settings
from portal.extensions import db
from portal.operations.alerts.models import Alert, AlertState
from portal.operations.issues.models import Issue, Retry, RetryItem
from portal.operations.issues.states import IssueState, nothing_behind
from portal.operations.models import Act
from portal.sync.decision_models import BatchRow, DecisionBatch, SyncDecision
from portal.sync.drift_models import Drift
from portal.sync.models import ApiCall, SyncRun
from portal.sync.runs import Kind
from portal.webhooks.models import EventState, Replay, WebhookEvent, WebhookRefusal

UNFINISHED = (EventState.RECEIVED.value, EventState.FAILED.value, EventState.DEAD.value)
HOURS = 24


@dataclass(frozen=True)
class Rule:
    """Rows of `model` go `days` after their moment `at`; only those that are `done` may. `part_of` is the column by
    which parts of a row name it: there may be many of them, so they go before it, some at a time."""

    words: str
    setting: str
    days: Callable[[Settings], int]
    model: type[Any]
    at: Any
    done: ColumnElement[bool]
    note: str = ""
    part_of: Any = None

    def condition(self, settings: Settings) -> ColumnElement[bool]:
        old: ColumnElement[bool] = self.at < func.now() - timedelta(days=self.days(settings))
        return old & self.done


@dataclass(frozen=True)
class Kept:
    """What a page says of a rule. `oldest` is the oldest row that the rule will take; None where there is none."""

    words: str
    days: int
    setting: str
    oldest: datetime | None
    note: str


def days_of_history(settings: Settings) -> int:
    return settings.history_days


def days_of_decisions(settings: Settings) -> int:
    """Never fewer than a decision can be undone."""
    return max(settings.history_days, -(-settings.undo_hours // HOURS))


def is_in(column: Any, key: Any) -> ColumnElement[bool]:
    """Whether a row of another table names this one."""
    return select(column.class_.id).where(column == key).exists()


EARLIER, LATER = aliased(SyncRun), aliased(SyncRun)


def another(run: Any, when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is an import of the same kind of record before, or after, a run."""
    same = (run.entity_type == SyncRun.entity_type, run.kind == Kind.IMPORT.value)
    return select(run.id).where(*same, when).exists()


is_between_imports = and_(
    another(EARLIER, EARLIER.created_at < SyncRun.created_at), another(LATER, LATER.created_at > SyncRun.created_at)
)
UNDOING = aliased(DecisionBatch)
# A person's word about what comes next outlives the rows that it was said about.
is_ignored_on = (Issue.state == IssueState.IGNORED.value) & or_(
    Issue.ignored_until > func.now(), Issue.ignored_until.is_(None)
)

CALLS_KEPT = Rule(
    "Calls to Buildium", "PORTAL_LOG_DAYS", lambda settings: settings.log_days, ApiCall, ApiCall.created_at, true()
)
EVENTS_KEPT = Rule(
    "Webhook events that are done with", "PORTAL_EVENT_DAYS", lambda settings: settings.event_days, WebhookEvent,
    WebhookEvent.created_at, WebhookEvent.state.notin_(UNFINISHED),
    "An event that waits or was given up stays until somebody has dealt with it.",
)  # fmt: skip
REFUSALS_KEPT = Rule(
    "How many deliveries were refused", "PORTAL_EVENT_DAYS", lambda settings: settings.event_days, WebhookRefusal,
    WebhookRefusal.last_at, true(),
)  # fmt: skip
ALERTS_KEPT = Rule(
    "Alerts that were sent or given up", "PORTAL_EVENT_DAYS", lambda settings: settings.event_days, Alert,
    Alert.created_at, Alert.state != AlertState.WAITING.value,
)  # fmt: skip
REPLAYS_KEPT = Rule(
    "Replays of many webhooks", "PORTAL_HISTORY_DAYS", days_of_history, Replay,
    Replay.created_at, Replay.finished_at.is_not(None),
)  # fmt: skip
RUNS_KEPT = Rule(
    "Imports and comparisons, with what they found", "PORTAL_HISTORY_DAYS", days_of_history, SyncRun,
    SyncRun.created_at,
    and_(
        SyncRun.finished_at.is_not(None), SyncRun.issue_id.is_(None),
        or_(SyncRun.kind != Kind.IMPORT.value, is_between_imports),
    ),
    "The first import stays: it says since when the portal knows Buildium. So does the last one, and what has failed"
    " and was not repeated.", Drift.run_id,
)  # fmt: skip
RETRIES_KEPT = Rule(
    "What was sent again, record by record", "PORTAL_HISTORY_DAYS", days_of_history, Retry,
    Retry.created_at, Retry.finished_at.is_not(None), part_of=RetryItem.retry_id,
)  # fmt: skip
BATCHES_KEPT = Rule(
    "Decisions that were made for many conflicts", "PORTAL_HISTORY_DAYS", days_of_decisions, DecisionBatch,
    DecisionBatch.created_at,
    and_(
        DecisionBatch.finished_at.is_not(None),
        ~select(UNDOING.id).where(UNDOING.undoes_id == DecisionBatch.id).exists(),
    ),
    part_of=BatchRow.batch_id,
)  # fmt: skip
DECISIONS_KEPT = Rule(
    "Decided conflicts", "PORTAL_HISTORY_DAYS", days_of_decisions, SyncDecision, SyncDecision.decided_at,
    and_(
        ~is_in(DecisionBatch.decision_id, SyncDecision.id),
        ~is_in(DecisionBatch.id, SyncDecision.batch_id),
    ),
    "None goes as long as it can be undone. The audit trail keeps what was changed for good.",
)  # fmt: skip
ACTS_KEPT = Rule(
    "What people did at the dashboard", "PORTAL_HISTORY_DAYS", days_of_history, Act, Act.at,
    or_(Act.finished_at.is_not(None), Act.cancelled_at.is_not(None)) & ~is_in(Retry.act_id, Act.id),
    "The audit trail keeps it for good.",
)  # fmt: skip
ISSUES_KEPT = Rule(
    "Resolved issues", "PORTAL_HISTORY_DAYS", days_of_history, Issue, Issue.resolved_at,
    and_(Issue.resolved_at.is_not(None), nothing_behind, ~is_ignored_on, ~is_in(Retry.issue_id, Issue.id)),
    "Counted from the day when nothing was behind it any more. One that is ignored stays until that is over.",
)  # fmt: skip

# What names another comes before it.
RULES = (
    CALLS_KEPT, EVENTS_KEPT, REFUSALS_KEPT, ALERTS_KEPT, REPLAYS_KEPT, RUNS_KEPT, RETRIES_KEPT, BATCHES_KEPT,
    DECISIONS_KEPT, ACTS_KEPT, ISSUES_KEPT,
)  # fmt: skip


def kept(rule: Rule) -> Kept:
    """One query, which reads one end of an index."""
    oldest = db.session.scalar(select(rule.at).where(rule.done).order_by(rule.at).limit(1))
    return Kept(rule.words, rule.days(settings_now()), rule.setting, oldest, rule.note)


def settings_now() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
