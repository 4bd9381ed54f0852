from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.accounts import passwords, sessions
from portal.accounts.models import User, UserSession
from portal.acting import GATE
from portal.audit import AuditEntry
from portal.extensions import db
from tests.people import ADMINISTRATOR, COOKIE, MACHINE, PASSWORD, make_user, sign_in, speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

NEW = "nine ducks on a pond"


def change(client: FlaskClient, current: str = PASSWORD, new: str = NEW, repeated: str | None = None) -> TestResponse:
    data = {"current_password": current, "new_password": new, "repeated": new if repeated is None else repeated}
    return client.post("/account/password", data=data)


def stored_hash(user: User) -> str:
    with speaking_as(GATE):
        return db.session.scalars(select(User.password_hash).where(User.id == user.id)).one()


def session_ids(user: User) -> list[str]:
    with speaking_as(GATE):
        return [str(each.id) for each in sessions.of(user.id)]


def test_the_password_is_changed_and_this_browser_stays_signed_in(client: FlaskClient) -> None:
    user = sign_in(client)
    assert change(client).status_code == 303
    assert passwords.matches(stored_hash(user), NEW)
    assert "Your password is changed." in client.get("/account/sessions").text


def test_changing_the_password_signs_out_every_other_browser(app: Flask, client: FlaskClient) -> None:
    user = sign_in(client)
    other = app.test_client()
    sign_in(other, user=user)
    change(client)
    assert other.get("/account/password").status_code == 303
    assert client.get("/account/password").status_code == 200


def test_the_password_is_not_changed_by_somebody_who_does_not_know_it(client: FlaskClient) -> None:
    user = sign_in(client)
    before = stored_hash(user)
    response = change(client, current="wrong " + PASSWORD)
    assert response.status_code == 422
    assert "isn’t the password you have now" in response.text
    assert stored_hash(user) == before


def test_guessing_at_an_unlocked_computer_has_to_wait_too(client: FlaskClient) -> None:
    sign_in(client)
    for _ in range(5):
        change(client, current="wrong " + PASSWORD)
    response = change(client)
    assert response.status_code == 429
    assert "Please wait" in response.text


@pytest.mark.parametrize(
    ("new", "repeated", "words"),
    [
        ("too short", None, "at least 12 characters"),
        (NEW, NEW + " ", "entries of the new password differ"),
        (PASSWORD, None, "isn’t the one you have"),
        ("password 1234", None, "among the first passwords"),
        ("", None, "Enter a new password."),
    ],
)
def test_a_new_password_that_will_not_do_is_refused_beside_its_field(
    client: FlaskClient, new: str, repeated: str | None, words: str
) -> None:
    user = sign_in(client)
    before = stored_hash(user)
    response = change(client, new=new, repeated=repeated)
    assert response.status_code == 422
    assert words in response.text
    assert stored_hash(user) == before


def test_the_change_of_a_password_is_in_the_audit_trail_without_the_password(client: FlaskClient) -> None:
    user = sign_in(client)
    change(client)
    with speaking_as(ADMINISTRATOR):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.row_id == str(user.id))).all()
        told = " ".join(str(entry.changes) for entry in entries)
    assert "scrypt" not in told
    assert any("password_hash" in entry.changes and entry.actor_id == user.id for entry in entries)


def test_the_list_shows_each_browser_and_which_one_is_this(app: Flask, client: FlaskClient) -> None:
    user = sign_in(client)
    sign_in(app.test_client(), user=user)
    page = client.get("/account/sessions").text
    assert page.count("This browser") == 1
    assert page.count("192.0.2.") == 0
    assert page.count("127.0.0.1") == 2
    assert "Sign out all others" in page


def test_the_cookies_of_other_browsers_can_not_be_read_from_the_list(client: FlaskClient) -> None:
    sign_in(client)
    token = client.get_cookie(COOKIE)
    assert token
    page = client.get("/account/sessions").text
    assert token.value not in page
    assert sessions.hash_of(token.value) not in page


def test_one_browser_can_be_signed_out(app: Flask, client: FlaskClient) -> None:
    user = sign_in(client)
    own = session_ids(user)
    other = app.test_client()
    sign_in(other, user=user)
    (target,) = set(session_ids(user)) - set(own)
    assert client.post(f"/account/sessions/{target}/end").status_code == 303
    assert other.get("/account/password").status_code == 303
    assert client.get("/account/password").status_code == 200


def test_all_other_browsers_can_be_signed_out_at_once(app: Flask, client: FlaskClient) -> None:
    user = sign_in(client)
    others = [app.test_client(), app.test_client()]
    for other in others:
        sign_in(other, user=user)
    client.post("/account/sessions/end-others")
    assert "2 other browsers are signed out." in client.get("/account/sessions").text
    assert all(other.get("/account/password").status_code == 303 for other in others)


def test_nobody_can_sign_out_somebody_else(app: Flask, client: FlaskClient) -> None:
    sign_in(client)
    other = app.test_client()
    somebody = sign_in(other, user=make_user())
    (target,) = session_ids(somebody)
    assert client.post(f"/account/sessions/{target}/end").status_code == 404
    assert other.get("/account/password").status_code == 200


def test_a_session_that_never_was_can_not_be_ended(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post(f"/account/sessions/{uuid4()}/end").status_code == 404


def test_ended_sessions_are_forgotten_after_a_week(client: FlaskClient) -> None:
    user = make_user()
    with speaking_as(GATE):
        for days in (1, 8):
            token = sessions.start(user, sessions.Browser("192.0.2.1", "old"), hours=-24 * days)
            assert sessions.find(token) is None
        living = sessions.start(user, sessions.Browser("192.0.2.1", "now"), hours=1)
        db.session.commit()
    with speaking_as(MACHINE):
        assert sessions.forget_ended() == 1
        assert len(db.session.scalars(select(UserSession)).all()) == 2
    with speaking_as(GATE):
        assert sessions.find(living)
