"""Signing in and out, and one's own password."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.stage import Stage
from tests.people import PASSWORD

NEW = "nine kettles by the lake"


def test_a_wrong_password_lets_nobody_in_and_keeps_the_address_typed(visit: Visit, stage: Stage) -> None:
    person, me = stage.person("staff"), visit()
    me.go("/properties")
    assert me.path.startswith("/login?next=")
    me.fill(email=person.email, password="wrong")
    me.press("Sign in")
    assert "don’t belong together" in me.page.get_by_role("alert").inner_text()
    assert me.page.locator('[name="email"]').input_value() == person.email
    assert me.page.locator('[name="password"]').input_value() == ""
    me.fill(password=PASSWORD)
    me.press("Sign in")
    assert (me.path, me.heading) == ("/properties", "Properties")


def test_after_signing_out_the_pages_are_closed_also_in_the_browsers_history(visit: Visit) -> None:
    me = visit("staff")
    me.go("/owners")
    me.page.get_by_role("button", name="Account of").click()
    me.press("Sign out")
    assert "You are signed out." in me.text()
    me.page.go_back()
    me.page.wait_for_url("**/login**")
    me.go("/owners")
    assert me.heading == "Sign in"


def test_a_new_password_replaces_the_old_one_and_signs_other_browsers_out(visit: Visit, stage: Stage) -> None:
    person, me, elsewhere = stage.person("staff"), visit(), visit()
    for each in (me, elsewhere):
        each.go("/login")
        each.fill(email=person.email, password=PASSWORD)
        each.press("Sign in")
        assert each.heading == "Home"
    me.page.get_by_role("button", name="Account of").click()
    me.follow("Change password")
    me.fill(current_password=PASSWORD, new_password=NEW, repeated="something else")
    me.press("Change password")
    assert "The two entries of the new password differ." in me.text()
    me.fill(current_password=PASSWORD, new_password=NEW, repeated=NEW)
    me.press("Change password")
    assert "Your password is changed." in me.text()
    elsewhere.go("/")
    assert elsewhere.heading == "Sign in"
    elsewhere.fill(email=person.email, password=PASSWORD)
    elsewhere.press("Sign in")
    assert "don’t belong together" in elsewhere.text()
    elsewhere.fill(password=NEW)
    elsewhere.press("Sign in")
    assert elsewhere.heading == "Home"
