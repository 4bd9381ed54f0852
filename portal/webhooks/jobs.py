"""What RQ calls for the inbox."""

from __future__ import annotations

from portal.webhooks import process


def drain() -> None:
    process.drain()
