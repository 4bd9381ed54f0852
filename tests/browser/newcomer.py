"""Somebody new, with nothing but a keyboard and what the pages say; how much they had to do is counted."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator

from tests.browser.test_every_page import AXE, LIGHT_RUN, violations
from tests.browser.visitor import HEIGHT, NARROW, Visitor
from tests.people import PASSWORD

# A folder for a picture of each page of the walk, and a line for each walk.
LOOK = os.environ.get("LOOK")
MOST_TABS = 150
BY_KEYBOARD = {"java_script_enabled": False, "viewport": {"width": NARROW, "height": HEIGHT}}
# The page stays as it is while Tab is pressed, so what is wanted is looked for once.
FIND = "found => { window.wanted = found; return found.length }"
FOCUSED = "each => each === document.activeElement"
HAS_FOCUS = "() => window.wanted.includes(document.activeElement)"
# Whether the focus can be seen: a ring, and nothing that lies over the element.
IN_SIGHT = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused)
    const {left, top, width, height} = focused.getClientRects()[0]
    const found = document.elementFromPoint(left + Math.min(width / 2, 8), top + height / 2)
    const ring = style.outlineStyle !== "none" || style.boxShadow !== "none"
    return ring && found && (focused.contains(found) || found.contains(focused))
}"""

# axe waits by timers, which don't run where scripts are off.
AT_ONCE = "() => { window.setTimeout = (act, _, ...rest) => { act(...rest); return 0 } }"


class Newcomer:
    """`activations` are presses of Enter or Space on a link, button or box, what a click is to others; `typed` are
    fields filled in, `pages` the headings of the pages seen, `tabs` the presses of Tab on the way."""

    def __init__(self, me: Visitor, cause: str) -> None:
        self.me = me
        self.cause = cause
        self.activations = self.typed = self.tabs = 0
        self.pages: list[str] = []

    def sign_in(self, email: str) -> None:
        """To the home page, where the counting begins."""
        self.me.go("/login")
        self.type("E-mail", email)
        self.type("Password", PASSWORD)
        self.enter()
        self.activations = self.typed = self.tabs = 0
        self.pages = []
        self.look()

    def follow(self, name: str, inside: Locator | None = None) -> None:
        self.activate(self.named("link", name, inside))

    def press(self, name: str, inside: Locator | None = None) -> None:
        self.activate(self.named("button", name, inside))

    def choose(self, name: str) -> None:
        """One of two: Tab leads to the first of them, an arrow to the other, which chooses it."""
        wanted = self.named("radio", name)
        group = wanted.get_attribute("name")
        self.reach(self.me.page.locator(f'[name="{group}"]'))
        self.me.page.keyboard.press("Space" if wanted.evaluate(FOCUSED) else "ArrowDown")
        assert wanted.is_checked()
        self.activations += 1

    def type(self, label: str, words: str) -> None:
        """Replace what is in a text field; in a list of choices, jump to the one that begins so."""
        field = self.me.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}"))
        self.reach(field)
        if field.first.evaluate("field => field.tagName") == "INPUT":
            self.me.page.keyboard.press("Control+a")
        self.me.page.keyboard.type(words)
        self.typed += 1

    def enter(self) -> None:
        """Enter in a field sends its form."""
        self.activations += 1
        with self.me.page.expect_navigation():
            self.me.page.keyboard.press("Enter")
        self.look()

    def reads(self, *words: str) -> None:
        """What the page must have said, in these words, before anything else is done."""
        for each in words:
            assert each in self.me.text(), f"no “{each}” at {self.me.path}, which says:\n{self.me.text()}"

    def sees(self, role: Any, name: str) -> bool:
        return self.named(role, name).count() > 0

    def waits_for(self, words: str) -> None:
        self.me.reload_until(words)
        self.look()

    def waits_for_agreement(self) -> None:
        self.me.reload_until_agreed()
        self.look()

    def activate(self, wanted: Locator) -> None:
        self.reach(wanted)
        self.enter()

    def named(self, role: Any, name: str, inside: Locator | None = None) -> Locator:
        return (inside or self.me.page).get_by_role(role, name=re.compile(rf"{re.escape(name)}$"))

    def reach(self, wanted: Locator) -> None:
        """Tab to the first that has this name, unless the focus is there already."""
        page = self.me.page
        assert wanted.evaluate_all(FIND), f"{wanted} isn’t at {self.me.path}, which says:\n{self.me.text()}"
        for _ in range(MOST_TABS):
            if page.evaluate(HAS_FOCUS):
                break
            page.keyboard.press("Tab")
            self.tabs += 1
        assert page.evaluate(HAS_FOCUS), f"{wanted} isn’t reached by Tab at {self.me.path}"
        assert page.evaluate(IN_SIGHT), f"the focus on {wanted} can’t be seen at {self.me.path}"

    def look(self) -> None:
        """Note the page, and that nothing of it is in anybody’s way."""
        self.pages.append(self.me.heading)
        if LOOK:
            name = f"{self.cause.replace(' ', '-')}-{len(self.pages)}.png"
            self.me.page.screenshot(path=f"{LOOK}/{name}", full_page=True)
        found = list(self.barriers())
        assert not found, f"{self.me.path}:\n" + "\n".join(found)

    def barriers(self) -> list[str]:
        self.me.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.me.page.evaluate(AT_ONCE)
        wide = self.me.is_too_wide()
        return [*violations(self.me, LIGHT_RUN), *([f"scrolls sideways: {wide}"] if wide else [])]

    def is_done(self, activations: int, typed: int = 0) -> None:
        """At the end: no more was needed than this."""
        tally = f"{self.cause}: {self.activations} activations, {self.typed} fields, {self.tabs} tabs, {self.pages}"
        if LOOK:
            with Path(LOOK, "tally.txt").open("a", encoding="utf-8") as file:
                file.write(f"{tally}\n")
        assert self.activations <= activations, tally
        assert self.typed <= typed, tally
