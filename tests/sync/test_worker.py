from __future__ import annotations

from typing import Any

import pytest
import redis
from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import text

from portal.extensions import db
from portal.sync import worker as workers
from portal.sync.worker import LaneWorker
from tests.live import Live
from tests.waiting import wait_until

LONG_AGO = b"2026-01-01T00:00:00Z"


def test_a_worker_whose_database_goes_away_between_two_jobs_goes_on(live: Live, empty_redis: str) -> None:
    seen = []

    def cut() -> None:
        seen.append(1)
        db.session.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    live.app.extensions["beside_jobs"] = cut
    worker = LaneWorker(live.app, "bulk", redis.Redis.from_url(empty_redis))
    worker.run_maintenance_tasks()
    worker.run_maintenance_tasks()
    assert seen == [1, 1]


def test_a_worker_gives_signs_of_life_during_a_long_job(
    live: Live, empty_redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = redis.Redis.from_url(empty_redis)
    worker = LaneWorker(live.app, "bulk", connection)
    worker.register_birth()
    connection.hset(worker.key, "last_heartbeat", LONG_AGO)
    seen = []

    def long_job(*_: Any) -> bool:
        wait_until(
            lambda: connection.hget(worker.key, "last_heartbeat") != b"2026-01-01T00:00:00Z", 5, "a sign of life"
        )
        seen.append(1)
        return True

    monkeypatch.setattr(workers, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(SimpleWorker, "perform_job", long_job)
    queue = Queue("bulk", connection=connection, serializer=JSONSerializer)
    job = Job.create("portal.sync.jobs.run_all", connection=connection, serializer=JSONSerializer)
    assert worker.perform_job(job, queue)
    assert seen == [1]
