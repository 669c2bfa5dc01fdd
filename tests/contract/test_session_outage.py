"""A database that does not answer is 503, never 401 or 403; and it passes (docs/contract.md §0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from werkzeug.test import TestResponse

from tests import servers
from tests.contract.hosts import NOW, World
from tests.contract.test_session import by_header
from tests.servers import Server, ServerMissing

OUTAGE = {"message": "The database does not answer; please try again soon."}


@pytest.fixture
def own_mariadb() -> Iterator[Server]:
    """A server that this test may stop."""
    try:
        with servers.mariadb_server() as server:
            yield server
    except ServerMissing as missing:
        pytest.skip(str(missing))


def is_outage(answer: TestResponse) -> bool:
    return answer.status_code == 503 and answer.json == OUTAGE


def test_a_stopped_server_is_503_and_a_restarted_one_answers_again(
    build: Callable[..., World], own_mariadb: Server
) -> None:
    world = build(own_mariadb.new_database())
    by_token = build(own_mariadb.new_database(), requires_session=by_header)
    good = world.person("Ada")
    unverified = world.person("Bob", email_verified=False, created_at=NOW)
    client = world.app.test_client()
    token = {"X-User": str(by_token.person("Cleo").id)}
    with_token = by_token.app.test_client()

    assert good.get("/my_badges").status_code == 200

    own_mariadb.stop()
    assert is_outage(good.get("/my_badges"))
    assert is_outage(good.post("/badges/mark_all_seen"))
    assert is_outage(unverified.get("/my_badges"))
    assert is_outage(client.get("/my_badges?session=unknown"))
    for _ in ("on a connection that is lost", "without any"):
        assert is_outage(with_token.get("/my_badges", headers=token))
    assert client.get("/my_badges").status_code == 401  # that needs no database

    own_mariadb.start()
    assert good.get("/my_badges").status_code == 200
    assert good.post("/badges/mark_all_seen").status_code == 200
    assert unverified.get("/my_badges").status_code == 403
    assert client.get("/my_badges?session=unknown").status_code == 401
    assert with_token.get("/my_badges", headers=token).status_code == 200


def test_a_table_of_the_host_that_is_not_there_is_503_too(
    build: Callable[..., World], mariadb: Server
) -> None:
    world = build(mariadb.new_database())
    ada = world.person("Ada")
    with world.app.app_context():
        world.tables["session"].drop(world.db.engine)
    answer = ada.get("/my_badges")
    assert (answer.status_code, answer.json) == (
        503,
        {"message": "The database does not fit; `flask gamify doctor` says why."},
    )


def test_what_is_logged_of_an_outage_names_no_session(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ada = sqlite_world.person("Ada")
    with sqlite_world.app.app_context():
        sqlite_world.tables["session"].drop(sqlite_world.db.engine)
    assert is_outage(ada.get("/my_badges"))
    assert "no such table: session" in caplog.text
    assert ada.uuid not in caplog.text


def test_a_database_that_has_no_connection_left_is_503(build: Callable[..., World]) -> None:
    one = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01}
    world = build(config={"SQLALCHEMY_ENGINE_OPTIONS": one})
    ada = world.person("Ada")
    with world.app.app_context(), world.db.engine.connect():
        assert is_outage(ada.get("/my_badges"))
    assert ada.get("/my_badges").status_code == 200
