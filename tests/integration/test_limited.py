"""Badges for a span of time, for the first few, and for each new context."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    award_log,
    badges,
    change,
    db_of,
    engine_of,
    grants,
    progress,
)
from zeeguu_gamify import (
    AllOf,
    AtLeast,
    Catalog,
    Event,
    EventType,
    composite,
    describe_count,
    emit,
    ladder,
    one_off,
)
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.testing import statements

DECEMBER, NEW_YEAR = datetime(2026, 12, 1), datetime(2027, 1, 1)
TEXTS: dict[str, Any] = {"unachieved": "-", "achieved": "+"}
READING = describe_count("Read", "You read", "article", "articles")


def puzzle_of(event: Event) -> str | None:
    """The puzzle that an event is about."""
    found: str | None = event.context.get("puzzle")
    return found


EVENTS = [EventType("puzzle.solved", "a puzzle was solved")]
CATALOG = Catalog((
    *FAMILIES[:5],
    ladder("READ_ARTICLES", (1, 2), name="December", trigger="article.read", describe=READING,
           starts_at=DECEMBER, ends_at=NEW_YEAR),
    one_off("advent", name="Advent", trigger="profile.completed", **TEXTS,
            starts_at=DECEMBER, ends_at=NEW_YEAR),
    composite("feast", name="Feast", test=AllOf(AtLeast("READ_ARTICLES", 1)), **TEXTS,
              trigger="quiz.completed", starts_at=DECEMBER, ends_at=NEW_YEAR),
    one_off("pioneer", name="Pioneer", trigger="quiz.completed", max_holders=1, **TEXTS,
            when=lambda event: event.amount > 1, when_text="of more than one"),
    one_off("flawless", name="Flawless", trigger="puzzle.solved", repeatable=puzzle_of, **TEXTS),
))  # fmt: skip


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host with such badges."""
    return new_host(catalog=CATALOG, events=EVENTS)


def happen(app: Flask, name: str, at: datetime, user_id: int = ADA, **fields: Any) -> list[str]:
    """Let an event happen at that time and be committed; the badges that it brought."""
    session = db_of(app).session
    with time_machine.travel(at, tick=False):
        new = emit(session, name, user_id=user_id, at=at, **fields).new_badges
        session.commit()
    return [badge.code for badge in new]


@pytest.mark.core
def test_a_time_boxed_badge_is_earned_from_its_first_second_to_its_last(host: Flask) -> None:
    before, last = datetime(2026, 11, 30, 23, 59, 59), datetime(2026, 12, 31, 23, 59, 59)
    assert happen(host, "profile.completed", before) == []
    assert happen(host, "profile.completed", NEW_YEAR) == []
    assert happen(host, "profile.completed", DECEMBER) == ["advent"]
    assert happen(host, "profile.completed", last, user_id=BEN) == ["advent"]


def test_out_of_its_time_a_one_off_is_not_done_either(host: Flask) -> None:
    happen(host, "profile.completed", NEW_YEAR)
    assert progress(host) == {}


def test_a_level_is_earned_when_the_threshold_is_crossed_in_its_time(host: Flask) -> None:
    assert happen(host, "article.read", datetime(2026, 11, 30)) == []
    assert happen(host, "article.read", DECEMBER) == ["read_articles_2"]
    assert progress(host) == {"READ_ARTICLES": 2}


def test_a_composite_is_earned_when_it_is_tested_in_its_time(host: Flask) -> None:
    assert happen(host, "article.read", datetime(2026, 11, 30)) == []
    assert happen(host, "quiz.completed", NEW_YEAR) == []
    assert happen(host, "quiz.completed", DECEMBER) == ["feast"]


def test_what_happened_in_time_counts_when_it_is_told_late(host: Flask) -> None:
    session = db_of(host).session
    with time_machine.travel(datetime(2027, 2, 1), tick=False):
        emit(session, "profile.completed", user_id=ADA, at=DECEMBER)
        session.commit()
    assert badges(host) == ["advent"]


@pytest.mark.core
def test_of_a_limited_badge_no_more_are_granted_than_there_are(host: Flask) -> None:
    assert happen(host, "quiz.completed", DECEMBER, amount=2) == ["pioneer"]
    assert happen(host, "quiz.completed", DECEMBER, user_id=BEN, amount=2) == []
    assert (badges(host), badges(host, BEN)) == (["pioneer"], [])
    assert award_log(host, BEN) == []
    assert grants_made(host) == 1


