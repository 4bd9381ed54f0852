"""The running sync, found through the app, so that nothing below has to import the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import current_app

from portal.buildium.client import Buildium
from portal.sync.resource import Resource, Resources

# Waits before each look-up of a create whose outcome is unknown (MAPPING §9), then before the push is given up on.
LOOK_UP_WAITS = (30.0, 120.0, 300.0, 900.0)
RETRY_WAITS = (5.0, 30.0, 120.0, 600.0, 3600.0, 21600.0)


@dataclass(frozen=True)
class Sync:
    """What push, pull, webhooks and imports need. Waits are in seconds."""

    resources: Resources
    buildium: Buildium
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    look_up_waits: Sequence[float] = LOOK_UP_WAITS
    retry_waits: Sequence[float] = RETRY_WAITS
    lease_seconds: float = 12.0
    begins_in_shadow: bool = False

    def resource(self, name: str) -> Resource:
        return self.resources.by_name[name]


def current_sync() -> Sync:
    found = current_app.extensions["sync"]
    assert isinstance(found, Sync)
    return found
