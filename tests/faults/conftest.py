"""One running portal per process of the test run, calm before each test that breaks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.desk import Desk
from tests.faults.site import Site, running
from tests.live import Live


@pytest.fixture(scope="session")
def running_site() -> Iterator[Site]:
    with running() as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Site:
    running_site.calm()
    return running_site


@pytest.fixture
def desk(live: Live) -> Desk:
    return Desk(live.app)
