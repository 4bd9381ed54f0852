"""Who is behind a request. Asked for the first time, it reads the cookie, takes the person's database role for the
open transaction and all that follow in the request; the end of the request gives it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts import sessions
from portal.accounts.models import User
from portal.acting import GATE, Actor, Role, actor, announce, become, read_at_one_moment
from portal.config import Settings
from portal.extensions import db, login_manager

# What somebody may do whose password was chosen by another: choose an own one, or leave.
BEFORE_OWN_PASSWORD = {"accounts.password", "accounts.change_password", "accounts.sign_out"}


def start(app: Flask) -> None:
    login_manager.session_protection = None  # it would write into every visitor's cookie
    login_manager.request_loader(person_of)
    login_manager.unauthorized_handler(to_sign_in)
    app.before_request(arrive)
    app.before_request(ask_for_own_password)
    app.teardown_request(leave)


def cookie_name(what: str, settings: Settings) -> str:
    """`__Host-` makes browsers refuse the cookie from a subdomain or without TLS; it needs TLS to work at all."""
    return f"__Host-portal-{what}" if settings.secure_cookies else f"portal-{what}"


def token_of(browser_request: Request) -> str | None:
    return browser_request.cookies.get(cookie_name("session", settings()))


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def person() -> User:
    """Who is signed in; for views that only people reach who are."""
    return cast(User, current_user)


def is_known() -> bool:
    """Whether somebody is signed in."""
    return person().is_authenticated


def act(who: Actor) -> None:
    """`who` acts from here on: in the transaction that is open and in all that begin in this request."""
    become(who)
    if db.session().in_transaction():
        announce(db.session.connection(), who)


@contextmanager
def at_the_gate() -> Iterator[None]:
    """Inside, the gate acts instead of the person: only it may see passwords' tries and everybody's sessions."""
    before = actor()
    act(GATE)
    try:
        yield
    except BaseException:
        db.session.rollback()
        become(before)
        raise
    if before:
        act(before)


def arrive() -> None:
    """A request begins as nobody: it sees no row until it is known who asks."""
    g.actor_outside = actor()
    g.pop("_login_user", None)
    become(None)


def leave(_: BaseException | None) -> None:
    """Threads are reused: the next request must not begin as the person of this one."""
    become(g.pop("actor_outside", None))
    read_at_one_moment(False)


def only_read() -> None:
    """The rest of the request writes nothing and sees the database as it is at this moment, so that numbers on a page
    fit the rows below them. Who asks is found out before, which may write."""
    if not is_known():
        return
    # Read, if it has to be, in the transaction that ends here; the page would ask for it once more.
    assert person().name
    db.session.expunge_all()
    db.session.rollback()
    read_at_one_moment(True)


def person_of(browser_request: Request) -> User | None:
    """The person whose session the cookie names; one query, and a write at most once a minute."""
    token = token_of(browser_request)
    if not token:
        return None
    act(GATE)
    found = sessions.find(token)
    if found is None:
        db.session.rollback()
        become(None)
        return None
    user, last_seen_at = found
    become(Actor.person(user.id, user.name, Role(user.role)))
    if sessions.is_unseen(last_seen_at):
        with at_the_gate():
            sessions.seen(token, settings().session_hours)
            db.session.commit()
    return user


def ask_for_own_password() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "access", "public") == "public" or request.endpoint in BEFORE_OWN_PASSWORD:
        return None
    if is_known() and person().must_change_password:
        return redirect(url_for("accounts.password"), HTTPStatus.SEE_OTHER)
    return None


def to_sign_in() -> ResponseReturnValue:
    """To the sign-in page, and from there back to the page that was asked for, or to the one with the form."""
    reading = request.method in {"GET", "HEAD"}
    wanted = request.full_path.rstrip("?") if reading else urlsplit(request.referrer or "").path
    return redirect(url_for("accounts.sign_in", next=local_path(wanted)), HTTPStatus.SEE_OTHER)


def local_path(target: str | None) -> str | None:
    """`target` where it is a path within the portal; None for anything a browser could read as another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(character) < 33 or character == "\\" for character in target):
        return None
    return None if urlsplit(target).netloc or target == "/" else target
