"""Fixtures of the sandbox's tests; they need nothing of the portal's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.sandbox.config import SandboxConfig
from tests.sandbox import bodies_books
from tests.sandbox.referee import Referee, specification_path
from tests.sandbox.running import Served, Subscriber, serve, subscribe


@pytest.fixture(scope="session")
def referee_if_any() -> Referee | None:
    path = specification_path()
    return Referee(path) if path.exists() else None


@pytest.fixture
def referee(referee_if_any: Referee | None) -> Referee:
    if referee_if_any is None:
        pytest.skip(f"the specification is not at {specification_path()}; name it in BUILDIUM_SUBSET")
    return referee_if_any


@pytest.fixture(scope="session")
def running() -> Iterator[Served]:
    with serve(SandboxConfig(size=60, rate=0)) as served:
        yield served


@pytest.fixture
def server(running: Served, referee_if_any: Referee | None) -> Iterator[Served]:
    """A sandbox as it is after its first start, with a sample portfolio of 60 units and without a rate limit."""
    served = Served(running.url, referee_if_any, running.app)
    served.control("POST", "/reset")
    yield served
    served.close()


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with subscribe() as subscriber:
        yield subscriber


@pytest.fixture
def subscribed(server: Served, subscriber: Subscriber) -> Served:
    """The sandbox, sending its webhooks to `subscriber` without delay."""
    server.switch(webhook_url=subscriber.url, webhook_delay=0, webhook_secret="hook-secret")
    return server


@pytest.fixture
def bank_account_id(server: Served) -> int:
    return int(server.first("/v1/bankaccounts")["Id"])


@pytest.fixture
def property_id(server: Served) -> int:
    return int(server.first("/v1/rentals")["Id"])


@pytest.fixture
def vendor_id(server: Served) -> int:
    return bodies_books.vendor_id(server)


@pytest.fixture
def account_id(server: Served) -> int:
    """A ledger account that bills may use."""
    return bodies_books.expense_account_id(server)


@pytest.fixture
def bill(server: Served, vendor_id: int, account_id: int, property_id: int) -> dict[str, Any]:
    """A bill of the vendor with lines of 100 and 50."""
    lines = [bodies_books.line(property_id, account_id, amount) for amount in (100.0, 50.0)]
    return server.made("/v1/bills", bodies_books.full_bill(vendor_id, lines))


@pytest.fixture
def bills(server: Served, bill: dict[str, Any], account_id: int, property_id: int) -> list[dict[str, Any]]:
    """The bill and another like it."""
    lines = [bodies_books.line(property_id, account_id, amount) for amount in (100.0, 50.0)]
    return [bill, server.made("/v1/bills", bodies_books.full_bill(bill["VendorId"], lines))]
