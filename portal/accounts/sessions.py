"""Signed-in browsers. The cookie holds a random token and the database only its hash, so that reading the database
opens no session, and ending one here really ends it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, cast, delete, func, or_, select, true, update

from portal.accounts.models import User, UserSession
from portal.database import affected, now
from portal.extensions import db

TOKEN_BYTES = 32
# Writing down every click would make each page a write.
SEEN_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=7)
ADDRESS_LENGTH, USER_AGENT_LENGTH = 45, 255
# In this order: each of them also names those below it.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


# As portal.acting.announce does, but in the same query: every page would send another one.
TAKE_ROLE = (
    func.set_config("role", "portal_" + User.role, true()),
    func.set_config("portal.actor_id", cast(User.id, Text), true()),
    func.set_config("portal.actor_name", User.name, true()),
)
# Built once: to build it takes longer than to send it, and every page does.
FIND = (
    select(User, UserSession.last_seen_at, *TAKE_ROLE)
    .select_from(UserSession)
    .join(User, User.id == UserSession.user_id)
    .where(
        UserSession.token_hash == bindparam("token_hash"),
        UserSession.ended_at.is_(None),
        UserSession.expires_at > bindparam("now"),
        User.is_active,
    )
)


@dataclass(frozen=True)
class Browser:
    """From where somebody signs in: the network address and what the browser calls itself."""

    address: str
    user_agent: str


def start(user: User, browser: Browser, hours: int) -> str:
    """A new session of `hours` after its last use; gives the token for the cookie. The caller commits."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    moment = now()
    # Not through the ORM: signing in is no new version of the person, whom somebody may be editing.
    signed_in = update(User).where(User.id == user.id).values(last_sign_in_at=moment)
    db.session.execute(signed_in.execution_options(synchronize_session=False))
    db.session.add(
        UserSession(
            token_hash=hash_of(token),
            user_id=user.id,
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + timedelta(hours=hours),
            address=browser.address[:ADDRESS_LENGTH],
            user_agent=browser.user_agent.replace("\0", "")[:USER_AGENT_LENGTH],
        )
    )
    return token


def find(token: str) -> tuple[User, datetime] | None:
    """Whose session a cookie names and when it was last seen; None where it has ended or the user is disabled.

    For the gate; whoever is found acts in what follows of the transaction.
    """
    row = db.session.execute(FIND, {"token_hash": hash_of(token), "now": now()}).first()
    return (row[0], row[1]) if row else None


def is_unseen(last_seen_at: datetime) -> bool:
    """Whether the last sighting of a session is old enough to write down a new one."""
    return last_seen_at < now() - SEEN_EVERY


def seen(token: str, hours: int) -> None:
    """Write down that the session is used, and move its end. The caller commits."""
    moment = now()
    db.session.execute(
        update(UserSession)
        .where(UserSession.token_hash == hash_of(token))
        .values(last_seen_at=moment, expires_at=moment + timedelta(hours=hours))
        .execution_options(synchronize_session=False)
    )


def of(user_id: UUID) -> Sequence[UserSession]:
    """The sessions of a person that are still alive, the last used first."""
    statement = select(UserSession).where(UserSession.user_id == user_id, alive())
    return db.session.scalars(statement.order_by(UserSession.last_seen_at.desc())).all()


def name_of_browser(user_agent: str) -> str:
    """“Firefox on Windows”, as far as a browser says so; the first words of anything else."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), user_agent[:40] or "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def end(*which: ColumnElement[bool]) -> int:
    """End the living sessions that meet the conditions; gives their number. The caller commits."""
    statement = update(UserSession).where(UserSession.ended_at.is_(None), *which).values(ended_at=now())
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return affected(result)


def end_token(token: str) -> int:
    return end(UserSession.token_hash == hash_of(token))


def end_all(user_id: UUID, *, but: str | None = None) -> int:
    """End a person's sessions, all or all but the one with the token `but`."""
    others = [UserSession.token_hash != hash_of(but)] if but else []
    return end(UserSession.user_id == user_id, *others)


def forget_ended() -> int:
    """Delete sessions that ended a week ago and commit; gives their number. For the scheduler: only the machine may."""
    border = now() - KEPT_AFTER_END
    statement = delete(UserSession).where(or_(UserSession.ended_at < border, UserSession.expires_at < border))
    deleted = db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()
    return affected(deleted)


def alive() -> ColumnElement[bool]:
    return UserSession.ended_at.is_(None) & (UserSession.expires_at > now())


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
