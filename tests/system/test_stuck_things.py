"""Parts of the running portal are killed, and what they had in their hands goes on within its stated time."""

from __future__ import annotations

import os
import signal
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from portal.start.environment import Surroundings
from tests.start.running import Portal
from tests.system.person import Person
from tests.system.test_faults_for_real import named, renamed
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("system")]


def asked(portal: Portal, query: str) -> list[tuple[Any, ...]]:
    """What the portal's own database says, to its machine."""
    url = Surroundings(portal.environment).postgres().url().replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set role portal_machine")
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_comparison_whose_worker_is_killed_goes_on_within_45_seconds(
    portal: Portal, person: Person, buildium: httpx.Client
) -> None:
    rule = {"fault": "hold", "method": "GET", "path": "/v1/rentals/units", "seconds": 60}
    buildium.post("/faults", json=rule).raise_for_status()
    form = person.get("/sync/runs").fields()
    person.post("/sync/runs", {"csrf_token": form["csrf_token"], "kind": "full"})
    wait_until(lambda: buildium.get("/holds").json(), 60, "the run to be in the middle of a page")
    os.kill(portal.part("worker-bulk"), signal.SIGKILL)
    buildium.delete("/faults")
    buildium.post("/holds/release")
    units = "select state from buildium_sync_runs where entity_type = 'unit' and kind = 'full' order by created_at desc"
    assert asked(portal, f"{units} limit 1") == [("running",)]
    wait_until(lambda: asked(portal, f"{units} limit 1") == [("done",)], 60, "the run to go on")


def test_a_killed_scheduler_is_back_and_wakes_what_nobody_was_asked_for(
    portal: Portal, person: Person, buildium: httpx.Client
) -> None:
    ran = "select last_started_at from sync_schedules where name = 'sweep'"
    os.kill(portal.part("scheduler"), signal.SIGKILL)
    before = asked(portal, ran)
    wait_until(lambda: asked(portal, ran) != before, 30, "the sweeper to run again")
    name = f"Flushed {uuid4().hex[:8]}"
    renamed(person, name)
    wait_until(lambda: named(buildium, name), 20, "the save to be sent")
