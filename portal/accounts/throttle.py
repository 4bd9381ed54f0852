"""Guessing passwords is made slow: per e-mail address and per network address, in PostgreSQL, so that neither a restart
nor Redis being down opens the gate."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select

from portal.accounts.models import SignInAttempt
from portal.database import affected, now
from portal.extensions import db

REMEMBERED = timedelta(days=1)
FREE_TRIES_PER_EMAIL = 5
# A whole office may sit behind one address.
FREE_TRIES_PER_ADDRESS = 30
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


class TooManyTriesError(Exception):
    """Nothing is checked before `wait` is over; the message says so to the person."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"Too many failed tries. Please wait {in_words(wait)}, then try again.")
        self.wait = wait


def note_attempt(email: str, address: str) -> SignInAttempt:
    """Write down a try before its password is checked, as failed until it is known to be right; commits.

    Raises TooManyTriesError while the e-mail address or the network address has to wait; such a try isn't written
    down, so that waiting always ends. The locks let several tries at once pass only one by one.
    """
    key = email_key(email)
    lock(key, address)
    wait = max(
        wait_left(SignInAttempt.email_key == key, FREE_TRIES_PER_EMAIL, until_success=True),
        wait_left(SignInAttempt.address == address, FREE_TRIES_PER_ADDRESS, until_success=False),
    )
    if wait > timedelta(0):
        db.session.rollback()
        raise TooManyTriesError(wait)
    attempt = SignInAttempt(email_key=key, address=address, at=now(), succeeded=False)
    db.session.add(attempt)
    db.session.commit()
    return attempt


def forget_old() -> int:
    """Delete the tries that no longer count and commit; gives their number. For the scheduler: only the machine may."""
    deleted = db.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now() - REMEMBERED))
    db.session.commit()
    return affected(deleted)


def email_key(email: str) -> str:
    """People also type passwords into the e-mail field, so only a hash of what was typed is kept."""
    return hashlib.sha256(email.strip().casefold().encode()).hexdigest()


def lock(*names: str) -> None:
    for name in sorted(names):
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"sign-in {name}", 0))))


def wait_left(which: ColumnElement[bool], free_tries: int, *, until_success: bool) -> timedelta:
    """How long the next try must still wait: 30 s after the free tries, then twice as long each time, to 15 min."""
    failed = [which, SignInAttempt.succeeded.is_(False), SignInAttempt.at > now() - REMEMBERED]
    if until_success:
        last_success = select(func.max(SignInAttempt.at)).where(which, SignInAttempt.succeeded).scalar_subquery()
        failed.append(SignInAttempt.at > func.coalesce(last_success, datetime.min.replace(tzinfo=now().tzinfo)))
    count, last = db.session.execute(select(func.count(), func.max(SignInAttempt.at)).where(*failed)).one()
    if count < free_tries:
        return timedelta(0)
    wait = min(FIRST_WAIT * 2 ** min(count - free_tries, 16), LONGEST_WAIT)
    left: timedelta = last + wait - now()
    return max(left, timedelta(0))


def in_words(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        return f"{seconds} second{'s' * (seconds != 1)}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' * (minutes != 1)}"
