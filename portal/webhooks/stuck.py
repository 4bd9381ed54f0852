"""How events get stuck, and get going again: see `portal.sync.stuck`."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func

from portal.sync.stuck import LOST, Look, Stuck, counted, is_connected
from portal.webhooks.models import WebhookEvent
from portal.webhooks.process import OPEN, wake_if_due

INBOX = "look into the inbox"


def events() -> Look:
    """Events that are due and that nobody takes. While Buildium refuses the account they wait for it."""
    due_at = func.coalesce(WebhookEvent.next_attempt_at, WebhookEvent.created_at)
    moment = func.clock_timestamp() - LOST
    due = (WebhookEvent.next_attempt_at < moment) | (
        WebhookEvent.next_attempt_at.is_(None) & (WebhookEvent.created_at < moment)
    )
    return counted(WebhookEvent, due_at, WebhookEvent.state.in_(OPEN), due, is_connected())


INBOX_STUCK = (
    Stuck(
        "events", "Webhooks that were received and not processed",
        "The event is due for more than five seconds: its wake-up was lost, or the worker that had it was killed.",
        timedelta(seconds=70), "The clock wakes a worker; what a killed worker had is free after a minute.", INBOX,
        events, wake_if_due,
    ),
)  # fmt: skip
