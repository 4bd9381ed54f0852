"""One rate limit for all processes: a sliding log of calls in Redis, in which people go before bulk work.

Buildium allows 10 requests per second for the account (MAPPING §1.3). Bulk work may use all of it, evenly spread over
the second, so that a person who comes finds the next place soon; as long as people come, it leaves places free.

The window is slightly longer than a second, so that jitter on the way can't put an eleventh call into one of Buildium's
seconds. How much jitter there is only Buildium knows: each 429 makes the window longer for a while.
"""

from __future__ import annotations

import secrets
import time
from enum import StrEnum
from typing import Protocol, cast

import redis

from portal.buildium.errors import RetryableError

WINDOW = 1.008
RESERVED_FOR_PEOPLE = 2
# After a person's call another one usually follows: to read a record, and to write it.
PRESENT = 0.4
# Bulk work comes at most this much faster than evenly; a little faster, or what is lost in waking up adds up.
HASTE = 0.8
AWAY = "Redis is away, so the limit of calls to Buildium can't be kept."
# How much longer a refusal makes the window, how long at most, and for how long.
WIDER, WIDEST, WIDER_FOR = 0.004, 0.06, 60.0

# KEYS: calls, pause, known, slack, people. ARGV: window in µs, calls per window, calls that bulk work leaves to people
# (0 for people themselves), µs between two calls of bulk work, a unique name, ms that a person stays present.
# Books the next place and returns the microseconds until then, so that one who wakes up late delays nobody after her.
# While Buildium has asked for a pause nothing is booked, and its end is returned as a negative number. A Redis that was
# emptied has forgotten the calls of the last second, so the window then counts as full.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local window, allowed, reserved = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
window = window + tonumber(redis.call('GET', KEYS[4]) or 0)
local pause = redis.call('PTTL', KEYS[2])
if pause > 0 then return -pause * 1000 end
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('SET', KEYS[3], 1)
  for i = 1, allowed do redis.call('ZADD', KEYS[1], now, 'unknown' .. i) end
end
local earliest = now
if reserved > 0 then
  if redis.call('EXISTS', KEYS[5]) == 1 then allowed = math.max(1, allowed - reserved) end
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  if last[2] then earliest = math.max(now, last[2] + tonumber(ARGV[4])) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - window)
local count = redis.call('ZCARD', KEYS[1])
if count >= allowed then
  local leaving = redis.call('ZRANGE', KEYS[1], count - allowed, count - allowed, 'WITHSCORES')
  earliest = math.max(earliest, leaving[2] + window)
end
redis.call('ZADD', KEYS[1], earliest, ARGV[5])
if reserved == 0 then redis.call('SET', KEYS[5], 1, 'PX', math.floor((earliest - now) / 1000) + ARGV[6]) end
return earliest - now
"""

# KEYS: pause, slack. ARGV: milliseconds of the pause, µs that the window grows by, at most, and for how many ms.
REFUSED = """
redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
local slack = tonumber(redis.call('GET', KEYS[2]) or 0) + tonumber(ARGV[2])
redis.call('SET', KEYS[2], math.min(slack, tonumber(ARGV[3])), 'PX', ARGV[4])
"""


class Lane(StrEnum):
    PEOPLE = "people"
    BULK = "bulk"


class Limiter(Protocol):
    def wait(self, lane: Lane) -> None: ...
    def pause(self, seconds: float) -> None: ...


class RedisLimiter:
    """`per_second` calls for the whole account. Raises RetryableError when Redis is away or the wait gets too long."""

    def __init__(self, connection: redis.Redis, per_second: int, *, patience: float = 30.0) -> None:
        self._redis = connection
        self._per_second = per_second
        self._patience = patience
        self._take = connection.register_script(TAKE)
        self._refused = connection.register_script(REFUSED)

    def wait(self, lane: Lane) -> None:
        """Return when a call may be made now."""
        deadline = time.monotonic() + self._patience
        place = secrets.token_hex(8)
        while True:
            wait = self._book(lane, place)
            if time.monotonic() + abs(wait) > deadline:
                self._give_back(place)
                raise RetryableError("The limit of calls to Buildium is used up for now.")
            time.sleep(abs(wait))
            if wait == 0 or (wait > 0 and not self._is_paused()):
                return
            self._give_back(place)

    def pause(self, seconds: float) -> None:
        """Let nobody call for a while, and a little less often afterwards: Buildium said that it has enough (429)."""
        grown = [microseconds(WIDER), microseconds(WIDEST), int(WIDER_FOR * 1000)]
        try:
            self._refused(keys=["buildium:pause", "buildium:slack"], args=[max(1, int(seconds * 1000)), *grown])
        except redis.RedisError:
            return

    def _book(self, lane: Lane, place: str) -> float:
        """Seconds until the place that is booked from now on; negative where one has to ask again after them."""
        reserved = RESERVED_FOR_PEOPLE if lane is Lane.BULK else 0
        apart = microseconds(WINDOW * HASTE / self._per_second)
        keys = [f"buildium:{name}" for name in ("calls", "pause", "known", "slack", "people")]
        limits: list[str | int] = [microseconds(WINDOW), self._per_second, reserved, apart]
        try:
            wait = self._take(keys=keys, args=[*limits, place, int(PRESENT * 1000)])
        except redis.RedisError as error:
            raise RetryableError(AWAY) from error
        return int(cast(int, wait)) / 1_000_000

    def _is_paused(self) -> bool:
        try:
            return bool(self._redis.exists("buildium:pause"))
        except redis.RedisError as error:
            raise RetryableError(AWAY) from error

    def _give_back(self, place: str) -> None:
        try:
            self._redis.zrem("buildium:calls", place)
        except redis.RedisError as error:
            raise RetryableError(AWAY) from error


def microseconds(seconds: float) -> int:
    return int(seconds * 1_000_000)
