"""A short chaos run against a whole portal of its own, and the same against a naive push, which must not survive it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.company import imported
from tests.chaos.faults import FAULTS
from tests.chaos.plan import make_plan
from tests.chaos.report import stories
from tests.chaos.run import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("chaos"),
    # Each starts a whole portal of its own, which beside all other tests takes minutes.
    pytest.mark.skipif("PORTAL_CHAOS" not in os.environ, reason="takes minutes; PORTAL_CHAOS=1 asks for it"),
]
# Those that are over at once, so that the run isn't longer than its edits.
QUICK = (
    "redis flushed", "worker killed", "worker killed in create", "connections cut", "answer 500", "answer 422",
    "create dropped after commit", "change dropped after commit", "body cut", "webhooks duplicated", "webhooks lost",
)  # fmt: skip


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    with imported() as folder:
        yield folder


def test_nothing_is_lost_and_nothing_is_there_twice_in_a_short_run(template: Path) -> None:
    verdict = run(make_plan(7, 60, QUICK, per_second=4.0), template)
    assert not verdict.broken, "\n".join(stories(verdict))


def test_nothing_is_lost_and_nothing_is_there_twice(template: Path) -> None:
    verdict = run(make_plan(7, 200, list(FAULTS)), template)
    assert not verdict.broken, "\n".join(stories(verdict))


def test_a_naive_push_breaks_promises_in_the_same_run(template: Path) -> None:
    verdict = run(make_plan(7, 60, QUICK, per_second=4.0), template, naive=True)
    assert {"twice", "erased", "overwritten", "lost"} & {finding.what for finding in verdict.broken}
