"""What stands before every call: query length, credentials, rate limit, permissions (MAPPING §1.1–1.3)."""

from __future__ import annotations

import hmac
import math
from datetime import UTC, datetime, timedelta

from werkzeug.http import http_date
from werkzeug.wrappers import Request

from portal.sandbox.config import SandboxConfig
from portal.sandbox.errors import RefusedError
from portal.sandbox.rate import SlidingWindow
from portal.sandbox.switches import Switches

LONGEST_QUERY = 4096


class Gate:
    """Refuses what Buildium refuses before it looks at the resource."""

    def __init__(self, config: SandboxConfig, switches: Switches, window: SlidingWindow) -> None:
        self._config = config
        self._switches = switches
        self._window = window

    def admit(self, request: Request) -> None:
        """Raises RefusedError 500 (query too long, as documented), 401 or 429."""
        if len(request.query_string) > LONGEST_QUERY:
            raise RefusedError(500)
        self._authenticate(request)
        wait = self._window.wait(self._switches.rate_limit)
        if wait:
            raise self._too_many(wait)

    def permit(self, needs: tuple[str, ...]) -> None:
        """Raises RefusedError 403 unless the key has every permission, each printed as `Rentals > Leases: View+Edit`.
        Areas that the switches don't list are open."""
        for need in needs:
            area, _, wanted = need.rpartition(": ")
            right = self._switches.permissions.get(area, "View+Edit+Delete").split("+")
            missing = [each for each in wanted.split("+") if each not in right]
            if missing:
                raise RefusedError(403, message=f"The API key lacks the permission '{area}: {missing[-1]}'.")

    def _authenticate(self, request: Request) -> None:
        # Both are compared in any case, so that the time taken doesn't tell which one was wrong.
        client_id = _equal(request.headers.get("x-buildium-client-id", ""), self._config.client_id)
        secret = _equal(request.headers.get("x-buildium-client-secret", ""), self._config.client_secret)
        if not (client_id and secret and self._switches.key_works):
            raise RefusedError(401)

    def _too_many(self, wait: float) -> RefusedError:
        refused = RefusedError(429)
        seconds = max(1, math.ceil(wait))
        if self._switches.retry_after == "seconds":
            refused.headers["Retry-After"] = str(seconds)
        if self._switches.retry_after == "date":
            refused.headers["Retry-After"] = http_date(datetime.now(UTC) + timedelta(seconds=seconds))
        return refused


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
