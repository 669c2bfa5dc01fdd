"""The hub between processes: each hub here stands for one, with a Redis between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from threading import Event

import pytest
from redis import Redis

from tests.servers import SECONDS, RedisServer
from zeeguu_gamify import clock
from zeeguu_gamify.delivery import frames, history, hub, listener, redis_link
from zeeguu_gamify.delivery.hub import Hub, Told
from zeeguu_gamify.delivery.redis_link import RedisLink
from zeeguu_gamify.delivery.subscription import LiveEvent, Moves, Subscription, Watch

ADA, BEN = 1, 2
BADGE = Told(ADA, "1-a", "badge.earned", '{"code": "x y"}')
SUNDAY, MONDAY = date(2026, 11, 15), date(2026, 11, 16)
EVERYBODY = Watch("exp", "week", "everybody", since=MONDAY)
FRIENDS = Watch("exp", "week", "friends", members=frozenset({ADA}), since=MONDAY)
GERMAN = Watch("exp", "week", "language:de", language_id=7)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Come back soon, as nobody waits for a back-off here; and listen before a client is told."""
    monkeypatch.setattr(hub, "PATIENCE", SECONDS)
    monkeypatch.setattr(redis_link, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(redis_link, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(listener, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def server(redis_server: RedisServer) -> Iterator[RedisServer]:
    """An empty Redis, started again if the test ended it."""
    RedisLink(redis_server.url(), SECONDS).do(lambda redis: redis.flushall())
    yield redis_server
    if redis_server._process is None:
        redis_server.start()


def a_hub(server: RedisServer, limit: int = 5, database: int = 0) -> Hub:
    return Hub(limit, RedisLink(server.url(database), timeout=SECONDS))


def told(subscription: Subscription, count: int = 1) -> list[LiveEvent]:
    """The next events; fails when they do not come."""
    found: list[LiveEvent] = []
    until = clock.monotonic() + SECONDS
    while len(found) < count:
        assert clock.monotonic() < until, f"only {found} came"
        found += subscription.take(until, 0.0)[0]
    return found


def moved(subscription: Subscription) -> list[str]:
    _, watches = subscription.take(clock.monotonic() + SECONDS, 0.0)
    return [watch.scope for watch in watches]


def test_what_one_process_tells_the_clients_of_all_hear(server: RedisServer) -> None:
    one, other = a_hub(server), a_hub(server)
    clients = [one.open(ADA), other.open(ADA)]
    stranger = other.open(BEN)
    one.tell([BADGE])
    for client in clients:
        (event,) = told(client)
        assert (event.name, event.data) == (BADGE.name, BADGE.data)
    one.tell([Told(BEN, "2-b", "friend.removed", "{}")])
    assert [event.name for event in told(stranger)] == ["friend.removed"]


def test_what_is_told_twice_is_heard_once(server: RedisServer) -> None:
    one, other = a_hub(server), a_hub(server)
    client = other.open(ADA)
    one.tell([BADGE])
    other.tell([BADGE])
    one.tell([Told(ADA, "2-b", "friend.removed", "{}")])
    assert [event.name for event in told(client, 2)] == ["badge.earned", "friend.removed"]


def test_what_comes_while_a_client_is_told_what_it_missed_is_told_once(server: RedisServer) -> None:
    one = a_hub(server)
    last_id, _ = one.resume(ADA, None)
    client = one.open(ADA)
    one.tell([BADGE])
    text = frames.frames(client, *one.resume(ADA, last_id))
    assert "badge.earned" in next(text)
    assert next(text) == ":\n\n"  # it waited in the client's queue, too
    one.leave(client)


def test_a_client_resumes_in_another_process(server: RedisServer) -> None:
    one, other = a_hub(server), a_hub(server)
    last_id, missed = one.resume(ADA, None)
    assert missed == []
    one.tell([BADGE])
    id_, missed = other.resume(ADA, last_id)
    assert [event.name for event in missed] == ["badge.earned"]
    assert (id_, other.resume(ADA, id_)) == (missed[0].id, (id_, []))


def test_after_a_flush_a_client_is_told_to_fetch_all(server: RedisServer) -> None:
    one = a_hub(server)
    last_id, _ = one.resume(ADA, None)
    RedisLink(server.url(), SECONDS).do(lambda redis: redis.flushall())
    assert [event.name for event in one.resume(ADA, last_id)[1]] == [hub.RESET]


def test_a_stream_in_redis_is_short_and_expires(server: RedisServer) -> None:
    one = a_hub(server)
    last_id, _ = one.resume(ADA, None)
    one.tell([Told(ADA, f"{n}-x", "friend.removed", "{}") for n in range(history.KEPT + 1)])
    assert [event.name for event in one.resume(ADA, last_id)[1]] == [hub.RESET]
    key = history.stream_of(ADA)
    link = RedisLink(server.url(), SECONDS)
    assert link.do(lambda redis: redis.xlen(key)) == history.KEPT
    assert 0 < int(str(link.do(lambda redis: redis.ttl(key)))) <= history.KEPT_SECONDS


def test_who_is_erased_leaves_no_stream(server: RedisServer) -> None:
    one = a_hub(server)
    one.tell([BADGE])
    one.forget(ADA)
    link = RedisLink(server.url(), SECONDS)
    assert link.do(lambda redis: redis.exists(history.stream_of(ADA))) == 0


def test_databases_of_one_server_do_not_hear_each_other(server: RedisServer) -> None:
    one, stranger = a_hub(server), a_hub(server, database=1)
    mine, theirs = one.open(ADA), stranger.open(ADA)
    one.tell([BADGE])
    assert told(mine)
    stranger.tell([Told(ADA, "9-z", "friend.removed", "{}")])
    assert [event.name for event in told(theirs)] == ["friend.removed"]


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        (Moves("exp", frozenset({ADA}), frozenset({7})), ["everybody", "friends", "language:de"]),
        (Moves("exp", frozenset({BEN}), frozenset({8})), ["everybody"]),
        (Moves("exp", frozenset({BEN}), None), ["everybody", "language:de"]),
        (Moves("exp", frozenset({ADA}), None, SUNDAY), ["language:de"]),
        (Moves("exp", frozenset({ADA}), frozenset({8}), MONDAY), ["everybody", "friends"]),
    ],
)
def test_who_watches_a_board_hears_what_moves_on_it(
    server: RedisServer, moves: Moves, expected: list[str]
) -> None:
    one, other = a_hub(server), a_hub(server)
    client = other.open(BEN, [EVERYBODY, FRIENDS, GERMAN])
    one.tell_moves(Moves("coins", frozenset({ADA}), None))
    one.tell_moves(moves)
    assert moved(client) == expected


def test_with_redis_gone_the_clients_of_the_process_still_hear_and_later_all_are_told(
    server: RedisServer,
) -> None:
    one, other = a_hub(server), a_hub(server)
    mine, theirs = one.open(ADA), other.open(ADA)
    last_id, _ = one.resume(ADA, None)
    server.kill()
    one.tell([BADGE])
    one.tell_moves(Moves("exp", frozenset({ADA}), None))
    one.tell_all("leaderboard.refreshed", {})
    names = [event.name for event in told(mine, 2)]
    assert names == ["badge.earned", "leaderboard.refreshed"]
    assert [event.name for event in one.resume(ADA, last_id)[1]] == [hub.RESET]
    server.start()
    for client in (mine, theirs):
        assert [event.name for event in told(client)] == [hub.RESET]
    while one._link is not None and one._link.is_away:
        one.tell([BADGE])
    one.tell([Told(ADA, "2-b", "friend.removed", "{}")])
    while told(theirs)[-1].name != "friend.removed":
        pass


def test_a_process_whose_ear_was_cut_off_tells_its_clients(server: RedisServer) -> None:
    one = a_hub(server)
    client = one.open(ADA)
    RedisLink(server.url(), SECONDS).do(lambda redis: redis.client_kill_filter(_type="pubsub"))
    (reset,) = told(client)
    assert reset.name == hub.RESET
    assert reset.id == one.resume(ADA, None)[0]
    one.tell([BADGE])
    assert [event.name for event in told(client)] == ["badge.earned"]


def test_who_came_before_the_process_heard_the_others_is_told_to_fetch_all(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_listen, client_of = Event(), RedisLink.client

    def client(link: RedisLink, timeout: float | None) -> Redis:
        assert timeout or may_listen.wait(SECONDS)  # only who listens has no time-out
        return client_of(link, timeout)

    monkeypatch.setattr(RedisLink, "client", client)
    monkeypatch.setattr(hub, "PATIENCE", 0.01)
    one = a_hub(server)
    early = one.open(ADA)
    one.tell([BADGE])  # the process does not hear itself yet
    may_listen.set()
    assert [event.name for event in told(early)] == [hub.RESET]
    one.tell([Told(ADA, "2-b", "friend.removed", "{}")])
    assert [event.name for event in told(early)] == ["friend.removed"]


def test_a_redis_that_is_not_there_at_the_start_keeps_nobody_waiting(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "PATIENCE", 0.01)
    server.kill()
    one = a_hub(server)
    client = one.open(ADA)
    one.tell([BADGE])
    assert [event.name for event in told(client)] == ["badge.earned"]
    server.start()
    assert [event.name for event in told(client)] == [hub.RESET]


def test_a_line_of_another_version_is_skipped(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    one = a_hub(server)
    client = one.open(ADA)
    link = RedisLink(server.url(), SECONDS)
    for line in ("z", "u 1", "m exp nonsense", "x y z"):
        link.do(lambda redis, line=line: redis.publish(hub.channel_of(0), line))  # type: ignore[misc]
    one.tell([BADGE])
    assert [event.name for event in told(client)] == ["badge.earned"]
    assert "not understood" in caplog.text
