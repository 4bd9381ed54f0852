"""Every test inside one transaction that is rolled back, while the code under test commits as it always does.

The app's engine is replaced by one connection whose transaction never ends; each session commits a savepoint. In
production an actor is announced when a transaction begins; here, when a savepoint does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, event

from portal import acting
from portal.acting import Actor, Door
from portal.extensions import db

NOBODY = Actor("portal_nobody", Door.BROWSER, "")


@contextmanager
def one_transaction() -> Iterator[Connection]:
    """Inside an app context: everything done through `db` happens in one transaction, undone at the end."""
    engine = db.engine
    with engine.connect() as connection:
        transaction = connection.begin()
        event.listen(connection, "savepoint", announce_actor)
        # Flask-SQLAlchemy asks its own table of engines and not the session's bind, so the connection goes in there.
        engines = cast(dict[str | None, Any], db.engines)
        engines[None] = connection
        try:
            yield connection
        finally:
            db.session.remove()
            engines[None] = engine
            transaction.rollback()


def announce_actor(connection: Connection, _: str | None = None) -> None:
    """Tell the database who acts now: nobody, where the code says nothing."""
    acting.announce(connection, acting.actor() or NOBODY)
