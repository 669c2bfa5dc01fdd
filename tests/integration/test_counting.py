"""Metrics move by events and by calls, and every level that is reached is granted once."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    award_log,
    badges,
    change,
    db_of,
    progress,
    receipts,
    send,
)
from zeeguu_gamify import (
    Catalog,
    EventType,
    emit,
    increment_badge_progress,
    ladder,
    one_off,
    update_badge_progress,
)
from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS
from zeeguu_gamify.models import Badge, UserBadge


class HostMetric(Enum):
    """Names that a host has in an enum of its own."""

    WORDS = "TRANSLATED_WORDS"


def codes(granted: list[Any]) -> list[str]:
    """The codes of what a call returned."""
    return [badge.code for badge in granted]


@pytest.mark.core
def test_increments_add_up_and_return_what_they_grant(host: Flask) -> None:
    session = db_of(host).session
    assert codes(increment_badge_progress(session, "TRANSLATED_WORDS", ADA)) == []
    assert codes(increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 8)) == []
    assert codes(increment_badge_progress(session, "TRANSLATED_WORDS", ADA)) == [
        "translated_words_1"
    ]
    assert codes(increment_badge_progress(session, "TRANSLATED_WORDS", ADA)) == []
    session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 11}
    assert badges(host) == award_log(host) == ["translated_words_1"]


@pytest.mark.core
def test_every_level_that_one_step_crosses_is_granted(host: Flask) -> None:
    session = db_of(host).session
    granted = increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 600)
    session.commit()
    levels = [f"translated_words_{level}" for level in (1, 2, 3)]
    assert codes(granted) == badges(host) == award_log(host) == levels


def test_users_are_counted_apart(host: Flask) -> None:
    session = db_of(host).session
    increment_badge_progress(session, "LEARNED_WORDS", ADA)
    increment_badge_progress(session, "LEARNED_WORDS", BEN, 10)
    session.commit()
    assert progress(host, ADA) == {"LEARNED_WORDS": 1}
    assert progress(host, BEN) == {"LEARNED_WORDS": 10}
    assert badges(host, ADA) == ["learned_words_1"]
    assert badges(host, BEN) == ["learned_words_1", "learned_words_2"]


def test_an_amount_counts_as_so_many(host: Flask) -> None:
    outcome = emit(db_of(host).session, "word.translated", user_id=ADA, amount=100)
    db_of(host).session.commit()
    assert codes(outcome.new_badges) == ["translated_words_1", "translated_words_2"]
    assert progress(host) == {"TRANSLATED_WORDS": 100}


@pytest.mark.parametrize(
    ("column", "value"), [("hidden", True), ("deprecated_at", "2026-01-01 00:00:00")]
)
def test_a_hidden_or_deprecated_level_is_not_granted_but_those_around_it_are(
    host: Flask, column: str, value: object
) -> None:
    change(host, text(f"UPDATE badge SET {column} = :value WHERE id = 2").bindparams(value=value))
    granted = increment_badge_progress(db_of(host).session, "TRANSLATED_WORDS", ADA, 600)
    db_of(host).session.commit()
    assert codes(granted) == badges(host) == ["translated_words_1", "translated_words_3"]


@pytest.mark.core
def test_a_revoked_badge_does_not_come_back_by_itself(host: Flask) -> None:
    session = db_of(host).session
    update_badge_progress(session, "FRIENDS", ADA, 3)
    session.commit()
    revoked = update(UserBadge).values(revoked_at=text("'2026-01-01'")).where(UserBadge.id == 2)
    assert change(host, revoked) == 1
    update_badge_progress(session, "FRIENDS", ADA, 0)
    assert codes(update_badge_progress(session, "FRIENDS", ADA, 5)) == ["friends_3"]
    session.commit()
    assert badges(host) == ["friends_1", "friends_2", "friends_3"]
    assert award_log(host) == ["friends_1", "friends_2", "friends_3"]
    with db_of(host).engine.connect() as connection:
        standing = connection.execute(
            text("SELECT badge_id FROM user_badge WHERE revoked_at IS NULL ORDER BY badge_id")
        )
        assert [badge_id - 30 for badge_id in standing.scalars()] == [1, 3]


@pytest.mark.core
def test_a_gauge_goes_up_and_down_and_up_again_and_grants_nothing_twice(host: Flask) -> None:
    session = db_of(host).session
    granted = []
    for value in (2, 0, 1, 3, 3, 1, 4):
        granted += codes(update_badge_progress(session, "FRIENDS", ADA, value))
        session.commit()
        assert progress(host) == {"FRIENDS": value}
    assert granted == badges(host) == award_log(host) == ["friends_1", "friends_2"]


@pytest.mark.core
def test_a_gauge_may_start_at_zero(host: Flask) -> None:
    session = db_of(host).session
    assert update_badge_progress(session, "FRIENDS", ADA, 0) == []
    session.commit()
    assert codes(update_badge_progress(session, "FRIENDS", ADA, 1)) == ["friends_1"]
    session.commit()
    assert progress(host) == {"FRIENDS": 1}


@pytest.mark.core
def test_what_is_done_once_counts_once(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, *ONE_OFFS)))
    session = db_of(host).session
    granted = []
    for _ in range(3):
        granted += codes(emit(session, "profile.completed", user_id=ADA).new_badges)
        session.commit()
        granted += codes(increment_badge_progress(session, "profile_set_up", ADA, 7))
        granted += codes(update_badge_progress(session, "profile_set_up", ADA, 7))
        session.commit()
    assert granted == badges(host) == award_log(host) == ["profile_set_up"]
    assert progress(host) == {"ONE:profile_set_up": 1}


def test_something_set_to_zero_has_not_been_done(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, *ONE_OFFS)))
    assert update_badge_progress(db_of(host).session, "profile_set_up", ADA, 0) == []
    db_of(host).session.commit()
    assert (progress(host), badges(host)) == ({}, [])


def test_one_event_moves_its_metric_and_the_one_offs_that_listen_to_it(
    new_host: MakeHost,
) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, *ONE_OFFS)))
    send(host, "article_read", times=5)
    db_of(host).session.commit()
    assert progress(host) == {"READ_ARTICLES": 5, "ONE:first_article": 1}
    assert badges(host) == ["first_article", "read_articles_1"]


def test_a_one_off_waits_for_an_event_that_meets_its_condition(new_host: MakeHost) -> None:
    perfect = one_off(
        "perfect", name="Perfect", trigger="quiz.completed", unachieved="-", achieved="-",
        when=lambda event: event.context["score"] == 100,
    )  # fmt: skip
    host = new_host(catalog=Catalog((*FAMILIES, perfect)))
    session = db_of(host).session
    missed = emit(session, "quiz.completed", user_id=ADA, context={"score": 99})
    met = emit(session, "quiz.completed", user_id=ADA, context={"score": 100})
    assert (codes(missed.new_badges), codes(met.new_badges)) == ([], ["perfect"])


def test_shipped_one_offs_are_off_by_default(host: Flask) -> None:
    send(host, "article_read")
    emit(db_of(host).session, "profile.completed", user_id=ADA, event_id="p1")
    db_of(host).session.commit()
    assert progress(host) == {"READ_ARTICLES": 1}
    assert (badges(host), receipts(host)) == ([], 1)


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("STREAK_COUNT", "STREAK_DAYS"),
        ("NUMBER_OF_FRIENDS", "FRIENDS"),
        ("translated_words_3", "TRANSLATED_WORDS"),
        (HostMetric.WORDS, "TRANSLATED_WORDS"),
    ],
)
def test_a_metric_has_older_names_and_badges_that_stand_for_it(
    host: Flask, name: Any, metric: str
) -> None:
    update_badge_progress(db_of(host).session, name, ADA, 2)
    db_of(host).session.commit()
    assert progress(host) == {metric: 2}


def test_a_host_counts_something_of_its_own(new_host: MakeHost) -> None:
    poems = ladder(
        "POEMS", (1, 2), name="Poems", trigger="poem.written", describe=lambda n: (f"{n}", "-")
    )
    host = new_host(
        catalog=Catalog((*FAMILIES, poems)),
        events=[EventType("poem.written", "a poem was written", metric="POEMS")],
    )
    session = db_of(host).session
    granted = [codes(emit(session, "poem.written", user_id=ADA).new_badges) for _ in range(2)]
    assert granted == [["poems_1"], ["poems_2"]]


def test_an_event_without_a_metric_changes_nothing(host: Flask) -> None:
    outcome = emit(db_of(host).session, "quiz.completed", user_id=ADA)
    db_of(host).session.commit()
    assert (outcome.new_badges, outcome.replayed, progress(host)) == ([], False, {})


def test_for_a_user_without_the_feature_nothing_counts(new_host: MakeHost) -> None:
    host = new_host(is_enabled_for=lambda user_id: user_id != ADA)
    session = db_of(host).session
    for user_id in (ADA, BEN):
        send(host, "word_translated", user_id)
        emit(session, "word.translated", user_id=user_id, event_id=f"e{user_id}")
        increment_badge_progress(session, "TRANSLATED_WORDS", user_id)
        update_badge_progress(session, "FRIENDS", user_id, 1)
    session.commit()
    assert progress(host, ADA) == {}
    assert progress(host, BEN) == {"TRANSLATED_WORDS": 3, "FRIENDS": 1}
    assert (badges(host, ADA), receipts(host)) == ([], 1)


@pytest.mark.parametrize(
    ("signal", "metric"),
    [
        ("word_translated", "TRANSLATED_WORDS"),
        ("word_learned", "LEARNED_WORDS"),
        ("exercise_correct", "CORRECT_EXERCISES"),
        ("article_read", "READ_ARTICLES"),
        ("audio_lesson_completed", "COMPLETED_AUDIO_LESSONS"),
    ],
)
def test_the_hosts_signals_count(host: Flask, signal: str, metric: str) -> None:
    send(host, signal, times=2)
    db_of(host).session.commit()
    assert progress(host) == {metric: 2}


def test_friends_are_counted_from_their_table(host: Flask) -> None:
    def befriend(other: int, ended: str) -> None:
        change(
            host,
            text(
                "INSERT INTO friendship (user_a_id, user_b_id, deleted_at) "
                f"VALUES ({ADA}, {other}, {ended})"
            ),
        )

    befriend(BEN, "NULL")
    send(host, "friendship_changed")
    db_of(host).session.commit()
    assert (progress(host), badges(host)) == ({"FRIENDS": 1}, ["friends_1"])
    change(host, text("UPDATE friendship SET deleted_at = '2026-01-01'"))
    send(host, "friendship_changed")
    db_of(host).session.commit()
    assert (progress(host), badges(host)) == ({"FRIENDS": 0}, ["friends_1"])


def test_friend_streaks_have_no_badges(host: Flask) -> None:
    send(host, "friend_streak_changed")
    db_of(host).session.commit()
    assert progress(host) == {}


def test_thresholds_are_those_of_the_database(host: Flask) -> None:
    change(host, update(Badge).where(Badge.code == "translated_words_1").values(threshold=3))
    granted = increment_badge_progress(db_of(host).session, "TRANSLATED_WORDS", ADA, 3)
    assert codes(granted) == ["translated_words_1"]
