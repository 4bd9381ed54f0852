"""The essential again in a browser that runs no script at all."""

from __future__ import annotations

from uuid import UUID

from portal.entities.vendors.model import Vendor
from tests.browser.conftest import Visit
from tests.browser.stage import Stage, buildium_says, house_of
from tests.people import PASSWORD


def test_sign_in_filter_edit_and_save(visit: Visit, stage: Stage) -> None:
    house = house_of(stage, "Scriptless House", city="Kittery")
    person, me = stage.person("staff"), visit(java_script_enabled=False)
    me.go("/properties")
    me.page.locator('[name="email"]').fill(person.email)
    me.page.locator('[name="password"]').fill(PASSWORD)
    me.press("Sign in")
    me.page.get_by_role("textbox", name="City").fill("kitt")
    me.press("Apply")
    assert "1 property found" in me.text()
    me.follow("Scriptless House")
    me.follow("Edit")
    me.page.locator('[name="name"]').fill("Scripts are optional")
    me.press("Save property")
    me.reload_until("Matches Buildium as of")
    assert buildium_says(stage, house)["Name"] == "Scripts are optional"


def test_the_menus_open_and_the_errors_show(visit: Visit) -> None:
    me = visit("staff", java_script_enabled=False, viewport={"width": 360, "height": 800})
    me.go("/properties/new")
    me.press("Save property")
    assert "Enter the property’s name." in me.page.get_by_role("alert").inner_text()
    me.page.get_by_role("button", name="Menu").click()
    me.page.locator("nav").get_by_role("link", name="Owners").click()
    assert me.heading == "Owners"
    me.page.get_by_role("button", name="Account of").click()
    me.press("Sign out")
    assert me.heading == "Sign in"


def test_lines_of_a_bill_are_added_and_removed(visit: Visit, stage: Stage) -> None:
    vendor = a_vendor(stage)
    me = visit("staff", java_script_enabled=False)
    me.go(f"/bills/new?vendor_id={vendor}")
    me.fill(date="2026-01-02", due_date="2026-02-02")
    me.fill(**{"lines-0-memo": "First", "lines-0-amount": "10"})
    me.page.locator('[name="lines-0-gl_account_id"]').select_option(index=1)
    me.press("Add line")
    assert me.page.locator(":focus").get_attribute("name") == "lines-1-category_id"
    me.fill(**{"lines-1-memo": "Second", "lines-1-amount": "1,032.50"})
    me.page.locator('[name="lines-1-gl_account_id"]').select_option(index=1)
    me.press("Add line")
    assert "$1,042.50" in me.text()
    me.press("Remove line 1")
    assert me.page.locator('[name="lines-0-memo"]').input_value() == "Second"
    me.page.locator('[name="lines-0-memo"]').press("Enter")
    assert "$1,032.50" in me.text()
    assert "First" not in me.text()


def a_vendor(stage: Stage) -> UUID:
    with stage.inside() as live:
        vendor = Vendor(name="Scriptless Plumbing")
        live.save(vendor)
        return vendor.id
