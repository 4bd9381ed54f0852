"""The promises of the sync on the running portal: every part is real, and so is every fault."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest

from tests.start.running import Portal
from tests.system.person import Person
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]

# Each takes about fifteen seconds, the time of a dead worker's lease; `PORTAL_KILLS=20` for the long run.
KILLS = int(os.environ.get("PORTAL_KILLS", "1"))


def named(buildium: httpx.Client, name: str, kind: str = "rentals") -> list[int]:
    """The ids of Buildium's records of that name."""
    found = buildium.get(f"/records/{kind}", params={"search": name, "limit": 50}).json()["items"]
    return [each["id"] for each in found]


def renamed(person: Person, name: str) -> str:
    """Give the first property another name; its address."""
    address = person.first("/properties")
    person.save(f"{address}/edit", name=name)
    return address


def new_property(person: Person, name: str) -> None:
    fields = person.get("/properties/new").fields()
    account = person.get("/properties/new").response.text.split('name="operating_bank_account_id"')[1]
    first = next(part.split('"')[0] for part in account.split('value="')[1:] if len(part.split('"')[0]) == 36)
    address = {"address_line1": "1 Quay", "city": "Portland", "state": "ME", "postal_code": "04101"}
    changes = {"name": name, "rental_sub_type": "MultiFamily", "operating_bank_account_id": first, **address}
    person.post("/properties/new", {**fields, "country": "UnitedStates", **changes})


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_save_is_in_buildium_and_confirmed_without_anybodys_help(person: Person, buildium: httpx.Client) -> None:
    name = f"Quay {uuid4().hex[:8]}"
    address = renamed(person, name)
    wait_until(lambda: named(buildium, name), 10, "the name to be in Buildium")
    wait_until(lambda: "Matches Buildium" in person.get(address).text, 10, "the page to say so")


@pytest.mark.fault(1)
def test_a_save_with_redis_stopped_is_kept_said_and_sent_once_afterwards(
    portal: Portal, person: Person, buildium: httpx.Client
) -> None:
    name = f"Redis {uuid4().hex[:8]}"
    with stopped(portal.part("valkey")):
        began = time.monotonic()
        address = renamed(person, name)
        assert time.monotonic() - began < 5
        assert "Saved here, waiting" in person.get(address).text
        assert not named(buildium, name)
    wait_until(lambda: named(buildium, name), 15, "the save to be sent")
    puts = buildium.get("/requests", params={"method": "PUT", "limit": 500}).json()["items"]
    assert sum(name in each["body"] for each in puts) == 1


def test_a_killed_redis_costs_nothing(portal: Portal, person: Person, buildium: httpx.Client) -> None:
    name = f"Killed {uuid4().hex[:8]}"
    os.kill(portal.part("valkey"), signal.SIGKILL)
    renamed(person, name)
    wait_until(lambda: named(buildium, name), 20, "the save to be sent")


def test_a_save_with_the_workers_killed_is_kept_said_and_sent_once_afterwards(
    portal: Portal, person: Person, buildium: httpx.Client
) -> None:
    name = f"Workers {uuid4().hex[:8]}"
    assert portal.process
    with stopped(portal.process.pid):
        for lane in ("worker-people", "worker-bulk"):
            os.kill(portal.part(lane), signal.SIGKILL)
        address = renamed(person, name)
        assert "Saved here, waiting" in person.get(address).text
    wait_until(lambda: named(buildium, name), 20, "the save to be sent")


def test_a_save_with_buildium_unreachable_is_kept_said_and_sent_once_afterwards(
    portal: Portal, person: Person, buildium: httpx.Client
) -> None:
    name = f"Away {uuid4().hex[:8]}"
    assert portal.process
    with stopped(portal.process.pid):
        os.killpg(portal.part("sandbox"), signal.SIGKILL)  # with the process that answers for it
        address = renamed(person, name)
        assert re.search("Saved here, waiting|Sending now", person.get(address).text)
    wait_until(lambda: answers(buildium), 20, "the simulated Buildium to be back")
    wait_until(lambda: named(buildium, name), 60, "the save to be sent")
    wait_until(lambda: sent(buildium, name), 10, "the request to be written down, which follows its answer")
    assert sent(buildium, name) == 1


def sent(buildium: httpx.Client, name: str) -> int:
    """How many updates said the name."""
    puts = buildium.get("/requests", params={"method": "PUT", "limit": 500}).json()["items"]
    return sum(name in each["body"] for each in puts)


def answers(buildium: httpx.Client) -> bool:
    try:
        return buildium.get("/").is_success
    except httpx.TransportError:
        return False


def test_a_save_with_buildium_down_is_kept_said_and_sent_once_afterwards(
    person: Person, buildium: httpx.Client
) -> None:
    name = f"Down {uuid4().hex[:8]}"
    buildium.post("/faults", json={"fault": "status", "status": 503, "path": "/v1/*", "times": None}).raise_for_status()
    address = renamed(person, name)
    assert re.search("Saved here, waiting|Sending now", person.get(address).text)
    assert not named(buildium, name)
    buildium.delete("/faults")
    wait_until(lambda: named(buildium, name), 40, "the save to be sent")


@pytest.mark.parametrize("attempt", range(KILLS))
def test_a_worker_killed_while_its_create_is_answered_makes_no_twin_and_loses_nothing(
    portal: Portal, person: Person, buildium: httpx.Client, attempt: int
) -> None:
    name = f"Kill {attempt} {uuid4().hex[:8]}"
    rule = {"fault": "commit_then_hold", "method": "POST", "path": "/v1/rentals", "seconds": 60}
    buildium.post("/faults", json=rule).raise_for_status()
    new_property(person, name)
    wait_until(lambda: named(buildium, name), 15, "the create to be committed there")
    time.sleep(random.uniform(0, 0.5))  # the moment is what varies, and not what is waited for
    os.kill(portal.part("worker-people"), signal.SIGKILL)
    buildium.post("/holds/release")
    listing = f"/properties?q={name.split()[-1]}"
    address = person.first(listing)
    wait_until(lambda: "Matches Buildium" in person.get(address).text, 60, "the record to be adopted")
    assert len(named(buildium, name)) == 1
