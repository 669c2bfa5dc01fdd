"""The live stream under real servers: gunicorn with threads and with gevent, and Werkzeug's own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.streams import Heard
from tests.hosts import ADA, BEN, close, make_host
from tests.live_server import KINDS, Client, WebServer, live_server
from tests.servers import SECONDS, RedisServer, Server


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while Client.made:
        Client.made.pop().close()


Serve = Callable[..., WebServer]


@pytest.fixture
def serve(mariadb: Server, tmp_path: Path) -> Iterator[Serve]:
    """Start the host on a database of its own, under a kind of server."""
    servers: list[WebServer] = []

    def start(
        kind: str = "gthread", *options: str, redis: RedisServer | None = None, **environ: Any
    ) -> WebServer:
        close(make_host(url := mariadb.new_database()))
        log = tmp_path / f"{len(servers)}.log"
        servers.append(live_server(url, log, kind, *options, redis=redis, **environ))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def soon(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "it did not come to be so"
        time.sleep(0.02)


every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_what_is_committed_reaches_who_listens_and_a_heartbeat_comes_between(
    serve: Serve, kind: str
) -> None:
    server = serve(kind)
    client = Client(server, boards="exp:week:everybody")
    assert client.answer.getheader("X-Accel-Buffering") == "no"
    assert client.names(1) == ["ready"]
    server.happen()
    server.happen(BEN, "exp.gained")
    assert sorted(client.names(3)) == ["badge.earned", "board.moved", "inbox.added"]
    assert next(client.pieces()) == b":\n\n"
    client.close()


@every_kind
def test_streams_leave_room_for_the_api_and_those_who_go_give_back_their_place(
    serve: Serve, kind: str
) -> None:
    server = serve(kind, limit=2)
    clients = [Client(server), Client(server)]
    for client in clients:
        assert client.names(1) == ["ready"]
    refused = Client(server)
    assert (refused.answer.status, refused.answer.getheader("Retry-After")) == (503, "5")
    assert "live streams" in json.loads(refused.answer.read())["message"]
    assert server.streams() == 2
    clients[0].close()
    soon(lambda: server.streams() == 1)
    assert Client(server).names(1) == ["ready"]


@every_kind
def test_a_client_that_reads_nothing_is_dropped(serve: Serve, kind: str) -> None:
    server = serve(kind)
    deaf = Client(server)
    assert deaf.names(1) == ["ready"]

    def is_dropped() -> bool:
        server.owe(ADA, 60_000, times=60)  # in the end more than the network on the way can hold
        return server.streams() == 0

    soon(is_dropped)
    deaf.close()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("gthread", []),
        ("gevent", []),
        ("gthread", ["--preload"]),
        ("gevent", ["--preload", "-c", "python:tests.patched_first"]),
    ],
    ids=["gthread", "gevent", "gthread_preload", "gevent_preload"],
)
def test_all_processes_hear_what_one_of_them_writes(
    serve: Serve, redis_server: RedisServer, kind: str, options: list[str]
) -> None:
    awake = {"awake": 1} if kind == "gthread" else {}
    server = serve(kind, "-w", "2", *options, redis=redis_server, limit=8, **awake)
    clients = [Client(server) for _ in range(4)]
    for client in clients:
        client.next()
    for number in range(1, 9):
        server.owe(ADA, number)
    for client in clients:
        assert [told(event) for event in client.next(8)] == list(range(1, 9))


def test_a_client_resumes_at_another_process(serve: Serve, redis_server: RedisServer) -> None:
    server = serve("gthread", "-w", "2", redis=redis_server, limit=8)
    client = Client(server)
    (ready,) = client.next()
    client.close()
    witness = Client(server)
    server.happen()
    assert witness.names(3) == ["ready", "badge.earned", "inbox.added"]
    for _ in range(3):
        again = Client(server, last_event_id=ready.id)
        assert again.names(3) == ["badge.earned", "inbox.added", "ready"]
        again.close()


def test_redis_killed_in_the_middle_of_load_fails_no_request_and_its_clients_go_on(
    serve: Serve, redis_server: RedisServer
) -> None:
    server = serve("gthread", redis=redis_server)
    client = Client(server)
    assert client.names(1) == ["ready"]
    try:
        for number in range(1, 11):
            server.owe(ADA, number)
        heard = [told(event) for event in client.next(9)]
        redis_server.kill()
        for number in range(11, 31):
            if number == 20:
                redis_server.start()
            server.owe(ADA, number)
        while (event := client.next()[0]).name != "reset":
            heard.append(told(event))
    finally:
        if redis_server._process is None:
            redis_server.start()
    server.owe(ADA, 31)
    while heard[-1] < 31:
        heard += [told(event) for event in client.next() if event.name != "reset"]
    assert heard == sorted(set(heard))
    assert heard[:9] == list(range(1, 10))
    client.close()


def told(event: Heard) -> int:
    """The number of what was owed."""
    return len(event.data["text"])


def test_redis_killed_under_four_workers_fails_no_request_and_all_clients_are_told(
    serve: Serve, redis_server: RedisServer
) -> None:
    server = serve("gthread", "-w", "4", redis=redis_server, limit=6)
    clients = [Client(server, boards="exp:week:everybody") for _ in range(6)]
    assert [client.names(1) for client in clients] == [["ready"]] * 6

    def mine() -> Any:
        return server.call("GET", f"/leaderboards/exp?session={ADA}&around=me")["me"]

    try:
        for number in range(60):
            if number == 20:
                redis_server.kill()
            if number == 40:
                redis_server.start()
            server.happen(ADA, "exp.gained", amount=1)
            mine()
    finally:
        if redis_server._process is None:
            redis_server.start()
    soon(lambda: mine() == {"rank": 1, "score": 60})
    for client in clients:
        while client.names(1) != ["reset"]:
            pass
