"""From the commit of one process to the client of another: how long, through the real servers."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.hosts import ADA, BEN, close, make_host
from tests.live_server import Client, WebServer, live_server
from tests.servers import RedisServer, mariadb_server, redis_server

EVENTS, CLIENTS = 150, 4
#: Seconds between events: a learner does not do more than this, and boards are told once in 0.25 s.
APART, MOVES_APART = 0.03, 0.3
MOVES = 30


def run() -> list[str]:
    """The table of this benchmark."""
    lines = ["committed → received, in ms, by clients of the live stream"]
    with all_cpus(), mariadb_server(durable=True) as mariadb, redis_server() as redis:
        for what, workers, link in (
            ("1 process, without Redis", 1, None),
            ("1 process", 1, redis),
            ("4 processes", 4, redis),
        ):
            close(make_host(url := mariadb.new_database()))
            with _serving(url, workers, link) as server:
                lines += [
                    _line(f"{what}: own events", _own_events(server)),
                    _line(f"{what}: board.moved", _moves(server)),
                ]
    return lines


def _own_events(server: WebServer) -> list[float]:
    """Every client is Ada's; an event is told by the number of its bytes."""
    clients = [Client(server) for _ in range(CLIENTS)]
    received: list[dict[int, float]] = [{} for _ in clients]

    def listen(client: Client, times: dict[int, float]) -> None:
        while len(times) < EVENTS:
            (event,) = client.next()
            if event.name == "friend.removed":
                times[len(event.data["text"])] = time.monotonic()

    threads = [Thread(target=listen, args=pair) for pair in zip(clients, received, strict=True)]
    committed = {}
    for thread in threads:
        thread.start()
    for number in range(1, EVENTS + 1):
        committed[number] = server.owe(ADA, number)
        time.sleep(APART)
    for thread in threads:
        thread.join()
    _hang_up()
    return [times[number] - at for times in received for number, at in committed.items()]


def _moves(server: WebServer) -> list[float]:
    """From EXP earned, through board_score, to who watches the board."""
    client = Client(server, boards="exp:week:everybody")
    client.next()
    found = []
    for _ in range(MOVES):
        at = server.happen(BEN, "exp.gained")
        client.next()
        found.append(time.monotonic() - at)
        time.sleep(MOVES_APART)
    _hang_up()
    return found


def _hang_up() -> None:
    while Client.made:
        Client.made.pop().close()


@contextmanager
def _serving(url: str, workers: int, redis: RedisServer | None) -> Iterator[WebServer]:
    with tempfile.TemporaryDirectory() as home:
        server = live_server(
            url,
            Path(home) / "log",
            "gthread",
            "-w",
            str(workers),
            redis=redis,
            heartbeat=5,
            limit=8,
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def all_cpus() -> Iterator[None]:
    """The servers are not to share one CPU with the clients."""
    pinned = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, pinned)


def _line(what: str, seconds: list[float]) -> str:
    hundredths = statistics.quantiles(seconds, n=100)
    p50, p99 = hundredths[49] * 1000, hundredths[98] * 1000
    return f"  {what:<46} p50 {p50:>7.2f}  p99 {p99:>7.2f}  of {len(seconds)}"
