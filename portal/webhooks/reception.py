"""Deciding about one delivery: genuine and fresh events are kept, everything else is refused in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from portal.buildium.signatures import sent_at, signer
from portal.webhooks.store import Inbox
from portal.webhooks.waking import Waker

MAXIMUM_BYTES = 64 * 1024
# Our choice, the guide gives none (MAPPING §8.3): retries are signed anew when they are sent.
WINDOW_SECONDS = 300.0


class RefusedError(Exception):
    """The delivery is forged or stale; the message says which."""


@dataclass(frozen=True)
class Reception:
    """`secrets` gives the secrets in force, newest first."""

    secrets: Callable[[], tuple[str, ...]]
    inbox: Inbox
    waker: Waker

    def receive(self, body: bytes, timestamp: str, signature: str) -> None:
        """Keep the event, also one that was kept before, and wake a worker. Raises RefusedError, and
        psycopg.OperationalError where there is no database to keep it in."""
        secrets = self.secrets()
        signed_by = signer(secrets, timestamp, body, signature)
        if signed_by is None:
            raise RefusedError("the signature is missing or wrong")
        sent = sent_at(timestamp)
        if sent is None or abs(time.time() - sent) > WINDOW_SECONDS:
            raise RefusedError("the timestamp is more than five minutes away")
        self.inbox.keep(body, sent, signed_by, len(secrets))
        self.waker.wake()
