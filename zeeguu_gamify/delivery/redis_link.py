"""The link to Redis: while Redis is away nobody waits for it, and it is taken up again by itself.

The package `redis` is imported only when a link is made: without GAMIFY_REDIS_URL none is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from zeeguu_gamify import clock
from zeeguu_gamify.config import Config
from zeeguu_gamify.errors import ConfigError, GamifyError

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger("zeeguu_gamify.redis")

T = TypeVar("T")

#: So many seconds after a failure Redis is tried again; twice as many after each further one.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
#: So many seconds pass before the log repeats that Redis refuses what it is asked.
REFUSALS_APART = 60.0
#: A process holds at most so many connections; a thread needs one at a time.
CONNECTIONS = 100


class RedisAway(GamifyError):
    """Redis does not answer, or refuses; whoever asked must do without."""

    status = 503


class RedisLink:
    """One Redis for a whole mount: shared by its threads, and made anew by itself after a fork.

    A circuit breaker: after the first failure, `do` raises RedisAway at once. When the pause is
    over, one caller tries while the others still do without. The log tells of going and coming
    back, once each.
    """

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout`: seconds for each connecting and each answer. Connects only at first use.

        Raises ConfigError when the package is missing or `url` is none of Redis.
        """
        self._errors: Any = _library().exceptions
        self._url = url
        self._redis = self.client(timeout)
        self._away_since: float | None = None
        self._pause = FIRST_PAUSE
        self._next_try = 0.0
        self._refusal_told = -REFUSALS_APART

    @property
    def is_away(self) -> bool:
        """Whether Redis did not answer last; it may do so again now."""
        return self._away_since is not None

    @property
    def database(self) -> int:
        """The number of the database on the server."""
        return int(self._redis.get_connection_kwargs().get("db") or 0)

    def do(self, work: Callable[[Redis], T]) -> T:
        """What `work` returns, given the client; raises RedisAway.

        `work` may be cut off after any command that it sent, so doing it again must do no harm.
        """
        if self._away_since is not None:
            self._begin_probe(clock.monotonic())
        try:
            done = work(self._redis)
        except self._errors.ResponseError as error:
            self._tell_refusal(error)
            raise RedisAway(f"Redis refuses: {error}") from error
        except self._errors.RedisError as error:
            self._goes(error)
            raise RedisAway(f"Redis does not answer: {error}") from error
        if self._away_since is not None:
            self._is_back()
        return done

    def client(self, timeout: float | None) -> Redis:
        """A client of its own, without the breaker; None waits for an answer without end.

        Raises ConfigError.
        """
        redis = _library()
        once = redis.retry.Retry(redis.backoff.NoBackoff(), 0)
        try:
            made: Redis = redis.Redis.from_url(
                self._url, socket_timeout=timeout, socket_connect_timeout=timeout or 1.0,
                retry=once, max_connections=CONNECTIONS, decode_responses=True,
            )  # fmt: skip
        except ValueError as error:
            raise ConfigError(f"GAMIFY_REDIS_URL: {error}") from error
        return made

    def _begin_probe(self, present: float) -> None:
        """Be the one who tries now; raises RedisAway for the others, and before it is time.

        Takes no lock: two that try at the same instant do no harm.
        """
        if present < self._next_try:
            raise RedisAway
        self._next_try = present + self._pause

    def _goes(self, error: Exception) -> None:
        """Remember that Redis is away, for twice as long as the last time."""
        present = clock.monotonic()
        if self._away_since is None:
            self._away_since, self._pause = present, FIRST_PAUSE
            log.warning("Redis does not answer, so SQL does: %s", error)
            self._redis.connection_pool.disconnect(inuse_connections=False)
        else:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._next_try = present + self._pause

    def _is_back(self) -> None:
        since, self._away_since = self._away_since, None
        if since is not None:
            log.info("Redis answers again, after %.1f s", clock.monotonic() - since)

    def _tell_refusal(self, error: Exception) -> None:
        present = clock.monotonic()
        if present - self._refusal_told >= REFUSALS_APART:
            self._refusal_told = present
            log.error("Redis refuses what it is asked, so SQL answers: %s", error)


def link_to_redis(config: Config) -> RedisLink | None:
    """The link that the settings ask for; raises ConfigError."""
    return RedisLink(config.redis_url, config.redis_timeout) if config.redis_url else None


def _library() -> Any:
    try:
        import_module("redis.backoff")
        import_module("redis.retry")
        return import_module("redis")
    except ImportError as error:
        raise ConfigError(
            "GAMIFY_REDIS_URL is set, but the package redis is not installed: "
            "pip install 'zeeguu-gamify[redis]'"
        ) from error
