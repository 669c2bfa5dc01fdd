"""What users hear of as it happens: own badges, friends, a streak that ends tonight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.hosts import ADA, BEN, MakeHost, badges, change, db_of, engine_of, send
from zeeguu_gamify import emit, increment_badge_progress
from zeeguu_gamify.events import Event, EventType, emit_batch
from zeeguu_gamify.models import OutboxMessage
from zeeguu_gamify.testing import frozen, statements

pytestmark = pytest.mark.core

NOON = datetime(2026, 3, 20, 12)


def owed(app: Flask) -> list[tuple[int | None, str, Any]]:
    """Whom a message waits for, its topic and payload."""
    rows = select(OutboxMessage.user_id, OutboxMessage.topic, OutboxMessage.payload)
    with engine_of(app).connect() as connection:
        return [tuple(row) for row in connection.execute(rows.order_by(OutboxMessage.id))]


def test_a_badge_is_told_to_its_holder(host: Flask) -> None:
    session = db_of(host).session
    with frozen(NOON):
        emit(session, "word.translated", user_id=ADA, amount=10)
    session.commit()
    ((user_id, topic, payload),) = owed(host)
    assert (user_id, topic) == (ADA, "badge.earned")
    expected = {"user_id": ADA, "at": "2026-03-20T12:00:00Z", "code": "translated_words_1"}
    assert payload.items() >= expected.items()
    assert payload.keys() - expected.keys() == {
        "name",
        "description",
        "icon_name",
        "color",
        "level",
        "context",
    }


def test_a_badge_granted_by_the_public_functions_is_told_too(host: Flask) -> None:
    session = db_of(host).session
    increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 100)
    session.commit()
    assert [payload["level"] for _, _, payload in owed(host)] == [1, 2]


def test_nothing_is_told_of_what_the_host_rolls_back(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "word.translated", user_id=ADA, amount=10)
    session.rollback()
    assert owed(host) == []


def test_what_is_held_already_is_not_told_again(host: Flask) -> None:
    session = db_of(host).session
    send(host, "word_translated", times=10)
    session.commit()
    change(host, text("DELETE FROM outbox_message"))
    change(host, text("UPDATE user_badge_progress SET value = 9"))
    send(host, "word_translated")
    session.commit()
    assert (badges(host), owed(host)) == (["translated_words_1"], [])


def test_a_friend_event_is_told_to_both(host: Flask) -> None:
    session = db_of(host).session
    with frozen(NOON):
        emit(session, "friend.requested", user_id=ADA, context={"friend_id": BEN})
    session.commit()
    payload = {"user_id": ADA, "friend_id": BEN, "at": "2026-03-20T12:00:00Z"}
    assert owed(host) == [(ADA, "friend.requested", payload), (BEN, "friend.requested", payload)]


def test_an_event_of_the_host_is_told_with_its_context(new_host: MakeHost) -> None:
    host = new_host(events=[EventType("prize.won", "a prize was won", told=True)])
    session = db_of(host).session
    at = datetime(2026, 3, 20, 12, tzinfo=UTC)
    drawn = {"day": date(2026, 3, 19), "drawn_at": datetime(2026, 3, 19, 20, 30)}
    emit(session, "prize.won", user_id=ADA, at=at, context=drawn)
    session.commit()
    told = {"day": "2026-03-19", "drawn_at": "2026-03-19T20:30:00Z"}
    payload = {"user_id": ADA, **told, "at": "2026-03-20T12:00:00Z"}
    assert owed(host) == [(ADA, "prize.won", payload)]


def test_an_event_that_is_not_told_costs_nothing(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "word.translated", user_id=ADA)
    session.commit()
    with statements(engine_of(host)) as ran:
        emit(session, "word.translated", user_id=ADA)
    assert len(ran) == 1


def test_many_told_events_cost_one_statement(host: Flask) -> None:
    session = db_of(host).session
    asked = [
        Event(name="friend.requested", user_id=ADA, context={"friend_id": BEN}) for _ in range(9)
    ]
    with statements(engine_of(host)) as ran:
        emit_batch(session, asked)
    assert sum("INSERT INTO outbox_message" in statement for statement in ran) == 1
