"""One POST to one endpoint: to an address that was looked at, and nowhere else."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from threading import Timer

from zeeguu_gamify.delivery.webhooks.guard import PORTS, Network, Target, target

#: So many seconds a receiver may be silent, and take in all.
SILENCE, IN_ALL = 15.0, 30.0

#: No receiver puts us off for longer.
LONGEST_WISH = timedelta(days=1)
#: So many addresses of a name are tried.
ADDRESSES = 3

#: What may go wrong on the way; `Refused` besides.
Unreachable = (OSError, HTTPException)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said; its body is of no interest."""

    status: int
    retry_after: timedelta  #: it wishes to be left alone for so long

    @property
    def is_good(self) -> bool:
        """Whether it has the message."""
        return self.status in range(200, 300)


def post(url: str, headers: Mapping[str, str], body: bytes, allowed: Sequence[Network]) -> Answer:
    """Send the body. Follows no redirect, so that nobody can send us elsewhere.

    Raises Refused, OSError or HTTPException.
    """
    found = target(url, allowed)
    connection = _Connection(found)
    ending = Timer(IN_ALL, connection.cut)
    ending.daemon = True
    ending.start()
    try:
        connection.request("POST", _path(found), body, dict(headers))
        response = connection.getresponse()
        return Answer(response.status, _retry_after(response.getheader("Retry-After", "")))
    finally:
        ending.cancel()
        connection.close()


def _retry_after(said: str) -> timedelta:
    """At most a day; a date instead of seconds is taken for none."""
    seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0
    return min(timedelta(seconds=seconds), LONGEST_WISH)


def _path(found: Target) -> str:
    query = f"?{found.url.query}" if found.url.query else ""
    return (found.url.path or "/") + query


class _Connection(HTTPConnection):
    """A connection to one of the addresses found, with TLS for the name."""

    def __init__(self, found: Target) -> None:
        super().__init__(found.host, found.port, timeout=SILENCE)
        self.default_port = PORTS[found.url.scheme]  # which the header Host leaves out
        self._found = found
        self._is_cut = False

    def connect(self) -> None:
        """What may be cut is what is ready: not while TLS is put around it, but before it begins,
        for that may be as slow as the rest.
        """
        tls = ssl.create_default_context() if self._found.url.scheme == "https" else None
        sock, host = _connected(self._found), self._found.host
        if tls:
            sock = tls.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        self.sock = sock
        if self._is_cut:  # before there was anything to end
            raise TimeoutError(f"not connected within {IN_ALL:g} s")
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()

    def cut(self) -> None:
        """End it from another thread: a receiver may send a byte now and then, for hours.

        What TLS keeps of the connection belongs to the thread that uses it.
        """
        self._is_cut = True
        if (sock := self.sock) is not None:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _connected(found: Target) -> socket.socket:
    """The first that answers; raises OSError of the last."""
    *others, last = found.addresses[:ADDRESSES]
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, found.port), SILENCE)
    return socket.create_connection((last, found.port), SILENCE)
