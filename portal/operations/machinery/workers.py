"""What Redis tells about the workers and their queues. RQ keeps it in hashes, which are read as they are: asking RQ's
own classes takes several round trips per worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import redis

from portal.database import now
from portal.extensions import queues

LANES: Mapping[str, str] = {"people": "What people wait for", "bulk": "Bulk work: imports, webhooks"}
# A worker that waits for jobs gives a sign of life every 45 seconds (its time to live of 60, less 15).
HEALTHY, DEAD = timedelta(seconds=60), timedelta(seconds=120)
WORKERS, WORKER, QUEUE, JOB = "rq:workers", "rq:worker:", "rq:queue:", "rq:job:"


@dataclass(frozen=True)
class Worker:
    """`health` is healthy, stale or dead, by the time since its last sign of life."""

    name: str
    lane: str
    state: str
    job: str
    seen_at: datetime
    began_at: datetime | None
    health: str


@dataclass(frozen=True)
class Lane:
    """`oldest_at` is when the job that waits longest was queued; None where none waits."""

    name: str
    words: str
    waiting: int
    oldest_at: datetime | None
    healthy: int


@dataclass(frozen=True)
class Workforce:
    workers: Sequence[Worker]
    lanes: Sequence[Lane]

    @property
    def idle_lanes(self) -> list[Lane]:
        """Lanes that no living worker works on."""
        return [lane for lane in self.lanes if not lane.healthy]


def workforce() -> Workforce | None:
    """Two round trips; None where Redis is away."""
    try:
        return read(queues.connection)
    except redis.RedisError:
        return None


def read(connection: redis.Redis) -> Workforce:
    keys = sorted(text(key) for key in cast(set[bytes], connection.smembers(WORKERS)))
    with connection.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.hgetall(key)
        for lane in LANES:
            pipe.llen(QUEUE + lane)
            pipe.lindex(QUEUE + lane, 0)
        answers = pipe.execute()
    found = [worker_of(key, answer) for key, answer in zip(keys, answers, strict=False)]
    # Dead workers stay registered until another one cleans up after them.
    workers = [each for each in found if each is not None]
    depths = answers[len(keys) :]
    oldest = [text(depths[2 * place + 1] or b"") for place in range(len(LANES))]
    since = queued_at(connection, oldest)
    lanes = [
        Lane(name, words, int(depths[2 * place]), since[place], healthy(workers, name))
        for place, (name, words) in enumerate(LANES.items())
    ]
    return Workforce(workers, lanes)


def queued_at(connection: redis.Redis, jobs: Sequence[str]) -> list[datetime | None]:
    with connection.pipeline(transaction=False) as pipe:
        for job in jobs:
            pipe.hget(JOB + job, "enqueued_at")
        return [moment(each) for each in pipe.execute()]


def worker_of(key: str, answer: Mapping[bytes, bytes]) -> Worker | None:
    facts = {text(name): text(value) for name, value in answer.items()}
    seen = moment(facts.get("last_heartbeat"))
    if seen is None or facts.get("death"):
        return None
    silent = now() - seen
    health = "healthy" if silent < HEALTHY else "stale" if silent < DEAD else "dead"
    lane, job, began = facts.get("queues", ""), facts.get("current_job", ""), moment(facts.get("birth"))
    return Worker(key.removeprefix(WORKER), lane, facts.get("state", ""), job, seen, began, health)


def healthy(workers: Sequence[Worker], lane: str) -> int:
    return sum(worker.health != "dead" and lane in worker.lane.split(",") for worker in workers)


def moment(value: Any) -> datetime | None:
    """RQ's spelling of a time in UTC."""
    if not value:
        return None
    try:
        return datetime.fromisoformat(text(value).replace("Z", "+00:00"))
    except ValueError:
        return None


def text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
