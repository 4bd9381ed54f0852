"""What every answer carries, whatever made it: a strict content policy, no sniffing, no framing, no caching."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, request

from portal.config import Settings
from portal.web.access import public

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; connect-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"
FOR_EVER = "public, max-age=31536000, immutable"


def start(app: Flask, settings: Settings) -> None:
    """Refuse endpoints without a rule and NUL characters; put the headers on every answer."""
    app.extensions["answer_headers"] = HEADERS | (
        {"Strict-Transport-Security": TWO_YEARS} if settings.secure_cookies else {}
    )
    public(app.view_functions["static"])
    app.before_request(refuse_endpoint_without_rule)
    app.before_request(refuse_nul)
    app.after_request(put_headers)
    app.url_defaults(name_static_by_content)


def refuse_endpoint_without_rule() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and not hasattr(view, "access"):
        abort(HTTPStatus.FORBIDDEN, "This page names no rule about who may see it, so nobody may.")


def refuse_nul() -> None:
    """PostgreSQL stores no NUL character, so no text that holds one goes any further.

    The inbox of webhooks reads its raw bytes itself and stores them whatever they are.
    """
    if "\0" in request.path or has_nul(request.args):
        abort(HTTPStatus.BAD_REQUEST, "The address holds a NUL character, which no text may hold.")
    if request.blueprint == "webhooks":
        return
    if has_nul(request.form) or any("\0" in (file.filename or "") for file in request.files.values()):
        abort(HTTPStatus.UNPROCESSABLE_ENTITY, "One of the fields holds a NUL character, which no text may hold.")


def has_nul(values: Any) -> bool:
    return any("\0" in name or "\0" in value for name, value in values.items(multi=True))


def put_headers(response: Response) -> Response:
    for name, value in current_app.extensions["answer_headers"].items():
        response.headers.setdefault(name, value)
    is_file = request.endpoint == "static" and response.status_code < HTTPStatus.BAD_REQUEST
    if is_file and "v" in request.args:
        response.headers["Cache-Control"] = FOR_EVER
    elif not is_file:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def name_static_by_content(endpoint: str, values: dict[str, Any]) -> None:
    """url_for("static", …) gets `v`, a hash of the file: browsers may keep it for ever, and never show an old one."""
    if endpoint == "static" and (folder := current_app.static_folder):
        path = os.path.join(folder, values.get("filename", ""))
        try:
            found = os.stat(path)
        except OSError:
            return
        if stat.S_ISREG(found.st_mode):
            values.setdefault("v", content_hash(path, found.st_mtime_ns))


@lru_cache(maxsize=512)
def content_hash(path: str, _changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
