from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from portal.accounts import passwords, users
from portal.accounts.models import User
from portal.acting import Role
from portal.extensions import db
from tests.people import ADMINISTRATOR, PASSWORD, make_user, sign_in, speaking_as

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session, scoped_session

SECRET = "nine ducks on a pond"


@pytest.fixture
def administrator(session: scoped_session[Session]) -> Iterator[None]:
    with speaking_as(ADMINISTRATOR):
        yield


def one(email: str) -> User:
    with speaking_as(ADMINISTRATOR):
        user = users.find_user(email)
        db.session.refresh(user)
        db.session.expunge(user)
        return user


def values(user: User, **changes: str) -> dict[str, str]:
    """What the edit form sends; an unticked box sends nothing."""
    sent = {
        "name": user.name,
        "email": user.email,
        "role": str(user.role),
        "version": str(user.version),
        "is_active": "y",
    }
    return {name: value for name, value in (sent | changes).items() if value}


@pytest.mark.usefixtures("administrator")
class TestFunctions:
    def test_the_first_administrator_is_created_only_where_there_is_no_user(self) -> None:
        assert users.create_first_administrator("Admin@Example.com", PASSWORD)
        assert not users.create_first_administrator("other@example.com", PASSWORD)
        (user,) = users.list_users()
        assert (user.email, user.role, user.must_change_password) == ("admin@example.com", Role.ADMINISTRATOR, False)

    def test_a_weak_first_password_works_once_and_must_then_be_changed(self) -> None:
        assert users.create_first_administrator("admin@example.com", "admin")
        user = users.find_user("admin@example.com")
        assert passwords.matches(user.password_hash, "admin")
        assert user.must_change_password

    def test_somebody_added_must_change_the_password(self) -> None:
        user = users.add_user(" Ada@Example.com ", " Ada Lovelace ", "staff", SECRET)
        assert (user.email, user.name, user.role) == ("ada@example.com", "Ada Lovelace", Role.STAFF)
        assert user.must_change_password
        assert user.is_active

    @pytest.mark.parametrize(
        ("email", "name", "role", "password", "field"),
        [
            ("not an address", "Ada", "staff", SECRET, "email"),
            ("ada@example", "Ada", "staff", SECRET, "email"),
            ("ada@example.com", "  ", "staff", SECRET, "name"),
            ("ada@example.com", "A" * 256, "staff", SECRET, "name"),
            ("ada@example.com", "Ada", "king", SECRET, "role"),
            ("ada@example.com", "Ada", "staff", "short", "password"),
        ],
    )
    def test_what_can_not_be_used_is_refused_at_its_field(
        self, email: str, name: str, role: str, password: str, field: str
    ) -> None:
        with pytest.raises(users.UserError) as refusal:
            users.add_user(email, name, role, password)
        assert refusal.value.field == field
        assert str(refusal.value)[0].isupper() or str(refusal.value).startswith("“")
        assert not users.list_users()

    def test_two_people_can_not_have_one_address_in_any_spelling(self) -> None:
        users.add_user("ada@example.com", "Ada", "staff", SECRET)
        with pytest.raises(users.UserError, match="already has"):
            users.add_user("ADA@example.com", "Other", "staff", SECRET)
        assert len(users.list_users()) == 1

    def test_people_are_listed_by_name_in_any_case(self) -> None:
        for name in ("bob", "Ada", "Cleo"):
            users.add_user(f"{name}@example.com", name, "viewer", SECRET)
        assert [user.name for user in users.list_users()] == ["Ada", "bob", "Cleo"]

    def test_the_last_active_administrator_can_be_neither_disabled_nor_demoted(self) -> None:
        users.create_first_administrator("admin@example.com", PASSWORD)
        make_user("administrator", is_active=False)
        with pytest.raises(users.UserError, match="only active administrator") as refusal:
            users.disable_user("admin@example.com")
        assert refusal.value.field == "is_active"
        user = users.find_user("admin@example.com")
        with pytest.raises(users.UserError, match="only active administrator") as refusal:
            users.change_user(user, email=user.email, name=user.name, role="manager", is_active=True)
        assert refusal.value.field == "role"

    def test_one_of_two_administrators_can_be_disabled(self) -> None:
        users.create_first_administrator("admin@example.com", PASSWORD)
        make_user("administrator")
        users.disable_user("admin@example.com")
        assert not users.find_user("admin@example.com").is_active

    def test_an_unknown_address_is_named_in_the_error(self) -> None:
        with pytest.raises(users.UserError, match=r"nobody@example\.com"):
            users.set_password("nobody@example.com", SECRET)

    def test_a_made_up_password_never_trips_over_the_name(self) -> None:
        for _ in range(20):
            assert (
                passwords.objection(users.one_time_password("a@example.com", "Abcd"), "a@example.com", "Abcd") is None
            )


@pytest.mark.parametrize("path", ["/users", "/users.csv", "/users/new"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF, Role.MANAGER])
def test_only_an_administrator_sees_users(client: FlaskClient, path: str, role: Role) -> None:
    sign_in(client, role)
    assert client.get(path).status_code == 403


def test_the_list_shows_everybody_and_filters_them(client: FlaskClient) -> None:
    sign_in(client, "administrator")
    make_user("viewer", name="Vera Viewer")
    make_user("staff", name="Stan Staff", is_active=False)
    page = client.get("/users").text
    assert "Vera Viewer" in page
    assert "Stan Staff" in page
    found = client.get("/users?q=vera").text
    assert "Vera Viewer" in found
    assert "Stan Staff" not in found
    assert "Vera Viewer" not in client.get("/users?status=inactive").text
    assert "Vera Viewer" in client.get("/users?role=viewer&sort=-last_sign_in_at").text


