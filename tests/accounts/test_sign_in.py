from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import time_machine
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.accounts import passwords, sessions, users
from portal.accounts.models import SignInAttempt, User, UserSession
from portal.acting import GATE
from portal.database import now
from portal.extensions import db
from tests.people import ADMINISTRATOR, COOKIE, PASSWORD, make_user, sign_in, speaking_as

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from portal.config import Settings

PAGE_FOR_ANYBODY = "/account/password"


def enter(client: FlaskClient, email: str, password: str = PASSWORD, onward: str = "") -> TestResponse:
    address = f"/login?next={quote(onward, safe='')}" if onward else "/login"
    return client.post(address, data={"email": email, "password": password})


def cookie_of(response: TestResponse, name: str = COOKIE) -> Morsel[str]:
    cookies: SimpleCookie = SimpleCookie()
    for line in response.headers.getlist("Set-Cookie"):
        cookies.load(line)
    return cookies[name]


def is_in(client: FlaskClient) -> bool:
    return client.get(PAGE_FOR_ANYBODY).status_code == 200


def living_sessions() -> int:
    with speaking_as(GATE):
        return db.session.scalar(select(func.count()).select_from(UserSession).where(sessions.alive())) or 0


def test_the_right_password_lets_in_and_leads_to_the_start_page(client: FlaskClient) -> None:
    user = make_user()
    response = enter(client, user.email)
    assert (response.status_code, response.location) == (303, "/")
    assert is_in(client)


def test_the_e_mail_address_may_be_written_in_any_case(client: FlaskClient) -> None:
    make_user(email="ada@example.com")
    assert enter(client, " ADA@Example.com ").status_code == 303


def test_the_sign_in_page_leads_on_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    user = make_user()
    refused = client.get("/account/sessions?a=1&b=2")
    assert refused.status_code == 303
    page = client.get(refused.location)
    assert "Sign in" in page.text
    response = client.post(refused.location, data={"email": user.email, "password": PASSWORD})
    assert response.location == "/account/sessions?a=1&b=2"


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"])
def test_signing_in_never_leads_to_another_host(client: FlaskClient, onward: str) -> None:
    assert enter(client, make_user().email, onward=onward).location == "/"


def test_the_host_header_leads_nowhere(client: FlaskClient) -> None:
    response = client.get(PAGE_FOR_ANYBODY, headers={"Host": "evil.example"})
    assert response.headers["Location"].startswith("/login?")


@pytest.mark.parametrize("password", ["seven lanterns in the fo", "seven lanterns in the fog "])
def test_a_wrong_password_is_refused(client: FlaskClient, password: str) -> None:
    response = enter(client, make_user().email, password)
    assert response.status_code == 422
    assert "don’t belong together" in response.text
    assert COOKIE not in response.headers.get("Set-Cookie", "")


def test_the_answer_is_the_same_whether_or_not_anybody_has_the_address(client: FlaskClient) -> None:
    disabled = make_user(is_active=False)
    answers = [enter(client, email, "wrong " + PASSWORD) for email in (make_user().email, "nobody@example.com")]
    answers.append(enter(client, disabled.email))
    assert {answer.status_code for answer in answers} == {422}
    without_what_was_typed = {
        answer.text.replace(email, "").split("csrf_token")[0]
        for answer, email in zip(answers, ["", "", ""], strict=True)
    }
    assert len(without_what_was_typed) == 1


def test_an_unknown_address_is_checked_as_thoroughly_as_a_known_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []

    def check(stored: str, _: str) -> bool:
        checked.append(stored.split("$")[0])
        return False

    monkeypatch.setattr(passwords, "check_password_hash", check)
    for email in (make_user().email, make_user(is_active=False).email, "nobody@example.com"):
        enter(client, email)
    assert checked == [passwords.METHOD] * 3


def test_an_empty_form_says_beside_each_field_what_is_missing(client: FlaskClient) -> None:
    response = client.post("/login", data={})
    assert response.status_code == 422
    assert "Enter your e-mail address." in response.text
    assert "Enter your password." in response.text


def test_what_was_typed_into_the_form_is_kept_except_the_password(client: FlaskClient) -> None:
    response = enter(client, "nobody@example.com", "a wrong password")
    assert 'value="nobody@example.com"' in response.text
    assert "a wrong password" not in response.text


def test_a_password_of_a_million_letters_is_refused_before_it_is_checked(client: FlaskClient) -> None:
    response = enter(client, "ada@example.com", "x" * 1_000_00)
    assert response.status_code == 422
    with speaking_as(GATE):
        assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_after_five_failures_even_the_right_password_waits_and_the_page_says_how_long(client: FlaskClient) -> None:
    user = make_user()
    for _ in range(5):
        assert enter(client, user.email, "wrong " + PASSWORD).status_code == 422
    response = enter(client, user.email)
    assert response.status_code == 429
    words = re.search(r"Please wait (\d+) seconds", response.text)
    assert words
    assert 1 <= int(response.headers["Retry-After"]) <= int(words[1]) <= 30


