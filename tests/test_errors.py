from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from flask import Flask, abort
from psycopg import errors as postgres
from sqlalchemy import event, text
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from portal.errors import WORDS
from portal.extensions import db
from portal.vault import SealedError
from portal.web.access import public
from tests.apps import another_portal, plain_client
from tests.client import prepare
from tests.people import COOKIE, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

    from portal.config import Settings

CANARY = "987-65-4321"


def wrapped(kind: type[Exception], original: Exception) -> Exception:
    return kind("insert into owners values (%s)", {"tax_id": CANARY}, original)


FAILURES: dict[str, tuple[Exception, int, str]] = {
    "database-gone": (wrapped(OperationalError, postgres.AdminShutdown("terminating connection")), 503, "resting"),
    "connection-refused": (wrapped(OperationalError, psycopg.OperationalError("connection refused")), 503, "resting"),
    "starting": (wrapped(OperationalError, postgres.CannotConnectNow("starting up")), 503, "resting"),
    "connection-lost": (wrapped(InterfaceError, psycopg.InterfaceError("the connection is lost")), 503, "resting"),
    "too-slow": (wrapped(OperationalError, postgres.QueryCanceled("statement timeout")), 503, "took too long"),
    "locked": (wrapped(OperationalError, postgres.LockNotAvailable("lock timeout")), 503, "took too long"),
    "deadlock": (wrapped(OperationalError, postgres.DeadlockDetected("deadlock")), 503, "took too long"),
    "pool-empty": (PoolTimeout("QueuePool limit"), 503, "took too long"),
    "disk-full-database": (wrapped(OperationalError, postgres.DiskFull("could not extend file")), 507, "disk is full"),
    "disk-full-here": (OSError(errno.ENOSPC, "No space left on device"), 507, "disk is full"),
    "policy": (wrapped(ProgrammingError, postgres.InsufficientPrivilege("denied")), 403, "may not do this"),
    "unstorable": (wrapped(DataError, postgres.StringDataRightTruncation("too long")), 422, "can’t be saved"),
    "unreadable": (SealedError("owners.tax_payer_id:1 was encrypted with another key"), 500, "can’t be read"),
    "stale": (StaleDataError("0 rows matched"), 409, "Somebody else"),
    "unexpected": (RuntimeError(f"no idea about {CANARY}"), 500, "Something went wrong"),
    "duplicate": (
        wrapped(IntegrityError, postgres.UniqueViolation(f"Key ({CANARY}) exists")),
        500,
        "Something went wrong",
    ),
    "other-system-error": (ConnectionResetError(errno.ECONNRESET, "reset"), 500, "Something went wrong"),
}


@public
def fail(name: str) -> str:
    raise FAILURES[name][0]


@public
def answer(status: int) -> str:
    abort(status)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    with another_portal(settings) as app:
        prepare(app)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.add_url_rule("/fail/<name>", "fail", fail)
        app.add_url_rule("/webhooks/fail/<name>", "fail_for_machines", fail)
        app.add_url_rule("/answer/<int:status>", "answer", answer)
        with app.app_context():
            db.session.configure(join_transaction_mode="create_savepoint")
        yield app


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_has_a_page_with_words_and_an_id(client: FlaskClient, status: int) -> None:
    response = client.get(f"/answer/{status}")
    assert response.status_code == status
    assert WORDS[status].title in response.text
    assert f"<code>{response.headers['X-Request-Id']}</code>" in response.text
    assert ("Retry-After" in response.headers) == (status == 503)


def test_an_error_without_words_of_ours_still_has_a_page(client: FlaskClient) -> None:
    response = client.get("/answer/418")
    assert response.status_code == 418
    assert "teapot" in response.text


@pytest.mark.parametrize("name", list(FAILURES))
def test_a_failure_becomes_one_clean_page_and_its_values_stay_secret(
    client: FlaskClient, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, status, words = FAILURES[name]
    response = client.get(f"/fail/{name}")
    assert response.status_code == status
    assert words in response.text
    log = capsys.readouterr().err
    assert "insert into" not in response.text
    assert CANARY not in response.text
    assert CANARY not in log
    assert response.headers["X-Request-Id"] in log
    assert ("Retry-After" in response.headers) == (status == 503)


def test_machines_get_json(client: FlaskClient) -> None:
    response = client.get("/webhooks/fail/database-gone")
    assert response.status_code == 503
    assert response.json
    assert set(response.json) == {"error", "detail", "id"}
    assert response.json["id"] == response.headers["X-Request-Id"]


def test_a_wrong_method_says_which_would_be_right(client: FlaskClient) -> None:
    response = client.delete("/login")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/answer/404", "/answer/500", "/fail/unexpected", "/fail/unreadable", "/nowhere"])
def test_an_error_page_asks_neither_the_database_nor_who_is_signed_in(client: FlaskClient, path: str) -> None:
    sign_in(client)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        client.get(path)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert [statement for statement in asked if not statement.startswith(("select set_config(", "SAVEPOINT"))] == []


def test_a_real_value_that_the_database_refuses_is_no_crash(client: FlaskClient) -> None:
    with pytest.raises(DataError):
        db.session.execute(text("select cast('abc' as integer)"))
    db.session.rollback()


def test_the_database_being_away_is_one_clean_page_and_the_sign_in_page_stays(settings: Settings) -> None:
    with another_portal(replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")) as away:
        browser = plain_client(away)
        assert browser.get("/login").status_code == 200
        assert browser.get("/healthz").status_code == 200
        browser.set_cookie(COOKIE, "anything")
        response = browser.get("/account/sessions")
    assert response.status_code == 503
    assert "resting for a moment" in response.text
    assert "127.0.0.1" not in response.text


def test_connections_that_were_cut_are_replaced_without_anybody_noticing(
    settings: Settings, fresh_database: Callable[[], str]
) -> None:
    url = fresh_database()
    with another_portal(replace(settings, database_url=url)) as app:
        browser = plain_client(app)
        browser.set_cookie(COOKIE, "anything")
        assert browser.get("/account/sessions").status_code == 303
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other:
            mine = "application_name = 'portal web' and datname = current_database()"
            assert other.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where {mine}").fetchall()
        assert browser.get("/account/sessions").status_code == 303
