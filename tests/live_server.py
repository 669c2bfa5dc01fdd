"""The live host (tests/live_app.py) under real servers, and clients that listen to it."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from tests.contract.streams import Heard, events
from tests.hosts import ADA
from tests.servers import HOST, SECONDS, Process, RedisServer, _free_port

TREE = Path(__file__).parents[1]
GUNICORN = ["-m", "gunicorn", "--no-control-socket", "--graceful-timeout", "1"]
KINDS = {
    "gthread": [*GUNICORN, "-k", "gthread", "--threads", "8"],
    "gevent": [*GUNICORN, "-k", "gevent"],
    "werkzeug": ["-m", "tests.live_app"],
}


@dataclass
class WebServer(Process):
    """The live host under a server; its environment is set while it starts."""

    environ: dict[str, str] = field(default_factory=dict)
    hello = b"GET / HTTP/1.0\r\n\r\n"

    def start(self) -> None:
        with patch.dict("os.environ", self.environ):
            super().start()

    def call(self, method: str, path: str) -> Any:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=SECONDS)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            return json.loads(body)
        finally:
            connection.close()

    def happen(self, user_id: int = ADA, event: str = "word.translated", amount: int = 10) -> float:
        """Let something happen to the user; when it was committed, by the monotonic clock."""
        path = f"/happen?user={user_id}&event={event}&amount={amount}"
        return float(self.call("POST", path)["committed"])

    def owe(self, user_id: int, size: int, times: int = 1) -> float:
        """Let the user be told so many bytes; when it was committed, by the monotonic clock."""
        path = f"/happen?user={user_id}&bytes={size}&times={times}"
        return float(self.call("POST", path)["committed"])

    def streams(self) -> int:
        """How many there are, in a server of one process."""
        return int(self.call("GET", "/")["streams"])


class Client:
    """Who listens; hangs up after the test."""

    made: ClassVar[list[Client]] = []

    def __init__(self, server: WebServer, user_id: int = ADA, **query: str) -> None:
        self._connection = http.client.HTTPConnection(HOST, server.port, timeout=SECONDS)
        Client.made.append(self)
        asked = "".join(f"&{key}={value}" for key, value in query.items())
        self._connection.request("GET", f"/gamify/stream?session={user_id}{asked}")
        self.answer = self._connection.getresponse()
        self._events = events(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        return iter(lambda: self.answer.read1(65536), b"")

    def next(self, count: int = 1) -> list[Heard]:
        return [next(self._events) for _ in range(count)]

    def names(self, count: int) -> list[str]:
        return [event.name for event in self.next(count)]

    def close(self) -> None:
        if hasattr(self, "answer"):
            self.answer.close()
        self._connection.close()


def live_server(
    url: str, log: Path, kind: str, *options: str, redis: RedisServer | None = None, **environ: Any
) -> WebServer:
    """The live host over the database at `url`, not started; `environ` is as tests/live_app.py."""
    port = _free_port()
    ours = {f"LIVE_{name.upper()}": str(value) for name, value in environ.items()}
    ours |= {"LIVE_DATABASE": url, "LIVE_PORT": str(port), "PYTHONPATH": str(TREE)}
    if redis:
        ours["LIVE_REDIS"] = redis.url()
    command = [sys.executable, *KINDS[kind], *options]
    if kind != "werkzeug":
        command += ["-b", f"{HOST}:{port}", "--chdir", str(TREE), "tests.live_app:make()"]
    return WebServer(command, port, log, environ=ours)
