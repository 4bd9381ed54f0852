"""People for tests: make one, and let them in without the quarter of a second that checking a password takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from portal.accounts import passwords, sessions
from portal.accounts.models import User
from portal.acting import GATE, Actor, Door, Role, acting_as, announce
from portal.extensions import db
from tests.transactions import announce_actor

PASSWORD = "seven lanterns in the fog"
COOKIE = "portal-session"
ADMINISTRATOR = Actor("portal_administrator", Door.BROWSER, "Ada Min")
MACHINE = Actor.machine(Door.COMMAND)

_numbers = count(1)


def make_user(role: Role | str = "manager", **values: Any) -> User:
    """A committed, active user whose password is PASSWORD; `values` replace any attribute.

    Detached, so that a test which acts as nobody may read it; ask again for what a request changed.
    """
    number = next(_numbers)
    known = {
        "email": f"{role}{number}@example.com",
        "name": f"{str(role).capitalize()} {number}",
        "role": Role(role),
        "password_hash": password_hash(),
        "is_active": True,
        "must_change_password": False,
    }
    user = User(**known | values)
    with speaking_as(ADMINISTRATOR):
        db.session.add(user)
        db.session.commit()
        db.session.refresh(user)
        db.session.expunge(user)
    return user


def sign_in(client: FlaskClient, role: Role | str = "manager", user: User | None = None) -> User:
    """Let `user`, or a new one with that role, in with this client; needs the fixture `session`."""
    user = user or make_user(role)
    with speaking_as(GATE):
        token = sessions.start(user, sessions.Browser("127.0.0.1", "tests"), hours=12)
        db.session.commit()
    client.set_cookie(COOKIE, token)
    return user


@contextmanager
def speaking_as(who: Actor) -> Iterator[None]:
    """Inside, `who` acts in the test's own session; what it has changed before is flushed by whoever acted before."""
    db.session.flush()
    with acting_as(who):
        announce(db.session.connection(), who)
        yield
    announce_actor(db.session.connection())


@lru_cache(maxsize=1)
def password_hash() -> str:
    return passwords.hashed(PASSWORD)
