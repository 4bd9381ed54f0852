from __future__ import annotations

import threading
import time

import pytest
import redis

from portal.buildium.errors import RetryableError
from portal.buildium.limiter import Lane, RedisLimiter


def taken(limiter: RedisLimiter, lane: Lane, count: int) -> list[float]:
    moments = []
    for _ in range(count):
        limiter.wait(lane)
        moments.append(time.monotonic())
    return moments


def most_in_a_second(moments: list[float]) -> int:
    ordered = sorted(moments)
    return max(sum(1 for each in ordered if start <= each < start + 1) for start in ordered)


@pytest.fixture
def known(empty_redis: str) -> redis.Redis:
    connection = redis.Redis.from_url(empty_redis)
    connection.set("buildium:known", 1)
    return connection


def test_four_callers_together_never_pass_the_limit(known: redis.Redis) -> None:
    moments: list[float] = []
    limiter = RedisLimiter(known, 10)
    threads = [threading.Thread(target=lambda: moments.extend(taken(limiter, Lane.PEOPLE, 6))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(moments) == 24
    assert most_in_a_second(moments) <= 10


def test_bulk_work_leaves_room_for_people(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    began = time.monotonic()
    taken(limiter, Lane.BULK, 8)
    taken(limiter, Lane.PEOPLE, 2)
    spent = time.monotonic() - began
    taken(limiter, Lane.BULK, 1)
    assert spent < 1.0 <= time.monotonic() - began


def test_an_emptied_redis_gives_no_second_burst(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    moments = taken(limiter, Lane.PEOPLE, 10)
    known.flushdb()
    moments += taken(limiter, Lane.PEOPLE, 10)
    assert most_in_a_second(moments) <= 10


def test_a_pause_holds_everybody(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    limiter.pause(0.3)
    began = time.monotonic()
    limiter.wait(Lane.PEOPLE)
    assert time.monotonic() - began >= 0.29


def test_without_redis_nobody_calls(tmp_path: object) -> None:
    away = redis.Redis(unix_socket_path=f"{tmp_path}/none")
    with pytest.raises(RetryableError, match="Redis is away"):
        RedisLimiter(away, 10).wait(Lane.PEOPLE)
