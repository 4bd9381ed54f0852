"""One rate limit for all processes: a sliding log of calls in Redis, with room kept free for people.

Buildium allows 10 requests per second for the account (MAPPING §1.3). The window is slightly longer than a second, so
that jitter on the way can't put an eleventh call into one of Buildium's seconds.
"""

from __future__ import annotations

import secrets
import time
from enum import StrEnum
from typing import Protocol, cast

import redis

from portal.buildium.errors import RetryableError

WINDOW = 1.02
RESERVED_FOR_PEOPLE = 2

# KEYS: calls, pause, known. ARGV: window in µs, calls allowed, calls per window, a unique name.
# Returns the microseconds to wait; 0 when the call may go. A Redis that was emptied has forgotten the calls of the
# last second, so the window then counts as full.
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local window, allowed = tonumber(ARGV[1]), tonumber(ARGV[2])
local pause = redis.call('PTTL', KEYS[2])
if pause > 0 then return pause * 1000 end
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('SET', KEYS[3], 1)
  for i = 1, tonumber(ARGV[3]) do redis.call('ZADD', KEYS[1], now, 'unknown' .. i) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - window)
local count = redis.call('ZCARD', KEYS[1])
if count < allowed then
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  return 0
end
local leaving = redis.call('ZRANGE', KEYS[1], count - allowed, count - allowed, 'WITHSCORES')
return leaving[2] + window - now
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

    def wait(self, lane: Lane) -> None:
        """Return when a call may be made now."""
        deadline = time.monotonic() + self._patience
        while pause := self._ask(lane):
            if time.monotonic() + pause > deadline:
                raise RetryableError("The limit of calls to Buildium is used up for now.")
            time.sleep(pause)

    def pause(self, seconds: float) -> None:
        """Let nobody call for a while: Buildium said that it has enough (429)."""
        try:
            self._redis.set("buildium:pause", 1, px=max(1, int(seconds * 1000)))
        except redis.RedisError:
            return

    def _ask(self, lane: Lane) -> float:
        reserved = RESERVED_FOR_PEOPLE if lane is Lane.BULK else 0
        allowed = max(1, self._per_second - reserved)
        arguments: list[str | int] = [int(WINDOW * 1_000_000), allowed, self._per_second, secrets.token_hex(8)]
        try:
            wait = self._take(keys=["buildium:calls", "buildium:pause", "buildium:known"], args=arguments)
        except redis.RedisError as error:
            raise RetryableError("Redis is away, so the limit of calls to Buildium can't be kept.") from error
        return max(0, int(cast(int, wait))) / 1_000_000
