"""The example host of docs/examples/collectors, and what its people do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import time_machine
from collectors.app import Item, User, create_app, db
from flask import Flask
from sqlalchemy import event, insert

from tests.hosts import engine_of
from tests.sql_rules import check_executed
from zeeguu_gamify.testing import prepare

ADA, BEN, MOD = 1, 2, 3
JOINED = datetime(2022, 3, 4, 23, 30)  #: in Berlin it is the fifth already
NOON = datetime(2026, 3, 10, 12)


def make_collectors(url: str, **overrides: Any) -> Flask:
    """The host over an empty database, with three people and eight items of four brands."""
    app = create_app(url, **overrides)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", check_executed)
        with db.engine.begin() as connection:
            people = [(ADA, "Europe/Berlin"), (BEN, None), (MOD, None)]
            rows = [{"id": id_, "timezone": zone, "created_at": JOINED} for id_, zone in people]
            connection.execute(insert(User), rows)
            items = [{"id": id_, "brand": f"brand{id_ % 4}"} for id_ in range(1, 9)]
            connection.execute(insert(Item), items)
    prepare(app)
    return app


def at_time(at: datetime) -> time_machine.travel:
    """Let `at` (UTC) be the present."""
    return time_machine.travel(at.isoformat() + "Z", tick=False)


@contextmanager
def opened(app: Flask) -> Iterator[Flask]:
    """The host in its app context, at noon, closed at the end."""
    with at_time(NOON), app.app_context():
        yield app
        db.session.remove()
    engine_of(app).dispose()


def does(
    app: Flask, user_id: int, *path: object, at: datetime = NOON, method: str = "POST"
) -> list[str]:
    """A person does something at `at` (UTC), e.g. "items", 1, "own"; the new badges."""
    with at_time(at):
        answer = app.test_client().open(
            "/" + "/".join(map(str, path)), method=method, headers={"X-User-Id": str(user_id)}
        )
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json["new_badges"]) if "new_badges" in answer.json else [answer.json["id"]]


def contributes(
    app: Flask, user_id: int, kind: str, times: int = 1, at: datetime = NOON
) -> list[str]:
    """A person hands reviews or edits in, and each is approved at `at`; the new badges."""
    new = []
    for _ in range(times):
        [id_] = does(app, user_id, "items", 1, kind, at=at)
        new += does(app, MOD, "contributions", id_, "approve", at=at)
    return new
