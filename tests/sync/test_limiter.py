from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import Any

import pytest
import redis

from portal.buildium.errors import RetryableError
from portal.buildium.limiter import WIDER, WINDOW, Lane, RedisLimiter


def take(limiter: RedisLimiter, lane: Lane, count: int) -> None:
    for _ in range(count):
        limiter.wait(lane)


def places(connection: redis.Redis) -> list[float]:
    """The moments in the last second and to come for which calls are booked, in seconds."""
    booked: Any = connection.zrange("buildium:calls", 0, -1, withscores=True)
    return [moment / 1_000_000 for _, moment in booked]


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(1 for each in moments if start <= each < start + 1) for start in moments)


@pytest.fixture
def known(empty_redis: str) -> redis.Redis:
    connection = redis.Redis.from_url(empty_redis)
    connection.set("buildium:known", 1)
    return connection


@pytest.mark.parametrize("lane", Lane)
def test_four_callers_together_use_the_limit_and_never_pass_it(known: redis.Redis, lane: Lane) -> None:
    seen: set[float] = set()
    limiter = RedisLimiter(known, 10)

    def call() -> None:
        for _ in range(6):
            limiter.wait(lane)
            seen.update(places(known))

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 24
    assert most_in_a_second(sorted(seen)) == 10


def test_bulk_work_may_use_the_whole_limit_and_is_spread_over_the_second(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    take(limiter, Lane.BULK, 10)
    moments = places(known)
    assert most_in_a_second(moments) == 10
    assert 0.7 < moments[-1] - moments[0] < 1
    assert min(later - earlier for earlier, later in pairwise(moments)) > 0.07


def booked_by_bulk_work(connection: redis.Redis) -> list[float]:
    """Ten places of bulk work from now on, as it books them: all that the next second has."""
    seconds, part = connection.time()
    moments = [seconds + part / 1_000_000 + number * 0.08 for number in range(10)]
    connection.zadd("buildium:calls", {f"bulk {moment}": moment * 1_000_000 for moment in moments})
    return moments


def test_a_person_among_bulk_work_gets_the_next_place_and_two_stay_free_for_her(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    before = booked_by_bulk_work(known)
    limiter.wait(Lane.PEOPLE)
    assert max(places(known)) == pytest.approx(before[0] + WINDOW, abs=0.001)
    limiter.wait(Lane.BULK)
    # Without her it would have been the place that the second call leaves.
    assert max(places(known)) == pytest.approx(before[3] + WINDOW, abs=0.001)


def test_a_refusal_makes_calls_a_little_rarer_for_a_while(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    limiter.pause(0.001)
    before = booked_by_bulk_work(known)
    limiter.wait(Lane.PEOPLE)
    assert max(places(known)) == pytest.approx(before[0] + WINDOW + WIDER, abs=0.001)
    assert 0 < known.pttl("buildium:slack") <= 60_000


@pytest.mark.fault(2)
def test_an_emptied_redis_gives_no_second_burst(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 10)
    take(limiter, Lane.PEOPLE, 10)
    moments = places(known)
    known.flushdb()
    limiter.wait(Lane.PEOPLE)
    assert max(places(known)) - moments[-1] > 1


def test_a_place_that_was_waited_for_in_vain_is_given_back(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 1, patience=0.1)
    limiter.wait(Lane.PEOPLE)
    with pytest.raises(RetryableError, match="used up"):
        limiter.wait(Lane.PEOPLE)
    assert len(places(known)) == 1


def test_a_pause_that_begins_while_somebody_waits_holds_her_too(known: redis.Redis) -> None:
    limiter = RedisLimiter(known, 2)
    take(limiter, Lane.PEOPLE, 2)
    threading.Timer(0.2, limiter.pause, [1.5]).start()
    began = time.monotonic()
    limiter.wait(Lane.PEOPLE)
    assert time.monotonic() - began >= 1.69


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
