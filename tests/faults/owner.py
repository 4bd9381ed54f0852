"""The database as the owner of its tables: what no page and no worker may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from portal.config import Settings
from portal.extensions import db
from tests.live import Live

FORCED = "select relname from pg_class where relforcerowsecurity and relnamespace = 'public'::regnamespace"


@contextmanager
def owning(live: Live) -> Iterator[psycopg.Connection[Any]]:
    """A connection that every row is shown to: the owner's, with the policies put aside until the block ends."""
    db.session.rollback()
    settings: Settings = live.app.extensions["settings"]
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        tables = [name for (name,) in connection.execute(FORCED)]
        force(connection, tables, "no force")
        try:
            yield connection
        finally:
            force(connection, tables, "force")


def force(connection: psycopg.Connection[Any], tables: list[str], how: str) -> None:
    for name in tables:
        words = sql.SQL("alter table {} {} row level security").format(sql.Identifier(name), sql.SQL(how))
        connection.execute(words)


def as_owner(live: Live, statement: str) -> None:
    with owning(live) as connection:
        connection.execute(statement.encode())
