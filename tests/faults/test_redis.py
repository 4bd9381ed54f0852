"""Redis goes away: it only ever held wake-ups."""

from __future__ import annotations

import os
import shutil
import signal
import time
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from portal.start.home import Home
from tests.faults.site import PER_SECOND, SYNCED, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
# Calls that a busy machine has held up for a moment, and that arrive with the next ones. A limiter that had forgotten
# what it gave out would let twice as many through.
HELD_UP = 3


def named(words: str) -> str:
    return f"{words} {uuid4().hex[:8]}"


@pytest.mark.fault(1)
def test_a_save_with_redis_killed_is_kept_said_and_sent_by_itself_once_it_is_back(site: Site) -> None:
    name = named("Killed")
    with site.nothing_restarts():
        site.kill("valkey")
        began = time.monotonic()
        page = site.rename(name)
        assert time.monotonic() - began < 5
        assert "Saved here, waiting to send" in page.text
        assert "The queue (Redis) doesn’t answer Saves are kept and sent once it is back." in site.says("/sync")
        assert not site.there(name)
    site.wait_for(site.house, SYNCED)
    assert (len(site.there(name)), site.sent(name)) == (1, 1)


@pytest.mark.fault(1)
def test_a_redis_that_only_hangs_costs_a_save_no_more_than_a_moment(site: Site) -> None:
    name = named("Hanging")
    with site.stopped("valkey"):
        began = time.monotonic()
        page = site.rename(name)
        assert time.monotonic() - began < 5
        assert "Saved here, waiting to send" in page.text
    site.wait_for(site.house, SYNCED)
    assert site.sent(name) == 1


@pytest.mark.fault(2)
def test_a_flushed_redis_loses_nothing_and_lets_no_burst_through(site: Site) -> None:
    names = [named("Flushed") for _ in range(12)]
    with site.stopped("worker-people"), site.stopped("worker-bulk"), site.stopped("scheduler"):
        homes = [site.new_property(name) for name in names]
        with site.redis() as connection:
            assert connection.llen("rq:queue:people")
            connection.flushall()
        assert "Saved here, waiting to send" in site.says(homes[0])
    for home in homes:
        site.wait_for(home, SYNCED)
    assert [len(site.there(name)) for name in names] == [1] * len(names)
    assert fullest_second(site) <= PER_SECOND + HELD_UP
    wait_until(lambda: "No worker" not in site.says("/sync"), 60, "the workers to be seen again")


@pytest.mark.fault(2)
def test_a_redis_that_lost_its_file_costs_nothing_but_a_moment(site: Site) -> None:
    name = named("Without a file")
    with site.nothing_restarts():
        with site.stopped("worker-people"), site.stopped("worker-bulk"), site.stopped("scheduler"):
            site.rename(name)
            site.kill("valkey")
        shutil.rmtree(next(Home(site.portal.home).valkey.glob("appendonly*")))
    site.wait_for(site.house, SYNCED)
    assert site.sent(name) == 1


@pytest.mark.fault(6)
def test_a_save_whose_web_process_dies_before_it_wakes_anybody_is_sent_all_the_same(site: Site) -> None:
    """Redis hangs, so the web waits for it after its commit; there it is killed, and then Redis, which forgets."""
    name = named("Unannounced")
    form = site.person.get(f"{site.house}/edit").fields()
    with site.stopped("valkey") as valkey:
        sender = site.in_background(lambda: site.person.post(f"{site.house}/edit", {**form, "name": name}))
        wait_until(lambda: site.query("select 1 from properties where name = %s", name), 20, "the commit")
        for number in site.web_processes():
            os.kill(number, signal.SIGKILL)
        os.kill(valkey, signal.SIGKILL)
    sender.join(30)
    site.wait_for(site.house, name, SYNCED)
    assert site.sent(name) == 1


def fullest_second(site: Site) -> int:
    """The most calls that Buildium got within one second."""
    moments = sorted(
        datetime.fromisoformat(each["at"]) for method in ("GET", "POST", "PUT") for each in site.requests(method)
    )
    return max(sum(begin <= each < begin + timedelta(seconds=1) for each in moments) for begin in moments)
