"""The test client that looks at every answer."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.extensions import db
from tests.pages import faults
from tests.transactions import announce_actor

MOST_QUERIES = 15
# What this harness and the announcing of actors send is no query of the page.
UNCOUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "select set_config(")


@dataclass
class Watch:
    """What happened in the database during one request."""

    queries: list[str] = field(default_factory=list)
    unsaved: bool = False

    def query(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(UNCOUNTED):
            self.queries.append(statement)

    def flushed(self, *_: Any) -> None:
        self.unsaved = True

    def ended(self, *_: Any) -> None:
        self.unsaved = False

    def closing(self) -> None:
        """At the end of the request, before its session goes."""
        self.unsaved |= any(db.session.new) or any(db.session.is_modified(each) for each in db.session.dirty)


class PageClient(FlaskClient):
    """A browser without a window. It fails the test for a page that isn't what every page must be.

    A test of a page that needs more queries raises `most_queries`; one that wants bare answers clears `checks_pages`.
    Each request runs as in a thread of its own: it sees no app context, no actor and no session of the test, whose own
    session is refreshed after it.
    """

    most_queries = MOST_QUERIES
    checks_pages = True

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        options["buffered"] = True
        with watching(db.session.connection()) as watch:
            response: TestResponse = contextvars.Context().run(self._open, watch, arguments, options)
        db.session.expire_all()
        if self.checks_pages:
            check(response, watch, self.most_queries)
        return response

    def _open(self, watch: Watch, arguments: Any, options: Any) -> TestResponse:
        _watch.set(watch)
        return super().open(*arguments, **options)


def check(response: TestResponse, watch: Watch, most_queries: int) -> None:
    place = f"{response.request.method} {response.request.path} ({response.status_code})"
    if is_page(response):
        wrong = "\n".join(faults(response.text))
        assert not wrong, f"{place}:\n{wrong}"
    number, listed = len(watch.queries), "\n".join(watch.queries)
    assert number <= most_queries, f"{place}: {number} queries, at most {most_queries}:\n{listed}"
    assert not watch.unsaved, f"{place}: changed records and did not commit"


def is_page(response: TestResponse) -> bool:
    redirect = 300 <= response.status_code < 400
    return response.mimetype == "text/html" and bool(response.data) and not redirect


_watch: contextvars.ContextVar[Watch | None] = contextvars.ContextVar("watch", default=None)


@contextmanager
def watching(connection: Connection) -> Iterator[Watch]:
    watch = Watch()
    listeners = [
        (connection, "before_cursor_execute", watch.query),
        (Session, "after_flush", watch.flushed),
        (Session, "after_commit", watch.ended),
        (Session, "after_soft_rollback", watch.ended),
    ]
    for target, name, listener in listeners:
        event.listen(target, name, listener)
    try:
        yield watch
    finally:
        for target, name, listener in listeners:
            event.remove(target, name, listener)
        # The request spoke for somebody else on the connection that the test shares with it.
        announce_actor(connection)


def prepare(app: Flask) -> None:
    """Make the app ready to be asked by a PageClient; before its first request."""
    app.test_client_class = PageClient
    app.config.update(TESTING=True, WTF_CSRF_CHECK_DEFAULT=False)
    app.before_request_funcs.setdefault(None, []).insert(0, believe_forms)
    app.teardown_appcontext(lambda _: note_unsaved())


def believe_forms() -> None:
    """Forms render their token, and posts of tests pass without one.

    A test of the protection itself sets WTF_CSRF_CHECK_DEFAULT.
    """
    if not current_app.config["WTF_CSRF_CHECK_DEFAULT"]:
        g.csrf_valid = True


def note_unsaved() -> None:
    if watch := _watch.get():
        watch.closing()
