"""What RQ calls for the dashboard. A job holds no rule of its own."""

from __future__ import annotations

from uuid import UUID

from portal.acting import Actor, Door, acting_as
from portal.operations import housekeeping
from portal.operations.issues import retrying
from portal.operations.webhooks import replays


def replay_webhooks() -> None:
    replays.work()


def retry(retry_id: str) -> None:
    retrying.work(UUID(retry_id))


def tidy_up() -> None:
    with acting_as(Actor.machine(Door.COMMAND)):
        housekeeping.tidy_up()
