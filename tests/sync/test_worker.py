from __future__ import annotations

import redis
from sqlalchemy import text

from portal.extensions import db
from portal.sync.worker import LaneWorker
from tests.live import Live


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
