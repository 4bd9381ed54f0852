"""Webhook signatures as Buildium makes them (MAPPING §8.3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator


def sign(secret: str, timestamp: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signer(secrets: Iterable[str], timestamp: str, body: bytes, signature: str) -> int | None:
    """The place of the secret that signs `timestamp.body`, the first being 1; None where none does. Compared in
    constant time; tries the minified body last."""
    given = signature.encode()
    known = tuple(secrets)
    for form in signed_forms(body):
        for place, secret in enumerate(known, 1):
            if hmac.compare_digest(sign(secret, timestamp, form).encode(), given):
                return place
    return None


def signed_forms(body: bytes) -> Iterator[bytes]:
    yield body
    if b"\n" in body or b": " in body:
        try:
            yield json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return


def sent_at(timestamp: str) -> float | None:
    """The header's moment in UNIX seconds; Buildium doesn't state the unit, so milliseconds are taken too."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 16:
        return None
    moment = int(timestamp)
    return moment / 1000 if moment > 10**11 else float(moment)
