"""A host on which a made activity log was played, for tests that look at what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import insert, inspect, literal_column, select, table

from tests.activity import Activity
from tests.hosts import User, db_of, engine_of
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.listeners import SIGNALS
from zeeguu_gamify.models import Badge, UserBadge

#: (username, badge code)
Held = tuple[str, str]


def play(app: Flask, log: Iterable[Activity], batch: int = 100) -> dict[str, int]:
    """Let the log happen; learner → user id."""
    lines = list(log)
    zones = {line.learner: line.timezone for line in lines}
    ids = {learner: 100 + number for number, learner in enumerate(sorted(zones))}
    rows = [
        {"id": ids[learner], "username": learner, "name": learner, "timezone": zone}
        for learner, zone in sorted(zones.items())
    ]
    with engine_of(app).begin() as connection:
        connection.execute(insert(User), rows)
    session = db_of(app).session()
    for start in range(0, len(lines), batch):
        emit_batch(session, [event_of(line, ids) for line in lines[start : start + batch]])
        session.commit()
    return ids


def event_of(line: Activity, ids: dict[str, int]) -> Event:
    """A line of a log as an event."""
    return Event(
        name=SIGNALS[line.kind].event,
        user_id=ids[line.learner],
        amount=int(line.amount),
        event_id=line.event_id,
        at=datetime.fromisoformat(line.occurred_at_utc),
    )


def held(app: Flask) -> set[Held]:
    """Who holds what."""
    mine, badge, user = UserBadge.__table__, Badge.__table__, User.__table__
    wanted = (
        select(user.c.username, badge.c.code)
        .join_from(mine, badge, badge.c.id == mine.c.badge_id)
        .join(user, user.c.id == mine.c.user_id)
        .where(mine.c.revoked_at.is_(None))
    )
    with engine_of(app).connect() as connection:
        rows = [(row.username, row.code) for row in connection.execute(wanted)]
    assert len(set(rows)) == len(rows)
    return set(rows)


def everything(app: Flask) -> dict[str, list[Any]]:
    """All rows of all tables, ours and the host's."""
    engine = engine_of(app)
    with engine.connect() as connection:
        return {
            name: sorted(
                map(repr, connection.execute(select(literal_column("*")).select_from(table(name))))
            )
            for name in inspect(engine).get_table_names()
        }
