"""Hosts on a database of their own, for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.hosts import MakeHost, close, make_host
from tests.servers import Server


@pytest.fixture
def new_host(database_url: str) -> Iterator[MakeHost]:
    """Make one host as the test wants it, on each backend, with an app context."""
    yield from _made(database_url)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host as most tests want it, on each backend, with an app context."""
    return new_host()


@pytest.fixture
def new_server_host(sql_server: Server) -> Iterator[MakeHost]:
    """The same for what only a server can do: on MariaDB and on MySQL."""
    yield from _made(sql_server.new_database())


@pytest.fixture
def server_host(new_server_host: MakeHost) -> Flask:
    """A host on MariaDB and on MySQL, with an app context."""
    return new_server_host()


@pytest.fixture
def new_sqlite_host(tmp_path: Path) -> Iterator[MakeHost]:
    """The same for what has nothing to do with the backend."""
    yield from _made(f"sqlite:///{tmp_path / 'host.db'}")


@pytest.fixture
def sqlite_host(new_sqlite_host: MakeHost) -> Flask:
    """A host whose backend does not matter, with an app context."""
    return new_sqlite_host()


def _made(url: str) -> Iterator[MakeHost]:
    made = []

    def make(**options: object) -> Flask:
        app = make_host(url, **options)
        context = app.app_context()
        context.push()
        made.append((app, context))
        return app

    yield make
    for app, context in reversed(made):
        close(app)
        context.pop()
