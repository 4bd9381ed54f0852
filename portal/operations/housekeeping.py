"""What the clock does besides the sync's own tasks: the inbox, and what nobody needs any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import delete, func, select

from portal.accounts.sessions import forget_ended
from portal.accounts.throttle import forget_old
from portal.config import Settings
from portal.extensions import db
from portal.sync.cache import clear_expired_buildium_cache
from portal.sync.models import ApiCall
from portal.sync.schedule import HOUR, Task
from portal.webhooks.models import EventState, WebhookEvent
from portal.webhooks.process import wake_if_due

AT_ONCE = 5000


def tasks() -> tuple[Task, ...]:
    return (Task("look into the inbox", 2, wake_if_due, at_start=True), Task("housekeeping", HOUR, tidy_up))


def tidy_up() -> None:
    """Enforce the retention of the settings. Commits after each batch, so that nothing is locked for long."""
    settings = cast(Settings, current_app.extensions["settings"])
    forget(ApiCall, ApiCall.created_at < func.now() - timedelta(days=settings.log_days))
    done = WebhookEvent.state.notin_([EventState.RECEIVED.value, EventState.FAILED.value, EventState.DEAD.value])
    forget(WebhookEvent, (WebhookEvent.created_at < func.now() - timedelta(days=settings.event_days)) & done)
    clear_expired_buildium_cache()
    db.session.commit()
    forget_ended()
    forget_old()


def forget(model: type[Any], condition: Any) -> None:
    while True:
        batch = select(model.id).where(condition).limit(AT_ONCE)
        deleted = db.session.execute(delete(model).where(model.id.in_(batch)))
        db.session.commit()
        if deleted.rowcount < AT_ONCE:  # type: ignore[attr-defined]
            return
