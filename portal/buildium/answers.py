"""What an answer of Buildium means: its JSON, or the error that says what to do (MAPPING §1.5, §1.6)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from portal.buildium.errors import (
    AccountError,
    BuildiumError,
    FieldError,
    ForbiddenError,
    MissingError,
    RejectedError,
    RetryableError,
    ThrottledError,
    UncertainError,
)

MAXIMUM_WAIT = 6 * 3600.0
RETRY_AFTER = "retry-after"


def json_body(method: str, path: str, response: httpx.Response, raw: bytes, lost: type[BuildiumError]) -> Any:
    """The parsed body, None where there is none. Only a success must be JSON: gateways answer errors in HTML."""
    if response.status_code == 429:
        raise ThrottledError("Buildium is getting more calls than it allows.", 429, waiting_time(response))
    if not raw and response.status_code in {202, 204}:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        if response.is_success:
            message = f"Buildium's answer to {method} {path} can't be read ({len(raw)} bytes)."
            raise lost(message, response.status_code) from error
        return {"UserMessage": None, "Text": raw[:500].decode(errors="replace")}


def check(method: str, path: str, status: int, answer: Any, *, repeatable: bool) -> None:
    """Raise the error that names what to do about a status; return for a success."""
    if 200 <= status < 300:
        return
    message, fields = words_of(answer), fields_of(answer)
    said = f"{method} {path} was answered {status}" + (f": {message}" if message else "")
    if status == 401:
        raise AccountError("Buildium refused the API key (401).", 401)
    if status == 403:
        raise ForbiddenError(message or "The API key lacks the permission for this (403).", 403, fields)
    if status == 404 and method != "POST":
        raise MissingError(said, 404)
    if status >= 500:
        raise server_error(said, status, repeatable=repeatable)
    raise RejectedError(message or said, status, fields)


def server_error(said: str, status: int, *, repeatable: bool) -> BuildiumError:
    if not repeatable:
        return UncertainError(said, status)
    if status == 503:
        return AccountError("Buildium is down for maintenance (503).", 503)
    return RetryableError(said, status)


def words_of(answer: Any) -> str:
    message = answer.get("UserMessage") if isinstance(answer, dict) else None
    return str(message)[:1000] if message else ""


def fields_of(answer: Any) -> tuple[FieldError, ...]:
    errors = answer.get("Errors") if isinstance(answer, dict) else None
    if not isinstance(errors, list):
        return ()
    pairs = [entry for entry in errors[:50] if isinstance(entry, dict)]
    return tuple(FieldError(str(entry.get("Key") or ""), str(entry.get("Value") or "")[:500]) for entry in pairs)


def waiting_time(response: httpx.Response) -> float | None:
    """Seconds to wait from Retry-After, which may hold seconds or a date; None where it says nothing usable."""
    value = response.headers.get(RETRY_AFTER, "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value), MAXIMUM_WAIT)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), MAXIMUM_WAIT)
