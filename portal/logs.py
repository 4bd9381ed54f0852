"""One line of JSON per event on standard error, with the id of its request and without anybody's secrets."""

from __future__ import annotations

import faulthandler
import json
import logging
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from flask import Flask, Response, g, has_request_context, request

LOG = logging.getLogger("portal.requests")

STANDARD_ERROR = 2
OUR_CODE = str(Path(__file__).parent)
# PostgreSQL repeats the offending row or key in these lines of an error, and SQLAlchemy the values of a statement.
ROW_LINES = re.compile(r"^(DETAIL:|CONTEXT:|LINE \d+:|HINT:|\[parameters:).*(\n\s+.*)*$", re.MULTILINE)
# Tax ids, account and phone numbers: six digits or more, however they are grouped.
LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){5,}")
# What PostgreSQL and Python quote in a message is mostly what somebody typed.
QUOTED = re.compile(r"(: )(\"[^\"]*\"|'[^']*')")


def start(app: Flask) -> None:
    """Send the portal's log to standard error and give every request an id (`g.request_id`, header X-Request-Id).

    What Python can't survive is logged as well: where each thread was when the process crashed, without any values.
    """
    if not faulthandler.is_enabled():
        faulthandler.enable(STANDARD_ERROR)
    logger = logging.getLogger("portal")
    logger.setLevel(logging.INFO)
    if not any(isinstance(each, StandardError) for each in logger.handlers):
        logger.addHandler(StandardError())
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    g.request_id = token_hex(6)
    g.began = time.perf_counter()


def end(response: Response) -> Response:
    """Log the request without its query, which may hold what people searched for; a path only where it is a page's."""
    response.headers["X-Request-Id"] = request_id()
    milliseconds = round((time.perf_counter() - g.began) * 1000)
    if request.endpoint != "static":
        path = request.path if request.url_rule else "(no such page)"
        LOG.info("%s %s %s %s ms", request.method, path, response.status_code, milliseconds)
    return response


def request_id() -> str:
    """The id of the current request, "" outside of one."""
    if not has_request_context():
        return ""
    if "request_id" not in g:
        begin()
    return str(g.request_id)


def redacted(text: str) -> str:
    """`text` without rows quoted by PostgreSQL, quoted values and long numbers."""
    return LONG_NUMBER.sub("•••", QUOTED.sub(r"\1•••", ROW_LINES.sub("", text))).strip()


class OneLine(logging.Formatter):
    """A record as JSON on one line; an exception as its places in the code and its redacted message."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": request_id(),
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = told(record.exc_info[1])
        return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=False)


def told(error: BaseException) -> str:
    """The exception and its causes: type, redacted message, and where it passed."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=False)
    parts: list[str] = []
    each: traceback.TracebackException | None = trace
    while each:
        name = each.exc_type.__name__ if each.exc_type else "error"
        parts.append(f"{name}: {redacted(str(each))} at {' < '.join(places(each.stack))}")
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return " / from ".join(parts)


def places(stack: traceback.StackSummary) -> list[str]:
    """Where it was raised, and the places in our own code that led there, the innermost first."""
    innermost = list(reversed(stack))
    ours = [frame for frame in innermost[1:] if OUR_CODE in frame.filename]
    return [
        f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
        for frame in innermost[:1] + ours
    ]


class StandardError(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever standard error is at that moment, so that a redirection after the start is followed."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(OneLine())

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
