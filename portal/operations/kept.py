"""How long the dashboard's rows are kept, by setting: enforced in small batches, and shown beside the rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select, true

from portal.config import Settings
from portal.database import affected
from portal.extensions import db
from portal.operations.alert_models import Alert, AlertState
from portal.operations.models import Act
from portal.sync.models import ApiCall, SyncRun
from portal.sync.runs import Kind
from portal.webhooks.models import EventState, Replay, WebhookEvent, WebhookRefusal

# A batch takes some ten milliseconds: whoever wants one of its rows, or a place in the queue, hardly waits.
AT_ONCE = 2000
UNFINISHED = (EventState.RECEIVED.value, EventState.FAILED.value, EventState.DEAD.value)


@dataclass(frozen=True)
class Rule:
    """Rows of `model` go `days` after their moment `at`; only those that are `done` may."""

    words: str
    setting: str
    days: Callable[[Settings], int]
    model: type[Any]
    at: Any
    done: ColumnElement[bool]
    note: str = ""

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


CALLS_KEPT = Rule(
    "Calls to Buildium", "PORTAL_LOG_DAYS", lambda settings: settings.log_days, ApiCall, ApiCall.created_at, true()
)
EVENTS_KEPT = Rule(
    "Webhook events that are done with", "PORTAL_EVENT_DAYS", lambda settings: settings.event_days, WebhookEvent,
    WebhookEvent.created_at, WebhookEvent.state.notin_(UNFINISHED),
    "An event that waits or was given up stays until somebody has dealt with it.",
)  # fmt: skip
ALERTS_KEPT = Rule(
    "Alerts that were sent or given up", "PORTAL_EVENT_DAYS", lambda settings: settings.event_days, Alert,
    Alert.created_at, Alert.state != AlertState.WAITING.value,
)  # fmt: skip
REPLAYS_KEPT = Rule(
    "Replays of many webhooks", "PORTAL_HISTORY_DAYS", lambda settings: settings.history_days, Replay,
    Replay.created_at, Replay.finished_at.is_not(None),
)  # fmt: skip
RUNS_KEPT = Rule(
    "Imports and comparisons", "PORTAL_HISTORY_DAYS", lambda settings: settings.history_days, SyncRun,
    SyncRun.created_at, SyncRun.finished_at.is_not(None) & (SyncRun.kind != Kind.IMPORT.value),
    "The first import stays: it says since when the portal knows Buildium.",
)  # fmt: skip
ACTS_KEPT = Rule(
    "What people did at the dashboard", "PORTAL_HISTORY_DAYS", lambda settings: settings.history_days, Act, Act.at,
    true(), "The audit trail keeps it for good.",
)  # fmt: skip

REFUSALS_KEPT = Rule(
    "How many deliveries were refused", "PORTAL_EVENT_DAYS", lambda settings: settings.event_days, WebhookRefusal,
    WebhookRefusal.last_at, true(),
)  # fmt: skip

RULES = (CALLS_KEPT, EVENTS_KEPT, REFUSALS_KEPT, ALERTS_KEPT, REPLAYS_KEPT, RUNS_KEPT, ACTS_KEPT)


def kept(rule: Rule) -> Kept:
    """One query, which reads one end of an index."""
    oldest = db.session.scalar(select(rule.at).where(rule.done).order_by(rule.at).limit(1))
    return Kept(rule.words, rule.days(settings_now()), rule.setting, oldest, rule.note)


def forget_until(deadline: float) -> bool:
    """Delete what no rule keeps any more, until that moment of time.monotonic(); True where something is left.

    Commits after each batch, so that nothing is locked for long.
    """
    left = [rule for rule in RULES if forget(rule, deadline)]
    return bool(left)


def forget(rule: Rule, deadline: float) -> bool:
    condition = rule.condition(settings_now())
    while True:
        batch = select(rule.model.id).where(condition).order_by(rule.at).limit(AT_ONCE)
        deleted = db.session.execute(
            delete(rule.model)
            .where(rule.model.id.in_(batch.with_for_update(skip_locked=True)))
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        if affected(deleted) < AT_ONCE:
            return False
        if time.monotonic() >= deadline:
            return True


def settings_now() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
