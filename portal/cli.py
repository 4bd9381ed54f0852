"""The `portal` command. Every command is thin, and imports what it needs only when it runs."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from portal.config import ConfigurationError, Settings
from portal.start.errors import StartError

if TYPE_CHECKING:
    from flask import Flask

    from portal.acting import Actor

ROLES = ["viewer", "staff", "manager", "administrator"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="portal")
def portal() -> None:
    """A property management portal that keeps Buildium in step with every save."""


@portal.command()
def up() -> None:
    """Start everything on this machine: database, queue, pages, workers, simulated Buildium. Ctrl-C stops it."""
    from portal.start.up import run

    sys.exit(run(os.environ))


@portal.command()
def web() -> None:
    """Serve the pages at PORT."""
    from portal.start.parts import web_arguments

    complete_environment()
    os.execve(sys.executable, [sys.executable, *web_arguments()], dict(os.environ))


@portal.command()
@click.option("--lane", type=click.Choice(["people", "bulk"]), required=True, help="What people wait for, or the rest.")
def worker(lane: str) -> None:
    """Do the jobs of one lane: pushes, pulls, webhook events."""
    from portal.sync.worker import run

    app, settings = make_app("worker")
    run(app, settings, lane)


@portal.command()
def scheduler() -> None:
    """Give the workers what is due: sweeps, reconciliation, retention."""
    from portal.operations.housekeeping import tasks
    from portal.operations.machinery import stuck
    from portal.registry import TASKS
    from portal.sync.schedule import run, sync_tasks

    app, _ = make_app("scheduler")
    run(app, sync_tasks() + tasks() + stuck.tasks() + TASKS)


@portal.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8001, envvar="SANDBOX_PORT", show_default=True)
@click.option("--size", type=click.IntRange(0), default=None, help="Units in the sample portfolio.")
def sandbox(port: int, size: int | None) -> None:
    """Run the simulated Buildium alone."""
    from portal.sandbox.command import run

    run(port=port, size=size)


@portal.command(name="import")
@click.option("--wait/--no-wait", default=True, help="Show the progress until the import is over.")
def import_all(*, wait: bool) -> None:
    """Bring everything from Buildium. Running workers do it; a second import resumes where the first one stopped."""
    from portal.start.first_import import news
    from portal.sync.imports import begin_import

    with inside_app():
        begin_import(requested_by="portal import")
        for line in news() if wait else ():
            click.echo(line)


@portal.command()
def reconcile() -> None:
    """Compare every record with Buildium, and repair what drifted. Running workers do it."""
    from portal.sync.current import current_sync
    from portal.sync.runs import Kind, begin

    with inside_app():
        begin(Kind.FULL, current_sync().resources.by_name, "portal reconcile")
    click.echo("Queued: see Sync › Runs for its progress.")


@portal.command()
def check() -> None:
    """Prove the installation: configuration, connections, credentials, workers, webhooks. Exit code 1 for a fault."""
    from portal.operations.check import run

    with inside_app():
        answers = run()
    for name, fine, words in answers:
        click.echo(f"{'ok   ' if fine else 'FAULT'}  {name}: {words}")
    sys.exit(0 if all(fine for _, fine, _ in answers) else 1)


@portal.command()
def entities() -> None:
    """List the kinds of records, and how each one meets Buildium."""
    from portal.registry import ENTITIES

    for screen, resource in ((entity.screen, entity.resource) for entity in ENTITIES):
        pages = f"/{screen.plural}" if screen else "no pages of its own"
        name = resource.name if resource else screen.singular if screen else ""
        click.echo(f"{name:20} {pages:22} {'synced with Buildium' if resource else 'kept here only'}")


@portal.command()
@click.option(
    "--new-key", is_flag=True, help="First put a new generated key in front; restart the portal before going on."
)
def rotate_keys(*, new_key: bool) -> None:
    """Encrypt everything secret again, with the newest of PORTAL_ENCRYPTION_KEYS."""
    if new_key:
        add_key()
        return
    from portal.operations.keys import rotate

    with inside_app():
        click.echo(f"{rotate()} values were encrypted again with the newest key.")


@portal.command()
def database_url() -> None:
    """Print the database's address, for psql and pg_dump."""
    from portal.start.environment import database_url as address

    click.echo(address(os.environ))


@portal.group()
def users() -> None:
    """People who may sign in."""


@users.command(name="list")
def list_people() -> None:
    """Name, e-mail and role of everybody."""
    from portal.accounts.users import list_users

    with inside_app(an_administrator()):
        for user in list_users():
            click.echo(f"{user.email:40} {user.role:15} {user.name}{'' if user.is_active else '  (disabled)'}")


@users.command()
@click.argument("email")
@click.option("--name", prompt=True)
@click.option("--role", type=click.Choice(ROLES), default="staff", show_default=True)
@click.password_option(help="Must be changed at the first sign-in.")
def add(email: str, name: str, role: str, password: str) -> None:
    """Add somebody."""
    from portal.accounts.users import add_user

    with inside_app(an_administrator()):
        add_user(email, name, role, password)
    click.echo(f"{email} may sign in as {role}.")


@users.command()
@click.argument("email")
@click.password_option(help="Must be changed at the next sign-in.")
def password(email: str, password: str) -> None:
    """Set somebody's password, and end their sessions."""
    from portal.accounts.users import set_password

    with inside_app(an_administrator()):
        set_password(email, password)
    click.echo(f"{email} has a new password.")


@users.command()
@click.argument("email")
def disable(email: str) -> None:
    """Keep somebody out, and end their sessions."""
    from portal.accounts.users import disable_user

    with inside_app(an_administrator()):
        disable_user(email)
    click.echo(f"{email} may not sign in any more.")


def complete_environment() -> None:
    from portal.start.environment import complete

    complete()


def make_app(program: str) -> tuple[Flask, Settings]:
    from portal.app import create_app

    complete_environment()
    settings = Settings.from_environment(os.environ)
    return create_app(settings, program), settings


@contextmanager
def inside_app(who: Actor | None = None) -> Iterator[None]:
    """An app context of this portal, acting as `who` or as the machine; errors for people become one sentence."""
    from sqlalchemy.exc import OperationalError

    from portal.accounts.users import UserError
    from portal.acting import Actor, Door, acting_as
    from portal.vault import SealedError

    app, _ = make_app("command")
    # A command answers in words; the log's lines are for programs.
    logging.getLogger("portal").setLevel(logging.WARNING)
    try:
        with app.app_context(), acting_as(who or Actor.machine(Door.COMMAND)):
            yield
    except (UserError, SealedError) as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        words = str(error.orig).strip().partition("\n")[0]
        raise click.ClickException(f"The database doesn't answer. Is the portal running? ({words})") from error


def an_administrator() -> Actor:
    """Only administrators may change users."""
    from portal.acting import Actor, Door

    return Actor("portal_administrator", Door.COMMAND, "Command line")


def add_key() -> None:
    from portal.start.environment import Surroundings
    from portal.start.secrets import add_encryption_key

    add_encryption_key(Surroundings(os.environ).home.secrets)
    click.echo("A new key stands first. Restart the portal, then run “portal rotate-keys”.")


def main() -> None:
    try:
        portal()
    except (ConfigurationError, StartError) as error:
        sys.stderr.write(f"portal: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
