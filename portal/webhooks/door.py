"""The short way to the inbox: a genuine event is kept before Flask makes a request of it, because Buildium sends them
in bursts, and a subscription that is answered slowly is suspended (MAPPING §8.1).

Whatever isn't kept (forged, stale, too large, no database) goes on to the view, which says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg

from portal.webhooks.reception import MAXIMUM_BYTES, Reception, RefusedError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

PATH = "/webhooks/buildium"
ANSWER = b'{"kept":true}\n'
HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(ANSWER))),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


class Door:
    """Stands before `inner`, the rest of the app."""

    def __init__(self, inner: WSGIApplication, reception: Reception) -> None:
        self.inner = inner
        self.reception = reception

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self.inner(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or ""
        if not (length.isascii() and length.isdigit()) or int(length) > MAXIMUM_BYTES:
            return self.inner(environ, start_response)
        body: bytes = environ["wsgi.input"].read(int(length))
        if self.keeps(body, environ):
            start_response("202 ACCEPTED", HEADERS)
            return [ANSWER]
        environ["wsgi.input"] = BytesIO(body)
        return self.inner(environ, start_response)

    def keeps(self, body: bytes, environ: dict[str, Any]) -> bool:
        timestamp = environ.get("HTTP_BUILDIUM_WEBHOOK_TIMESTAMP", "")
        signature = environ.get("HTTP_BUILDIUM_WEBHOOK_SIGNATURE", "")
        try:
            self.reception.receive(body, timestamp, signature)
        except (RefusedError, psycopg.OperationalError):
            return False
        return True
