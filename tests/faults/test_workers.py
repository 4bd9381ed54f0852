"""Workers that die or stop in the middle of a push: each is found out, and nothing is sent twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest

from tests.faults.site import SYNCED, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

UNKNOWN = "Outcome unknown: looking in Buildium"
WAITING = "select pid from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'portal worker'"


def named(words: str) -> str:
    return f"{words} {uuid4().hex[:8]}"


@contextmanager
def locked(site: Site, statement: str, *values: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The lock of that statement is held inside the block."""
    with site.connect() as connection, connection.transaction():
        connection.execute(statement.encode(), values)
        yield connection


def a_worker_waits(site: Site) -> None:
    wait_until(lambda: site.query(WAITING), 20, "a worker to wait for the lock")


@pytest.mark.fault(3)
def test_a_worker_killed_before_its_create_is_replaced_and_creates_it_once(site: Site) -> None:
    """Nothing is skipped here: its lease runs out, the clock notices, and another worker takes the record."""
    name = named("Before")
    with site.stopped("worker-people") as worker:
        home = site.new_property(name)
        with locked(site, "lock table properties in access exclusive mode"):
            os.kill(worker, signal.SIGCONT)
            a_worker_waits(site)
            site.kill("worker-people")
    assert "Sending now" in site.says(home)
    site.wait_for(home, SYNCED)
    assert (len(site.there(name)), site.sent(name, "POST")) == (1, 1)


@pytest.mark.fault(4)
def test_a_worker_killed_while_buildium_holds_its_create_is_followed_by_a_look_up(site: Site) -> None:
    """Buildium carries the create out when its caller is long dead, and the first look-up came too early."""
    name = named("During")
    site.fault("hold", method="POST", path="/v1/rentals")
    home = site.new_property(name)
    site.held()
    with site.nothing_restarts():
        site.kill("worker-people")
        site.leases_end()
        assert UNKNOWN in site.wait_for(home, UNKNOWN)
        assert "with unknown outcome Being looked up in Buildium" in site.says("/sync")
    site.wait_for(
        site.row_page(home), "Not found in Buildium yet. It will be looked for again before it is sent again."
    )
    site.release()
    wait_until(lambda: site.there(name), 20, "the create to be carried out")
    site.time_passes()
    site.wait_for(home, SYNCED)
    assert (len(site.there(name)), site.sent(name, "POST")) == (1, 1)


@pytest.mark.fault(5)
def test_a_worker_killed_between_the_answer_and_its_database_adopts_and_never_repeats(site: Site) -> None:
    name = named("After")
    site.fault("commit_then_hold", method="POST", path="/v1/rentals")
    home = site.new_property(name)
    site.held()
    key = home.rpartition("/")[2]
    with locked(site, "select 1 from buildium_sync_status where entity_id = %s for update", key):
        site.release()
        a_worker_waits(site)
        site.kill("worker-people")
    assert "Sending now" in site.says(home)
    site.leases_end()
    site.wait_for(home, SYNCED)
    assert (len(site.there(name)), site.sent(name, "POST")) == (1, 1)


@pytest.mark.fault(15)
def test_two_records_that_could_be_the_lost_create_are_shown_and_a_person_says_which(site: Site) -> None:
    """Buildium executes the create twice, and the worker dies before it has written down which answer it got."""
    name = named("Twice")
    site.fault("dup_commit", method="POST", path="/v1/rentals")
    with site.stopped("worker-people") as worker:
        home = site.new_property(name)
        with locked(site, "lock table properties in exclusive mode"):
            os.kill(worker, signal.SIGCONT)
            a_worker_waits(site)
            site.kill("worker-people")
    site.leases_end()
    site.wait_for(home, "Which record in Buildium?")
    page = site.row_page(home)
    assert "2 records in Buildium could be this one. Choose which, or create it anew." in site.says(page)
    assert "Records that could be several in Buildium" in site.says("/")
    first, second = sorted(site.there(name))
    assert site.sent(name, "POST") == 1
    site.press(page, "link", buildium_id=str(first))
    site.wait_for(home, SYNCED)
    assert sorted(site.there(name)) == [first, second]
    assert site.sent(name, "POST") == 1


@pytest.mark.fault(35)
def test_a_worker_stopped_for_longer_than_its_lease_writes_nothing_when_it_wakes_up(site: Site) -> None:
    name, newer = named("Stale"), named("Newer")
    site.fault("commit_then_hold", method="POST", path="/v1/rentals")
    home = site.new_property(name)
    site.held()
    with site.stopped("worker-people") as stale:
        site.worker("people")
        site.leases_end()
        site.wait_for(home, SYNCED)
        site.rename(newer, home)
        site.wait_for(home, SYNCED)
        site.release()
        os.kill(stale, signal.SIGCONT)
        wait_until(lambda: "lease lost" in site.log_of("worker-people"), 20, "the stale worker to be refused")
    site.wait_for(home, SYNCED)
    assert (len(site.there(newer)), len(site.there(name)), site.sent(name, "POST")) == (1, 0, 1)
