"""One budget for all processes, in a real Redis; and each its own while Redis is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.contract.hosts import World, build  # noqa: F401 (fixture)
from tests.moving import Later
from tests.processes import meet, run_processes
from tests.servers import SECONDS, RedisServer
from tests.unit.test_rate_limits import allowed
from zeeguu_gamify.delivery.redis_link import LONGEST_PAUSE, RedisLink
from zeeguu_gamify.rate_limits import RateLimits, TooOften

LIMITS = {"badges": "30/minute"}


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[RedisServer]:
    """An empty Redis, which is started again if the test ended it."""
    RedisLink(redis_server.url(), SECONDS).do(lambda client: client.flushdb())
    yield redis_server
    if redis_server._process is None:
        redis_server.start()


def asks_often(url: str) -> int:
    limits = RateLimits(LIMITS, RedisLink(url, SECONDS))
    meet()
    return allowed(limits, "badges", 25)


def test_processes_share_a_budget(redis: RedisServer) -> None:
    assert sum(run_processes(asks_often, 2, redis.url())) == 30


def test_the_window_in_redis_ends_by_itself(redis: RedisServer) -> None:
    link = RedisLink(redis.url(), SECONDS)
    limits = RateLimits(LIMITS, link)
    allowed(limits, "badges", 30)
    with pytest.raises(TooOften) as refusal:
        limits.spend("badges", 1)
    [key] = link.do(lambda client: client.keys())
    assert 0 < link.do(lambda client: client.ttl(key)) <= (refusal.value.retry_after or 0) <= 60
    link.do(lambda client: client.expire(key, 0))
    assert allowed(limits, "badges", 1) == 1


def test_while_redis_is_away_a_process_counts_for_itself(redis: RedisServer, later: Later) -> None:
    limits = RateLimits(LIMITS, RedisLink(redis.url(), SECONDS))
    assert allowed(limits, "badges", 20) == 20
    redis.kill()
    assert allowed(limits, "badges", 50) == 30
    redis.start()
    later.seconds += LONGEST_PAUSE
    assert allowed(limits, "badges", 50) == 30  # it has begun anew, empty


@pytest.mark.sqlite_only
def test_a_redis_killed_between_two_requests_is_no_error(
    build: Callable[..., World],  # noqa: F811
    redis: RedisServer,
) -> None:
    config = {"GAMIFY_REDIS_URL": redis.url(), "GAMIFY_GRAPHQL": True, "GAMIFY_RATE_LIMITS": LIMITS}
    ada = build(config=config).person("Ada")
    query = {"query": "{badges{name}}"}
    assert ada.get("/my_badges").status_code == 200
    redis.kill()
    assert ada.get("/my_badges").status_code == 200
    answer = ada.post("/gamify/graphql", json=query)
    assert (answer.status_code, "errors" in answer.get_json()) == (200, False)
