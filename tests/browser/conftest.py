"""What the browser's tests share: one Chromium and one whole portal for the folder."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from portal.config import Settings
from tests.servers import Addresses

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.stage import Stage
    from tests.browser.visitor import Visitor

Visit = Callable[..., "Visitor"]

# A browser that asks nobody but the portal. Tests run as root in containers, where Chromium's own sandbox can't.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a browser test, and with `--dist loadgroup` one process of the run does them all.

    First, because pytest-xdist reads the groups in this same hook. Without groups each process has a portal of its own.
    """
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="the playwright package is not installed")
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("there is no chromium: install Debian's, or name one in CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stage(
    chromium: Browser, settings: Settings, addresses: Addresses, worker: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running portal with the sample portfolio; no other test sees its database, its queues or its Buildium."""
    from tests.browser.stage import perform
    from tests.buildium import serve

    folder = tmp_path_factory.mktemp("browser")
    name = f"{addresses.prefix}_{worker}_browser"
    number = 8 + int(worker.removeprefix("gw")) % 8
    with ExitStack() as stack:
        stack.callback(addresses.databases.drop, name)
        reserved = stack.enter_context(socket.socket())
        reserved.bind(("127.0.0.1", 0))
        own = replace(
            settings,
            database_url=addresses.databases.make_migrated(name),
            redis_url=f"{settings.redis_url.partition('?')[0]}?db={number}",
            buildium_base_url=f"http://127.0.0.1:{reserved.getsockname()[1]}",
        )
        sandbox = stack.enter_context(serve(reserved, own, folder / "buildium"))
        yield stack.enter_context(perform(own, sandbox, folder))


@pytest.fixture(scope="package")
def empty_portal(
    chromium: Browser, settings: Settings, addresses: Addresses, worker: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The pages of a portal without any record, without workers."""
    from tests.browser.stage import Stage, serve_pages

    name = f"{addresses.prefix}_{worker}_blank_pages"
    own = replace(settings, database_url=addresses.databases.make_migrated(name))
    with serve_pages(own, tmp_path_factory.mktemp("empty")) as (app, url):
        yield Stage(url, app, None)  # type: ignore[arg-type]
    addresses.databases.drop(name)


@pytest.fixture
def visit(chromium: Browser, stage: Stage) -> Iterator[Visit]:
    """Opens a browser: `visit("staff")` is signed in as somebody new with that role, `visit()` as nobody."""
    from tests.browser.visitor import visiting

    with ExitStack() as stack:

        def open_browser(role: str = "", **options: Any) -> Visitor:
            token = stage.token(stage.person(role)) if role else ""
            return stack.enter_context(visiting(chromium, stage.url, token, **options))

        yield open_browser
