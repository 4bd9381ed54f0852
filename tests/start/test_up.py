"""Real starts of everything, real kills, and nothing left behind."""

from __future__ import annotations

import os
import pwd
import signal
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import psycopg
import pytest

from portal.start.accounts import reachable
from portal.start.environment import database_url
from portal.start.parts import answers
from tests.start.running import PARTS, Portal
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

Make = Callable[..., Portal]


@pytest.fixture
def make(open_folder: Path) -> Iterator[Make]:
    """Makes portals under a folder of the test, and stops those that still run after it."""
    made: list[Portal] = []

    def make_one(name: str = "home", **environment: str) -> Portal:
        made.append(Portal(open_folder / name, environment))
        return made[-1]

    yield make_one
    for portal in made:
        if portal.running:
            portal.send(signal.SIGINT)
            portal.end()


def is_ready(portal: Portal) -> bool:
    return answers(f"{portal.address}/readyz", HTTPStatus.OK)


def rows(portal: Portal, table: str) -> int:
    """Counted as the superuser, from whom Row Level Security hides nothing."""
    with psycopg.connect(database_url(portal.environment)) as connection:
        found = connection.execute(f"select count(*) from {table}").fetchone()
    assert found
    return int(found[0])


def test_the_first_start_imports_and_shows_the_password_once_and_data_stays(make: Make) -> None:
    portal = make().start_and_import()
    password = portal.said("Password").split()[-1]
    assert portal.said("Open").split()[-1] == portal.address
    assert portal.said("E-mail").split()[-1] == "admin@example.com"
    assert len(password) == 20
    assert is_ready(portal)
    imported = rows(portal, "properties")
    assert imported
    assert portal.stop() == 0
    portal.wait_until_nothing_is_left()

    portal.start_and_import()
    assert password not in portal.text
    assert "portal users password admin@example.com" in portal.said("Password")
    assert "is being imported" not in portal.text
    assert rows(portal, "properties") == imported
    assert portal.stop() == 0
    portal.wait_until_nothing_is_left()


def test_every_part_that_is_killed_starts_again(make: Make) -> None:
    portal = make().start_and_wait()
    for name in PARTS:
        killed = portal.part(name)
        os.kill(killed, signal.SIGKILL)
        portal.wait_for(f"{name} was killed by SIGKILL; it starts again in 0.2 s")
        assert portal.part(name) != killed
        wait_until(lambda: is_ready(portal), 30, f"pages after {name} was killed")
    assert portal.stop() == 0
    portal.wait_until_nothing_is_left()


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_recovers(make: Make) -> None:
    portal = make().start_and_import()
    imported = rows(portal, "properties")
    portal.send(signal.SIGKILL)
    portal.end()
    # At once, while its parts are still stopping: the new start waits for them.
    portal.start_and_wait()
    assert rows(portal, "properties") == imported
    portal.send(signal.SIGKILL)
    portal.end()
    portal.wait_until_nothing_is_left()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_even_while_it_is_still_starting(make: Make, number: signal.Signals) -> None:
    portal = make().start()
    portal.wait_for("Making a database")
    portal.part("postgres")
    portal.send(number)
    assert portal.end() == 0
    portal.wait_until_nothing_is_left()


def test_a_second_ctrl_c_does_not_wait(make: Make) -> None:
    portal = make().start_and_wait()
    web = portal.part("web")
    # It can't answer a request to stop.
    os.kill(web, signal.SIGSTOP)
    portal.send(signal.SIGINT)
    portal.wait_for("stopping")
    assert portal.running

    def press_again() -> str:
        portal.send(signal.SIGINT)
        return portal.said("web did not stop in time and was killed")

    wait_until(press_again, 5)
    assert portal.end() == 0
    portal.wait_until_nothing_is_left()


def test_two_portals_run_side_by_side_and_the_same_one_never_twice(make: Make) -> None:
    first = make("first").start_and_wait()
    second = make("second").start_and_wait()
    assert is_ready(first)
    assert is_ready(second)

    again = make("first").start()
    assert again.end() == 1
    assert again.lines == [
        f"portal: The portal is running already in {first.home} (process {first.process.pid}); to start another one "  # type: ignore[union-attr]
        "beside it, set PORT, SANDBOX_PORT and PORTAL_HOME."
    ]
    taken = make("third", PORT=first.environment["PORT"]).start()
    assert taken.end() == 1
    assert taken.lines == [
        f"portal: Port {first.environment['PORT']} can't be used (Address already in use): stop what uses it, or set "
        "PORT to another port."
    ]
    assert (first.stop(), second.stop()) == (0, 0)


def test_a_folder_that_can_not_be_written_is_told_in_one_sentence(make: Make, open_folder: Path) -> None:
    (open_folder / "file").touch()
    portal = make("file/home").start()
    assert portal.end() == 1
    assert len(portal.lines) == 1
    assert portal.said("can't be written (Not a directory): set PORTAL_HOME to one that can")


def test_a_database_of_a_newer_portal_is_told_in_one_sentence(make: Make) -> None:
    portal = make().start_and_wait()
    with psycopg.connect(database_url(portal.environment), autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    assert portal.stop() == 0
    portal.start()
    assert portal.end() == 1
    assert len(portal.lines) == 1
    assert portal.said("portal: The database is at version 9999, which this portal does not know")
    portal.wait_until_nothing_is_left()


def can_run_as_nobody() -> bool:
    return os.geteuid() == 0 and reachable(Path(sys.executable).resolve().parent, pwd.getpwnam("nobody"))


@pytest.mark.skipif(not can_run_as_nobody(), reason="only root, with a Python that others can run, can try it")
def test_an_ordinary_user_can_run_it(make: Make, open_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = open_folder / "nobody"
    folder.mkdir()
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    portal = make("nobody/home", HOME=str(folder))
    portal.account = nobody
    portal.start_and_wait()
    assert is_ready(portal)
    assert portal.stop() == 0
    portal.wait_until_nothing_is_left()
