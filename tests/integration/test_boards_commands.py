"""`flask gamify boards rebuild | check | repair`: what they find, and what they mend."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete

from tests.hosts import MakeHost, change, mount_on
from tests.integration.boards import WEEK, copied, earn, look, put_scores, scores, settle
from tests.servers import SECONDS, RedisServer
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.leaderboards.sorted_sets import set_of
from zeeguu_gamify.models import BoardScore
from zeeguu_gamify.testing import frozen

NOW = datetime(2026, 11, 19, 12)


@pytest.fixture
def app(new_sqlite_host: MakeHost, redis_server: RedisServer) -> Iterator[Flask]:
    """A host whose boards nobody has copied yet."""
    look(redis_server.url()).flushdb()
    config = {"GAMIFY_REDIS_URL": redis_server.url(), "GAMIFY_REDIS_TIMEOUT": SECONDS}
    with frozen(NOW):
        made = new_sqlite_host(config=config)
        settle(made, 3)
        for user_id in (1, 2, 3):
            earn(made, user_id, 10 * user_id)
        deliver(mount_on(made))
        yield made


def run(app: Flask, command: str, exit_code: int = 0) -> Result:
    result = app.test_cli_runner().invoke(args=["gamify", "boards", *command.split()])
    assert result.exit_code == exit_code, result.output
    return result


def as_json(app: Flask, command: str, exit_code: int = 0) -> dict[str, Any]:
    return dict(json.loads(run(app, f"{command} --json", exit_code).output))


def test_rebuild_makes_every_copy_and_check_is_content(app: Flask) -> None:
    missing = as_json(app, "check", exit_code=1)
    assert (missing["copies"], missing["scores"], missing["entries"]) == (4, 0, 0)
    run(app, "rebuild")
    assert copied(app) == {1: 10, 2: 20, 3: 30}
    assert as_json(app, "check") == {
        "mended": False, "redis": True, "scores": 0, "copies": 0, "entries": 0, "lists": [],
    }  # fmt: skip


def test_rebuild_makes_scores_anew_that_are_lost(app: Flask) -> None:
    change(app, delete(BoardScore))
    assert "12 scores, 4 copies, 0 entries mended." in run(app, "rebuild").output
    assert scores(app) == copied(app) == {1: 10, 2: 20, 3: 30}


def test_rebuild_replaces_a_copy_whatever_is_in_it(app: Flask, redis_server: RedisServer) -> None:
    run(app, "rebuild")
    look(redis_server.url()).zadd(set_of(WEEK), {"junk": 1, "0000000001": 99})
    run(app, "rebuild --board exp")
    assert copied(app) == {1: 10, 2: 20, 3: 30}


def test_check_tells_what_differs_and_changes_nothing(
    app: Flask, redis_server: RedisServer
) -> None:
    run(app, "rebuild")
    put_scores(app, {1: 11})
    look(redis_server.url()).zrem(set_of(WEEK), "0000000002")
    found = as_json(app, "check", exit_code=1)
    assert found["scores"] == 4  # the week's is wrong, and the user's three others are gone
    assert {"list": "exp week 2026-11-16", "what": "entries", "count": 2} in found["lists"]
    assert as_json(app, "repair --dry-run") == found
    assert as_json(app, "rebuild --dry-run") == found
    assert scores(app)[1] == 11


def test_repair_mends_what_differs_and_nothing_else(app: Flask, redis_server: RedisServer) -> None:
    run(app, "rebuild")
    put_scores(app, {1: 11})
    look(redis_server.url()).zrem(set_of(WEEK), "0000000002")
    mended = as_json(app, "repair")
    assert (mended["mended"], mended["scores"], mended["copies"]) == (True, 4, 0)
    assert scores(app) == copied(app) == {1: 10, 2: 20, 3: 30}
    assert run(app, "repair").output.splitlines()[-1] == "0 scores, 0 copies, 0 entries mended."


def test_a_board_that_there_is_not_is_named(app: Flask) -> None:
    assert "did you mean 'exp'?" in run(app, "check --board exq", exit_code=1).output


def test_without_redis_only_scores_are_looked_at(new_sqlite_host: MakeHost) -> None:
    app = new_sqlite_host()
    assert "SQL does all" in run(app, "rebuild").output
