"""Hands on the keyboard only."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.stage import Stage
from tests.browser.visitor import Visitor
from tests.people import PASSWORD

FOCUSED = """() => {
    const focused = document.activeElement
    const outline = getComputedStyle(focused)
    return {words: (focused.innerText || focused.getAttribute("aria-label") || focused.name || focused.id).trim(),
            id: focused.id, name: focused.name || "",
            ring: outline.outlineStyle !== "none" || outline.boxShadow !== "none"}
}"""


def press(me: Visitor, key: str) -> dict[str, str]:
    """Press a key and say where the focus is then."""
    me.page.keyboard.press(key)
    found: dict[str, str] = me.page.evaluate(FOCUSED)
    return found


def test_signing_in(visit: Visit, stage: Stage) -> None:
    person, me = stage.person("staff"), visit()
    me.go("/login")
    assert me.page.evaluate(FOCUSED)["name"] == "email"
    me.page.keyboard.type(person.email)
    assert press(me, "Tab")["name"] == "password"
    me.page.keyboard.type(PASSWORD)
    with me.page.expect_navigation():
        me.page.keyboard.press("Enter")
    assert me.heading == "Home"


def test_the_first_tab_leads_past_the_navigation_to_the_page(visit: Visit) -> None:
    me = visit("staff")
    me.go("/properties")
    assert press(me, "Tab")["words"] == "Skip to the page"
    assert me.page.get_by_role("link", name="Skip to the page").bounding_box()
    assert press(me, "Enter")["id"] == "main"
    assert press(me, "Tab")["words"] == "Export CSV"


def test_the_search_is_reached_by_tabs_and_by_a_slash(visit: Visit) -> None:
    me = visit("staff")
    me.go("/properties")
    seen = []
    for _ in range(40):
        at = press(me, "Tab")
        assert at["ring"], f"nothing shows that {at['words']} has the focus"
        seen.append(at["id"])
        if at["id"] == "search-everything":
            break
    assert seen[-1] == "search-everything"
    me.go("/owners")
    assert press(me, "/")["id"] == "search-everything"
    me.page.keyboard.type("a/b")
    with me.page.expect_navigation():
        me.page.keyboard.press("Enter")
    assert me.path == "/search?q=a%2Fb"


def test_a_menu_opens_and_closes_and_gives_the_focus_back(visit: Visit) -> None:
    me = visit("staff")
    me.go("/")
    me.page.get_by_role("button", name="Account of").focus()
    me.page.keyboard.press("Enter")
    assert me.page.get_by_role("button", name="Sign out").is_visible()
    assert press(me, "Tab")["words"] == "Change password"
    me.page.keyboard.press("Escape")
    assert not me.page.get_by_role("button", name="Sign out").is_visible()


def test_a_form_is_filled_in_and_its_errors_are_reached(visit: Visit) -> None:
    me = visit("staff")
    me.go("/properties/new")
    me.page.locator('[name="reserve"]').focus()
    me.page.keyboard.type("much")
    with me.page.expect_navigation():
        me.page.keyboard.press("Enter")
    me.page.get_by_role("alert").get_by_role("link").first.focus()
    assert press(me, "Enter")["name"] == "name"
