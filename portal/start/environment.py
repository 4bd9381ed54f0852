"""The environment of a portal's parts: what was set, completed by what the embedded servers and secrets add."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from portal.config import portal_home, words
from portal.start import secrets
from portal.start.accounts import unprivileged_account
from portal.start.errors import StartError
from portal.start.home import Home
from portal.start.ports import HOST, port
from portal.start.postgres import SUPERUSER, EmbeddedPostgres
from portal.start.valkey import EmbeddedValkey

ADMIN_EMAIL = "admin@example.com"
# What a program needs from its surroundings to run at all.
SURROUNDINGS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")


@dataclass(frozen=True)
class Surroundings:
    """What was set from outside decides which servers are ours."""

    given: Mapping[str, str]

    @property
    def home(self) -> Home:
        return Home(portal_home(self.given))

    @property
    def embeds_postgres(self) -> bool:
        return not self.given.get("DATABASE_URL")

    @property
    def embeds_valkey(self) -> bool:
        return not self.given.get("REDIS_URL")

    @property
    def embeds_sandbox(self) -> bool:
        return not self.given.get("BUILDIUM_BASE_URL")

    @property
    def ports(self) -> list[str]:
        return ["PORT", "SANDBOX_PORT"] if self.embeds_sandbox else ["PORT"]

    @property
    def address(self) -> str:
        return f"http://{HOST}:{port(self.given, 'PORT')}"

    @property
    def admin_email(self) -> str:
        return self.given.get("PORTAL_ADMIN_EMAIL") or ADMIN_EMAIL

    def postgres(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(self.home.postgres, self.given, unprivileged_account())

    def valkey(self) -> EmbeddedValkey:
        return EmbeddedValkey(self.home.valkey, self.given)


def of_the_portal(around: Surroundings, generated: Mapping[str, str]) -> dict[str, str]:
    """The environment of the web, the workers and the commands."""
    environment = {name: value for name, value in around.given.items() if value}
    wanted = [*secrets.OF_THE_PORTAL, *(secrets.OF_THE_SANDBOX if around.embeds_sandbox else ())]
    for name in wanted:
        if name in generated:
            environment.setdefault(name, generated[name])
    if around.embeds_postgres:
        environment["DATABASE_URL"] = around.postgres().url()
    if around.embeds_valkey:
        environment["REDIS_URL"] = around.valkey().url()
    if around.embeds_sandbox:
        environment["BUILDIUM_BASE_URL"] = f"http://{HOST}:{port(around.given, 'SANDBOX_PORT')}"
    environment["PORTAL_HOME"] = str(around.home.path)
    environment["PYTHONUNBUFFERED"] = "1"
    environment.pop(secrets.ADMIN_PASSWORD, None)
    return environment


def of_the_sandbox(around: Surroundings, portal: Mapping[str, str]) -> dict[str, str]:
    """The environment of the simulated Buildium, which knows the portal's webhook address and no secret of its own."""
    environment = {name: portal[name] for name in SURROUNDINGS if name in portal}
    environment |= {name: value for name, value in portal.items() if name.startswith("SANDBOX_")}
    environment |= {
        "SANDBOX_HOME": str(around.home.sandbox),
        "SANDBOX_CLIENT_ID": portal["BUILDIUM_CLIENT_ID"],
        "SANDBOX_CLIENT_SECRET": portal["BUILDIUM_CLIENT_SECRET"],
        "SANDBOX_WEBHOOK_URL": f"{around.address}/webhooks/buildium",
        "SANDBOX_WEBHOOK_SECRET": words(portal["BUILDIUM_WEBHOOK_SECRETS"])[0],
        "PYTHONUNBUFFERED": "1",
    }
    return environment


def of_commands(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command in another terminal. Raises StartError where the portal was never started here."""
    around = Surroundings(given)
    generated = secrets.load(around.home.secrets)
    if around.embeds_postgres and not generated:
        raise StartError(f"There is no portal in {around.home.path}: run “portal up” first, or set DATABASE_URL.")
    return of_the_portal(around, generated)


def complete(environment: Mapping[str, str] = os.environ) -> None:
    """Complete this process's own environment for the command it runs. Raises StartError."""
    os.environ.update(of_commands(environment))


def database_url(given: Mapping[str, str]) -> str:
    """The address for psql and pg_dump: the superuser's, where the server is ours, so that it sees every row."""
    around = Surroundings(given)
    if not around.embeds_postgres:
        return given["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    return around.postgres().url(SUPERUSER)
