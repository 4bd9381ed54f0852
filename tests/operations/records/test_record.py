from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.states import State
from tests.operations import rows
from tests.operations.pages import receipt
from tests.people import speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

AGAIN = [State.PENDING, State.BLOCKED, State.FAILED, State.MISSING, State.UNCERTAIN]
NOT_AGAIN = [State.SYNCING, State.SYNCED, State.HELD, State.CONFLICT]


def name_of(entity_id: str) -> tuple[str, int | None]:
    with speaking_as(rows.MACHINE):
        record = db.session.get_one(Property, entity_id)
        db.session.refresh(record)
        return record.name, record.year_built


@pytest.mark.parametrize("state", list(State))
def test_a_record_tells_what_is_wrong_and_what_to_do(staff: FlaskClient, state: State) -> None:
    row = rows.status_of_property(state)
    answer = staff.get(f"/sync/records/{row.id}").text
    assert ("What to do:" in answer) is (state is not State.SYNCED)
    assert "Elm Court: sync" in answer


def test_a_row_whose_record_is_gone_is_still_shown(staff: FlaskClient) -> None:
    row = rows.status(State.FAILED, cause="deleted here")
    assert "The record no longer exists here" in staff.get(f"/sync/records/{row.id}").text


def test_a_row_of_a_kind_that_the_portal_forgot_is_still_shown(staff: FlaskClient) -> None:
    row = rows.status(State.FAILED, entity_type="ship")
    assert staff.get(f"/sync/records/{row.id}").status_code == 200


def test_buildium_s_field_leads_to_ours(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.FAILED)
    answer = staff.get(f"/sync/records/{row.id}").text
    assert f"/properties/{row.entity_id}/edit#postal_code" in answer
    assert "Not a postal code." in answer


def test_calls_and_webhooks_of_the_record_are_listed(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.CONFLICT)
    call = rows.call(entity_type="property", entity_id=row.entity_id)
    event = rows.event("echo", buildium_entity_id=row.buildium_id)
    other = rows.call(entity_type="property", entity_id="other")
    answer = staff.get(f"/sync/records/{row.id}").text
    assert str(call.id) in answer
    assert str(event.id) in answer
    assert str(other.id) not in answer


@pytest.mark.parametrize("state", AGAIN)
def test_a_record_is_sent_again(staff: FlaskClient, state: State) -> None:
    row = rows.status_of_property(state)
    assert "will be sent again now" in receipt(staff, f"/sync/records/{row.id}/retry")
    after = rows.again(row)
    assert after.sync_status == ("uncertain" if state is State.UNCERTAIN else "pending")
    assert after.attempts == 0
    assert after.error_message is None


@pytest.mark.parametrize("state", NOT_AGAIN)
def test_a_retry_that_means_nothing_says_why(staff: FlaskClient, state: State) -> None:
    row = rows.status_of_property(state)
    assert "Nothing was done for “Elm Court”." in receipt(staff, f"/sync/records/{row.id}/retry")
    assert rows.again(row).sync_status == state


def test_a_retry_says_when_the_connection_is_paused(staff: FlaskClient) -> None:
    rows.open_breaker("Buildium refused the API key (401).")
    row = rows.status_of_property(State.FAILED)
    assert "The connection to Buildium is paused" in receipt(staff, f"/sync/records/{row.id}/retry")


def test_a_conflict_shows_all_three_versions(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.CONFLICT)
    answer = staff.get(f"/sync/records/{row.id}").text
    assert all(value in answer for value in ("Old", "Elm Court", "Their name", "1900", "1940", "1950"))


def test_a_conflict_is_decided_field_by_field(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.CONFLICT)
    said = receipt(staff, f"/sync/records/{row.id}/decision", {"choice:Name": "ours", "choice:YearBuilt": "theirs"})
    assert "kept ours for 1 and took Buildium’s for 1" in said
    assert name_of(row.entity_id) == ("Elm Court", 1950)
    assert rows.again(row).sync_status == "pending"
    assert rows.again(row).conflict is None


@pytest.mark.parametrize(("side", "expected"), [("ours", ("Elm Court", 1940)), ("theirs", ("Their name", 1950))])
def test_one_side_can_have_it_all(staff: FlaskClient, side: str, expected: tuple[str, int]) -> None:
    row = rows.status_of_property(State.CONFLICT)
    receipt(staff, f"/sync/records/{row.id}/decision", {"all": side})
    assert name_of(row.entity_id) == expected


@pytest.mark.parametrize("choices", [{}, {"choice:Name": "ours"}, {"choice:Name": "mine", "choice:YearBuilt": "ours"}])
def test_half_a_decision_decides_nothing(staff: FlaskClient, choices: dict[str, str]) -> None:
    row = rows.status_of_property(State.CONFLICT)
    assert "Nothing was decided" in receipt(staff, f"/sync/records/{row.id}/decision", choices)
    assert rows.again(row).sync_status == "conflict"


def test_deciding_what_is_decided_says_so(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.SYNCED)
    assert "The conflict has changed meanwhile" in receipt(staff, f"/sync/records/{row.id}/decision", {"all": "ours"})


def test_a_candidate_is_linked(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.UNCERTAIN)
    assert "linked to Buildium’s record 72" in receipt(staff, f"/sync/records/{row.id}/link", {"buildium_id": "72"})
    assert rows.again(row).buildium_id == 72


def test_only_a_candidate_can_be_linked(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.UNCERTAIN)
    assert "no candidate" in receipt(staff, f"/sync/records/{row.id}/link", {"buildium_id": "99"})
    assert staff.post(f"/sync/records/{row.id}/link", data={"buildium_id": "x"}).status_code == 400
    assert rows.again(row).buildium_id is None


def test_none_of_the_candidates_creates_it_anew(staff: FlaskClient) -> None:
    row = rows.status_of_property(State.UNCERTAIN)
    assert "created in Buildium as a new record" in receipt(staff, f"/sync/records/{row.id}/anew")
    assert rows.again(row).sync_status == "pending"
    assert rows.again(row).candidates is None


def test_a_tax_id_never_stands_in_the_field_table(staff: FlaskClient) -> None:
    row = rows.status_of_owner("987-65-4321")
    answer = staff.get(f"/sync/records/{row.id}").text
    assert "Tax payer" in answer
    assert "•••" in answer
    assert "4321" not in answer