def test_the_export_holds_no_hash(client: FlaskClient) -> None:
    sign_in(client, "administrator")
    text = client.get("/users.csv").text
    assert "E-mail address" in text
    assert "scrypt" not in text


def test_a_new_user_gets_a_password_that_is_shown_once(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "administrator")
    response = client.post("/users/new", data={"name": "Ada", "email": "ada@example.com", "role": "staff"})
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    (password,) = re.findall(r"<code>(.+?)</code>", response.text)
    user = one("ada@example.com")
    assert passwords.matches(user.password_hash, password)
    assert password not in client.get(f"/users/{user.id}").text
    newcomer = app.test_client()
    newcomer.post("/login", data={"email": "ada@example.com", "password": password})
    assert newcomer.get("/account/sessions").location == "/account/password"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "nothing"}, "isn’t an e-mail address"),
        ({"email": ""}, "Enter an e-mail address."),
        ({"name": " "}, "Enter a name."),
        ({"role": ""}, "Choose a role."),
        ({"role": "king"}, "Not a valid choice"),
        ({"email": "taken@example.com"}, "already has this e-mail address"),
    ],
)
def test_a_form_that_can_not_be_saved_keeps_what_was_typed(
    client: FlaskClient, changes: dict[str, str], words: str
) -> None:
    sign_in(client, "administrator")
    make_user(email="taken@example.com")
    data = {"name": "Ada Lovelace", "email": "ada@example.com", "role": "staff"} | changes
    response = client.post("/users/new", data=data)
    assert response.status_code == 422
    assert words in response.text
    if data["name"].strip():
        assert 'value="Ada Lovelace"' in response.text


def test_a_user_is_edited(client: FlaskClient) -> None:
    sign_in(client, "administrator")
    user = make_user("viewer")
    assert "May sign in" in client.get(f"/users/{user.id}/edit").text
    response = client.post(f"/users/{user.id}/edit", data=values(user, name="New Name", role="staff"))
    assert (response.status_code, response.location) == (303, f"/users/{user.id}")
    later = one(user.email)
    assert (later.name, later.role, later.is_active) == ("New Name", Role.STAFF, True)
    assert "New Name" in client.get(f"/users/{user.id}").text


def test_a_new_name_signs_nobody_out(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "administrator")
    other = app.test_client()
    user = sign_in(other, "viewer")
    client.post(f"/users/{user.id}/edit", data=values(user, name="New Name"))
    assert other.get("/account/password").status_code == 200


@pytest.mark.parametrize("changes", [{"role": "staff"}, {"is_active": ""}])
def test_a_new_role_or_none_signs_the_person_out(app: Flask, client: FlaskClient, changes: dict[str, str]) -> None:
    sign_in(client, "administrator")
    other = app.test_client()
    user = sign_in(other, "viewer")
    assert client.post(f"/users/{user.id}/edit", data=values(user, **changes)).status_code == 303
    assert other.get("/account/password").status_code == 303


def test_an_older_version_of_a_user_is_not_saved_over_a_newer_one(client: FlaskClient) -> None:
    sign_in(client, "administrator")
    user = make_user("viewer")
    client.post(f"/users/{user.id}/edit", data=values(user, name="First"))
    response = client.post(f"/users/{user.id}/edit", data=values(user, name="Second"))
    assert response.status_code == 409
    assert "First" in response.text
    assert "Second" in response.text
    assert one(user.email).name == "First"


@pytest.mark.parametrize("changes", [{"role": "manager"}, {"is_active": ""}])
def test_the_last_administrator_is_told_why_not(client: FlaskClient, changes: dict[str, str]) -> None:
    user = sign_in(client, "administrator")
    response = client.post(f"/users/{user.id}/edit", data=values(user, **changes))
    assert response.status_code == 422
    assert "is the only active administrator" in response.text
    assert one(user.email).role == Role.ADMINISTRATOR
    assert client.get("/users").status_code == 200


def test_giving_a_new_password_asks_first_and_signs_the_person_out(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "administrator")
    other = app.test_client()
    user = sign_in(other)
    assert "shows it to you once" in client.get(f"/users/{user.id}/password").text
    response = client.post(f"/users/{user.id}/password")
    (password,) = re.findall(r"<code>(.+?)</code>", response.text)
    later = one(user.email)
    assert passwords.matches(later.password_hash, password)
    assert later.must_change_password
    assert other.get("/account/password").status_code == 303


def test_somebody_can_be_signed_out_everywhere(app: Flask, client: FlaskClient) -> None:
    sign_in(client, "administrator")
    other = app.test_client()
    user = sign_in(other)
    assert client.post(f"/users/{user.id}/sessions/end").status_code == 303
    assert "signed out of 1 browser." in client.get(f"/users/{user.id}").text
    assert other.get("/account/password").status_code == 303


def test_a_hash_is_on_no_page(client: FlaskClient) -> None:
    user = sign_in(client, "administrator")
    for path in (f"/users/{user.id}", f"/users/{user.id}/edit", "/users"):
        assert "scrypt" not in client.get(path).text


def test_nobody_is_ever_deleted(client: FlaskClient) -> None:
    user = sign_in(client, "administrator")
    assert client.delete(f"/users/{user.id}").status_code == 405
    with speaking_as(ADMINISTRATOR):
        assert db.session.scalar(select(func.count()).select_from(User)) == 1
