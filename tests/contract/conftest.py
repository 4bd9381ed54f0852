"""Fixtures of the contract tests. Without Buildium's document they are skipped: it is never copied into here."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.contract.schemas import Document
from tests.contract.traffic import Traffic, listening, told
from tests.sandbox.referee import Referee, specification_path

if TYPE_CHECKING:
    from tests.live import Live


@pytest.fixture(scope="session")
def referee() -> Referee:
    path = specification_path()
    if not path.exists():
        pytest.skip(f"the specification is not at {path}; name it in BUILDIUM_SUBSET")
    return Referee(path)


@pytest.fixture(scope="session")
def document(referee: Referee) -> Document:
    return Document(json.loads(specification_path().read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> Iterator[Counter[str]]:
    """How often each operation was judged in this process; told at the end of its tests."""
    counts: Counter[str] = Counter()
    yield counts
    capture = pytestconfig.pluginmanager.get_plugin("capturemanager")
    assert capture
    with capture.global_and_fixture_disabled():
        sys.stdout.write(f"\nJudged by Buildium's document:\n{told(counts)}\n")


@pytest.fixture
def traffic(referee: Referee, live: Live, counts: Counter[str]) -> Iterator[Traffic]:
    """What our client and the sandbox say to each other during the test; everything is judged at its end."""
    traffic = Traffic(referee)
    with listening(traffic):
        yield traffic
    traffic.judge()
    counts.update(traffic.counts)
