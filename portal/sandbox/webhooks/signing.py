"""Webhook bodies and signatures (MAPPING §8)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

from portal.sandbox.resources.account import ACCOUNT_ID

TICKS_PER_SECOND = 10_000_000


def payload(name: str, ids: dict[str, Any]) -> dict[str, Any]:
    """The body of an event that happens now; its time has seven digits after the point."""
    return {"EventName": name, "EventDateTime": moment(time.time_ns() // 100), "AccountId": ACCOUNT_ID, **ids}


def moment(ticks: int) -> str:
    """UTC time in units of 100 ns since 1970, as Buildium writes it: `2022-05-10T15:12:46.2317653Z`."""
    seconds, rest = divmod(ticks, TICKS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:07d}Z"


def minified(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over `timestamp.body`."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def headers(secret: str, body: bytes, *, unit: str, age_s: float = 0, forged: bool = False) -> dict[str, str]:
    """The headers of a delivery. `age_s` signs it as sent that long ago, `forged` with a secret nobody has."""
    now = time.time() - age_s
    timestamp = str(int(now * 1000) if unit == "milliseconds" else int(now))
    return {
        "Content-Type": "application/json",
        "buildium-webhook-timestamp": timestamp,
        "buildium-webhook-signature": signature("not the secret" if forged else secret, timestamp, body),
    }
