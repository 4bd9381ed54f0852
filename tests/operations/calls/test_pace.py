from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portal.database import now
from portal.operations.calls.messages import lines
from tests.operations import rows
from tests.operations.pages import page, row_count, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from flask.testing import FlaskClient


def table_rows(client: FlaskClient, address: str, card: str) -> list[Element]:
    return page(client, address).findall(f".//*[@id='{card}']//tbody/tr")


def test_each_number_of_the_chart_opens_exactly_its_calls(staff: FlaskClient) -> None:
    for status in (200, 201, 204, 422, 429, 502, None):
        for method in ("GET", "PUT", "PATCH"):
            rows.call(status, method=method)
            rows.call(status, method=method, created_at=now() - timedelta(hours=6))
    rows.call(created_at=now() - timedelta(days=3))
    found = table_rows(staff, "/sync/api-log/pace?within=day", "traffic")
    cells = [(text(cell), cell.find(".//a")) for row in found for cell in row.findall("td")]
    opened = [(int(words), row_count(staff, link.get("href", ""))) for words, link in cells if link is not None]
    assert sorted(counted for counted, _ in opened) == [3, 3, 3, 3, 6, 6, 12, 12]
    assert [counted for counted, _ in opened] == [behind for _, behind in opened]
    assert all(words == "0" for words, link in cells if link is None)


@pytest.mark.parametrize(("within", "bars"), [("hour", 12), ("day", 12), ("week", 7), ("nonsense", 12)])
def test_any_while_has_its_bars_up_to_now(staff: FlaskClient, within: str, bars: int) -> None:
    rows.call(500)
    found = table_rows(staff, f"/sync/api-log/pace?within={within}", "traffic")
    assert len(found) == bars
    newest = [[int(text(cell)) for cell in row.findall("td")] for row in found[:2]]  # the clock may have gone on
    assert [sum(each) for each in zip(*newest, strict=True)] == [0, 0, 1, 0]


def test_an_operation_tells_how_long_it_took(staff: FlaskClient) -> None:
    for took in range(1, 101):
        rows.call(200, duration_ms=took * 10)
    rows.call(429, duration_ms=5)
    words = [text(cell) for cell in table_rows(staff, "/sync/api-log/pace?within=hour", "operations")[0].findall("td")]
    assert words[0] == "101"
    assert (words[2], words[3], words[5]) == ("1", "500 ms", "990 ms")


def test_what_buildium_complains_about_is_marked_in_the_request() -> None:
    request = {"Name": "Elm", "Address": {"City": "", "PostalCode": "x"}, "Lines": [{"Amount": 1}, {"Amount": -2}]}
    marked = [each.text.strip() for each in lines(request, ["PostalCode", "$.Lines[1].Amount", ""]) if each.is_marked]
    assert marked == ['"PostalCode": "x"', '"Amount": -2']
    assert [each.text for each in lines({"Name": "Elm"})] == ["{", '  "Name": "Elm"', "}"]
    assert lines(None) == []


def test_a_bundle_for_support_tells_all_but_secrets(staff: FlaskClient) -> None:
    row = rows.status_of_property("failed")
    call = rows.call(422, entity_type="property", entity_id=row.entity_id)
    answer = staff.get(f"/sync/api-log/{call.id}/support.json")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=support-{str(call.id)[:8]}.json"
    assert answer.json is not None
    assert answer.json["asked_about"]["response_status"] == 422
    record = answer.json["record"]
    assert (record["state"], record["title"]) == ("Buildium refused", "Buildium refused the values")
    assert record["what_to_do"]
    assert {each["label"] for each in record["fields"]} >= {"Name"}
    assert [each["id"] for each in answer.json["calls"]] == [str(call.id)]
    assert staff.get(f"/sync/records/{row.id}/support.json").status_code == 200


def test_a_call_is_found_by_the_job_or_run_that_made_it(staff: FlaskClient) -> None:
    run = rows.run()
    wanted = [rows.call(job_id="push-property-7"), rows.call(run_id=run.id), rows.call()]
    found = [staff.get(f"/sync/api-log?cause={cause}").text for cause in ("push-property-7", run.id)]
    shown = [[str(each.id) in answer for each in wanted] for answer in found]
    assert shown == [[True, False, False], [False, True, False]]
