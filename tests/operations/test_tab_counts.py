"""The number on a tab is the number of rows behind it, also while everything changes: with real commits by several
threads between any two statements of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

import psycopg
import pytest
from sqlalchemy import event

from portal.extensions import db
from tests.apps import another_portal, plain_client
from tests.operations.churning import Churn, churning
from tests.operations.pages import page, text
from tests.operations.test_access import PAGES, QUESTIONS
from tests.people import sign_in

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

RECORDS = ("failed", "conflict", "missing", "uncertain", "blocked", "pending", "retrying", "syncing", "held", "synced")
EVENTS = ("dead", "failed", "received", "processed", "echo", "coalesced", "ignored")
LISTS = (
    *(f"/sync/records?state={state}" for state in ("", *RECORDS)),
    *(f"/sync/webhooks?state={state}" for state in ("", *EVENTS)),
    *(f"/sync/issues?state={state}" for state in ("", "open", "acknowledged", "resolved")),
    *(f"/sync/alerts?state={state}" for state in ("", "waiting", "sent", "failed")),
    "/sync/conflicts",
)
FOOT = re.compile(r"Showing (\d+) of (\d+)")
NUMBER = re.compile(r"[\d,]+$")


@pytest.fixture(scope="module")
def busy(addresses: Any, worker: str) -> Iterator[str]:
    """A database of its own, for real commits."""
    name = f"{addresses.prefix}_{worker}_busy"
    yield addresses.databases.make_migrated(name)
    addresses.databases.drop(name)


@pytest.fixture(scope="module")
def portal(busy: str, settings: Any) -> Iterator[Flask]:
    """Without an app context, as a server is: each request has a session of its own."""
    with another_portal(replace(settings, database_url=busy)) as app:
        yield app


@pytest.fixture(scope="module")
def browser(portal: Flask) -> FlaskClient:
    """A browser in which a member of staff is signed in."""

    client = plain_client(portal)
    with portal.app_context():
        sign_in(client, "staff")
    return client


@pytest.fixture
def churn(portal: Flask, busy: str) -> Iterator[Churn]:
    """While it lasts, everything changes between any two statements of a page."""
    with portal.app_context():
        engine = db.engine
    with churning(busy) as found:

        def change(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip("( ").lower().startswith(("select", "with")):
                found.let_change()

        event.listen(engine, "after_cursor_execute", change)
        try:
            yield found
        finally:
            event.remove(engine, "after_cursor_execute", change)
            empty(busy)


@pytest.mark.parametrize("url", LISTS)
def test_the_number_on_the_tab_is_the_number_of_rows_behind_it(browser: FlaskClient, churn: Churn, url: str) -> None:
    found = page(browser, url)
    (tab,) = found.findall(".//nav[@aria-label='States']//a[@aria-current='page']")
    assert number(tab) == listed(found)
    foot = FOOT.search(text(found))
    assert not foot or foot[1] == foot[2] == str(listed(found))


@pytest.mark.parametrize("url", ["/sync/api-log", "/sync/api-log?status=failed", "/sync/api-log?status=4xx"])
def test_the_number_of_calls_is_the_number_of_lines(browser: FlaskClient, churn: Churn, url: str) -> None:
    found = page(browser, url)
    foot = FOOT.search(text(found))
    assert (foot[1], foot[2]) == (str(listed(found)),) * 2 if foot else listed(found) == 0


def test_all_tabs_together_are_the_tab_of_everything(browser: FlaskClient, churn: Churn) -> None:
    for url in ("/sync/records", "/sync/webhooks", "/sync/issues", "/sync/alerts"):
        tabs = page(browser, url).findall(".//nav[@aria-label='States']//a")
        numbers = {text(tab).rstrip("0123456789 "): number(tab) for tab in tabs}
        parts = {words: each for words, each in numbers.items() if words not in OVERLAPPING}
        assert sum(parts.values()) == numbers["All"], (url, numbers)


OVERLAPPING = ("All", "Waiting, tried again", "Handled again on request")


def test_the_open_issues_of_the_navigation_are_those_of_the_list(browser: FlaskClient, churn: Churn) -> None:
    found = page(browser, "/sync/issues?state=open")
    (tab,) = [each for each in found.findall(".//nav[@aria-label='Sync']//a") if text(each).startswith("Issues")]
    assert number(tab) == listed(found)


def test_the_lines_of_the_overview_add_up_to_its_tiles(browser: FlaskClient, churn: Churn) -> None:
    found = page(browser, "/sync")
    tiles = {text(each): each for each in found.findall(".//ul[@class='tiles']/li")}
    for words, column in {"waiting to be sent": "Waiting", "refused by Buildium": "Refused"}.items():
        (tile,) = [each for each in tiles if words in each]
        cells = [each for each in found.iter("td") if each.get("data-label") == column]
        assert cells
        assert sum(number(each) for each in cells) == int(tile.split()[0]), (words, tile)
    (tab,) = [each for each in found.findall(".//nav[@aria-label='Sync']//a") if text(each).startswith("Issues")]
    assert number(tab) > 0


@pytest.mark.parametrize("url", PAGES + QUESTIONS)
def test_every_page_only_reads(browser: FlaskClient, url: str) -> None:
    assert browser.get(f"/sync{url}").status_code == 200


def number(element: Element) -> int:
    found = NUMBER.search(text(element))
    return int(found[0].replace(",", "")) if found else 0


def listed(found: Element) -> int:
    """Rows of the list: the last table of the page."""
    tables = found.findall(".//section//table")
    lists = [each for each in found.findall(".//section") if each.get("aria-label") in LIST_NAMES]
    return sum(len(each.findall(".//tbody/tr")) for each in lists) if tables else 0


LIST_NAMES = ("Records", "Events", "Webhooks", "Issues", "Alerts", "Conflicts", "Calls")


def empty(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as owner:
        owner.execute(
            "truncate buildium_sync_status, buildium_webhook_events, sync_alerts, buildium_api_log, sync_issues cascade"
        )
