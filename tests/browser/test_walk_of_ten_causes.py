"""From “something is wrong” to the fixed record, for ten causes, as a new member of staff goes: by keyboard, without
scripts, in a narrow window, guided by nothing but the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from portal.entities.properties.model import Property
from portal.entities.units.model import Unit
from portal.entities.vendors.model import Vendor
from portal.extensions import db
from portal.sync.models import SyncRun
from tests.browser import accidents
from tests.browser.conftest import Visit
from tests.browser.newcomer import BY_KEYBOARD, Newcomer
from tests.browser.stage import Stage
from tests.waiting import wait_until

Begin = Callable[..., Newcomer]


@pytest.fixture(autouse=True)
def calm(stage: Stage) -> Iterator[None]:
    yield
    accidents.calm(stage)


@pytest.fixture
def begin(visit: Visit, stage: Stage) -> Begin:
    """Somebody who has just signed in, and sees the home page."""

    def signed_in(cause: str, role: str = "staff") -> Newcomer:
        me = Newcomer(visit(**BY_KEYBOARD), cause)
        me.sign_in(stage.person(role).email)
        return me

    return signed_in


def there(stage: Stage, path: str, record: type, key: Any, name: str) -> dict[str, Any]:
    """What Buildium has of the record, once both sides are said to match."""
    with stage.inside() as live:
        found: Any = db.session.get_one(record, key)
        wait_until(lambda: live.state(found) == "synced", 20, f"{found} to be sent")
        answer: dict[str, Any] = live.get(f"{path}/{getattr(found, name)}")
        return answer


def vendor(stage: Stage, key: Any) -> dict[str, Any]:
    return there(stage, "/v1/vendors", Vendor, key, "buildium_vendor_id")


def house(stage: Stage, key: Any) -> dict[str, Any]:
    return there(stage, "/v1/rentals", Property, key, "buildium_property_id")


def open_issue(me: Newcomer, name: str) -> int:
    """The oldest few stand on the overview, and the others behind a link: one activation more, which this returns."""
    me.follow("Open the sync")
    more = 0 if me.sees("link", name) else 1
    if more:
        me.follow("open issues")
    me.follow(name)
    return more


def is_over(run: UUID) -> bool:
    """Whether a later run has ended the issue of this one."""
    db.session.rollback()
    return db.session.get_one(SyncRun, run).issue_id is None


def test_a_value_that_buildium_refuses(begin: Begin, stage: Stage) -> None:
    unit = accidents.taken_number(stage)
    me = begin("a refused value")
    me.follow("Records refused by Buildium")
    me.follow("Walk 9")
    me.reads("Unit number: Unit number 'Walk 9' already exists in this property.", "What to do:")
    me.follow("Unit number")
    me.type("Unit number", "Walk 10")
    me.enter()
    me.waits_for_agreement()
    assert there(stage, "/v1/rentals/units", Unit, unit, "buildium_unit_id")["UnitNumber"] == "Walk 10"
    me.is_done(4, typed=1)


def test_a_record_that_is_referred_to_and_gone(begin: Begin, stage: Stage) -> None:
    key = accidents.vanished_category(stage)
    me = begin("a reference that is gone")
    me.follow("Records refused by Buildium")
    me.follow("Walk: vanished category")
    me.reads("Category: CategoryId", "does not exist", "Correct what is named here")
    me.follow("Category")
    me.type("Category", "Walk: stays")
    me.press("Save vendor")
    me.waits_for_agreement()
    assert vendor(stage, key)["Category"]["Name"] == "Walk: stays"
    me.is_done(5, typed=1)


def test_a_permission_that_the_key_lacked(begin: Begin, stage: Stage) -> None:
    vendors = accidents.lacking_permission(stage)
    me = begin("a missing permission")
    more = open_issue(me, "Vendor: The API key lacks a permission")
    me.reads("The API key lacks “Maintenance > Vendors”", "then press “Send again”")
    me.follow("Send all again …")
    me.press("Send 2 records again")
    me.waits_for("2 of 2 done")
    assert {vendor(stage, key)["Website"] for key in vendors} == {"https://permitted.example"}
    me.is_done(4 + more)


def test_tries_that_are_used_up(begin: Begin, stage: Stage) -> None:
    vendors = accidents.long_outage(stage)
    me = begin("tries used up")
    more = open_issue(me, "Vendor: Every try failed")
    me.follow("Send all again …")
    me.press("Send 2 records again")
    me.waits_for("2 of 2 done")
    assert {vendor(stage, key)["Website"] for key in vendors} == {"https://outlived.example"}
    me.is_done(4 + more)


def test_a_field_that_both_sides_changed(begin: Begin, stage: Stage) -> None:
    key = accidents.edited_twice(stage)
    me = begin("a conflict")
    me.follow("Records changed on both sides")
    me.follow("Walk: ours")
    me.choose("Name, Here (ours): Walk: ours")
    me.choose("Year built, In Buildium: 1901")
    me.press("Keep what is chosen")
    me.waits_for_agreement()
    assert (house(stage, key)["Name"], house(stage, key)["YearBuilt"]) == ("Walk: ours", 1901)
    me.is_done(5)


def test_a_record_that_is_gone_in_buildium(begin: Begin, stage: Stage) -> None:
    key, before = accidents.deleted_there(stage)
    me = begin("gone in Buildium")
    me.follow("Records gone in Buildium")
    me.follow("Walk: deleted there")
    me.press("Create it anew")
    me.waits_for_agreement()
    assert vendor(stage, key)["Id"] != before
    me.is_done(3)


def test_several_records_that_could_be_ours(begin: Begin, stage: Stage) -> None:
    key, ids = accidents.alike_there(stage)
    me = begin("several candidates")
    me.follow("Records that could be several in Buildium")
    me.follow("Walk: alike")
    me.press(f"It is this one: {ids[1]}")
    me.waits_for_agreement()
    assert house(stage, key)["Id"] == ids[1]
    me.is_done(3)


def test_data_that_buildium_needs(begin: Begin, stage: Stage) -> None:
    key = accidents.missing_postal_code(stage)
    me = begin("missing data")
    me.follow("Records can’t be sent yet")
    me.follow("Walk: missing data")
    me.follow("Postal code")
    me.type("Postal code", "04101")
    me.enter()
    me.waits_for_agreement()
    assert house(stage, key)["Address"]["PostalCode"] == "04101"
    me.is_done(4, typed=1)


def test_a_webhook_that_was_given_up(begin: Begin, stage: Stage) -> None:
    key = accidents.dead_webhook(stage)
    me = begin("a dead webhook")
    me.follow("Webhooks given up")
    me.follow("Vendor.Updated")
    me.press("Handle it again")
    me.waits_for("Changed a record here")
    with stage.inside():
        assert db.session.get_one(Vendor, key).website == "https://replayed.example"
    me.is_done(3)


def test_a_pause_that_somebody_forgot(begin: Begin, stage: Stage) -> None:
    key = accidents.paused_kind(stage)
    me = begin("a forgotten pause")
    me.follow("Pauses that hold the sync back")
    me.press("Resume", me.me.page.locator(".notice").filter(has_text="every vendor"))
    me.reads("Resumed. 1 held record is sent now.")
    assert vendor(stage, key)["CompanyName"] == "Walk: paused"
    me.is_done(2)


def test_a_comparison_that_failed(begin: Begin, stage: Stage) -> None:
    run = accidents.failed_run(stage)
    me = begin("a failed comparison")
    me.follow("Imports and comparisons that stopped")
    me.follow("Vendor category: An import or a comparison stopped")
    me.press("Start again")
    me.reads("It is started again.")
    with stage.inside():
        wait_until(lambda: is_over(run), 20, "another comparison to end well")
    me.is_done(3)
