"""What is measured: the portal as `portal up` runs it and its bare twin, each in one gunicorn process, with a durable
PostgreSQL and a Valkey of their own, in a folder that is removed afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psycopg

from portal.config import Settings
from portal.schema import upgrade
from portal.start import secrets
from portal.start.children import Child
from portal.start.environment import SURROUNDINGS, Surroundings, of_the_portal
from portal.start.parts import Programs, answers
from portal.start.ports import HOST
from portal.start.postgres import SUPERUSER

READY_SECONDS = 60
CHECKOUT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Servers:
    """`environment` is that of the portal's web; `ports` are the portal's and its bare twin's."""

    around: Surroundings
    environment: Mapping[str, str]
    bare_port: int

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    @property
    def portal_port(self) -> int:
        return int(self.environment["PORT"])

    @contextmanager
    def superuser(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.around.postgres().url(SUPERUSER), autocommit=True) as connection:
            yield connection

    @contextmanager
    def web(self) -> Iterator[None]:
        """The portal's gunicorn and the bare one, from start to stop."""
        portal = {**self.environment, **self._metrics()}
        database = self.around.postgres().url(SUPERUSER)
        bare = {**self.environment, "PORT": str(self.bare_port), "DATABASE_URL": database}
        with ExitStack() as started:
            run(self._gunicorn("wsgi:app", portal, "/readyz"), started)
            run(self._gunicorn("bench.bare:app", bare, "/"), started)
            yield

    @contextmanager
    def portal(self, lanes: Sequence[str], settings: Mapping[str, str]) -> Iterator[httpx.Client]:
        """Everything of the portal but its servers, as `portal up` runs it, with a worker for each of `lanes`, and the
        simulated Buildium, whose control is asked with what this gives; `settings` go on top of the environment."""
        environment = {**self.environment, **settings}
        with ExitStack() as started:
            lock, web = (started.enter_context(socket.socket()).fileno() for _ in "ab")
            programs = Programs(self.around, environment, lock, web)
            run(self._gunicorn("wsgi:app", {**environment, **self._metrics()}, "/readyz"), started)
            for child in (programs.sandbox(), programs.scheduler(), *(programs.worker(each) for each in lanes)):
                child.folder = CHECKOUT
                run(child, started)
            address = f"http://{HOST}:{environment['SANDBOX_PORT']}/_control"
            yield started.enter_context(httpx.Client(base_url=address, timeout=30))

    def _metrics(self) -> dict[str, str]:
        metrics = self.around.home.path / "metrics"
        metrics.mkdir(exist_ok=True)
        return {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}

    def _gunicorn(self, app: str, environment: Mapping[str, str], path: str) -> Child:
        """The same server for either app, with the settings of `portal up`."""
        command = [sys.executable, "-m", "gunicorn", "-c", "python:portal.start.gunicorn", app]
        child = Child(app, command, self.around.home.logs / "web.log", environment, folder=CHECKOUT)
        child.ready = lambda: answers(f"http://{HOST}:{environment['PORT']}{path}", HTTPStatus.OK)
        return child


@contextmanager
def running_servers() -> Iterator[Servers]:
    """A migrated, empty database and a Valkey; nothing is left of them afterwards."""
    home = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    # PostgreSQL runs as another account where we are root.
    home.chmod(0o711)
    with ExitStack() as started:
        started.callback(shutil.rmtree, home, ignore_errors=True)
        around = Surroundings(surroundings(home))
        around.home.make()
        postgres, valkey = around.postgres(), around.valkey()
        started.callback(shutil.rmtree, postgres.folder, ignore_errors=True)
        run(valkey.child(around.home.logs / "valkey.log"), started)
        run(postgres.child(around.home.logs / "postgres.log"), started)
        postgres.provide()
        upgrade(postgres.url())
        made = secrets.provide(around.home.secrets, around.given, embedded_database=True, has_data=False)
        yield Servers(around, of_the_portal(around, made), free_port())


def surroundings(home: Path) -> dict[str, str]:
    """What was set for a portal on this machine must not reach the one that is measured."""
    kept = {name: os.environ[name] for name in (*SURROUNDINGS, "PORTAL_PG_BIN") if name in os.environ}
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    return {**kept, **ports, "PORTAL_HOME": str(home), "WEB_CONCURRENCY": "1"}


def run(child: Child, started: ExitStack) -> None:
    started.callback(child.stop)
    child.start()
    child.wait_until_ready(READY_SECONDS)


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind((HOST, 0))
        return int(attempt.getsockname()[1])
