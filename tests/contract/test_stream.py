"""GET /gamify/stream, in one process: what a client is told, and what it cannot ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.contract.hosts import Person, World
from tests.contract.streams import Heard, events
from zeeguu_gamify import clock, emit, practice
from zeeguu_gamify.delivery import frames
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.testing import deliver

PATH = "/gamify/stream"


class Client:
    """A client that listens; its stream is read only as far as a test asks."""

    def __init__(self, person: Person, headers: dict[str, str] | None = None, **query: Any) -> None:
        self.response = person.call("GET", PATH, query_string=query, headers=headers)
        assert self.response.status_code == 200
        self._events = events(self.response.iter_encoded())

    def next(self, count: int = 1) -> list[Heard]:
        """The next events."""
        return [next(self._events) for _ in range(count)]

    def names(self, count: int) -> list[str]:
        return [event.name for event in self.next(count)]

    def close(self) -> None:
        self.response.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Client]]:
    """Open streams; they are closed after the test."""
    clients: list[Client] = []

    def open_one(person: Person, **kwargs: Any) -> Client:
        clients.append(Client(person, **kwargs))
        return clients[-1]

    yield open_one
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that waits for what never comes ends soon."""
    monkeypatch.setattr(frames, "HEARTBEAT", 0.05)
    monkeypatch.setattr(frames, "LIFETIME", 32.0)


def happen(world: World, name: str, person: Person, **fields: Any) -> None:
    """Let an event be committed and delivered."""
    with world.app.app_context():
        emit(world.db.session, name, user_id=person.id, **fields)
        world.db.session.commit()
    deliver(world.app)


def owe(world: World, topic: str, user_id: int | None, times: int = 1) -> None:
    """Let messages be committed and delivered."""
    with world.app.app_context():
        session = world.db.session()
        for number in range(times):
            put(session, world.mount, topic, {"number": number}, user_id=user_id)
        session.commit()
    deliver(world.app)


