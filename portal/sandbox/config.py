"""How the simulated Buildium is started: read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SandboxConfig:
    """Everything that is fixed while the program runs. What tests change on the way is in `Switches`.

    `home` None keeps everything in memory. `rate` is requests per second, `webhook_delay` seconds,
    `webhook_retry_scale` multiplies the ladder of 1, 10 and 60 minutes. `control_from_anywhere` opens the
    control API and the pages to other machines: only for containers on a private network.
    """

    home: Path | None = None
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    webhook_url: str = ""
    webhook_secret: str = "sandbox-webhook-secret"
    webhook_delay: float = 0.05
    webhook_retry_scale: float = 1.0
    size: int = 400
    empty: bool = False
    rate: int = 10
    control_from_anywhere: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> SandboxConfig:
        """Read the SANDBOX_… variables; an unset or empty one keeps its default. Raises ValueError for a bad number."""
        prefix = "SANDBOX_"
        given = {
            key.removeprefix(prefix): value
            for key, value in environment.items()
            if key.startswith(prefix) and value.strip()
        }
        default = cls()
        return cls(
            home=Path(given["HOME"]) if "HOME" in given else None,
            client_id=given.get("CLIENT_ID", default.client_id),
            client_secret=given.get("CLIENT_SECRET", default.client_secret),
            webhook_url=given.get("WEBHOOK_URL", default.webhook_url),
            webhook_secret=given.get("WEBHOOK_SECRET", default.webhook_secret),
            webhook_delay=float(given.get("WEBHOOK_DELAY", default.webhook_delay)),
            webhook_retry_scale=float(given.get("WEBHOOK_RETRY_SCALE", default.webhook_retry_scale)),
            size=int(given.get("SIZE", default.size)),
            empty=given.get("EMPTY", "0") not in ("0", "false", "no"),
            rate=int(given.get("RATE", default.rate)),
            control_from_anywhere=given.get("CONTROL_FROM_ANYWHERE", "0") not in ("0", "false", "no"),
        )
