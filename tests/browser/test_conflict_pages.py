"""Conflicts at the dashboard: the same for many, and back again."""

from __future__ import annotations

import os
from decimal import Decimal
from uuid import UUID

from portal.entities.properties.mapping import PROPERTY
from portal.entities.properties.model import Property
from portal.extensions import db
from portal.sync.pull import pull_one
from tests.browser.conftest import Visit
from tests.browser.stage import Stage, buildium_says, house_of
from tests.browser.test_sync_pages import buildium_id
from tests.browser.visitor import Visitor
from tests.waiting import wait_until

LOOK = os.environ.get("LOOK")


def look(me: Visitor, name: str) -> None:
    if LOOK:
        for width in (1280, 360):
            me.page.set_viewport_size({"width": width, "height": 900})
            me.page.screenshot(path=f"{LOOK}/{name}-{width}.png", full_page=True)
        me.page.set_viewport_size({"width": 1280, "height": 900})


def disputed(stage: Stage, name: str) -> UUID:
    """A property that both sides renamed, and gave another reserve."""
    house = house_of(stage, name, announced=True)
    number = buildium_id(stage, house)
    stage.live.edit_there("rentals", number, Name=f"{name} there", Reserve=99)
    with stage.inside():
        record = db.session.get_one(Property, house)
        record.name, record.reserve = f"{name} here", Decimal(77)
        db.session.commit()

    def is_open() -> bool:
        with stage.inside() as live:
            pull_one(PROPERTY, number)
            return live.state(db.session.get_one(Property, house)) == "conflict"

    wait_until(is_open, 20, "the conflict to be found")
    return house


def names(stage: Stage, house: UUID) -> str:
    return str(buildium_says(stage, house)["Name"])


def test_one_choice_is_made_for_similar_records_and_taken_back_as_a_whole(visit: Visit, stage: Stage) -> None:
    houses = [disputed(stage, f"Twin House {number}") for number in range(3)]
    me = visit("staff")
    me.go("/sync/conflicts?q=Twin House")
    look(me, "conflicts")
    me.follow("Twin House 0 here")
    look(me, "conflict")
    me.page.get_by_label("Name, Here (ours)").check()
    me.page.get_by_label("Reserve, In Buildium").check()
    me.page.get_by_role("button", name="then look at").click()
    look(me, "decision")
    me.press("Show what would happen")
    assert "Twin House 1 here" in me.text()
    look(me, "preview")
    me.page.get_by_role("button", name="Decide").click()
    assert "Decided 2, skipped 0." in me.text()
    look(me, "receipt")
    wait_until(lambda: names(stage, houses[2]) == "Twin House 2 here", 20, "the decision to be sent")
    me.page.get_by_role("button", name="Undo all of it").click()
    look(me, "undo-preview")
    me.page.get_by_role("button", name="Undo 2 records").click()
    assert "Undone 2, skipped 0." in me.text()
    wait_until(lambda: names(stage, houses[2]) == "Twin House 2 there", 20, "the decision to be taken back")
    assert names(stage, houses[0]) == "Twin House 0 here"


def test_a_decision_is_undone_after_it_was_sent(visit: Visit, stage: Stage) -> None:
    house = disputed(stage, "Undone House")
    me = visit("staff")
    me.go("/sync/conflicts?q=Undone House")
    me.follow("Undone House here")
    me.press("Take all of Buildium’s")
    me.reload_until_agreed()
    look(me, "record-decided")
    me.follow("Undo …")
    me.press("Undo this decision")
    assert "the decision is undone" in me.text()
    me.reload_until_agreed()
    look(me, "record-undone")
    assert names(stage, house) == "Undone House here"
    assert buildium_says(stage, house)["Reserve"] == 77
    me.go("/sync/decisions")
    look(me, "decisions")
