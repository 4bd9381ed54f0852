"""Every call to Buildium that a test of the run makes, judged by Buildium's own document where that is at hand.

The document is not part of the repository (see tests.sandbox.referee); without it nothing is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from tests.contract.traffic import Traffic, listening
from tests.sandbox.referee import Referee, specification_path

COUNTS = pytest.StashKey[Counter[str]]()


@pytest.fixture(scope="session")
def whole_referee() -> Referee | None:
    return Referee(specification_path()) if specification_path().exists() else None


@pytest.fixture
def judged(live_app: Any, whole_referee: Referee | None, pytestconfig: pytest.Config) -> Iterator[Traffic | None]:
    """What our client and the sandbox say to each other during the test; everything is judged at its end."""
    traffic = Traffic(whole_referee) if whole_referee else None
    with live_app.app_context(), listening(traffic) if traffic else nullcontext():
        yield traffic
    if traffic:
        traffic.judge()
        pytestconfig.stash.setdefault(COUNTS, Counter()).update(traffic.counts)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist tells the run's first process what it has judged."""
    told: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        judged = session.config.stash.setdefault(COUNTS, Counter())
        told["judged"] = dict(judged)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    told = getattr(node, "workeroutput", {}).get("judged", {})
    node.config.stash.setdefault(COUNTS, Counter()).update(told)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    counts = config.stash.setdefault(COUNTS, Counter())
    if counts:
        words = f"{counts.total()} calls of {len(counts)} kinds, requests and answers; a violation fails its test"
        terminalreporter.write_line(f"Judged by Buildium's document: {words}.")
