"""The pages about drift, gaps and stuck things, with rows as runs leave them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from portal.database import now
from portal.extensions import db, queues
from portal.sync.drift_models import Drift
from portal.sync.models import SyncRun
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import page, receipt, row_count, tabs, text
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def finding(run: SyncRun | None = None, **values: Any) -> Drift:
    facts: dict[str, Any] = {
        "entity_type": "property",
        "finding": "changed",
        "buildium_id": 7,
        "record_name": "Elm Court",
        "fields": [{"label": "Name", "field": "name", "known": "Elm", "ours": "Elm Court", "theirs": "Oak Court"}],
        "announcement": "missed",
        "event_name": "Rental.Updated",
        "read_at": now(),
        **values,
    }
    row = Drift(run_id=(run or rows.run("done")).id, **facts)
    rows.write(row)
    return row


def test_the_evidence_names_the_record_the_field_ours_and_theirs(staff: FlaskClient) -> None:
    run = rows.run("done", kind="full")
    finding(run)
    shown = text(page(staff, f"/sync/drift?run={run.id}"))
    assert "Elm Court" in shown
    assert "Name: Elm Court → Oak Court" in shown
    assert "Expected: Rental.Updated" in shown


def test_the_number_on_a_tab_is_the_number_of_rows_behind_it(staff: FlaskClient) -> None:
    run = rows.run("done")
    for announcement in ("missed", "missed", "announced", "none"):
        finding(run, announcement=announcement)
    for number, address in tabs(staff, "/sync/drift").values():
        table = page(staff, address).findall(".//section[@aria-label='Findings']//tbody/tr")
        assert len(table) == number


def test_the_runs_page_tells_the_drift_of_each_kind(staff: FlaskClient) -> None:
    run = rows.run("done", kind="full", seen=40, unchanged=33, updated=4, created=2, missing=1, conflicts=1)
    finding(run)
    shown = text(page(staff, "/sync/runs"))
    assert "Drift by kind of record" in shown
    assert "Evidence: 1 without a webhook" in shown


def test_a_stopped_run_is_resumed_and_one_that_is_done_is_not(staff: FlaskClient) -> None:
    stopped = rows.run("stopped")
    assert "It goes on" in receipt(staff, f"/sync/runs/{stopped.id}/resumption")
    assert (rows.again(stopped).state, rows.again(stopped).resumed) == ("queued", 1)
    done = rows.run("done")
    assert "Nothing was resumed" in receipt(staff, f"/sync/runs/{done.id}/resumption")


def test_buildium_is_asked_again_for_a_record_that_was_gone(staff: FlaskClient) -> None:
    row = rows.status(State.MISSING)
    found = finding(finding="gone there", entity_id=row.entity_id, buildium_id=row.buildium_id, fields=None)
    assert "Ask Buildium again" in staff.get("/sync/drift").text
    assert "asked again now" in receipt(staff, f"/sync/drift/{found.id}/question")
    assert queues.waiting("people") == 1


@pytest.mark.usefixtures("session")
def test_somebody_who_only_reads_can_neither_ask_nor_resume(client: FlaskClient) -> None:
    sign_in(client, "viewer")
    found, run = finding(), rows.run("stopped")
    assert client.post(f"/sync/drift/{found.id}/question").status_code == 403
    assert client.post(f"/sync/runs/{run.id}/resumption").status_code == 403


def test_silence_opens_a_banner_with_what_to_do_and_the_next_event_closes_it(staff: FlaskClient) -> None:
    staff.most_queries = 20  # type: ignore[attr-defined]  # a silence is looked at more closely
    day = now() - timedelta(hours=24)
    rows.event(created_at=day, processed_at=day)
    for number in range(3):
        finding(buildium_id=number, read_at=now() - timedelta(hours=2))
    for address in ("/sync", "/sync/drift"):
        shown = text(page(staff, address))
        assert "switch the subscription on again" in shown, address
    rows.event()
    assert "switch the subscription on again" not in text(page(staff, "/sync"))


def test_what_is_stuck_is_shown_with_its_age_and_who_ends_it(staff: FlaskClient) -> None:
    rows.status(State.SYNCING, leased_until=now() - timedelta(minutes=3))
    shown = text(page(staff, "/sync/queues"))
    assert "1 – too long" in shown
    assert "The sweeper gives the record to another worker." in shown
    assert "3 minutes ago" in shown
    assert "Records whose worker died" in text(page(staff, "/sync"))


def test_ten_thousand_findings_take_no_more_queries(staff: FlaskClient) -> None:
    run = rows.run("done")
    with speaking_as(rows.MACHINE):
        made = "insert into sync_drift (run_id, entity_type, finding, buildium_id, announcement)"
        made += " select :run, 'unit', 'changed', number, 'none' from generate_series(1, 10000) as number"
        db.session.execute(db.text(made), {"run": run.id})
        db.session.commit()
    assert "10,000 findings" in text(page(staff, "/sync/drift"))
    assert row_count(staff, "/sync/drift?entity_type=property") == 0
