from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import redis
from rq import SimpleWorker

from portal.extensions import queues
from portal.operations.machinery.workers import workforce
from tests.operations import rows

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def register(name: str, lane: str, silent_for: float = 0, **facts: str) -> None:
    """A worker as RQ writes it down."""
    seen = (datetime.now(UTC) - timedelta(seconds=silent_for)).isoformat().replace("+00:00", "Z")
    known: dict[Any, Any] = {"last_heartbeat": seen, "birth": seen, "queues": lane, "state": "idle"}
    queues.connection.sadd("rq:workers", f"rq:worker:{name}")
    queues.connection.hset(f"rq:worker:{name}", mapping=known | facts)


@pytest.mark.parametrize(("silent_for", "health"), [(0, "Healthy"), (90, "No sign of life lately"), (600, "Dead")])
def test_a_worker_s_health_is_told_by_its_heartbeat(staff: FlaskClient, silent_for: float, health: str) -> None:
    register("people-1", "people", silent_for)
    answer = staff.get("/sync/queues").text
    assert "people-1" in answer
    assert health in answer


def test_a_lane_without_a_worker_is_said_in_words(staff: FlaskClient) -> None:
    register("people-1", "people")
    answer = staff.get("/sync/queues").text
    assert "portal worker --lane bulk" in answer
    assert "portal worker --lane people" not in answer


@pytest.mark.usefixtures("session")
def test_rq_s_own_worker_is_understood() -> None:
    worker = SimpleWorker([queues.queue("bulk")], connection=queues.connection, name="real")
    worker.register_birth()  # type: ignore[no-untyped-call]
    found = workforce()
    assert found is not None
    assert [(each.name, each.lane, each.health) for each in found.workers] == [("real", "bulk", "healthy")]
    assert [each.healthy for each in found.lanes] == [0, 1]
    worker.register_death()  # type: ignore[no-untyped-call]
    left = workforce()
    assert left is not None
    assert not left.workers


def test_depth_and_age_of_the_oldest_job(staff: FlaskClient) -> None:
    for number in range(3):
        assert queues.enqueue("people", "portal.sync.jobs.run_all", job_id=f"job-{number}")
    found = workforce()
    assert found is not None
    assert found.lanes[0].waiting == 3
    assert found.lanes[0].oldest_at is not None


def test_a_redis_that_is_away_is_said_and_the_page_still_works(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = redis.Redis(port=1, socket_connect_timeout=0.05)
    monkeypatch.setattr(queues, "connection", away)
    for url in ("/sync", "/sync/queues"):
        assert "The queue (Redis) doesn’t answer" in staff.get(url).text


def test_the_rate_is_told_from_the_log(staff: FlaskClient) -> None:
    rows.call(429)
    rows.call(200)
    answer = staff.get("/sync/queues").text
    assert "Last minute" in answer
    assert "0.0 of 1000" in answer


def test_the_schedule_tells_failures(staff: FlaskClient) -> None:
    rows.task("poll owners", 180, overdue=-60, last_error="RetryableError: answered 502")
    answer = staff.get("/sync/queues").text
    assert "Failed last time" in answer
    assert "answered 502" in answer
