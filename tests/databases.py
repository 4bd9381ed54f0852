"""The databases of a test run: a blank one, a migrated template made when first wanted, and copies of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from portal.config import driver

# Any number will do: it keeps two workers from making the template at once.
TEMPLATE_LOCK = 8_240_001


@dataclass(frozen=True)
class Databases:
    """`prefix` begins the name of every database of this run."""

    admin_url: str
    owner_url: str
    prefix: str

    @property
    def blank(self) -> str:
        return f"{self.prefix}_blank"

    @property
    def template(self) -> str:
        return f"{self.prefix}_template"

    def url(self, name: str) -> str:
        """The address of that database as its owner, in SQLAlchemy's spelling."""
        return driver(named(self.owner_url, name))

    def make_blank(self) -> None:
        """A database without tables, with the extensions that only a superuser could add."""
        with self._admin() as connection:
            owner = urlsplit(self.owner_url).username or ""
            command = sql.SQL("create database {} owner {}").format(sql.Identifier(self.blank), sql.Identifier(owner))
            connection.execute(command)
        with psycopg.connect(named(self.admin_url, self.blank), autocommit=True) as connection:
            connection.execute("create extension if not exists pg_trgm")

    def make_empty(self, name: str) -> str:
        """A database without tables; returns its address."""
        return self._copy(self.blank, name)

    def make_migrated(self, name: str) -> str:
        """A database with every migration applied; returns its address."""
        self._make_template()
        return self._copy(self.template, name)

    def drop(self, name: str) -> None:
        with self._admin() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def drop_all(self) -> None:
        with self._admin() as connection:
            query = "select datname from pg_database where starts_with(datname, %s)"
            names = [name for (name,) in connection.execute(query, [self.prefix])]
        for name in names:
            self.drop(name)

    def _make_template(self) -> None:
        with self._admin() as connection:
            connection.execute("select pg_advisory_lock(%s)", [TEMPLATE_LOCK])
            if connection.execute("select 1 from pg_database where datname = %s", [self.template]).fetchone():
                return
            # Renamed at the end: a template whose migrations failed must not be taken for a good one.
            unfinished = f"{self.prefix}_unfinished"
            self.drop(unfinished)
            migrate(self._copy(self.blank, unfinished))
            rename = sql.SQL("alter database {} rename to {}")
            connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(self.template)))

    def _copy(self, source: str, name: str) -> str:
        owner = urlsplit(self.owner_url).username or ""
        command = sql.SQL("create database {} template {} owner {}")
        with self._admin() as connection:
            connection.execute(command.format(sql.Identifier(name), sql.Identifier(source), sql.Identifier(owner)))
        return self.url(name)

    @contextmanager
    def _admin(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            yield connection


def migrate(url: str) -> None:
    # Imported here: a run of tests that need no database must not fail on the schema.
    from portal.schema import upgrade

    upgrade(url)


def named(url: str, database: str) -> str:
    """The same address with another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))
