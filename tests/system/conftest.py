"""The whole portal as `portal up` starts it, once for this folder, and somebody who uses it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.start.running import Portal
from tests.system.person import Person

PASSWORD = "correct-horse-battery"


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    folder = Path(tempfile.mkdtemp(prefix="portal-system-"))
    folder.chmod(0o711)
    portal = Portal(folder, {"PORTAL_ADMIN_PASSWORD": PASSWORD}).start_and_wait()
    portal.wait_for("Ctrl-C stops everything")
    yield portal
    portal.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def person(portal: Portal) -> Iterator[Person]:
    with Person(portal.address, "admin@example.com", PASSWORD) as person:
        yield person


@pytest.fixture
def buildium(portal: Portal) -> Iterator[httpx.Client]:
    """The simulated Buildium's control: what it holds, and its faults."""
    address = f"http://127.0.0.1:{portal.environment['SANDBOX_PORT']}/_control"
    with httpx.Client(base_url=address, timeout=30) as control:
        yield control
        control.delete("/faults")
        control.post("/holds/release")
