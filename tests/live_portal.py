"""The live portal: one database per process of the run, emptied after each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import psycopg
import pytest
import redis
from flask import Flask

from portal.acting import acting_as, become
from portal.app import create_app
from portal.config import Settings
from portal.extensions import db
from portal.sync import breaker
from portal.sync.current import current_sync
from tests.buildium import Sandbox
from tests.contract.traffic import Traffic
from tests.live import PERSON, Live
from tests.servers import Addresses

KEPT = {"alembic_version", "buildium_connection"}


@pytest.fixture(scope="session")
def live_settings(settings: Settings, addresses: Addresses, worker: str) -> Iterator[Settings]:
    name = f"{addresses.prefix}_{worker}_live"
    yield replace(settings, database_url=addresses.databases.make_migrated(name))
    addresses.databases.drop(name)


@pytest.fixture(scope="session")
def live_app(live_settings: Settings) -> Iterator[Flask]:
    app = create_app(live_settings)
    with app.app_context():
        quick = replace(current_sync(), look_up_waits=(0.0, 0.0), retry_waits=(0.0, 0.0, 0.0), lease_seconds=3.0)
        app.extensions["sync"] = quick
        yield app
        db.engine.dispose()


@pytest.fixture
def live(
    live_app: Flask, live_settings: Settings, sandbox: Sandbox, empty_redis: str, judged: Traffic | None
) -> Iterator[Live]:
    """A signed-in person's portal beside an empty Buildium; everything is real and committed."""
    breaker.succeeded()
    connection = redis.Redis.from_url(empty_redis)
    # The limiter takes an emptied Redis for one that has forgotten a full second of calls.
    connection.set("buildium:known", 1)
    headers = {
        "x-buildium-client-id": live_settings.buildium_client_id,
        "x-buildium-client-secret": live_settings.buildium_client_secret,
    }
    with (
        live_app.app_context(),
        acting_as(PERSON),
        httpx.Client(base_url=sandbox.url, headers=headers, timeout=10) as http,
    ):
        yield Live(live_app, sandbox, connection, http, judged)
        db.session.remove()
    become(None)
    connection.close()
    empty(live_settings.database_url)


def empty(database_url: str) -> None:
    """Delete every row, as the owner of the tables."""
    address = database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as owner:
        names = [row[0] for row in owner.execute("select tablename from pg_tables where schemaname = 'public'")]
        tables = ", ".join(f'"{name}"' for name in names if name not in KEPT)
        owner.execute(f"truncate {tables} restart identity cascade".encode())
        owner.execute("alter table buildium_connection no force row level security")
        owner.execute(
            "update buildium_connection set state = 'closed', reason = null, next_probe_at = null, account_id = null"
        )
        owner.execute("alter table buildium_connection force row level security")
