"""What the clock does besides the sync's own tasks: the inbox, what nobody needs any more, and telling people."""

from __future__ import annotations

import time
from uuid import uuid4

from portal.accounts.sessions import forget_ended
from portal.accounts.throttle import forget_old
from portal.extensions import db, queues
from portal.operations.alerts import sending, watch
from portal.operations.issues import retries
from portal.operations.keeping.forgetting import forget_until
from portal.operations.webhooks import replays
from portal.sync.cache import clear_expired_buildium_cache
from portal.sync.schedule import HOUR, MINUTE, Task
from portal.webhooks.process import wake_if_due

TURN_SECONDS = 3.0


def tasks() -> tuple[Task, ...]:
    return (
        Task("look into the inbox", 2, wake_if_due, at_start=True),
        Task("housekeeping", HOUR, tidy_up_soon),
        Task("send many again", 5, retries.wake_open, at_start=True),
        Task("replay webhooks", 10, replays.wake_if_open, at_start=True),
        Task("look for what needs a person", MINUTE, watch.watch, at_start=True),
        Task("send alerts", 10, sending.send_soon, at_start=True),
    )


def tidy_up_soon() -> None:
    """In a worker: two million rows take longer than the clock may be busy with one task."""
    # Named anew each time: a job that is running must not lose the one that follows it.
    queues.enqueue("bulk", "portal.operations.background.tidy_up", job_id=f"tidy-up-{uuid4()}")


def tidy_up() -> None:
    """Enforce the retention of the settings for a few seconds. What is left goes behind the jobs that wait by now."""
    if forget_until(time.monotonic() + TURN_SECONDS):
        tidy_up_soon()
    clear_expired_buildium_cache()
    db.session.commit()
    forget_ended()
    forget_old()
