"""Wrong input is refused by a GamifyError that names it, and nothing is half-written."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.hosts import ADA, NOBODY, db_of, engine_of, progress
from zeeguu_gamify import GamifyError, emit, increment_badge_progress, update_badge_progress
from zeeguu_gamify.errors import BadInput, NotMounted, UnknownBadge, UnknownEvent, UnknownUser
from zeeguu_gamify.testing import statements


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("TRANSLATED_WORD", "'TRANSLATED_WORD'; did you mean 'TRANSLATED_WORDS'?"),
        ("translated_words_9", "'translated_words_9'; did you mean 'translated_words_5'?"),
        ("no such thing", "'no such thing'"),
        ("", "''"),
        (None, "'None'"),
    ],
)
def test_an_unknown_badge_is_named_with_the_nearest_there_is(
    sqlite_host: Flask, name: Any, message: str
) -> None:
    session = db_of(sqlite_host).session
    with pytest.raises(UnknownBadge) as incremented:
        increment_badge_progress(session, name, ADA)
    with pytest.raises(UnknownBadge) as updated:
        update_badge_progress(session, name, ADA, 1)
    expected = f"Unknown badge code or metric: {message}"
    assert incremented.value.message == updated.value.message == expected


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("word.translate", "'word.translate'; did you mean 'word.translated'?"),
        ("WORD", "'WORD'"),
    ],
)
def test_an_unknown_event_is_named_with_the_nearest_there_is(
    sqlite_host: Flask, name: str, message: str
) -> None:
    with pytest.raises(UnknownEvent) as error:
        emit(db_of(sqlite_host).session, name, user_id=ADA)
    assert error.value.message == f"Unknown event: {message}"


@pytest.mark.core
def test_an_unknown_user_is_named(host: Flask) -> None:
    session = db_of(host).session
    calls = (
        lambda: increment_badge_progress(session, "TRANSLATED_WORDS", NOBODY),
        lambda: update_badge_progress(session, "FRIENDS", NOBODY, 1),
        lambda: emit(session, "word.translated", user_id=NOBODY),
    )
    for call in calls:
        with pytest.raises(UnknownUser, match="Unknown user: 999"):
            call()
    session.commit()
    assert progress(host, NOBODY) == {}


@pytest.mark.parametrize("number", [0, -1, True, "3", 1.0, None, 2**31])
def test_an_amount_is_a_whole_number_of_at_least_one(sqlite_host: Flask, number: Any) -> None:
    session = db_of(sqlite_host).session
    with pytest.raises(BadInput, match="increment must be"):
        increment_badge_progress(session, "TRANSLATED_WORDS", ADA, number)
    with pytest.raises(BadInput, match="amount must be"):
        emit(session, "word.translated", user_id=ADA, amount=number)
    with pytest.raises(BadInput, match="user_id must be"):
        emit(session, "word.translated", user_id=number)
    with pytest.raises(BadInput, match="user_id must be"):
        increment_badge_progress(session, "TRANSLATED_WORDS", number)
    session.commit()
    assert progress(sqlite_host) == {}


@pytest.mark.parametrize("number", [-1, False, "3", 1.0, 2**31])
def test_a_gauge_is_set_to_a_whole_number_of_at_least_zero(sqlite_host: Flask, number: Any) -> None:
    session = db_of(sqlite_host).session
    with pytest.raises(BadInput, match="current_value must be"):
        update_badge_progress(session, "FRIENDS", ADA, number)
    with pytest.raises(BadInput, match="value must be"):
        emit(session, "friendship.changed", user_id=ADA, value=number)
    session.commit()
    assert progress(sqlite_host) == {}


def test_a_gauge_needs_its_value(sqlite_host: Flask) -> None:
    with pytest.raises(BadInput, match=r"^value: friendship.changed sets a gauge and needs"):
        emit(db_of(sqlite_host).session, "friendship.changed", user_id=ADA)


def test_what_is_refused_costs_no_write(sqlite_host: Flask) -> None:
    session = db_of(sqlite_host).session
    with statements(engine_of(sqlite_host)) as ran:
        for call in (
            lambda: increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 0),
            lambda: emit(session, "word.translated", user_id=ADA, amount=0, event_id="e1"),
            lambda: emit(session, "word.translate", user_id=ADA),
        ):
            with pytest.raises(GamifyError):
                call()
    assert all(statement.startswith("SELECT") for statement in ran)


def test_without_a_mounted_app_there_is_nothing_to_emit_to(sqlite_host: Flask) -> None:
    session = db_of(sqlite_host).session()
    with Flask("other").app_context(), pytest.raises(NotMounted) as error:
        emit(session, "word.translated", user_id=ADA)
    assert "app_context" in error.value.message
