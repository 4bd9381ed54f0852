"""One RQ worker of one lane, in one process: jobs run one after another, with the app and its connections warm."""

from __future__ import annotations

import gc
import os
import secrets
from contextlib import suppress
from typing import Any

import redis
from flask import Flask
from redis.client import Pipeline
from rq import SimpleWorker
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker_registration import register
from sqlalchemy.exc import DBAPIError

from portal.config import Settings
from portal.extensions import db
from portal.sync.heartbeat import meanwhile

BEAT_SECONDS = 15.0


class LaneWorker(SimpleWorker):
    """A worker whose jobs find an app context and leave no session behind."""

    # A worker that can't reach Redis tries again this often at least: a save must go out soon after Redis is back.
    max_connection_wait_time = 2.0

    def __init__(self, app: Flask, lane: str, connection: redis.Redis) -> None:
        self.app = app
        queue = Queue(lane, connection=connection, serializer=JSONSerializer)
        super().__init__(
            [queue],
            # RQ refuses the name of a worker that was killed until it has missed it; a new name never waits.
            name=f"{lane}-{os.getpid()}-{secrets.token_hex(3)}",
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=60,
            maintenance_interval=30,
            job_monitoring_interval=10,
        )

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        if pipeline is None and not self.connection.sismember(self.redis_workers_keys, self.key):
            # A Redis that was emptied has forgotten its workers, and the dashboard would say that none is running.
            self.connection.hset(self.key, mapping=self.serialize())
            register(self)
        super().heartbeat(timeout, pipeline)

    def run_maintenance_tasks(self) -> None:
        """Twice a minute, between two jobs: also what the app has workers do beside them."""
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        with self.app.app_context():
            try:
                self.app.extensions["beside_jobs"]()
            except DBAPIError:
                # The database is away: the next time comes soon, and a worker that ended would be missed meanwhile.
                self.app.logger.warning("what workers do beside jobs failed", exc_info=True)
            finally:
                db.session.remove()

    def perform_job(self, job: Job, queue: Queue) -> bool:
        # RQ gives no sign of life during a job, and an import takes minutes. One that hangs is ended by its time-out.
        with self.app.app_context(), meanwhile(self.give_sign, BEAT_SECONDS):
            try:
                return bool(super().perform_job(job, queue))
            finally:
                db.session.remove()

    def give_sign(self) -> None:
        with suppress(redis.RedisError):
            self.heartbeat()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        # What has to be done stands in PostgreSQL and will be found again: the failure is logged, nothing hangs on it.
        self.app.logger.error("job %s failed", job.id, exc_info=exc_info if exc_info[0] else True)
        super().handle_exception(job, *exc_info)


def run(app: Flask, settings: Settings, lane: str) -> None:
    """Work until told to stop by SIGTERM or SIGINT; the job at hand is finished first."""
    # No time-out: the worker waits for jobs in blocking calls.
    connection = redis.Redis.from_url(settings.redis_url, socket_timeout=None, socket_connect_timeout=5)
    gc.collect()
    gc.freeze()
    LaneWorker(app, lane, connection).work(with_scheduler=False, logging_level="WARNING")
