from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.database import now
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import page, row_count, tabs, text

if TYPE_CHECKING:
    from flask.testing import FlaskClient


@pytest.mark.parametrize("state", list(State))
def test_a_row_is_shown_in_every_state(staff: FlaskClient, state: State) -> None:
    name = str(rows.status(state).record_name)
    assert name in staff.get("/sync/records").text
    assert name in staff.get(f"/sync/records?state={state}").text
    others = [each for each in State if each is not state]
    assert name not in staff.get(f"/sync/records?state={others[0]}").text


def test_each_tab_counts_the_rows_behind_it(staff: FlaskClient) -> None:
    for number, state in enumerate(State, 1):
        for _ in range(number):
            rows.status(state)
    rows.status(State.PENDING, cause="retrying", attempts=2)
    found = tabs(staff, "/sync/records")
    assert found["All"][0] == sum(range(1, len(State) + 1)) + 1
    assert found["Waiting, tried again"][0] == 1
    for number, url in found.values():
        assert row_count(staff, url) == number


def test_the_counts_follow_the_filters(staff: FlaskClient) -> None:
    for kind, state in (("owner", State.FAILED), ("owner", State.SYNCED), ("unit", State.FAILED)):
        rows.status(state, entity_type=kind)
    found = tabs(staff, "/sync/records?entity_type=owner&state=failed")
    assert (found["All"][0], found["Refused"][0], found["In sync"][0]) == (2, 1, 1)
    for number, url in found.values():
        assert row_count(staff, url) == number


def test_many_rows_are_paged_newest_first_without_loss(staff: FlaskClient) -> None:
    made = [rows.status(State.FAILED, updated_at=now() + timedelta(seconds=each)) for each in range(53)]
    first = page(staff, "/sync/records?state=failed").findall(".//tbody/tr/th")
    assert str(made[-1].record_name) in text(first[0])
    assert row_count(staff, "/sync/records?state=failed") == 53


@pytest.mark.parametrize("named", ["event_id", "id"])
def test_a_record_is_found_by_an_event_about_it(staff: FlaskClient, named: str) -> None:
    wanted, other = rows.status(State.SYNCED), rows.status(State.SYNCED)
    event = rows.event(buildium_entity_id=wanted.buildium_id)
    answer = staff.get("/sync/records", query_string={"q": str(getattr(event, named))}).text
    assert str(wanted.id) in answer
    assert str(other.id) not in answer


def test_a_record_is_found_by_the_name_of_its_job(staff: FlaskClient) -> None:
    wanted, other = rows.status(State.SYNCED), rows.status(State.SYNCED)
    answer = staff.get("/sync/records", query_string={"q": f"push-property-{wanted.entity_id}"}).text
    assert str(wanted.id) in answer
    assert str(other.id) not in answer


@pytest.mark.parametrize("field", ["record_name", "entity_id", "buildium_id"])
def test_a_record_is_found_by(staff: FlaskClient, field: str) -> None:
    wanted, other = rows.status(State.CONFLICT, record_name="Oak & Ash"), rows.status(State.CONFLICT)
    answer = staff.get("/sync/records", query_string={"q": str(getattr(wanted, field))}).text
    assert str(wanted.id) in answer
    assert str(other.id) not in answer


@pytest.mark.parametrize("text", ["9" * 30, "0" * 20 + "9" * 12, "٣", "%", "_", "\\", "' or 1=1"])
def test_any_search_is_answered(staff: FlaskClient, text: str) -> None:
    for page_of in ("records", "webhooks"):
        assert staff.get(f"/sync/{page_of}", query_string={"q": text}).status_code == 200


def test_a_cause_narrows_the_list(staff: FlaskClient) -> None:
    wanted, other = rows.status(State.FAILED, cause="permission"), rows.status(State.FAILED)
    answer = staff.get("/sync/records?cause=permission").text
    assert str(wanted.id) in answer
    assert str(other.id) not in answer
    assert "Cause: The API key lacks a permission" in answer


def test_what_the_filters_do_not_know_is_said(staff: FlaskClient) -> None:
    answer = staff.get("/sync/records?state=lost&entity_type=ship&cause=wind&after=nowhere").text
    assert "“State” knows no “lost”" in answer
    assert "That page can’t be found" in answer


def test_the_next_attempt_is_told_both_ways(staff: FlaskClient) -> None:
    rows.status(State.PENDING, cause="retrying", attempts=2, next_attempt_at=now() + timedelta(minutes=9, seconds=50))
    assert "in 10 minutes" in staff.get("/sync/records?state=retrying").text


def test_names_and_messages_are_shown_and_not_run(staff: FlaskClient) -> None:
    row = rows.status(State.FAILED, record_name="<script>alert(1)</script>", error_message="<img src=x onerror=y>")
    for url in ("/sync/records", f"/sync/records/{row.id}", "/sync/records?q=<script>alert(1)</script>"):
        answer = staff.get(url).text
        assert "<script>alert" not in answer
        assert "<img src=x" not in answer


def test_conflicts_have_a_page_of_their_own(staff: FlaskClient) -> None:
    wanted, other = rows.status(State.CONFLICT), rows.status(State.FAILED)
    answer = staff.get("/sync/conflicts").text
    assert str(wanted.id) in answer
    assert str(other.id) not in answer


def test_a_long_list_takes_no_more_queries_than_a_short_one(staff: FlaskClient) -> None:
    staff.most_queries = 9  # type: ignore[attr-defined]
    for _ in range(30):
        rows.status(State.FAILED)
    assert staff.get("/sync/records").status_code == 200
