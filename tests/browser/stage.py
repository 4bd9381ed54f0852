"""A whole portal for a browser: pages behind HTTP, workers and clock as processes of their own, and a Buildium."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import redis
from flask import Flask
from sqlalchemy import select

from portal.accounts import sessions
from portal.accounts.models import User
from portal.acting import GATE, Actor, Door, Role, acting_as
from portal.app import create_app
from portal.config import Settings
from portal.entities.bank_accounts.model import BankAccount
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.start.children import Child
from portal.start.gunicorn import SOCKET
from portal.sync import imports
from portal.webhooks.models import WebhookEvent
from tests.buildium import Sandbox
from tests.live import PERSON, Live
from tests.people import make_user
from tests.records import property_of, unit_of
from tests.waiting import wait_until

WORKERS = (("worker", "--lane", "people"), ("worker", "--lane", "bulk"), ("scheduler",))
SECONDS = 60
SAMPLE_UNITS = 60


@dataclass(frozen=True)
class Stage:
    """`url` is where the pages are; `live` is the same portal and its Buildium as tests of the sync see them."""

    url: str
    app: Flask
    live: Live

    @contextmanager
    def inside(self, who: Actor = PERSON) -> Iterator[Live]:
        """Read and write the records directly, as `who`."""
        with self.app.app_context(), acting_as(who):
            yield self.live
            db.session.remove()

    def person(self, role: Role | str = "manager") -> User:
        """Somebody new with that role, whose password is tests.people.PASSWORD."""
        with self.inside():
            return make_user(role)

    def token(self, person: User) -> str:
        """The cookie of a session that has just begun."""
        with self.inside(GATE):
            token = sessions.start(person, sessions.Browser("127.0.0.1", "tests"), hours=12)
            db.session.commit()
        return token


@contextmanager
def serve_pages(settings: Settings, folder: Path) -> Iterator[tuple[Flask, str]]:
    """The portal's pages as `portal web` serves them; gives their address, and an app beside it for the test's own use.

    The web inherits a socket that listens already, as under `portal up`.
    """
    app = create_app(settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        web = program(("web",), settings, folder, {SOCKET: str(listening.fileno()), "WEB_CONCURRENCY": "1"})
        web.kept_open = [listening.fileno()]
        try:
            web.start()
            yield app, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            web.stop()
            with app.app_context():
                db.engine.dispose()


@contextmanager
def perform(settings: Settings, sandbox: Sandbox, folder: Path) -> Iterator[Stage]:
    """Start everything, import the sample portfolio, and stop everything at the end."""
    with ExitStack() as stack:
        for arguments in WORKERS:
            child = program(arguments, settings, folder)
            # Registered first: a program that fails to start is stopped too.
            stack.callback(child.stop)
            child.start()
        app, url = stack.enter_context(serve_pages(settings, folder))
        headers = {
            "x-buildium-client-id": settings.buildium_client_id,
            "x-buildium-client-secret": settings.buildium_client_secret,
        }
        http = stack.enter_context(httpx.Client(base_url=sandbox.url, headers=headers, timeout=10))
        connection = stack.enter_context(redis.Redis.from_url(settings.redis_url))
        stage = Stage(url, app, Live(app, sandbox, connection, http))
        import_sample(stage)
        yield stage


def program(
    arguments: tuple[str, ...], settings: Settings, folder: Path, more: Mapping[str, str] | None = None
) -> Child:
    """`portal <arguments>`, not yet started. Its log is in `folder`."""
    name = "-".join(arguments).replace("--", "")
    command = [sys.executable, "-m", "portal.cli", *arguments]
    around = environment(settings, folder) | dict(more or {})
    return Child(name, command, folder / f"{name}.log", around, folder=Path.cwd())


def environment(settings: Settings, folder: Path) -> dict[str, str]:
    """The settings as a process reads them."""
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **surroundings,
        "PYTHONPATH": str(Path.cwd()),
        "PORTAL_HOME": str(folder),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "PORTAL_ENCRYPTION_KEYS": " ".join(settings.encryption_keys),
        "BUILDIUM_BASE_URL": settings.buildium_base_url,
        "BUILDIUM_CLIENT_ID": settings.buildium_client_id,
        "BUILDIUM_CLIENT_SECRET": settings.buildium_client_secret,
        "BUILDIUM_WEBHOOK_SECRETS": " ".join(settings.buildium_webhook_secrets),
        "BUILDIUM_CALLS_PER_SECOND": str(settings.buildium_calls_per_second),
    }


def import_sample(stage: Stage) -> None:
    """The first start of every portal: what Buildium has is brought here, and its webhooks arrive."""
    reset = {"to": "sample", "size": SAMPLE_UNITS}
    stage.live.http.post("/_control/reset", json=reset).raise_for_status()
    with stage.inside(Actor.machine(Door.COMMAND)):
        imports.begin_import("tests")
        wait_until(imports.is_over, SECONDS, "the import")
        assert all(": done" in line for line in imports.progress()), imports.progress()
    secret = stage.app.extensions["settings"].buildium_webhook_secrets[0]
    stage.live.switch(webhook_url=f"{stage.url}/webhooks/buildium", webhook_secret=secret, webhook_delay=0)


def house_of(stage: Stage, name: str, *, announced: bool = False, **values: Any) -> UUID:
    """A property with one unit that Buildium has; gives its local id.

    Where it is `announced`, its webhook has been handled too: later, that would fetch what a test changes at Buildium
    without telling.
    """
    with stage.inside() as live:
        house = property_of(any_account(), name=name, **values)
        live.save(house, unit_of(house))
        wait_until(lambda: live.state(house) == "synced", SECONDS, f"“{name}” to be sent")
        if announced:
            what = f"the webhook about “{name}” to be handled"
            wait_until(lambda: is_announced("property", house.buildium_property_id), 20, what)
        return house.id


def is_announced(entity_type: str, buildium_id: int | None) -> bool:
    """Whether webhooks about that record of Buildium's have come, and all of them are handled."""
    mine = (WebhookEvent.entity_type == entity_type, WebhookEvent.buildium_entity_id == buildium_id)
    states = set(db.session.scalars(select(WebhookEvent.processed).where(*mine)))
    db.session.rollback()
    return states == {True}


def any_account() -> BankAccount:
    return db.session.scalars(select(BankAccount).order_by(BankAccount.name)).first() or BankAccount()


def buildium_says(stage: Stage, house_id: UUID) -> dict[str, Any]:
    """The property as Buildium's API answers it."""
    with stage.inside() as live:
        found: dict[str, Any] = live.get(f"/v1/rentals/{db.session.get_one(Property, house_id).buildium_property_id}")
        return found
