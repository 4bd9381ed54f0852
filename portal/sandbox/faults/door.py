"""The WSGI layer in front of the API: logs every request and applies the faults, so that the API knows of neither."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from portal.sandbox.faults.acts import ACTS, Scene
from portal.sandbox.faults.rules import Faults
from portal.sandbox.requests_log import LONGEST_BODY, RequestsLog

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST_BODY = 32_000_000
UNTOUCHED = "X-Sandbox-Untouched"  # the header of a request that no fault meets
_UNTOUCHED_IN_ENVIRON = "HTTP_" + UNTOUCHED.upper().replace("-", "_")


class Door:
    """Wraps the application. `is_watched(path)` tells which paths it is about; the others pass untouched."""

    def __init__(
        self, inside: WSGIApplication, is_watched: Callable[[str], bool], faults: Faults, log: RequestsLog
    ) -> None:
        self._inside = inside
        self._is_watched = is_watched
        self._faults = faults
        self._log = log

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._is_watched(environ.get("PATH_INFO", "")):
            return self._inside(environ, start_response)
        return self._served(environ)(environ, start_response)

    def _served(self, environ: WSGIEnvironment) -> Response:
        started, at = time.monotonic(), datetime.now(UTC).isoformat()
        self._log.started()
        body = _body(environ)
        rule = (
            None
            if _UNTOUCHED_IN_ENVIRON in environ
            else self._faults.meet(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        )

        def execute() -> Response:
            environ["wsgi.input"] = BytesIO(body)
            return Response.from_app(self._inside, environ, buffered=True)

        response, executed, scene = None, 1, None
        try:
            if rule is None:
                response = execute()
            else:
                scene = Scene(environ, rule, self._faults, execute)
                response = ACTS[rule.fault](scene)
                response.headers["X-Sandbox-Fault"] = rule.fault
            return response
        finally:
            if scene is not None:
                executed = scene.executed
            self._log.ended(
                at=at,
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"],
                query=environ.get("QUERY_STRING", ""),
                body=body[:LONGEST_BODY].decode("utf-8", "replace"),
                status=response.status_code if response is not None else None,
                ms=round((time.monotonic() - started) * 1000, 2),
                fault=rule.fault if rule else "",
                executed=executed,
            )


def _body(environ: WSGIEnvironment) -> bytes:
    """The whole request body, kept because a fault may execute the request twice. What is too large or was cut off
    on the way counts as empty, and a note in `environ` says so to whoever minds."""
    try:
        request = Request(environ)
        request.max_content_length = LARGEST_BODY
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body, environ["sandbox.body_too_large"] = b"", True
    except ClientDisconnected:
        body, environ["sandbox.body_cut_off"] = b"", True
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body
