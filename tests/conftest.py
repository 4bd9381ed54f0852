"""What tests share: one PostgreSQL and one Valkey per run, one database per worker, one transaction per test."""

from __future__ import annotations

import base64
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis

from portal.config import Settings
from tests.servers import Addresses, Servers, start_servers

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from flask_sqlalchemy.session import Session
    from sqlalchemy.orm import scoped_session

    from tests.buildium import Sandbox

pytest_plugins = ["tests.live_portal", "tests.judging"]

ADDRESSES = pytest.StashKey[Addresses]()
SERVERS = pytest.StashKey[Servers]()


def pytest_configure(config: pytest.Config) -> None:
    """The run's first process starts the servers; the workers of pytest-xdist are told where they are."""
    if told := getattr(config, "workerinput", {}).get("addresses"):
        config.stash[ADDRESSES] = Addresses(**told)
    elif not config.option.collectonly:
        config.stash[SERVERS] = start_servers()
        config.stash[ADDRESSES] = config.stash[SERVERS].addresses


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["addresses"] = asdict(node.config.stash[ADDRESSES])


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers := config.stash.get(SERVERS, None):
        servers.stop()


@pytest.fixture(scope="session")
def addresses(pytestconfig: pytest.Config) -> Addresses:
    return pytestconfig.stash[ADDRESSES]


@pytest.fixture(scope="session")
def worker() -> str:
    """The name of this process of the run: gw0, gw1 …"""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def database_url(addresses: Addresses, worker: str) -> Iterator[str]:
    """The migrated database of this worker, as its owner, who is no superuser."""
    name = f"{addresses.prefix}_{worker}"
    yield addresses.databases.make_migrated(name)
    addresses.databases.drop(name)


@pytest.fixture
def empty_database(addresses: Addresses) -> Iterator[Callable[[], str]]:
    """Makes a database without tables and returns its address; it goes after the test."""
    with ExitStack() as stack:
        yield lambda: disposable(stack, addresses, addresses.databases.make_empty)


@pytest.fixture
def fresh_database(addresses: Addresses) -> Iterator[Callable[[], str]]:
    """Makes a migrated database and returns its address: for tests that need real commits, threads or processes."""
    with ExitStack() as stack:
        yield lambda: disposable(stack, addresses, addresses.databases.make_migrated)


def disposable(stack: ExitStack, addresses: Addresses, make: Callable[[str], str]) -> str:
    name = f"{addresses.prefix}_{secrets.token_hex(4)}"
    stack.callback(addresses.databases.drop, name)
    return make(name)


@pytest.fixture(scope="session")
def redis_url(addresses: Addresses, worker: str) -> str:
    """This worker's own numbered database of the run's Valkey. `empty_redis` empties it before a test."""
    return f"{addresses.redis_url.partition('?')[0]}?db={int(worker.removeprefix('gw')) % 16}"


@pytest.fixture
def empty_redis(redis_url: str) -> str:
    with redis.Redis.from_url(redis_url) as connection:
        connection.flushdb()
    return redis_url


@pytest.fixture(scope="session")
def sandbox_socket() -> Iterator[socket.socket]:
    """Where this worker's Buildium will listen: an address known before anything is there, and nobody else's."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield reserved


@pytest.fixture(scope="session")
def settings(
    database_url: str, redis_url: str, sandbox_socket: socket.socket, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        secret_key=secrets.token_hex(32),
        encryption_keys=(base64.b64encode(secrets.token_bytes(32)).decode(),),
        buildium_base_url=f"http://127.0.0.1:{sandbox_socket.getsockname()[1]}",
        buildium_client_id="test-client",
        buildium_client_secret="test-secret",
        buildium_webhook_secrets=("test-webhook-secret",),
        # A test waits for no rate limit unless it is about that.
        buildium_calls_per_second=1000,
        files_folder=tmp_path_factory.mktemp("files"),
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    from portal.app import create_app
    from portal.extensions import db
    from tests.client import prepare

    app = create_app(settings)
    prepare(app)
    with app.app_context():
        db.session.configure(join_transaction_mode="create_savepoint")
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask, empty_redis: str) -> Iterator[scoped_session[Session]]:
    """`db.session` inside an app context; all that the test and its requests commit is undone afterwards."""
    from portal.extensions import db
    from tests.transactions import one_transaction

    with app.app_context(), one_transaction():
        yield db.session


@pytest.fixture
def client(app: Flask, session: scoped_session[Session]) -> FlaskClient:
    """A browser without a window that checks every page it gets: see tests/client.py."""
    return app.test_client()


@pytest.fixture(scope="session")
def buildium_server(
    sandbox_socket: socket.socket, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    from tests.buildium import serve

    folder: Path = tmp_path_factory.mktemp("sandbox")
    with serve(sandbox_socket, settings, folder) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(buildium_server: Sandbox) -> Sandbox:
    """The simulated Buildium at `settings.buildium_base_url`, without records and without faults."""
    buildium_server.empty()
    return buildium_server
