from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.database import now
from tests.operations import rows
from tests.operations.pages import row_count

if TYPE_CHECKING:
    from flask.testing import FlaskClient

FILTERS = [
    ("status=failed", {"status_code": 500}),
    ("status=4xx", {"status_code": 422}),
    ("status=5xx", {"status_code": 502}),
    ("status=429", {"status_code": 429}),
    ("status=none", {"status_code": None}),
    ("method=POST", {"method": "POST"}),
    ("entity_type=owner", {"entity_type": "owner"}),
    ("record=abc", {"entity_type": "owner", "entity_id": "abc"}),
    ("operation=GET+/v1/rentals", {"operation": "GET /v1/rentals"}),
    ("slow=1000", {"duration_ms": 1000}),
]


@pytest.mark.parametrize(("query", "values"), FILTERS)
def test_calls_are_narrowed_by(staff: FlaskClient, query: str, values: dict[str, object]) -> None:
    wanted, other = rows.call(**values), rows.call()  # type: ignore[arg-type]
    answer = staff.get(f"/sync/api-log?{query}").text
    assert str(wanted.id) in answer
    assert str(other.id) not in answer


def test_calls_are_narrowed_to_a_while(staff: FlaskClient) -> None:
    recent, old = rows.call(), rows.call(created_at=now() - timedelta(hours=2))
    answer = staff.get("/sync/api-log?within=hour").text
    assert str(recent.id) in answer
    assert str(old.id) not in answer


def test_a_long_log_is_paged_without_loss(staff: FlaskClient) -> None:
    for _ in range(52):
        rows.call()
    assert row_count(staff, "/sync/api-log") == 52


def test_a_call_shows_request_answer_and_what_buildium_says(staff: FlaskClient) -> None:
    row = rows.status_of_property("failed")
    errors = [{"Key": "Address.PostalCode", "Value": "Not a postal code."}, {"Key": None, "Value": "Wrong."}]
    call = rows.call(422, entity_type="property", entity_id=row.entity_id, response_data={"Errors": errors})
    answer = staff.get(f"/sync/api-log/{call.id}").text
    assert "Postal code (Address.PostalCode)" in answer
    assert "Not a postal code." in answer
    assert "&#34;Name&#34;: &#34;Elm Court&#34;" in answer
    assert f"/sync/records/{row.id}" in answer


@pytest.mark.parametrize("answer", [None, [], ["x"], "text", {"Errors": None}, {"Errors": "no"}, {"Errors": ["x"]}])
def test_any_answer_can_be_shown(staff: FlaskClient, answer: object) -> None:
    call = rows.call(500, response_data=answer)
    assert staff.get(f"/sync/api-log/{call.id}").status_code == 200


def test_messages_are_shown_and_not_run(staff: FlaskClient) -> None:
    call = rows.call(400, request_data={"Name": "<script>alert(1)</script>"}, error_message="<script>alert(2)</script>")
    for url in ("/sync/api-log", f"/sync/api-log/{call.id}"):
        assert "<script>alert" not in staff.get(url).text
