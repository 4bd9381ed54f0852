"""Giving an app its sync."""

from __future__ import annotations

import redis
from flask import Flask

from portal.buildium.client import Buildium
from portal.buildium.limiter import RedisLimiter
from portal.config import Settings
from portal.queues import Queues
from portal.sync import outbox
from portal.sync.current import Sync
from portal.sync.log import write_down
from portal.sync.resource import Resources

LIMITER_SECONDS = 2.0

# Importing the outbox puts its listeners on the session: no save of this app can go without its row.
LISTENERS = (outbox.write_outbox_rows, outbox.wake_workers, outbox.forget)


def start(app: Flask, settings: Settings, resources: Resources) -> None:
    """Connect the queues, the limiter and the client. Nothing is asked of Redis or Buildium yet."""
    app.extensions["queues"] = Queues(settings.redis_url)
    shared = redis.Redis.from_url(
        settings.redis_url, socket_connect_timeout=LIMITER_SECONDS, socket_timeout=LIMITER_SECONDS
    )
    buildium = Buildium(
        settings.buildium_base_url,
        settings.buildium_client_id,
        settings.buildium_client_secret,
        limiter=RedisLimiter(shared, settings.buildium_calls_per_second),
        on_exchange=write_down,
    )
    app.extensions["sync"] = Sync(
        resources, buildium, settings.buildium_webhook_secrets, begins_in_shadow=settings.begins_in_shadow
    )
