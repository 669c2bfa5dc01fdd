"""Shadow mode: beside the host's own code, in none of its tables, saying where we would differ."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from blinker import signal
from flask import Flask
from sqlalchemy import select, text

from tests.hosts import ADA, BEN, MakeHost, change, db_of, engine_of, mount_on, send
from tests.integration.learners import DANISH, GERMAN, Learners, NewLearners, counts_itself
from zeeguu_gamify import listeners
from zeeguu_gamify.badges.by_hand import increment_badge_progress
from zeeguu_gamify.models import gamify_tables
from zeeguu_gamify.testing import signals_sent

#: What a host with production's tables has; everything else of ours only adds to them.
BASE = {
    "badge_category": None,
    "badge": None,
    "user_badge": ("id", "user_id", "badge_id", "achieved_at", "is_shown"),
    "user_badge_progress": ("id", "user_id", "badge_category_id", "value"),
    "friendship": (
        "id", "user_a_id", "user_b_id", "created_at", "deleted_at", "friend_streak",
        "friend_streak_last_updated",
    ),
    "friend_request": None,
    "user_avatar": None,
}  # fmt: skip
COUNTED = {"word_translated": 1, "exercise_correct": 2, "article_read": 6}


class ProductionsOwnCode:
    """The host's own listeners: category, progress, badges, as production writes them."""

    def __init__(self) -> None:
        self.wrong_by = 0
        self._receivers = {name: self._receiver(category) for name, category in COUNTED.items()}

    def connect(self) -> None:
        for name, receiver in self._receivers.items():
            signal(name).connect(receiver)

    def disconnect(self) -> None:
        for name, receiver in self._receivers.items():
            signal(name).disconnect(receiver)

    def _receiver(self, category: int) -> Any:
        def receive(_sender: Any, *, user_id: int, db_session: Any) -> None:
            run, who = db_session.execute, {"u": user_id, "c": category}
            value = run(
                text(
                    "SELECT value FROM user_badge_progress "
                    "WHERE user_id = :u AND badge_category_id = :c"
                ),
                who,
            ).scalar()
            statement = (
                "INSERT INTO user_badge_progress (user_id, badge_category_id, value) "
                "VALUES (:u, :c, :value)"
                if value is None
                else "UPDATE user_badge_progress SET value = :value "
                "WHERE user_id = :u AND badge_category_id = :c"
            )
            value = (value or 0) + 1 + self.wrong_by
            run(text(statement), {**who, "value": value})
            run(
                text(
                    "INSERT INTO user_badge (user_id, badge_id, is_shown) "
                    "SELECT :u, id, 0 FROM badge WHERE badge_category_id = :c "
                    "AND threshold <= :value AND id NOT IN "
                    "(SELECT badge_id FROM user_badge WHERE user_id = :u)"
                ),
                {**who, "value": value},
            )

        return receive


@pytest.fixture(params=["the host first", "we first"])
def production(request: pytest.FixtureRequest) -> Iterator[ProductionsOwnCode]:
    """The host's own code, connected before or after ours: neither may matter."""
    code = ProductionsOwnCode()
    if request.param == "the host first":
        for name, receiver in listeners._RECEIVERS.items():
            signal(name).disconnect(receiver)
        code.connect()
        listeners.connect()
    else:
        listeners.connect()
        code.connect()
    yield code
    code.disconnect()


@pytest.fixture
def shadowed(new_host: MakeHost) -> Flask:
    """A host with Gamify in shadow mode."""
    return new_host(config={"GAMIFY_SHADOW": "1"})


