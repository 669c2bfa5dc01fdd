"""How often each user may ask for what: one budget for an operation, by whatever way it is asked.

A budget is for a window of time, which begins with the first call. The windows are in Redis, for
all processes; without it, or while it is away, each process has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING

from zeeguu_gamify import clock
from zeeguu_gamify.config import rate
from zeeguu_gamify.delivery.redis_link import RedisAway, RedisLink
from zeeguu_gamify.errors import GamifyError

if TYPE_CHECKING:
    from redis import Redis

#: A process remembers at most so many windows; when there are more, all begin anew.
MOST_WINDOWS = 100_000


class TooOften(GamifyError):
    """The user asks too often; `retry_after` says when not any more."""

    status = 429


class RateLimits:
    """The budgets of one mounted app."""

    def __init__(self, limits: Mapping[str, str], redis: RedisLink | None) -> None:
        """`limits`: operation → e.g. `20/minute`; one that is not named has no limit."""
        self._limits = limits
        self._redis = redis
        self._memory = Windows()

    def spend(self, operation: str, user_id: int) -> None:
        """Take one call from the budget of the user; raises TooOften when it is spent."""
        limit = self._limits.get(operation)
        if limit is None:
            return
        most, seconds = rate(limit)
        count, left = self._count(f"gamify:limit:{operation}:{user_id}", seconds)
        if count > most:
            error = TooOften(f"{operation}: at most {limit}; try again in {left} s.")
            error.retry_after = left
            raise error

    def _count(self, key: str, seconds: int) -> tuple[int, int]:
        """The calls within the window called `key`, and the seconds until it is over."""
        if self._redis is not None:
            with suppress(RedisAway):
                return self._redis.do(lambda redis: _count_in(redis, key, seconds))
        return self._memory.count(key, seconds)


class Windows:
    """The windows that a process keeps for itself."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        """Count a call; how many that makes in the window, and the seconds until it is over."""
        present = clock.monotonic()
        with self._lock:
            ends, count = self._windows.get(key, (present, 0))
            if present >= ends:
                ends, count = present + seconds, 0
            if len(self._windows) >= MOST_WINDOWS:
                self._windows.clear()
            self._windows[key] = ends, count + 1
        return count + 1, ceil(ends - present)


def _count_in(redis: Redis, key: str, seconds: int) -> tuple[int, int]:
    """The same in Redis, by one round trip."""
    with redis.pipeline() as together:
        together.set(key, 0, ex=seconds, nx=True)
        together.incr(key)
        together.pttl(key)
        _, count, milliseconds = together.execute()
    return count, max(1, ceil(milliseconds / 1000))