def test_waiting_is_enough_to_get_in_again(client: FlaskClient) -> None:
    user = make_user()
    for _ in range(5):
        enter(client, user.email, "wrong " + PASSWORD)
    with time_machine.travel(now() + timedelta(seconds=31)):
        assert enter(client, user.email).status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = cookie_of(enter(client, make_user().email))
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert not cookie["secure"]


def test_the_cookies_are_secure_where_the_setting_says_so(app: Flask, client: FlaskClient, settings: Settings) -> None:
    user = make_user()
    app.extensions["settings"] = replace(settings, secure_cookies=True)
    try:
        cookie = cookie_of(enter(client, user.email), "__Host-portal-session")
    finally:
        app.extensions["settings"] = settings
    assert cookie["secure"]


def test_the_database_holds_only_the_hash_of_the_cookie(client: FlaskClient) -> None:
    token = cookie_of(enter(client, make_user().email)).value
    assert len(token) >= 43
    with speaking_as(GATE):
        stored = db.session.scalars(select(UserSession)).one()
    assert stored.token_hash == sessions.hash_of(token)
    assert token not in str(vars(stored))


def test_signing_in_gives_a_new_token_and_ends_the_session_before(client: FlaskClient) -> None:
    user = make_user()
    first = cookie_of(enter(client, user.email)).value
    second = cookie_of(enter(client, user.email)).value
    assert first != second
    assert living_sessions() == 1


def test_signing_in_replaces_the_csrf_token(client: FlaskClient) -> None:
    client.get("/login")
    with client.session_transaction() as page:
        before = page["csrf_token"]
    enter(client, make_user().email)
    with client.session_transaction() as page:
        assert page.get("csrf_token") != before


def test_a_token_chosen_by_somebody_else_is_never_taken_over(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "planted")
    assert cookie_of(enter(client, make_user().email)).value != "planted"


def test_signing_out_ends_the_session_on_the_server(client: FlaskClient) -> None:
    sign_in(client)
    stolen = client.get_cookie(COOKIE)
    assert stolen
    response = client.post("/logout")
    assert (response.status_code, response.location) == (303, "/login")
    assert client.get_cookie(COOKIE) is None
    client.set_cookie(COOKIE, stolen.value)
    assert not is_in(client)


def test_signing_out_needs_a_post(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/logout").status_code == 405
    assert is_in(client)


def test_somebody_who_is_in_needs_no_sign_in_page(client: FlaskClient) -> None:
    sign_in(client)
    assert client.get("/login").status_code == 303


def test_a_session_ends_some_hours_after_its_last_use(client: FlaskClient, settings: Settings) -> None:
    sign_in(client)
    almost = timedelta(hours=settings.session_hours) - timedelta(minutes=1)
    with time_machine.travel(now() + almost) as clock:
        assert is_in(client)
        clock.shift(almost)
        assert is_in(client)
        clock.shift(timedelta(hours=settings.session_hours, seconds=1))
        assert not is_in(client)


def test_disabling_somebody_ends_what_they_are_doing(client: FlaskClient) -> None:
    make_user("administrator")
    user = sign_in(client)
    with speaking_as(ADMINISTRATOR):
        users.disable_user(user.email)
    assert not is_in(client)
    assert enter(client, user.email).status_code == 422


def test_a_disabled_user_is_out_even_with_a_session_that_nobody_ended(client: FlaskClient) -> None:
    user = sign_in(client)
    with speaking_as(ADMINISTRATOR):
        db.session.execute(update(User).where(User.id == user.id).values(is_active=False))
        db.session.commit()
    assert not is_in(client)


def test_a_new_role_ends_the_sessions_with_the_old_one(client: FlaskClient) -> None:
    user = sign_in(client)
    with speaking_as(ADMINISTRATOR):
        user = users.find_user(user.email)
        users.change_user(user, email=user.email, name=user.name, role="viewer", is_active=True)
    assert not is_in(client)


def test_a_new_password_from_the_administrator_ends_the_sessions(client: FlaskClient) -> None:
    user = sign_in(client)
    with speaking_as(ADMINISTRATOR):
        users.set_password(user.email, "nine ducks on a pond")
    assert not is_in(client)


def test_a_password_by_somebody_else_must_be_changed_before_anything(client: FlaskClient) -> None:
    user = make_user(must_change_password=True)
    enter(client, user.email)
    response = client.get("/account/sessions")
    assert (response.status_code, response.location) == (303, "/account/password")
    page = client.get("/account/password")
    assert "Choose your own password" in page.text
    assert "Sign out instead" in page.text
    changed = client.post(
        "/account/password",
        data={"current_password": PASSWORD, "new_password": "nine ducks on a pond", "repeated": "nine ducks on a pond"},
    )
    assert changed.status_code == 303
    assert client.get("/account/sessions").status_code == 200


def test_the_time_of_the_last_sign_in_is_kept_without_a_new_version(client: FlaskClient) -> None:
    user = make_user()
    enter(client, user.email)
    with speaking_as(GATE):
        later = users.find_user(user.email)
        assert later.last_sign_in_at
        assert later.version == user.version


def test_a_password_hashed_by_the_portal_is_what_the_standard_asks(client: FlaskClient) -> None:
    assert passwords.METHOD == "scrypt:32768:8:3"
    assert passwords.NOBODYS.startswith(passwords.METHOD + "$")
