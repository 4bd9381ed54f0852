"""Error pages. They ask neither the database nor who is signed in, so that they work when nothing else does."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify, make_response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.utils import get_host

from portal.database import sqlstate_of
from portal.logs import redacted, request_id
from portal.vault import SealedError

LOG = logging.getLogger("portal.errors")

MACHINE_PATHS = ("/webhooks", "/healthz", "/readyz", "/metrics")
RETRY_SECONDS = 5


@dataclass(frozen=True)
class Words:
    """What an error page says: what happened, and what the person can do about it."""

    title: str
    text: str


WORDS: dict[int, Words] = {
    400: Words("That request can’t be understood", "Go back, check the address or the form, and try again."),
    401: Words("Please sign in", "This page is for people who are signed in."),
    403: Words("You may not do this", "Your role doesn’t include it. An administrator can change your role."),
    404: Words("There is no such page", "The address may be mistyped, or the record may have been removed."),
    405: Words("That doesn’t work here", "The page exists, but not for this kind of request. Go back and try again."),
    409: Words("Somebody else was faster", "The record changed while you were editing it. Open it again and compare."),
    413: Words("That is too much at once", "The form or file is larger than the portal accepts (2 MB)."),
    422: Words("Something in the form can’t be saved", "Go back, check what you entered, and try again."),
    429: Words("Too many tries", "Wait a moment, then try again."),
    500: Words("Something went wrong here", "Nothing was saved. It was written to the log and isn’t your mistake."),
    503: Words("The portal is resting for a moment", "Its database can’t be reached. Nothing was saved. Try again."),
    507: Words("The disk is full", "Nothing was saved. Whoever runs the portal must free some space."),
}

EXPIRED = Words(
    "This page was open for too long",
    "You signed in or out since it was opened, so for safety nothing was sent or saved. Go back to the page, "
    "reload it, and send the form again.",
)
UNREADABLE = Words(
    "A stored value can’t be read",
    "A tax id or account number on this page can’t be opened with the encryption keys that are configured. Nothing "
    "was changed. Whoever runs the portal must add the missing key to PORTAL_ENCRYPTION_KEYS.",
)
BUSY = Words("That took too long", "The database is busy or the record is being saved by somebody else. Try again.")

# SQLSTATE → status: https://www.postgresql.org/docs/current/errcodes-appendix.html
STATES = {
    "53100": HTTPStatus.INSUFFICIENT_STORAGE,  # disk_full
    "42501": HTTPStatus.FORBIDDEN,  # insufficient_privilege: a row policy refused
    "55P03": HTTPStatus.SERVICE_UNAVAILABLE,  # lock_not_available
    "57014": HTTPStatus.SERVICE_UNAVAILABLE,  # query_canceled: statement_timeout
    "40P01": HTTPStatus.SERVICE_UNAVAILABLE,  # deadlock_detected
    "40001": HTTPStatus.SERVICE_UNAVAILABLE,  # serialization_failure
}
BUSY_STATES = {"55P03", "57014", "40P01", "40001"}


def start(app: Flask) -> None:
    app.register_error_handler(CSRFError, expired_form)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(SealedError, unreadable_value)
    app.register_error_handler(StaleDataError, stale)
    app.register_error_handler(DBAPIError, database_refused)
    app.register_error_handler(PoolTimeout, database_busy)
    app.register_error_handler(OSError, disk_full)
    app.register_error_handler(HTTPStatus.INTERNAL_SERVER_ERROR, unexpected)


def expired_form(error: CSRFError) -> Response:
    LOG.info("form refused: %s", error.description)
    return page(HTTPStatus.BAD_REQUEST, EXPIRED)


def refused(error: HTTPException) -> Response:
    """Any answer of 400 and above that a view or Flask asked for; redirects pass."""
    answer = error.get_response()
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return make_response(answer)
    own_words = error.description if error.description != type(error).description else None
    general = WORDS.get(answer.status_code) or Words(error.name, error.description or "")
    response = page(answer.status_code, Words(general.title, own_words or general.text))
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    return response


def unreadable_value(error: SealedError) -> Response:
    LOG.error("sealed value can't be read", exc_info=error)
    return page(HTTPStatus.INTERNAL_SERVER_ERROR, UNREADABLE)


def stale(error: StaleDataError) -> Response:
    LOG.info("stale record: %s", type(error).__name__)
    return page(HTTPStatus.CONFLICT)


def database_refused(error: DBAPIError) -> Response:
    """Disk full 507, row policy 403, gone or busy 503, a value it can't store 422; the rest is a mistake of ours."""
    state = sqlstate_of(error) or ""
    status = STATES.get(state)
    if status is None and state.startswith("22"):  # data_exception: too long, out of range, not in this encoding
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    if status is None and isinstance(error, OperationalError | InterfaceError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    if status is None:
        raise error
    LOG.error("database error %s: %s", state or "without a state", redacted(str(error.orig)))
    return page(status, BUSY if state in BUSY_STATES else None)


def database_busy(error: PoolTimeout) -> Response:
    LOG.error("no free database connection", exc_info=error)
    return page(HTTPStatus.SERVICE_UNAVAILABLE, BUSY)


def disk_full(error: OSError) -> Response:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        raise error
    LOG.error("disk full", exc_info=error)
    return page(HTTPStatus.INSUFFICIENT_STORAGE)


def unexpected(_: Exception) -> Response:
    """Any exception nobody expected; Flask has logged it."""
    return page(HTTPStatus.INTERNAL_SERVER_ERROR)


def page(status: int, words: Words | None = None) -> Response:
    """The error as a page for people or as JSON for machines, with the id under which the log knows it."""
    words = words or WORDS[status]
    if request.path.startswith(MACHINE_PATHS):
        response = jsonify(error=words.title, detail=words.text, id=request_id())
    else:
        # Straight from the template: render_template would run context processors, and those may ask the database.
        template = current_app.jinja_env.get_template("errors/page.html")
        response = make_response(
            template.render(status=int(status), words=words, error_id=request_id(), back=page_before())
        )
    response.status_code = int(status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def page_before() -> str:
    """The path of the page the person came from, where it is one of ours; otherwise the start page."""
    referrer = urlsplit(request.referrer or "")
    host = get_host(request.scheme, request.headers.get("Host"))
    if referrer.netloc != host or not referrer.path.startswith("/") or referrer.path.startswith("//"):
        return "/"
    return referrer.path + (f"?{referrer.query}" if referrer.query else "")
