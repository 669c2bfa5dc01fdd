"""A batch brings about what its events would have brought about one by one."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from flask import Flask

from tests.hosts import ADA, BEN, MakeHost, badges, db_of, engine_of, grants, progress
from zeeguu_gamify import Catalog, Event, emit
from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.testing import statements

WITH_ONE_OFFS = Catalog((*FAMILIES, *ONE_OFFS))
MORNING, NOON = datetime(2026, 1, 1, 8), datetime(2026, 1, 1, 12)


def event(name: str, user_id: int = ADA, **fields: object) -> Event:
    return Event(name=name, user_id=user_id, **fields)  # type: ignore[arg-type]


BATCHES = {
    "a counter": [event("word.translated", amount=n) for n in (4, 5, 1, 90, 500)],
    "a gauge with a peak": [event("streak.changed", value=n) for n in (3, 31, 0, 8)],
    "a gauge that falls": [event("friendship.changed", value=n) for n in (5, 2, 1)],
    "something done twice": [
        event("profile.completed", at=MORNING, event_id="p1"),
        event("profile.completed", at=NOON, event_id="p2"),
    ],
    "several users and metrics": [
        event("article.read", BEN),
        event("word.learned", ADA, amount=10),
        event("article.read", ADA, amount=5),
        event("word.learned", BEN),
        event("article.read", BEN, amount=30),
    ],
}


@time_machine.travel(datetime(2026, 1, 2), tick=False)
@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_a_batch_grants_what_its_events_grant_one_by_one(
    new_sqlite_host: MakeHost, batch: list[Event]
) -> None:
    host = new_sqlite_host(catalog=WITH_ONE_OFFS)
    session = db_of(host).session
    outcomes = [
        emit(session, item.name, **{key: getattr(item, key) for key in FIELDS}) for item in batch
    ]
    singly = [[badge.code for badge in outcome.new_badges] for outcome in outcomes]
    what_singly_is_left = left_by(host)
    session.rollback()
    together = emit_batch(session, batch)
    assert [[badge.code for badge in outcome.new_badges] for outcome in together] == singly
    assert left_by(host) == what_singly_is_left


FIELDS = ("user_id", "amount", "value", "event_id", "at")


def left_by(app: Flask) -> list[object]:
    """Values and certificates, as the open transaction sees them."""
    connection = db_of(app).session.connection()
    values = "SELECT user_id, badge_category_id, value FROM user_badge_progress ORDER BY 1, 2"
    grants = "SELECT user_id, badge_id, achieved_at, evidence FROM user_badge ORDER BY 1, 2"
    found = [connection.exec_driver_sql(query).all() for query in (values, grants)]
    return [[tuple(row) for row in rows] for rows in found]


@pytest.mark.core
def test_each_badge_of_a_batch_names_the_event_that_crossed_its_threshold(host: Flask) -> None:
    batch = [
        event("word.translated", amount=10, event_id="first", at=MORNING),
        event("word.translated", amount=89, event_id="second", at=NOON),
        event("word.translated", amount=1, event_id="third", at=NOON),
    ]
    outcomes = emit_batch(db_of(host).session, batch)
    db_of(host).session.commit()
    assert [[badge.level for badge in outcome.new_badges] for outcome in outcomes] == [[1], [], [2]]
    causes = [(row.evidence["event_id"], row.evidence["value"]) for row in grants(host)]
    assert causes == [("first", 10), ("third", 100)]


@pytest.mark.core
def test_a_batch_moves_each_metric_of_a_user_by_one_statement(host: Flask) -> None:
    batch = [event("word.translated", user_id) for user_id in (BEN, ADA) for _ in range(4)]
    emit_batch(db_of(host).session, batch)
    db_of(host).session.commit()
    with statements(engine_of(host)) as ran:
        emit_batch(db_of(host).session, batch)
    updates = [statement for statement in ran if statement.startswith("UPDATE")]
    others = {statement.split()[0] for statement in ran if statement not in updates}
    assert len(updates) == 2
    assert others <= {"SAVEPOINT", "RELEASE", "BEGIN"}
    db_of(host).session.commit()
    assert (progress(host, ADA), progress(host, BEN)) == (
        {"TRANSLATED_WORDS": 8},
        {"TRANSLATED_WORDS": 8},
    )


def test_a_batch_with_one_bad_event_is_refused_before_anything_is_written(
    host: Flask,
) -> None:
    batch = [event("word.translated"), event("streak.changed")]
    with (
        statements(engine_of(host)) as ran,
        pytest.raises(BadInput, match=r"^value: streak.changed sets a gauge"),
    ):
        emit_batch(db_of(host).session, batch)
    assert all(statement.startswith("SELECT") for statement in ran)
    db_of(host).session.commit()
    assert (progress(host), badges(host)) == ({}, [])
