"""What the portal would try again in minutes or hours, it tries at once: as if the time had passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, update

from portal.acting import Actor, Door, acting_as
from portal.buildium.limiter import Lane
from portal.extensions import db, queues
from portal.sync import breaker
from portal.sync.models import SyncStatus
from portal.sync.outbox import wake
from portal.webhooks.models import WebhookEvent
from portal.webhooks.waking import drain_soon
from tests.live import Live
from tests.waiting import wait_until

MACHINE = Actor.machine(Door.COMMAND)
PATIENCE = 60


def without_waits(live: Live, condition: Callable[[], Any], *records: Any) -> None:
    """Skip the waits of the webhooks that failed, of the connection, and of these records, until `condition`. What is
    in the session is forgotten."""
    keys = {str(each.id): live.row(each).entity_type for each in records}

    def passed() -> bool:
        with live.app.app_context(), acting_as(MACHINE):
            skip(list(keys))
        for key, kind in keys.items():
            wake(kind, key, Lane.PEOPLE)
        drain_soon(queues)
        return bool(condition())

    wait_until(passed, PATIENCE, "every try to be made")


def skip(keys: Sequence[str]) -> None:
    soon = {"next_attempt_at": func.clock_timestamp()}
    if breaker.is_open():
        breaker.ask()
    db.session.execute(update(WebhookEvent).where(WebhookEvent.state == "failed").values(soon))
    waiting = (SyncStatus.entity_id.in_(keys), SyncStatus.next_attempt_at > func.clock_timestamp())
    db.session.execute(update(SyncStatus).where(*waiting).values(soon))
    db.session.commit()


def states(wanted: Any) -> set[str]:
    """In which states these events are by now."""
    db.session.rollback()
    return {event.state for event in db.session.scalars(wanted)}
