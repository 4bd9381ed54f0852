"""The RQ queues, one per lane. A job is only a wake-up: what has to be done stands in PostgreSQL."""

from __future__ import annotations

import logging
import time
from typing import Any

import redis
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

SOCKET_SECONDS = 0.25
SILENCE_SECONDS = 2.0


class Queues:
    """The queues in one Redis. `enqueue` never raises for a Redis that is away: the sweeper will find the work.

    The connection is for short commands: it gives up quickly, because a person waits behind it.
    """

    def __init__(self, redis_url: str) -> None:
        self.connection = redis.Redis.from_url(
            redis_url, socket_connect_timeout=SOCKET_SECONDS, socket_timeout=SOCKET_SECONDS
        )
        self._away_until = 0.0

    def queue(self, lane: str) -> Queue:
        return Queue(lane, connection=self.connection, serializer=JSONSerializer)

    def enqueue(self, lane: str, job: str, *arguments: Any, job_id: str, timeout: int = 600) -> bool:
        """Ask a worker of `lane` to call `job`; False where Redis is away. A waiting job of the same id is replaced."""
        if time.monotonic() < self._away_until:
            return False
        keep = {"result_ttl": 0, "failure_ttl": 86400}
        try:
            self.queue(lane).enqueue(job, args=arguments, job_id=job_id, job_timeout=timeout, **keep)
        except redis.RedisError as error:
            # Every save would wait for the same time-out; a short silence keeps saves fast while Redis is away.
            self._away_until = time.monotonic() + SILENCE_SECONDS
            log.warning("Redis is away, the sweeper will wake %s: %s", job_id, type(error).__name__)
            return False
        return True

    def waiting(self, lane: str) -> int:
        """Number of jobs in the lane. Raises redis.RedisError."""
        return self.queue(lane).count