def test_who_has_one_already_takes_no_second(host: Flask) -> None:
    change(host, text("UPDATE badge SET max_holders = 2 WHERE code = 'pioneer'"))
    happen(host, "quiz.completed", DECEMBER, amount=2)
    change(host, text("DELETE FROM user_badge_progress"))
    db_of(host).session.remove()
    host.extensions["gamify"].known.discard((ADA, 8))
    assert happen(host, "quiz.completed", DECEMBER, amount=2) == []
    assert grants_made(host) == 1
    assert happen(host, "quiz.completed", DECEMBER, user_id=BEN, amount=2) == ["pioneer"]


def test_a_grant_that_the_host_rolls_back_takes_none(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "quiz.completed", user_id=ADA, amount=2)
    session.rollback()
    assert grants_made(host) == 0
    assert happen(host, "quiz.completed", DECEMBER, user_id=BEN, amount=2) == ["pioneer"]


def test_a_limited_composite_is_taken_last_so_that_no_two_wait_for_each_other(
    new_host: MakeHost,
) -> None:
    early = composite(
        "early", name="-", test=AllOf(AtLeast("READ_ARTICLES", 1)), max_holders=1, **TEXTS
    )
    host = new_host(catalog=Catalog((*FAMILIES, early)))
    with statements(engine_of(host)) as ran:
        assert happen(host, "article.read", DECEMBER) == ["early"]
    rows = [n for n, one in enumerate(ran) if one.startswith("INSERT INTO user_badge_progress")]
    (taken,) = [n for n, one in enumerate(ran) if one.startswith("UPDATE badge SET")]
    assert len(rows) == 2
    assert max(rows) < taken
    assert happen(host, "article.read", DECEMBER, BEN) == []


def test_a_revoked_one_is_not_granted_to_the_next(host: Flask) -> None:
    happen(host, "quiz.completed", DECEMBER, amount=2)
    change(host, text("UPDATE user_badge SET revoked_at = '2026-12-02'"))
    assert happen(host, "quiz.completed", DECEMBER, user_id=BEN, amount=2) == []


@pytest.mark.core
def test_a_repeatable_badge_is_granted_once_for_each_context(host: Flask) -> None:
    puzzles = ("verbs", "nouns", "verbs", "Verbs")
    new = [
        happen(host, "puzzle.solved", DECEMBER, context={"puzzle": puzzle}) for puzzle in puzzles
    ]  # fmt: skip
    assert new == [["flawless"], ["flawless"], [], ["flawless"]]
    assert [row.context for row in grants(host)] == ["verbs", "nouns", "Verbs"]
    assert grants(host)[1].evidence["value"] == 1
    assert progress(host) == {"ONE:flawless": 3}


def test_an_event_without_a_context_earns_no_repeatable_badge(host: Flask) -> None:
    assert happen(host, "puzzle.solved", DECEMBER) == []
    assert progress(host) == {}


def test_a_context_that_was_there_before_costs_one_lookup(host: Flask) -> None:
    happen(host, "puzzle.solved", DECEMBER, context={"puzzle": "verbs"})
    with statements(engine_of(host)) as ran:
        happen(host, "puzzle.solved", DECEMBER, context={"puzzle": "verbs"})
    assert [statement.split()[0] for statement in ran] == ["SELECT"]


def test_a_revoked_context_stays_away_and_the_others_come(host: Flask) -> None:
    happen(host, "puzzle.solved", DECEMBER, context={"puzzle": "verbs"})
    change(host, text("UPDATE user_badge SET revoked_at = '2026-12-02'"))
    assert happen(host, "puzzle.solved", DECEMBER, context={"puzzle": "verbs"}) == []
    assert happen(host, "puzzle.solved", DECEMBER, context={"puzzle": "nouns"}) == ["flawless"]


def test_contexts_of_a_batch_are_granted_once_each(host: Flask) -> None:
    session = db_of(host).session
    outcomes = emit_batch(
        session,
        [
            Event(name="puzzle.solved", user_id=ADA, context={"puzzle": puzzle})
            for puzzle in ("a", "b", "a")
        ],
    )
    session.commit()
    assert [len(outcome.new_badges) for outcome in outcomes] == [1, 1, 0]


@pytest.mark.parametrize("context", ["x" * 65, "é" * 33, 7])
def test_a_context_that_is_no_short_text_is_logged_and_earns_nothing(
    new_host: MakeHost, caplog: pytest.LogCaptureFixture, context: Any
) -> None:
    family = one_off("any", name="-", trigger="word.learned", repeatable=lambda _: context, **TEXTS)
    host = new_host(catalog=Catalog((*FAMILIES, family)))
    happen(host, "word.learned", DECEMBER)
    assert "any" not in badges(host)
    assert progress(host) == {"LEARNED_WORDS": 1}
    assert "a text of at most 64 bytes" in caplog.text


def grants_made(app: Flask) -> int:
    """How many of the limited badge are taken."""
    query = "SELECT grants_made FROM badge WHERE code = 'pioneer'"
    with engine_of(app).connect() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())
