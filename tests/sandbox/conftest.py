"""Fixtures of the sandbox's tests; they need nothing of the portal's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.sandbox.config import SandboxConfig
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
