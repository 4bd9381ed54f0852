"""Staff at the dashboard: what failed is seen, understood and repaired."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.models import SyncPause
from portal.sync.pauses import resume
from tests.browser.conftest import Visit
from tests.browser.stage import Stage, buildium_says, house_of
from tests.waiting import wait_until

MATCHES = "Matches Buildium as of"


def buildium_id(stage: Stage, house: UUID) -> int:
    with stage.inside():
        return db.session.get_one(Property, house).buildium_property_id or 0


def test_a_refused_record_is_seen_understood_and_sent_again(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Refused House")
    refused = {"method": "PUT", "path": f"/v1/rentals/{buildium_id(stage, house)}", "status": 422, "times": None}
    stage.live.fault("status", **refused)
    me = visit("staff")
    me.go(f"/properties/{house}/edit")
    me.fill(structure_description="A value that is refused")
    me.press("Save property")
    me.reload_until("Buildium refused: Injected by the sandbox.")
    me.page.locator("nav").get_by_role("link", name="Sync").click()
    me.page.get_by_role("link", name="refused by Buildium").click()
    me.follow("Refused House")
    said = me.page.locator(".notice").first.inner_text()
    assert "What to do:" in said
    assert "422" in me.page.locator("#calls").inner_text()
    stage.live.clear_faults()
    me.press("Send again")
    assert "“Refused House” will be sent again now." in me.text()
    me.reload_until_agreed()
    assert buildium_says(stage, house)["StructureDescription"] == "A value that is refused"
    me.follow("Open the record")
    assert MATCHES in me.text()


def test_a_call_is_shown_with_its_request_and_answer_and_without_secrets(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Called House")
    me = visit("staff")
    me.go(f"/sync/api-log?record={house}")
    me.page.locator("main").get_by_role("link", name="Create in Buildium").click()
    assert "Called House" in me.text()
    settings = stage.app.extensions["settings"]
    assert settings.buildium_client_secret not in me.page.content()


def test_a_webhook_brings_a_change_and_can_be_handled_again(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Announced House", announced=True)
    number = buildium_id(stage, house)
    stage.live.http.patch(f"/_control/records/rentals/{number}", json={"YearBuilt": 1888}).raise_for_status()
    me = visit("staff")
    me.go(f"/properties/{house}")
    me.reload_until("1888")
    stage.live.edit_there("rentals", number, YearBuilt=1999)
    me.go(f"/sync/webhooks?q={number}&entity_type=property")
    me.page.get_by_role("link", name="Rental.Updated").first.click()
    me.press("Handle it again")
    assert "It is handled again now." in me.text()
    me.go(f"/properties/{house}")
    me.reload_until("1999")


def test_a_conflict_is_decided_field_by_field(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Disputed House", announced=True)
    stage.live.edit_there("rentals", buildium_id(stage, house), Name="Theirs", Reserve=99)
    me = visit("staff")
    me.go(f"/properties/{house}/edit")
    me.fill(name="Ours", reserve="77")
    me.press("Save property")
    me.reload_until("Changed on both sides")
    me.go("/sync/conflicts")
    me.follow("Ours")
    me.page.get_by_label("Name, Here (ours)").check()
    me.page.get_by_label("Reserve, In Buildium").check()
    me.press("Keep what is chosen")
    me.reload_until_agreed()
    there = buildium_says(stage, house)
    assert (there["Name"], there["Reserve"]) == ("Ours", 99)


def test_what_is_paused_waits_and_goes_out_when_it_is_resumed(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Patient House")
    me = visit("staff")
    me.go("/sync")
    me.page.get_by_label("What to pause").select_option("push")
    me.page.get_by_label("For").select_option("property")
    me.press("Hold back")
    try:
        me.go(f"/properties/{house}/edit")
        me.fill(name="Patient House II")
        me.press("Save property")
        assert "paused" in me.page.locator(".subtitle").inner_text().lower()
        assert buildium_says(stage, house)["Name"] == "Patient House"
        me.go("/sync")
        paused = me.page.locator(".notice").filter(has_text="Sending to Buildium is paused")
        paused.get_by_role("button", name="Resume").click()
        assert "Resumed." in me.text()
    finally:
        resume_sending(stage)
    wait_until(lambda: buildium_says(stage, house)["Name"] == "Patient House II", 20)


def resume_sending(stage: Stage) -> None:
    """No other test may wait for what this one left paused."""
    with stage.inside():
        for each in db.session.scalars(select(SyncPause.id).where(SyncPause.direction == "push")).all():
            resume(each)
