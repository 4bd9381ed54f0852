"""Fixtures of the contract tests. Without Buildium's document they are skipped: it is never copied into here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.contract.schemas import Document
from tests.contract.traffic import Traffic
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


@pytest.fixture
def traffic(referee: Referee, live: Live) -> Traffic:
    """What our client and the sandbox say to each other during the test; everything is judged at its end."""
    assert live.traffic
    return live.traffic
