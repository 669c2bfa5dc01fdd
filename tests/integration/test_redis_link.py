"""The link to Redis: away at once, back by itself, and never in anybody's way."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from redis import Redis

from tests.moving import Later
from tests.servers import SECONDS, RedisServer
from zeeguu_gamify.delivery.redis_link import FIRST_PAUSE, LONGEST_PAUSE, RedisAway, RedisLink
from zeeguu_gamify.errors import ConfigError

URL = "redis://localhost:6379/0"


def ping(redis: Redis) -> bool:
    return bool(redis.ping())


@pytest.fixture
def link(redis_server: RedisServer) -> Iterator[RedisLink]:
    """A link to a server that is started again if the test ended it."""
    yield RedisLink(redis_server.url(), timeout=SECONDS)
    if redis_server._process is None:
        redis_server.start()


def test_work_is_given_the_client_and_its_result_comes_back(link: RedisLink) -> None:
    assert link.do(ping) is True


def test_what_work_itself_raises_is_not_taken_for_an_outage(link: RedisLink) -> None:
    def fail(_redis: Redis) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        link.do(fail)
    assert not link.is_away


def test_once_redis_is_away_it_is_not_asked_again_until_the_pause_is_over(
    link: RedisLink, redis_server: RedisServer, later: Later, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.kill()
    asked = []

    def ask(redis: Redis) -> None:
        asked.append(1)
        redis.ping()

    for _ in range(5):
        with pytest.raises(RedisAway):
            link.do(ask)
    later.seconds += FIRST_PAUSE
    for _ in range(5):
        with pytest.raises(RedisAway):
            link.do(ask)
    later.seconds += FIRST_PAUSE  # the pause has doubled
    with pytest.raises(RedisAway):
        link.do(ask)
    assert len(asked) == 2
    assert caplog.text.count("Redis does not answer") == 1


def test_the_pause_grows_but_not_without_end(
    link: RedisLink, redis_server: RedisServer, later: Later
) -> None:
    redis_server.kill()
    for _ in range(12):
        with pytest.raises(RedisAway):
            link.do(ping)
        later.seconds += LONGEST_PAUSE
    redis_server.start()
    assert link.do(ping) is True


def test_redis_is_taken_up_again_by_itself(
    link: RedisLink, redis_server: RedisServer, later: Later, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    link.do(ping)
    redis_server.kill()
    with pytest.raises(RedisAway):
        link.do(ping)
    redis_server.start()
    later.seconds += FIRST_PAUSE
    assert link.do(ping) is True
    assert not link.is_away
    assert caplog.text.count("Redis answers again") == 1


@pytest.mark.usefixtures("later")
def test_a_redis_that_says_nothing_costs_one_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.setblocking(False)
        link = RedisLink(f"redis://127.0.0.1:{mute.getsockname()[1]}/0", timeout=0.05)
        for _ in range(20):
            with pytest.raises(RedisAway):
                link.do(ping)
        mute.accept()[0].close()
        with pytest.raises(BlockingIOError):
            mute.accept()  # nobody called twice


def test_a_refusal_is_not_an_outage(link: RedisLink, caplog: pytest.LogCaptureFixture) -> None:
    link.do(lambda redis: redis.set("text", "1"))
    for _ in range(3):
        with pytest.raises(RedisAway, match="WRONGTYPE"):
            link.do(lambda redis: redis.zcard("text"))
    assert link.do(ping) is True
    assert caplog.text.count("Redis refuses") == 1


def test_a_forked_child_has_connections_of_its_own(link: RedisLink) -> None:
    mine = link.do(lambda redis: redis.client_id())
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            os.write(writing, str(link.do(lambda redis: redis.client_id())).encode())
        finally:
            os._exit(0)
    os.wait()
    theirs = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    assert theirs != mine
    assert link.do(lambda redis: redis.client_id()) == mine


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", "redis://host:port/0"])
def test_an_url_that_is_none_of_redis_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigError, match="GAMIFY_REDIS_URL"):
        RedisLink(url, timeout=1.0)


def test_without_the_package_the_start_says_what_to_install() -> None:
    with (
        patch.dict(sys.modules, {"redis": None}),
        pytest.raises(ConfigError, match=r"pip install 'zeeguu-gamify\[redis\]'"),
    ):
        RedisLink(URL, timeout=1.0)
