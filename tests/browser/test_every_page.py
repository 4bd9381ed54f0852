"""Every page, in light and dark, wide and narrow: no barrier that axe finds, no sideways scrolling, no error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.examples import examples
from tests.browser.places import EMPTY_PLACES, NO_PAGES, PLACES
from tests.browser.visitor import HEIGHT, NARROW, WIDE, Visitor
from tests.browser.ways import Ids, Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.stage import Stage

AXE = Path(__file__).with_name("axe.min.js")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a colour scheme can change; everything else is the same page.
COLOURS = ["color-contrast", "link-in-text-block"]
LIGHT_RUN = {"runOnly": {"type": "tag", "values": STANDARDS}, "rules": {"target-size": {"enabled": True}}}
DARK_RUN = {"runOnly": {"type": "rule", "values": COLOURS}}
RUN = """async options => {
    const quick = {resultTypes: ["violations"], preload: false, iframes: false}
    const {violations} = await axe.run(document, {...options, ...quick})
    return violations.map(({id, help, nodes}) => ({id, help, nodes: nodes.map(
        ({target, failureSummary}) => `${target.join(" ")}: ${failureSummary.split("\\n").slice(1).join(";")}`)}))
}"""


class Crowd:
    """One browser for each role, kept from page to page."""

    def __init__(self, chromium: Browser, stage: Stage, stack: ExitStack) -> None:
        self._chromium = chromium
        self.stage = stage
        self._stack = stack
        self._visitors: dict[str, Visitor] = {}

    def visitor(self, role: str) -> Visitor:
        """With nobody signed in it is a new one each time: pages leave cookies."""
        from tests.browser.visitor import visiting

        if not role:
            return self._stack.enter_context(visiting(self._chromium, self.stage.url))
        if role not in self._visitors:
            token = self.stage.token(self.stage.person(role))
            self._visitors[role] = self._stack.enter_context(visiting(self._chromium, self.stage.url, token))
        return self._visitors[role]


@pytest.fixture(scope="module")
def crowd(chromium: Browser, stage: Stage) -> Iterator[Crowd]:
    with ExitStack() as stack:
        yield Crowd(chromium, stage, stack)


@pytest.fixture(scope="module")
def lonely(chromium: Browser, empty_portal: Stage) -> Iterator[Crowd]:
    with ExitStack() as stack:
        yield Crowd(chromium, empty_portal, stack)


@pytest.fixture(scope="module")
def ids(stage: Stage) -> Ids:
    return examples(stage)


def test_no_page_is_forgotten(stage: Stage, ids: Ids) -> None:
    """Every address that answers GET with a page is among the places."""
    adapter = stage.app.url_map.bind("localhost")
    known = {
        adapter.match(place.path.format(**ids).partition("?")[0])[0]
        for place in PLACES
        if place.status in (200, 403) and not place.path.startswith("/nowhere")
    }
    shown = {rule.endpoint for rule in stage.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {each for each in shown if not NO_PAGES.fullmatch(each)} <= known


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_has_no_barrier(place: Place, crowd: Crowd, ids: Ids) -> None:
    inspect(place, crowd, ids)


@pytest.mark.parametrize("place", EMPTY_PLACES, ids=lambda place: place.name)
def test_a_page_without_records_has_no_barrier(place: Place, lonely: Crowd) -> None:
    inspect(place, lonely, {})


def inspect(place: Place, crowd: Crowd, ids: Ids) -> None:
    """Open the page once, and look at it at both widths in both colour schemes."""
    visitor = crowd.visitor(place.role)
    visitor.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    visitor.page.emulate_media(color_scheme="light")
    place.open(visitor, crowd.stage, ids)
    # Through the debugger, which the page's content policy doesn't bind.
    visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = list(barriers(visitor))
    found += visitor.faults
    visitor.faults.clear()
    if found:
        pytest.fail(f"{place.name} ({visitor.path}):\n" + "\n".join(found), pytrace=False)


def barriers(visitor: Visitor) -> Iterator[str]:
    for width in (WIDE, NARROW):
        visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
        for scheme, options in (("light", LIGHT_RUN), ("dark", DARK_RUN)):
            visitor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            yield from (f"{width} px, {scheme}: {words}" for words in violations(visitor, options))
        if wide := visitor.is_too_wide():
            yield f"{width} px scrolls sideways: {wide}"


def violations(visitor: Visitor, options: dict[str, Any]) -> Iterator[str]:
    for each in visitor.page.evaluate(RUN, options):
        listed = "\n".join(f"    {node}" for node in each["nodes"][:5])
        yield f"{each['id']}: {each['help']} ({len(each['nodes'])} ×)\n{listed}"
