"""A person at a browser who notices what nobody should ever see: errors in the console, calls to other hosts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response
from playwright.sync_api import TimeoutError as OutOfPatience

from tests.people import COOKIE

WIDE, NARROW = 1280, 360
HEIGHT = 900
# Long, because a machine that tests run on can stand still for a while; a page that works never waits for it.
PATIENCE_MS = 60_000
LAST_LOOK_MS = 5_000
PAUSE_MS = 100
RELOADING_SECONDS = 60
REPORT_VIOLATIONS = """
    document.addEventListener("securitypolicyviolation", event =>
        console.error(`content policy: ${event.violatedDirective} forbids ${event.blockedURI}`))
"""


class Visitor:
    """One browser profile at one portal. `faults` is empty as long as the pages behave."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self._answered: dict[str, int] = {}
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", self._broke)
        page.on("request", self._asked)
        page.on("response", self._got)

    def go(self, path: str) -> int:
        """Open the page at `path`; returns the status of the answer."""
        response = self.page.goto(self.url + path)
        assert response
        return response.status

    def press(self, name: str, role: Any = "button") -> None:
        """Press the one button, or follow the one link, that people see under this name."""
        try:
            self.page.get_by_role(role, name=name, exact=True).click()
        except OutOfPatience as error:
            raise AssertionError(f"no {role} “{name}” to press at {self.path}\n{self.last_look()}") from error

    def follow(self, name: str) -> None:
        self.press(name, "link")

    def fill(self, **values: str) -> None:
        """Type into fields, or choose in them, by their names in the form."""
        for name, value in values.items():
            field = self.page.locator(f'main [name="{name}"]')
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def reload_until(self, words: str, inside: str = "body") -> None:
        """Reload, as somebody who waits for the sync does, until the page, or that part of it, says so."""
        deadline = time.monotonic() + RELOADING_SECONDS
        while not self.page.locator(inside).get_by_text(words).first.is_visible():
            assert time.monotonic() < deadline, f"no “{words}” at {self.path}, which says:\n{self.text()}"
            self.page.wait_for_timeout(PAUSE_MS)
            self.page.reload()

    def reload_until_agreed(self) -> None:
        """Until the record itself matches Buildium: its history below says so of earlier times."""
        self.reload_until("Matches Buildium", inside=".subtitle")

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def last_look(self) -> str:
        """What the page says where it didn't do as expected, or that it says nothing any more."""
        try:
            return self.page.locator("body").inner_text(timeout=LAST_LOOK_MS)
        except OutOfPatience:
            return "The page doesn't answer."

    def is_too_wide(self) -> str:
        """What stands out of the window at the right side; empty where nothing makes the page scroll sideways."""
        found: str = self.page.evaluate(
            """() => {
                const width = document.documentElement.clientWidth
                if (document.documentElement.scrollWidth <= width) return ""
                const wide = [...document.querySelectorAll("body *")].filter(
                    each => each.getBoundingClientRect().right > width + 0.5)
                return `${document.documentElement.scrollWidth} > ${width}: ` + wide.slice(0, 5).map(
                    each => each.outerHTML.slice(0, 90)).join(" | ")
            }"""
        )
        return found

    def _heard(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        # An answer such as 404 or 409 is no fault of the page that shows it.
        is_the_page = message.text.startswith("Failed to load resource") and self._answered.get(place, 0) >= 400
        if message.type in ("error", "warning") and not is_the_page:
            self.faults.append(f"console at {self.path}: {message.text} ({place})")

    def _broke(self, error: Error) -> None:
        self.faults.append(f"script at {self.path}: {error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", "data:")):
            self.faults.append(f"{self.path} asks {request.url}")

    def _got(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._answered[response.url] = response.status


@contextmanager
def visiting(browser: Browser, url: str, token: str = "", **options: Any) -> Iterator[Visitor]:
    """A fresh profile, signed in where there is a token; whatever it noticed fails the test at the end."""
    # Still pages: a colour that is on its way to another one has the contrast of neither.
    options = {"viewport": {"width": WIDE, "height": HEIGHT}, "reduced_motion": "reduce", "locale": "en-US", **options}
    with browser.new_context(**options) as context:
        context.add_init_script(REPORT_VIOLATIONS)
        if token:
            context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        visitor = Visitor(context.new_page(), url)
        yield visitor
        assert not visitor.faults, "\n".join(visitor.faults)
