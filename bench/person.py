"""Somebody who is signed in to the portal that is measured, and a look at what one of her pages asks the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from portal.accounts import passwords, sessions
from portal.accounts.identity import cookie_name
from portal.accounts.models import User
from portal.acting import GATE, Actor, Door, Role, acting_as
from portal.app import create_app
from portal.config import Settings
from portal.extensions import db

MACHINE = Actor.machine(Door.COMMAND)
ADMINISTRATOR = Actor("portal_administrator", Door.COMMAND, "Measurement")
# What the driver and the announcing of actors send is no query of the page.
ANNOUNCEMENT = "select set_config("


def quiet_portal(settings: Settings) -> Flask:
    """The portal inside this process, without its lines about requests."""
    app = create_app(settings)
    logging.getLogger("portal").setLevel(logging.WARNING)
    return app


def sign_in(app: Flask, settings: Settings) -> str:
    """Make a manager and a session of hers; gives the cookie of her browser."""
    with app.app_context():
        with acting_as(ADMINISTRATOR):
            person = User(
                email="bench@example.com",
                name="Pat Manager",
                role=Role.MANAGER,
                password_hash=passwords.hashed("seven lanterns in the fog"),
                must_change_password=False,
            )
            db.session.add(person)
            db.session.commit()
        with acting_as(GATE):
            token = sessions.start(person, sessions.Browser("127.0.0.1", "bench"), settings.session_hours)
            db.session.commit()
    return f"{cookie_name('session', settings)}={token}"


def queries_of(app: Flask, cookie: str, path: str) -> int:
    """How many queries the page sends, without the announcements of who acts."""
    client = app.test_client(use_cookies=False)
    client.get(path, headers={"Cookie": cookie})
    with counting(app) as queries:
        client.get(path, headers={"Cookie": cookie})
    return len(queries)


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    with app.app_context():
        engine = db.engine
    queries: list[str] = []

    def write_down(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(ANNOUNCEMENT):
            queries.append(statement)

    event.listen(engine, "before_cursor_execute", write_down)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", write_down)
