"""What every test may ask for: real servers, databases on them, the activity log.

Nothing is skipped in silence: a test that needs what this machine has not is listed at the end of
the run under "not tested". Where CI=true, a missing server is a failure instead.
"""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event

from tests import routes, servers
from tests.moving import Later
from tests.servers import ProcessT, RedisServer, Server, ServerMissing
from tests.sql_rules import check_executed
from zeeguu_gamify import clock
from zeeguu_gamify.delivery.publisher import Publisher

IN_CI = os.environ.get("CI") == "true"

if memory := servers.memory():  # so that `tmp_path`, where the SQLite files are, is there
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))

routes.share()

# How long anything takes says more of the machine than of us.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if IN_CI else "local")


@pytest.fixture(scope="session", autouse=True)
def _only_sql_for_mysql_57() -> Iterator[None]:
    """Fail whatever sends or compiles SQL that MySQL 5.7 cannot run, on any backend."""
    event.listen(Engine, "before_cursor_execute", check_executed)
    yield
    event.remove(Engine, "before_cursor_execute", check_executed)


@pytest.fixture(scope="session", autouse=True)
def _compile_each_template_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let apps share what Jinja compiles, too."""
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with patch.dict(Flask.jinja_options, bytecode_cache=kept):
        yield


@pytest.fixture(scope="session", autouse=True)
def _trust_the_catalog_for_long() -> Iterator[None]:
    """Let no app read it again, beside what a test counts, because the machine is slow."""
    with patch.object(
        Flask, "default_config", {**Flask.default_config, "GAMIFY_REFRESH_SECONDS": 3600.0}
    ):
        yield


@pytest.fixture(autouse=True)
def _publish_by_hand(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no thread deliver the outbox behind a test's back, unless that is what it shows.

    A patch of its own, which a test that undoes those of its `monkeypatch` leaves in place: else
    a thread would live on, and log into other tests.
    """
    if request.node.get_closest_marker("publisher"):
        yield
    else:
        with patch.object(Publisher, "wake", lambda _self: None):
            yield


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """A MariaDB server."""
    yield from _serve(servers.mariadb_server())


@pytest.fixture(scope="session")
def mysql() -> Iterator[Server]:
    """A MySQL server, not MariaDB."""
    yield from _serve(servers.mysql_server())


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server."""
    yield from _serve(servers.redis_server())


@pytest.fixture(params=["mariadb", "mysql"])
def sql_server(request: pytest.FixtureRequest) -> Server:
    """Each of the two SQL servers in turn."""
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, on each backend that the test is for.

    That is SQLite and MariaDB, and MySQL as well if the test is marked `core`; or SQLite alone if
    it is marked `sqlite_only`, because what it shows has nothing to do with the backend.
    """
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gamify.db'}"
    server: Server = request.getfixturevalue(request.param)
    return server.new_database()


@pytest.fixture
def later() -> Iterator[Later]:
    """The monotonic clock stands still, unless the test moves it on."""
    moved = Later()
    with patch.object(clock, "monotonic", moved):
        yield moved


@pytest.fixture(scope="session")
def activity_log() -> Path:
    """The full activity log, which stays out of the repository."""
    path = os.environ.get("GAMIFY_ACTIVITY_LOG")
    if not path:
        pytest.skip("the full activity log (GAMIFY_ACTIVITY_LOG is not set)")
    return Path(path)


def _serve(server: AbstractContextManager[ProcessT]) -> Iterator[ProcessT]:
    try:
        with server as running:
            yield running
    except ServerMissing as missing:
        if IN_CI:
            pytest.fail(f"not to be left out here: {missing}")
        pytest.skip(str(missing))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `database_url` once for each of its backends."""
    if "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", _backends(metafunc.definition), indirect=True)


def _backends(test: pytest.Item) -> list[str]:
    if test.get_closest_marker("sqlite_only"):
        return ["sqlite"]
    return ["sqlite", "mariadb", *(["mysql"] if test.get_closest_marker("core") else [])]


def pytest_collection_finish() -> None:
    """Let the garbage collector look seldom, and never at what stays: it took a quarter of all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make test` collect what several runs did not test."""
    parser.addoption("--not-tested", type=Path, help="append to this file what was not tested")


def pytest_report_header() -> str:
    """Say which SQLAlchemy is tested: the suite runs on two."""
    return f"SQLAlchemy {sqlalchemy.__version__}"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was not tested, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("not tested")
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"{reason}: {count} tests")
    if path := terminalreporter.config.getoption("not_tested"):
        with path.open("a") as file:
            file.writelines(f"{reason}\n" for reason in reasons)
