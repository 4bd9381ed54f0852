"""The essential again in a browser that runs no script at all."""

from __future__ import annotations

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
