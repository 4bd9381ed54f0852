"""E-mail address and password: whose they are."""

from __future__ import annotations

import logging

from portal.accounts import passwords, throttle, users
from portal.accounts.models import User
from portal.extensions import db

LOG = logging.getLogger("portal.accounts")


def owner(email: str, password: str, address: str) -> User | None:
    """The active user whose e-mail address and password these are; commits the try.

    Takes equally long for an address that nobody has. Raises TooManyTriesError while it isn't even looked at.
    """
    attempt = throttle.note_attempt(email, address)
    user = users.with_email(email)
    stored = user.password_hash if user else None
    # Checking takes a quarter of a second: no transaction, and so no connection, is held meanwhile.
    db.session.rollback()
    if not passwords.matches(stored, password) or user is None or not user.is_active:
        LOG.info("sign-in refused from %s", address)
        return None
    attempt.succeeded = True
    db.session.commit()
    return user
