"""A receiver of webhooks: a real server on a free port, which keeps what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One POST."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


@dataclass
class Receiver:
    """Answers `status`, with `answer` as headers."""

    url: str
    status: int = 204
    answer: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)


@contextmanager
def receiver(tls: ssl.SSLContext | None = None, name: str = "127.0.0.1") -> Iterator[Receiver]:
    """Listens until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    scheme = "https" if tls else "http"
    if tls:
        server.socket = tls.wrap_socket(server.socket, True, do_handshake_on_connect=False)
    kept = Receiver(f"{scheme}://{name}:{server.server_port}/hook?who=me")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = {name.lower(): value for name, value in self.headers.items()}
            kept.received.append(Received(names, body))
            self.send_response(kept.status)
            for name, value in kept.answer.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Nothing: the tests look at what was kept."""

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def dripping(begin: bytes) -> Iterator[tuple[int, list[str]]]:
    """Answers `begin` and then a byte now and then; its port, and at the end who had enough."""
    ended: list[str] = []

    def drip(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer:
            try:
                peer.recv(65_536)
                peer.sendall(begin)
                for _ in range(200):
                    peer.sendall(b"x")
                    time.sleep(0.02)
            except OSError:
                ended.append("the sender")
            else:
                ended.append("the receiver")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        try:
            yield server.getsockname()[1], ended
        finally:
            thread.join()