def test_it_begins_with_where_the_client_stands(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    client = listen(sqlite_world.person("Ada"))
    (ready,) = client.next()
    assert (ready.name, ready.data) == ("ready", {})
    assert ready.id


def test_the_headers_keep_everybody_on_the_way_from_holding_it_back(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    headers = listen(sqlite_world.person("Ada")).response.headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Cache-Control"] == "no-cache, no-transform"
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_own_badges_are_told(sqlite_world: World, listen: Callable[..., Client]) -> None:
    ada, ben = sqlite_world.person("Ada"), sqlite_world.person("Ben")
    client = listen(ada)
    happen(sqlite_world, "word.translated", ben, amount=10)
    happen(sqlite_world, "word.translated", ada, amount=10)
    _, badge = client.next(2)
    assert (badge.name, badge.data["code"]) == ("badge.earned", "translated_words_1")
    assert badge.data["user_id"] == ada.id


def test_own_practice_is_told_once_it_is_committed_and_owes_nothing(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada, ben = sqlite_world.person("Ada"), sqlite_world.person("Ben")
    client = listen(ada)
    with sqlite_world.app.app_context():
        session = sqlite_world.db.session
        practice(session, ada.id)
        session.rollback()
        for one in (ben, ada, ada):
            practice(session, one.id)
            session.commit()
        assert "streak.updated" not in session.scalars(select(OutboxMessage.topic)).all()
    happen(sqlite_world, "word.translated", ada, amount=10)
    _, moved, badge = client.next(3)
    assert (moved.name, badge.name) == ("streak.updated", "badge.earned")
    assert (moved.data["user_id"], moved.data["streak"]) == (ada.id, 1)


def test_a_host_whose_listeners_cannot_be_told_has_committed_nevertheless(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite_world.mount.hub, "tell", lambda _told: 1 / 0)
    with sqlite_world.app.app_context():
        practice(sqlite_world.db.session, sqlite_world.person("Ada").id)
        sqlite_world.db.session.commit()
    assert "those who listen were not told" in caplog.text


def test_both_sides_of_a_friendship_are_told(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada, ben, cleo = (sqlite_world.person(name) for name in ("Ada", "Ben", "Cleo"))
    clients = {one.id: listen(one) for one in (ada, ben, cleo)}
    happen(sqlite_world, "friend.requested", ada, context={"friend_id": ben.id})
    for one in (ada, ben):
        _, event = clients[one.id].next(2)
        assert event.name == "friend.requested"
        assert (event.data["user_id"], event.data["friend_id"]) == (ada.id, ben.id)
    happen(sqlite_world, "word.translated", cleo, amount=10)
    assert clients[cleo.id].names(2) == ["ready", "badge.earned"]


def test_a_client_that_comes_back_is_told_what_it_missed_once_and_in_order(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada, ben = sqlite_world.person("Ada"), sqlite_world.person("Ben")
    client = listen(ada)
    happen(sqlite_world, "word.translated", ada, amount=10)
    *_, first = client.next(3)
    client.close()
    for number in (1, 2):
        context = {"friendship_id": number, "friend_id": ben.id}
        happen(sqlite_world, "friend.removed", ada, context=context)
    for resume in ({"headers": {"Last-Event-ID": first.id}}, {"last_event_id": first.id}):
        found = listen(ada, **resume).next(3)
        assert [event.name for event in found] == ["friend.removed", "friend.removed", "ready"]
        assert [event.data["friendship_id"] for event in found[:2]] == [1, 2]
        assert found[2].id == found[1].id


def test_a_client_that_saw_nothing_yet_misses_nothing(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada = sqlite_world.person("Ada")
    client = listen(ada)
    (ready,) = client.next()
    client.close()
    happen(sqlite_world, "word.translated", ada, amount=10)
    assert listen(ada, last_event_id=ready.id).names(3) == [
        "badge.earned", "inbox.added", "ready",
    ]  # fmt: skip


@pytest.mark.parametrize("unknown", ["0-1", "nonsense", "9" * 400, "abc.7"])
def test_a_client_of_whom_nobody_knows_what_it_missed_is_told_to_fetch_all(
    sqlite_world: World, listen: Callable[..., Client], unknown: str
) -> None:
    ada = sqlite_world.person("Ada")
    assert listen(ada, last_event_id=unknown).names(2) == ["reset", "ready"]


def test_what_is_too_long_ago_is_not_known_any_more(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada = sqlite_world.person("Ada")
    client = listen(ada)
    (ready,) = client.next()
    client.close()
    owe(sqlite_world, "friend.removed", ada.id, times=101)
    assert listen(ada, last_event_id=ready.id).names(2) == ["reset", "ready"]


def test_a_watched_board_that_moves_is_told_and_names_nobody(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada, ben = sqlite_world.person("Ada"), sqlite_world.person("Ben")
    client = listen(ada, boards="exp:week:everybody,exp:day:friends")
    happen(sqlite_world, "exp.gained", ben, amount=5)
    _, moved = client.next(2)
    assert moved.name == "board.moved"
    assert moved.data == {"board": "exp", "period": "week", "scope": "everybody"}
    sqlite_world.befriend(ada, ben)
    client = listen(ada, boards="exp:day:friends")
    happen(sqlite_world, "exp.gained", ben, amount=5)
    assert client.next(2)[1].data["scope"] == "friends"


def test_a_board_that_is_watched_does_not_move_with_what_came_late_for_one_before(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada = sqlite_world.person("Ada")
    client = listen(ada, boards="exp:day:everybody,exp:all:everybody")
    happen(sqlite_world, "exp.gained", ada, amount=5, at=clock.now() - timedelta(days=3))
    assert client.next(2)[1].data["period"] == "all"
    happen(sqlite_world, "exp.gained", ada, amount=5)
    assert [event.data["period"] for event in client.next(2)] == ["day", "all"]


def test_moves_are_told_at_most_four_times_a_second(
    sqlite_world: World, listen: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "MOVES_APART", 30.0)
    ada = sqlite_world.person("Ada")
    client = listen(ada, boards="exp:week:everybody")
    happen(sqlite_world, "exp.gained", ada, amount=5)
    assert client.names(2) == ["ready", "board.moved"]
    for _ in range(5):
        happen(sqlite_world, "exp.gained", ada, amount=5)
    happen(sqlite_world, "word.translated", ada, amount=10)
    assert client.names(1) == ["badge.earned"]


def test_everybody_is_told_that_boards_were_refreshed(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    client = listen(sqlite_world.person("Ada"))
    owe(sqlite_world, "leaderboard.refreshed", None)
    ready, refreshed = client.next(2)
    assert (refreshed.name, refreshed.data) == ("leaderboard.refreshed", {"number": 0})
    assert refreshed.id == ready.id


def test_a_message_that_is_delivered_twice_is_told_once(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    """As after a crash between telling and committing."""
    ada = sqlite_world.person("Ada")
    client = listen(ada)
    consumer = sqlite_world.mount.consumers[-1]

    class Crash:
        crashed = False

        def consume(self, *args: Any) -> None:
            if not self.crashed:
                self.crashed = True
                raise ValueError("crash")

        def publish(self, *args: Any) -> None: ...

    sqlite_world.mount.consumers = (consumer, Crash())
    happen(sqlite_world, "word.translated", ada, amount=10)
    happen(sqlite_world, "word.learned", ada, amount=10)
    codes = [event.data["code"] for event in client.next(3)[1:]]
    assert codes == ["translated_words_1", "learned_words_1"]


@pytest.mark.parametrize(
    ("boards", "names"),
    [
        ("nothing", "'nothing'"),
        ("exp", "exp"),
        ("exp:year:everybody", "exp:year:everybody"),
        ("exp:week:nobody", "exp:week:nobody"),
        ("exp:week:everybody:5", "exp:week:everybody:5"),
        ("exp:week:cohort:x", "exp:week:cohort:x"),
        ("exp:week:cohort:" + "9" * 30, "exp:week:cohort:"),
        (",".join(f"exp:week:cohort:{number}" for number in range(11)), "at most 10"),
        ("x" * 501, "boards"),
    ],
)
def test_a_board_that_there_is_not_is_refused_by_name(
    sqlite_world: World, boards: str, names: str
) -> None:
    answer = sqlite_world.person("Ada").get(PATH, boards=boards)
    assert answer.status_code == 400
    message = answer.get_json()["message"]
    assert message.startswith("boards")
    assert names in message


def test_an_unknown_field_is_refused_by_name(sqlite_world: World) -> None:
    answer = sqlite_world.person("Ada").get(PATH, board="exp:week:everybody")
    assert (answer.status_code, answer.get_json()) == (400, {"message": "board: Unknown field."})


def test_without_a_session_there_is_no_stream(sqlite_world: World) -> None:
    assert sqlite_world.app.test_client().get(PATH).status_code == 401


def test_one_stream_too_many_is_put_off_and_a_place_given_back_can_be_had(
    build: Callable[..., World], listen: Callable[..., Client]
) -> None:
    world = build(config={"GAMIFY_STREAM_LIMIT": 2})
    ada = world.person("Ada")
    client, _ = listen(ada), listen(ada)
    refused = ada.get(PATH)
    assert refused.status_code == 503
    assert "live streams" in refused.get_json()["message"]
    assert int(refused.headers["Retry-After"]) > 0
    client.close()
    assert listen(ada).names(1) == ["ready"]


def test_a_stream_that_nobody_reads_gives_its_place_back(sqlite_world: World) -> None:
    sqlite_world.person("Ada").call("HEAD", PATH).close()
    assert sqlite_world.mount.hub.streams == 0


def test_a_stream_holds_no_connection_of_the_database(
    sqlite_world: World, listen: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_world.app.app_context():
        pool: Any = sqlite_world.db.engine.pool
    hub, held = sqlite_world.mount.hub, []
    open_one = hub.open

    def may_wait_for_redis(*args: Any) -> Any:
        held.append(pool.checkedout())
        return open_one(*args)

    monkeypatch.setattr(hub, "open", may_wait_for_redis)
    client = listen(sqlite_world.person("Ada"), boards="exp:week:friends")
    client.next()
    assert [*held, pool.checkedout()] == [0, 0]


def test_a_stream_ends_so_that_the_session_is_checked_again(
    sqlite_world: World, listen: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "LIFETIME", 0.0)
    client = listen(sqlite_world.person("Ada"))
    assert client.names(1) == ["ready"]
    with pytest.raises(StopIteration):
        next(client._events)
    client.close()
    assert sqlite_world.mount.hub.streams == 0


def test_a_client_that_is_too_far_behind_is_dropped_and_can_resume(
    sqlite_world: World, listen: Callable[..., Client]
) -> None:
    ada = sqlite_world.person("Ada")
    client = listen(ada)
    (ready,) = client.next()
    owe(sqlite_world, "friend.removed", ada.id, times=101)
    with pytest.raises(StopIteration):
        client.next(200)
    assert listen(ada, last_event_id=ready.id).names(1) == ["reset"]
