from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from portal.audit import AuditEntry
from portal.extensions import db
from portal.sync.models import SyncPause, SyncStatus
from portal.sync.shadow_models import Shadow
from tests.operations import rows
from tests.operations.pages import page, receipt, row_count, tabs, text
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def switch_on(client: FlaskClient, entity_type: str = "*", direction: str = "push") -> str:
    data = {"entity_type": entity_type, "direction": direction, "mode": "shadow", "reason": "First week"}
    return receipt(client, "/sync/pauses", data)


def mode_of(entity_type: str = "*") -> SyncPause:
    with speaking_as(rows.MACHINE):
        found = db.session.scalars(select(SyncPause).where(SyncPause.entity_type == entity_type)).one()
        db.session.expunge(found)
    return found


def shadow(outcome: str = "change", **values: Any) -> SyncStatus:
    row = rows.status("held", values.pop("entity_type", "property"), next_attempt_at=None)
    facts = {"record_name": row.record_name, "words": "Would change rent from 1,200 to 1,250.", "local_version": 1}
    rows.write(Shadow(status_id=row.id, entity_type=row.entity_type, outcome=outcome, **{**facts, **values}))
    return row


def test_shadow_mode_is_switched_on_with_a_receipt_and_is_audited(staff: FlaskClient) -> None:
    row = rows.status(entity_type="owner")
    assert "Shadow mode is on for every owner. 1 waiting record held" in switch_on(staff, "owner")
    assert rows.again(row).sync_status == "held"
    with speaking_as(rows.MACHINE):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.table_name == "sync_pauses")).all()
        assert [each.changes["mode"][-1] for each in entries] == ["shadow"]


def test_the_overview_and_the_list_say_that_it_is_on(staff: FlaskClient) -> None:
    switch_on(staff, "owner")
    for address in ("/sync", "/sync/shadow"):
        said = staff.get(address).text
        assert "Shadow mode for every owner" in said
        assert "First week" in said


def test_fetching_knows_no_shadow_mode(staff: FlaskClient) -> None:
    assert "shadow mode is about sending" in switch_on(staff, direction="pull")


def test_a_pause_becomes_shadow_mode_and_back(staff: FlaskClient) -> None:
    receipt(staff, "/sync/pauses", {"entity_type": "*", "direction": "push"})
    switch_on(staff)
    assert mode_of().mode == "shadow"
    assert "in shadow mode already" in switch_on(staff)
    receipt(staff, "/sync/pauses", {"entity_type": "*", "direction": "push"})
    assert mode_of().mode == "paused"


def test_the_tabs_count_the_rows_behind_them(staff: FlaskClient) -> None:
    for outcome in ("create", "change", "change", "erase", "nothing", "blocked"):
        shadow(outcome)
    found = tabs(staff, "/sync/shadow")
    assert {words: number for words, (number, _) in found.items() if number} == {
        "All": 6, "Would erase something": 1, "Would create": 1, "Would change": 2, "Can’t be sent": 1,
        "Nothing to send": 1,
    }  # fmt: skip
    for number, address in found.values():
        assert row_count(staff, address) == number


def test_the_list_is_narrowed_by_kind_and_name(staff: FlaskClient) -> None:
    shadow(entity_type="owner", record_name="Oak Holdings")
    shadow(entity_type="unit")
    assert row_count(staff, "/sync/shadow?entity_type=owner") == 1
    assert row_count(staff, "/sync/shadow?q=holdings") == 1


def test_the_newest_comes_first(staff: FlaskClient) -> None:
    for name in ("First", "Second", "Third"):
        shadow(record_name=name)
    names = [text(each).split()[0] for each in page(staff, "/sync/shadow").findall(".//tbody/tr/th")]
    assert names == ["Third", "Second", "First"]


def test_the_page_of_a_record_shows_what_would_be_sent(staff: FlaskClient) -> None:
    changes = [{"label": "Market rent", "before": "1,200", "after": "1,250", "erases": False}]
    requests = [{"method": "PUT", "path": "/v1/rentals/units/7", "body": {"MarketRent": 1250}}]
    row = shadow(changes=changes, requests=requests)
    said = text(page(staff, f"/sync/records/{row.id}"))
    assert "What would be sent (shadow mode)" in said
    assert "Market rent 1,200 1,250" in said
    assert "PUT /v1/rentals/units/7" in said
    assert '"MarketRent": 1250' in said


def test_leaving_asks_first_and_says_how_many(staff: FlaskClient) -> None:
    switch_on(staff)
    row = shadow("create")
    address = f"/sync/shadow/{mode_of().id}/end"
    said = text(page(staff, address))
    assert "1 record will be sent" in said
    assert "Would create: 1" in said
    assert rows.again(row).sync_status == "held"
    assert "1 held record is sent now" in receipt(staff, f"/sync/pauses/{mode_of().id}/end")
    assert rows.again(row).sync_status == "pending"
    assert row_count(staff, "/sync/shadow") == 0


@pytest.mark.parametrize("role", ["viewer"])
def test_a_viewer_neither_sees_nor_leaves_it(client: FlaskClient, role: str) -> None:
    mode = SyncPause(entity_type="*", direction="push", mode="shadow")
    rows.write(mode)
    sign_in(client, role)
    assert client.get("/sync/shadow").status_code == 403
    assert client.get(f"/sync/shadow/{mode.id}/end").status_code == 403
    assert client.post(f"/sync/pauses/{mode.id}/end").status_code == 403
