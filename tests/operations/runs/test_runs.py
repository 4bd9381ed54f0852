from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.sync.models import SyncRun
from tests.operations import rows
from tests.operations.pages import page, receipt, text
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def kinds_of_runs(kind: str) -> list[str]:
    with speaking_as(rows.MACHINE):
        return list(db.session.scalars(select(SyncRun.entity_type).where(SyncRun.kind == kind)))


@pytest.mark.parametrize("state", ["queued", "running", "done", "failed", "stopped"])
def test_a_run_is_shown_in_every_state(staff: FlaskClient, state: str) -> None:
    rows.run(state, total=1200, seen=512, error_message="GET /v1/rentals was answered 500")
    answer = staff.get(f"/sync/runs?outcome={state}").text
    assert "512 of 1,200" in answer
    assert "was answered 500" in answer


def test_a_run_leads_to_what_waits_for_a_person(staff: FlaskClient) -> None:
    rows.run("done", kind="import", for_review=12)
    rows.run("done", kind="import", entity_type="unit")
    found = [each for each in page(staff, "/sync/runs").findall(".//tbody//a") if "matches" in each.get("href", "")]
    assert [text(each) for each in found] == ["12 may be rows of ours: review the matches"]
    assert found[0].get("href") == "/sync/matches?state=review&entity_type=property"
    assert staff.get("/sync/matches?state=review&entity_type=property").status_code == 200


@pytest.mark.parametrize("kind", ["import", "full", "incremental"])
def test_a_run_is_started(staff: FlaskClient, kind: str) -> None:
    assert "is queued" in receipt(staff, "/sync/runs", {"kind": kind})
    assert "property" in kinds_of_runs(kind)


def test_two_of_the_same_are_not_started(staff: FlaskClient) -> None:
    rows.run("running", kind="import")
    assert "Nothing was started" in receipt(staff, "/sync/runs", {"kind": "import"})


def test_what_does_not_exist_is_not_started(staff: FlaskClient) -> None:
    assert "Nothing was started" in receipt(staff, "/sync/runs", {"kind": "dream"})


def test_a_waiting_run_is_stopped_at_once(staff: FlaskClient) -> None:
    run = rows.run("queued")
    assert "Stopped." in receipt(staff, f"/sync/runs/{run.id}/stop")
    assert rows.again(run).state == "stopped"


def test_a_running_one_is_asked_to_stop(staff: FlaskClient) -> None:
    run = rows.run("running")
    assert "stops after the page" in receipt(staff, f"/sync/runs/{run.id}/stop")
    assert rows.again(run).state == "running"
    assert rows.again(run).stop_requested


def test_one_that_is_over_is_not_stopped(staff: FlaskClient) -> None:
    run = rows.run("done")
    assert "Nothing was stopped" in receipt(staff, f"/sync/runs/{run.id}/stop")
