"""A short chaos run. Only on request, because it starts a whole portal of its own: `PORTAL_CHAOS=1 make test`."""

from __future__ import annotations

import os

import pytest

from tests.chaos.company import imported
from tests.chaos.faults import FAULTS
from tests.chaos.plan import make_plan
from tests.chaos.report import stories
from tests.chaos.run import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("chaos"),
    pytest.mark.skipif("PORTAL_CHAOS" not in os.environ, reason="takes minutes; PORTAL_CHAOS=1 asks for it"),
]


def test_nothing_is_lost_and_nothing_is_there_twice() -> None:
    with imported() as template:
        verdict = run(make_plan(7, 60, list(FAULTS)), template)
    assert not verdict.broken, "\n".join(stories(verdict))
