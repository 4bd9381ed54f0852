from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.adoption_models import Adoption, Match
from portal.sync.models import SyncRun
from portal.sync.outbox import from_buildium
from tests.operations import rows
from tests.operations.pages import page, receipt, row_count, tabs, text
from tests.people import sign_in, speaking_as

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def adoption(*numbers: int, state: str = "review", is_strong: bool = True, **values: Any) -> Adoption:
    """A property that was here before, and the records in Buildium that look like it."""
    with speaking_as(rows.MACHINE), from_buildium(db.session):
        house = Property(name="Elm Court", year_built=1940, address_line1="1 Elm St", country="UnitedStates", **values)
        db.session.add(house)
        db.session.commit()
        entity_id = str(house.id)
    rows.status("blocked", entity_id=entity_id, record_name="Elm Court")
    made = Adoption(entity_type="property", entity_id=entity_id, record_name="Elm Court", state=state)
    rows.write(made)
    for number in numbers:
        body = {"Id": number, "Name": "Elm Court", "YearBuilt": 1950, "StructureDescription": "Red brick"}
        facts = {"evidence": [{"words": "same name", "same": True}], "is_strong": is_strong, "body": body}
        rows.write(Match(adoption_id=made.id, entity_type="property", buildium_id=number, **facts))
    return made


def test_the_list_shows_what_is_to_be_decided_with_its_evidence(staff: FlaskClient) -> None:
    adoption(71)
    adoption(72, state="linked")
    said = text(page(staff, "/sync/matches?state=review"))
    assert "71: Elm Court (same name)" in said
    for number, address in tabs(staff, "/sync/matches").values():
        assert row_count(staff, address) == number


def test_both_are_shown_side_by_side_with_what_linking_does(staff: FlaskClient) -> None:
    said = text(page(staff, f"/sync/matches/{adoption(71, 72).id}"))
    assert "Year built 1940 1950 As chosen below" in said
    assert "empty Red brick Buildium’s: ours is empty" in said
    assert "It is this one: 72" in said


def test_a_link_is_made_with_a_receipt_and_the_import_goes_on(staff: FlaskClient) -> None:
    made = adoption(71)
    data = {"buildium_id": "71", "side": "ours"}
    assert "is linked to Buildium’s record 71" in receipt(staff, f"/sync/matches/{made.id}/link", data)
    after = rows.again(made)
    assert (after.state, after.buildium_id) == ("linked", 71)
    assert (after.decided_by or "").startswith("Staff")
    with speaking_as(rows.MACHINE):
        runs = db.session.scalars(select(SyncRun)).all()
        assert {run.kind for run in runs} == {"import"}
        assert "unit" in {run.entity_type for run in runs}


def test_a_second_decision_says_that_there_was_one(staff: FlaskClient) -> None:
    made = adoption(71)
    receipt(staff, f"/sync/matches/{made.id}/link", {"buildium_id": "71", "side": "ours"})
    assert "decided about this record meanwhile" in receipt(staff, f"/sync/matches/{made.id}/different")


def test_a_different_record_is_said_and_can_be_decided_again(staff: FlaskClient) -> None:
    made = adoption(71)
    assert "is created in Buildium" in receipt(staff, f"/sync/matches/{made.id}/different")
    assert rows.again(made).state == "different"
    assert "to be decided again" in receipt(staff, f"/sync/matches/{made.id}/revisit")
    assert rows.again(made).state == "review"


def test_all_unambiguous_ones_are_linked_after_a_preview(staff: FlaskClient) -> None:
    sure, unsure = adoption(71), adoption(72, 73)
    said = text(page(staff, "/sync/matches/sure/property"))
    assert "Link 1 unambiguous" in said
    assert "Linked 1 property" in receipt(staff, "/sync/matches/sure/property", {"side": "ask"})
    assert [rows.again(each).state for each in (sure, unsure)] == ["linked", "review"]


def test_the_home_page_says_that_somebody_has_to_look(staff: FlaskClient) -> None:
    adoption(71)
    assert "Rows that may be in Buildium already" in staff.get("/").text


def test_a_viewer_decides_nothing(client: FlaskClient) -> None:
    made = adoption(71)
    sign_in(client, "viewer")
    assert client.get("/sync/matches").status_code == 403
    for act in ("link", "different", "revisit"):
        assert client.post(f"/sync/matches/{made.id}/{act}").status_code == 403
    assert client.post("/sync/matches/sure/property").status_code == 403
