"""Switching single events off and on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from portal.database import now
from portal.extensions import db
from portal.operations.models import Act
from portal.webhooks.catalog import NAMES
from portal.webhooks.models import EventState, EventSwitch
from tests.operations import rows
from tests.operations.pages import page, receipt
from tests.operations.pages import text as words_of
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient

URL = "/sync/webhooks/events"


def switches() -> list[EventSwitch]:
    with speaking_as(rows.MACHINE):
        found = list(db.session.scalars(select(EventSwitch).execution_options(populate_existing=True)))
        for each in found:
            db.session.expunge(each)
    return found


def line(staff: FlaskClient, name: str) -> str:
    (found,) = page(staff, URL).findall(f".//tr[@id='{name}']")
    return words_of(found)


def test_every_known_event_has_its_line_and_says_what_happens(staff: FlaskClient) -> None:
    assert len(page(staff, URL).findall(".//tbody/tr")) == len(NAMES)
    assert "Fetches the property as it is in Buildium now" in line(staff, "Rental.Updated")
    assert "marked as gone here" in line(staff, "Rental.Deleted")
    assert "outside what the portal keeps" in line(staff, "Applicant.Created")


def test_it_counts_a_day_a_week_and_tells_the_last_one(staff: FlaskClient) -> None:
    for state, age in ((EventState.ECHO, 1), (EventState.DEAD, 20), (EventState.IGNORED, 30), (EventState.ECHO, 200)):
        rows.event(state, event_type="RentalUnit.Updated", created_at=hours_ago(age))
    assert "2 3 1 hour ago" in line(staff, "RentalUnit.Updated")
    assert "0 0 Never" in line(staff, "RentalUnit.Created")


def hours_ago(number: int) -> object:
    return now() - timedelta(hours=number)


def test_an_event_is_switched_off_with_who_and_why_and_it_is_audited(staff: FlaskClient) -> None:
    assert "Switch Bill.Updated off" in staff.get(f"{URL}/Bill.Updated/off").text
    assert "Bill.Updated is switched off." in receipt(staff, f"{URL}/Bill.Updated/off", {"reason": "Month end"})
    (switch,) = switches()
    assert (switch.event_name, switch.reason) == ("Bill.Updated", "Month end")
    answer = staff.get(URL).text
    assert "“Month end”" in answer
    assert "already" in receipt(staff, f"{URL}/Bill.Updated/off")
    with speaking_as(rows.MACHINE):
        trail = select(text("action, actor_name")).select_from(text("audit_log"))
        audited = db.session.execute(trail.where(text("table_name = 'sync_event_switches'"))).all()
        assert db.session.scalars(select(Act.words)).all() == ["Switched Bill.Updated off"]
    assert [(action, who) for action, who in audited] == [("insert", switch.switched_off_by)]


def test_switching_it_on_offers_what_came_meanwhile(staff: FlaskClient) -> None:
    staff.post(f"{URL}/Rental.Updated/off")
    missed = [rows.event(EventState.IGNORED, why="off") for _ in range(3)]
    rows.event(EventState.IGNORED, why="foreign")
    assert "3 ignored while off" in line(staff, "Rental.Updated")
    answer = staff.post(f"{URL}/Rental.Updated/on")
    offered = words_of(page(staff, answer.headers["Location"]))
    assert "3 events came meanwhile and were ignored." in offered
    assert "Handle 3 events again" in offered
    assert switches() == []
    assert [rows.again(event).state for event in missed] == ["ignored"] * 3, "only when somebody says so"


def test_switching_it_on_with_nothing_missed_goes_back(staff: FlaskClient) -> None:
    staff.post(f"{URL}/Rental.Updated/off")
    assert "None came meanwhile." in receipt(staff, f"{URL}/Rental.Updated/on")
    assert "is switched on already" in receipt(staff, f"{URL}/Rental.Updated/on")


@pytest.mark.parametrize("act", ["off", "on"])
def test_an_event_that_buildium_never_sends_has_no_switch(staff: FlaskClient, act: str) -> None:
    assert staff.post(f"{URL}/Rental.Painted/{act}").status_code == 404
    assert switches() == []


def test_a_viewer_switches_nothing(client: FlaskClient) -> None:
    sign_in(client, "viewer")
    for address in (f"{URL}/Bill.Updated/off", f"{URL}/Bill.Updated/on"):
        assert client.post(address).status_code == 403
    assert client.get(URL).status_code == 403
