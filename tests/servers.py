"""The servers of one test run: a PostgreSQL and a Valkey that the run's first process starts and stops.

TEST_DATABASE_ADMIN_URL (a superuser of a PostgreSQL kept for tests) and TEST_REDIS_URL (a Redis that tests may empty)
point the run at servers that run already.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from portal.start.accounts import unprivileged_account
from portal.start.children import Child
from portal.start.postgres import SUPERUSER, EmbeddedPostgres
from portal.start.valkey import EmbeddedValkey
from tests.databases import Databases

READY_SECONDS = 60
OWNER = "portal"


@dataclass(frozen=True)
class Addresses:
    """What every process of the run is told. `databases` are made as `admin_url` and belong to `owner_url`'s login."""

    admin_url: str
    owner_url: str
    redis_url: str
    prefix: str

    @property
    def databases(self) -> Databases:
        return Databases(self.admin_url, self.owner_url, self.prefix)


@dataclass
class Servers:
    """The servers that this process started, if any, and where to find all of them."""

    addresses: Addresses
    children: list[Child] = field(default_factory=list)
    folder: Path | None = None

    def stop(self) -> None:
        if not self.children:
            self.addresses.databases.drop_all()
        for child in self.children:
            child.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def start_servers() -> Servers:
    """Start what the environment doesn't name. A few hundred milliseconds."""
    prefix = f"test_{secrets.token_hex(4)}"
    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    # PostgreSQL runs as another account where the tests run as root.
    folder.chmod(0o711)
    servers = Servers(Addresses("", "", "", prefix), folder=folder)
    started = False
    try:
        postgres = start_postgres(servers)
        redis_url = os.environ.get("TEST_REDIS_URL") or start_valkey(servers)
        servers.addresses = Addresses(*postgres, redis_url, prefix)
        servers.addresses.databases.make_blank()
        started = True
    finally:
        if not started:
            for child in servers.children:
                child.stop()
    return servers


def start_postgres(servers: Servers) -> tuple[str, str]:
    """The address of the superuser and of the owner."""
    if admin_url := os.environ.get("TEST_DATABASE_ADMIN_URL"):
        return admin_url, external_owner(admin_url)
    assert servers.folder
    postgres = EmbeddedPostgres(servers.folder / "postgres", os.environ, unprivileged_account(), durable=False)
    child = postgres.child(servers.folder / "postgres.log", {"max_connections": "300"})
    start(servers, child)
    postgres.provide()
    return postgres.url(SUPERUSER, "postgres"), postgres.url(OWNER, "postgres")


def start_valkey(servers: Servers) -> str:
    assert servers.folder
    valkey = EmbeddedValkey(servers.folder / "valkey", os.environ, durable=False)
    start(servers, valkey.child(servers.folder / "valkey.log"))
    return valkey.url()


def start(servers: Servers, child: Child) -> None:
    child.start()
    servers.children.append(child)
    child.wait_until_ready(READY_SECONDS)


def external_owner(admin_url: str) -> str:
    """The address of a login that is no superuser, so that Row Level Security holds for it."""
    password = secrets.token_hex(16)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [OWNER]).fetchone()
        verb = sql.SQL("alter" if known else "create")
        words = sql.SQL("{} role {} login createrole createdb nosuperuser password {}")
        connection.execute(words.format(verb, sql.Identifier(OWNER), sql.Literal(password)))
    scheme, _, rest = admin_url.partition("://")
    return f"{scheme}://{OWNER}:{password}@{rest.rpartition('@')[2]}"
