"""Who acts while a request runs, and that nobody does after it."""

from __future__ import annotations

import contextvars
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, text
from sqlalchemy.exc import DBAPIError

from portal.accounts import sessions
from portal.accounts.models import User
from portal.acting import GATE, Actor, Door, Role, acting_as, actor
from portal.extensions import db
from portal.web.access import Permission, public, requires, signed_in
from tests.apps import another_portal, plain_client
from tests.client import prepare
from tests.people import ADMINISTRATOR, COOKIE, make_user, sign_in, speaking_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.config import Settings
    from tests.client import PageClient

WHO = "select current_user, current_setting('portal.actor_id', true), current_setting('portal.door', true)"


def who_acts() -> dict[str, str | None]:
    role, user_id, door = db.session.execute(text(WHO)).one()
    return {"role": role, "user_id": user_id, "door": door}


def break_in() -> str:
    """A view that asks for no more than a sign-in, and makes an administrator."""
    db.session.execute(
        insert(User).values(name="Mallory", email="mallory@example.com", role=Role.ADMINISTRATOR, password_hash="x")
    )
    db.session.commit()
    return "written"


def commit_twice() -> dict[str, str | None]:
    db.session.commit()
    who_acts()
    db.session.rollback()
    return who_acts()


def add_probes(app: Flask) -> None:
    app.add_url_rule("/probe/public", "public", public(lambda: who_acts()))
    app.add_url_rule("/probe/who", "who", signed_in(who_acts))
    app.add_url_rule("/probe/twice", "twice", signed_in(commit_twice))
    app.add_url_rule("/probe/break-in", "break_in", signed_in(break_in), methods=["POST"])
    app.add_url_rule("/probe/users", "users_only", requires(Permission.MANAGE_USERS)(who_acts))
    app.add_url_rule("/probe/unnamed", "unnamed", who_acts)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """A portal of its own with a few more pages, because one that has answered takes no more."""
    with another_portal(settings) as app:
        prepare(app)
        add_probes(app)
        with app.app_context():
            db.session.configure(join_transaction_mode="create_savepoint")
        yield app


@pytest.mark.parametrize("role", list(Role))
def test_a_person_acts_as_the_database_role_of_their_role(client: FlaskClient, role: Role) -> None:
    user = sign_in(client, role)
    expected = {"role": f"portal_{role}", "user_id": str(user.id), "door": "browser"}
    assert client.get("/probe/who").json == expected
    assert client.get("/probe/twice").json == expected


@pytest.mark.parametrize("cookie", [None, "", "unknown", "\x7f" * 500])
def test_an_anonymous_request_acts_as_nobody(client: FlaskClient, cookie: str | None) -> None:
    if cookie is not None:
        client.set_cookie(COOKIE, cookie)
    assert (client.get("/probe/public").json or {})["role"] == "portal_nobody"
    assert client.get("/probe/who").status_code == 303


def test_a_public_page_asks_nobody_who_it_is(client: PageClient) -> None:
    sign_in(client)
    client.most_queries = 1
    assert (client.get("/probe/public").json or {})["role"] == "portal_nobody"


def test_finding_out_who_asks_takes_one_query(client: PageClient) -> None:
    sign_in(client)
    client.most_queries = 2  # and the one of the page itself
    assert client.get("/probe/who").status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.MANAGER])
def test_the_database_refuses_what_a_view_forgot_to_refuse(client: FlaskClient, role: Role) -> None:
    sign_in(client, role)
    assert client.post("/probe/break-in").status_code == 403
    with speaking_as(ADMINISTRATOR):
        assert db.session.scalar(text("select count(*) from users where name = 'Mallory'")) == 0


def test_the_access_rule_refuses_before_the_database_has_to(client: FlaskClient) -> None:
    sign_in(client, Role.MANAGER)
    assert client.get("/probe/users").status_code == 403
    sign_in(client, Role.ADMINISTRATOR)
    assert client.get("/probe/users").status_code == 200


def test_an_endpoint_without_a_rule_is_refused_even_to_the_administrator(client: FlaskClient) -> None:
    sign_in(client, Role.ADMINISTRATOR)
    response = client.get("/probe/unnamed")
    assert response.status_code == 403
    assert "names no rule" in response.text


def test_nothing_is_visible_without_an_actor(client: FlaskClient) -> None:
    make_user()
    db.session.commit()
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text("select * from users"))


def test_a_request_gives_back_the_actor_of_whoever_made_it(app: Flask, client: FlaskClient) -> None:
    outside = Actor.machine(Door.COMMAND)

    def as_a_thread_would() -> tuple[Actor | None, Actor | None]:
        with acting_as(outside):
            plain_client(app).get("/probe/public")
            within = actor()
        plain_client(app).get("/probe/public")
        return within, actor()

    assert contextvars.Context().run(as_a_thread_would) == (outside, None)


@pytest.mark.parametrize("path", ["/probe/who", "/probe/unnamed", "/nowhere", "/probe/who?a=%00"])
def test_no_answer_leaves_an_actor_behind(app: Flask, client: FlaskClient, path: str) -> None:
    sign_in(client)
    cookie = client.get_cookie(COOKIE)
    assert cookie

    def as_a_thread_would() -> Actor | None:
        browser = plain_client(app)
        browser.set_cookie(COOKIE, cookie.value)
        browser.get(path)
        return actor()

    assert contextvars.Context().run(as_a_thread_would) is None


def test_threads_and_their_next_requests_never_act_for_somebody_else(
    settings: Settings, fresh_database: Callable[[], str]
) -> None:
    """With real connections and commits: eight threads, three people and a stranger, in turns."""
    with another_portal(replace(settings, database_url=fresh_database())) as app:
        add_probes(app)
        with app.app_context(), acting_as(ADMINISTRATOR):
            people = [sessions_of_a_new_user(role) for role in (Role.VIEWER, Role.MANAGER, Role.ADMINISTRATOR)]

        def ask(number: int) -> None:
            client = plain_client(app)
            token, user_id, role = [*people, ("", "", "nobody")][number % 4]
            client.set_cookie(COOKIE, token)
            answer = client.get("/probe/who" if token else "/probe/public").json or {}
            assert (answer["user_id"] or "", answer["role"]) == (user_id, f"portal_{role}"), number
            assert actor() is None

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(ask, range(200)))


def sessions_of_a_new_user(role: Role) -> tuple[str, str, str]:
    user = User(name=f"A {role}", email=f"{role}@example.com", role=role, password_hash="x", must_change_password=False)
    db.session.add(user)
    db.session.commit()
    user_id = str(user.id)
    with acting_as(GATE):
        db.session.rollback()
        token = sessions.start(user, sessions.Browser("192.0.2.1", "thread"), hours=1)
        db.session.commit()
    return token, user_id, role


def test_being_seen_is_written_down_at_most_once_a_minute(client: FlaskClient) -> None:
    writes: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lower().startswith(("update", "insert", "delete")):
            writes.append(statement)

    sign_in(client)
    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        client.get("/probe/who")
        assert not writes
        with speaking_as(GATE):
            db.session.execute(text("update user_sessions set last_seen_at = now() - interval '61 seconds'"))
            db.session.commit()
        writes.clear()
        client.get("/probe/who")
        client.get("/probe/who")
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert len(writes) == 1
    assert "user_sessions" in writes[0]
