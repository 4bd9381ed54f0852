from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError
from sqlalchemy import text

from portal.acting import acting_as
from portal.app import create_app
from portal.config import ConfigurationError, Settings
from portal.extensions import db
from tests.apps import another_portal
from tests.people import ADMINISTRATOR, PASSWORD, make_user, sign_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

CANARY = "canary-7f3a lanterns in the fog"


def setting(app: Flask, name: str) -> str:
    with app.app_context(), acting_as(ADMINISTRATOR):
        return str(db.session.scalar(text(f"select current_setting('{name}')")))


def test_pages_never_wait_long_for_the_database(settings: Settings) -> None:
    with another_portal(settings) as web:
        assert setting(web, "statement_timeout") == "30s"
        assert setting(web, "lock_timeout") == "5s"
        assert setting(web, "application_name") == "portal web"


def test_workers_take_the_time_they_need(settings: Settings) -> None:
    with another_portal(settings, "worker") as worker:
        assert setting(worker, "statement_timeout") == "0"
        assert setting(worker, "application_name") == "portal worker"


def test_a_connection_rests_as_nobody(settings: Settings) -> None:
    with another_portal(settings) as app, app.app_context():
        assert db.session.scalar(text("select current_user")) == "portal_nobody"


def test_keys_that_are_none_are_a_sentence_and_no_traceback(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_ENCRYPTION_KEYS"):
        create_app(replace(settings, encryption_keys=("short",)))


def test_the_environment_is_read_where_no_settings_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ConfigurationError, match="DATABASE_URL is not set"):
        create_app()


def test_a_template_that_names_something_unknown_fails_loudly(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        render_template_string("{{ no_such_thing }}")


def test_templates_know_who_may_do_what(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ may('manage users') }} {{ current_user.is_authenticated }}") == "False False"


def test_no_password_is_ever_in_the_log(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    user = make_user()
    client.post("/login", data={"email": user.email, "password": CANARY})
    client.post("/login", data={"email": CANARY, "password": CANARY})
    client.post(f"/login?password={CANARY}", data={"email": user.email, "password": PASSWORD})
    client.post("/account/password", data={"current_password": PASSWORD, "new_password": CANARY, "repeated": CANARY})
    client.get(f"/{CANARY}?password={CANARY}")
    logged = capsys.readouterr()
    assert "POST /login 422" in logged.err
    assert "POST /account/password 303" in logged.err
    assert "canary" not in logged.err + logged.out
    assert PASSWORD not in logged.err + logged.out


def test_the_cookie_is_not_in_the_log(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    sign_in(client)
    client.get("/account/sessions")
    token = client.get_cookie("portal-session")
    assert token
    assert token.value not in capsys.readouterr().err


def test_no_password_is_in_the_database(client: FlaskClient, settings: Settings) -> None:
    user = make_user()
    client.post("/login", data={"email": user.email, "password": CANARY})
    client.post("/login", data={"email": user.email, "password": PASSWORD})
    client.post("/account/password", data={"current_password": PASSWORD, "new_password": CANARY, "repeated": CANARY})
    with acting_as(ADMINISTRATOR):
        db.session.commit()
        for table in ("users", "user_sessions", "sign_in_attempts", "audit_log"):
            rows = db.session.scalars(text(f"select {table}::text from {table}")).all()
            assert rows, table
            assert not any("canary" in row or "lanterns" in row for row in rows), table


def test_every_form_of_the_templates_carries_a_token() -> None:
    without = [
        f"{path}: {form[:60]}"
        for path in Path("templates").rglob("*.html")
        if "sandbox" not in path.parts
        for form in re.findall(r"<form.*?</form>", path.read_text(), re.DOTALL | re.IGNORECASE)
        if re.search(r'method="?post', form, re.IGNORECASE) and not re.search(r"csrf_token|records/fields\.html", form)
    ]
    assert not without