def base_tables(host: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of production's tables, column for column."""
    found = {}
    with engine_of(host).connect() as connection:
        for table in gamify_tables():
            if table.name in BASE:
                names = BASE[table.name] or [column.name for column in table.c]
                rows = select(*(table.c[name] for name in names)).order_by(table.c.id)
                found[table.name] = [tuple(row) for row in connection.execute(rows)]
    return found


def live(host: Flask, events: int) -> None:
    """The same events for the same seed, some of them rolled back by the host."""
    chance = random.Random(7)
    session = db_of(host).session
    for _ in range(events):
        send(host, chance.choice(list(COUNTED)), user_id=chance.choice((ADA, BEN)))
        if chance.random() < 0.1:
            session.rollback()
        else:
            session.commit()


def report(host: Flask) -> tuple[int, str]:
    result = host.test_cli_runner().invoke(args=["gamify", "shadow", "report"])
    return result.exit_code, result.output


def test_after_1000_events_the_base_tables_are_what_the_host_alone_had_made(
    shadowed: Flask, production: ProductionsOwnCode
) -> None:
    untouched = base_tables(shadowed)
    live(shadowed, 1000)
    with_us = base_tables(shadowed)
    for table in ("user_badge", "user_badge_progress"):
        change(shadowed, text(f"DELETE FROM {table}"))
    mount_on(shadowed).subscribers = ()
    assert base_tables(shadowed) == untouched
    live(shadowed, 1000)
    alone = base_tables(shadowed)
    assert without_ids(with_us) == without_ids(alone)
    assert with_us["user_badge"]


def without_ids(tables: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """AUTO_INCREMENT goes on after a DELETE."""
    return {name: [row[1:] for row in rows] for name, rows in tables.items()}


def test_where_the_host_is_right_there_is_no_difference(
    shadowed: Flask, production: ProductionsOwnCode
) -> None:
    live(shadowed, 150)
    assert report(shadowed) == (0, "6 progress rows followed, 0 differences.\n")


def test_what_the_host_had_before_is_where_the_shadow_begins(
    shadowed: Flask, production: ProductionsOwnCode
) -> None:
    row = "INSERT INTO user_badge_progress (user_id, badge_category_id, value) VALUES (1, 1, 8)"
    change(shadowed, text(row))
    send(shadowed, "word_translated", times=2)
    db_of(shadowed).session.commit()
    assert report(shadowed) == (0, "1 progress rows followed, 0 differences.\n")


def test_a_difference_is_told_with_both_values_and_goes_when_it_is_mended(
    shadowed: Flask, production: ProductionsOwnCode
) -> None:
    send(shadowed, "word_translated")
    db_of(shadowed).session.commit()
    production.wrong_by = 9
    send(shadowed, "word_translated")
    db_of(shadowed).session.commit()
    code, output = report(shadowed)
    assert code == 1
    assert "user 1, progress TRANSLATED_WORDS: we 2, the host 11" in output
    assert "user 1, badges TRANSLATED_WORDS: we none, the host translated_words_1" in output
    production.wrong_by = 0
    change(shadowed, text("UPDATE user_badge_progress SET value = 2"))
    change(shadowed, text("DELETE FROM user_badge"))
    send(shadowed, "word_translated")
    db_of(shadowed).session.commit()
    assert report(shadowed)[0] == 0


def test_nothing_is_granted_told_or_answered(
    shadowed: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    session = db_of(shadowed).session()
    with signals_sent("badge_granted") as told:
        assert increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 500) == []
        send(shadowed, "word_translated", times=12)
        session.commit()
    assert (told, base_tables(shadowed)["user_badge"]) == ([], [])
    assert "granted" not in caplog.text
    for path in ("/my_badges", "/gamify/openapi.json"):
        assert shadowed.test_client().get(path).status_code == 404


def test_a_comparison_that_fails_does_not_break_the_host(
    shadowed: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    change(shadowed, text("DROP TABLE shadow_difference"))
    send(shadowed, "word_translated")
    db_of(shadowed).session.commit()
    assert "was not compared" in caplog.text


def test_a_reset_begins_anew(shadowed: Flask, production: ProductionsOwnCode) -> None:
    live(shadowed, 20)
    run = shadowed.test_cli_runner().invoke
    assert run(args=["gamify", "shadow", "reset"]).output == "The shadow begins anew.\n"
    assert report(shadowed) == (0, "0 progress rows followed, 0 differences.\n")


NOON = datetime(2026, 3, 27, 12)
DAY = timedelta(days=1)
ZONES = ("Europe/Berlin", "Pacific/Auckland", None)


def watched(learners: Learners) -> str:
    return learners.cli("shadow", "report", fails=bool(differences(learners)))


def differences(learners: Learners) -> list[Any]:
    return learners.rows(text("SELECT subject, expected, found FROM shadow_difference"))


def of_host(learners: Learners) -> list[Any]:
    """All rows of the host's that a streak could touch."""
    tables = ("user_language", "friendship", "user_badge", "user_badge_progress")
    return [learners.rows(text(f"SELECT * FROM {table}")) for table in tables]


def test_streaks_are_followed_beside_the_hosts_from_wherever_they_stand(
    new_learners: NewLearners,
) -> None:
    chance = random.Random(5)
    learners = new_learners(GAMIFY_SHADOW="1")
    users = [learners.learner(zone) for zone in ZONES]
    for number, user_id in enumerate(users):
        learners.study(user_id, daily_streak=4, max_streak=9, last_practiced=NOON - number * DAY)
        learners.study(user_id)  # nothing keeps it from being there twice
        learners.study(user_id, DANISH)
    learners.befriend(users[0], users[1], NOON)
    for hours in range(0, 24 * 20, 4):
        user_id, language = chance.choice(users), chance.choice((GERMAN, GERMAN, DANISH))
        before = of_host(learners)[1:]
        counts_itself(learners, user_id, NOON + timedelta(hours=hours), language)
        assert of_host(learners)[1:] == before
    assert [row for row in differences(learners) if row.subject.startswith("streak")] == []
    assert max(learners.streak(user_id, GERMAN).longest for user_id in users) > 9


def test_a_streak_that_the_host_counts_otherwise_is_told_until_it_ends(
    new_learners: NewLearners,
) -> None:
    learners = new_learners(GAMIFY_SHADOW="1")
    ada = learners.learner()
    learners.study(ada, daily_streak=4, max_streak=4, last_practiced=NOON - DAY)
    counts_itself(learners, ada, NOON, GERMAN)
    counts_itself(learners, ada, NOON + DAY, GERMAN, off=3)
    assert f"user {ada}, streak {GERMAN}: we 6, the host 9" in watched(learners)
    counts_itself(learners, ada, NOON + 3 * DAY, GERMAN)
    assert "streak" not in {row.subject.split()[0] for row in differences(learners)}
