"""What a moderator decided stands: against events, backfills and sweeps, until it is lifted."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    User,
    badges,
    change,
    db_of,
    engine_of,
    grants,
    mount_on,
    progress,
    send,
)
from zeeguu_gamify import (
    AllOf,
    AtLeast,
    Catalog,
    composite,
    emit,
    increment_badge_progress,
    one_off,
    prize,
)
from zeeguu_gamify.badges import shelf
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import Badge, BadgeAwardLog, OutboxMessage

NOW = datetime(2026, 3, 4, 12, 7)
LATER = NOW + timedelta(days=40)
WORDS = "translated_words_1"
QUIZ = one_off(
    "quiz", name="Quiz", trigger="quiz.completed", unachieved="-", achieved="+",
    repeatable=lambda event: str(event.context["score"]),
)  # fmt: skip
FEW = one_off(
    "few", name="Few", trigger="profile.completed", unachieved="-", achieved="+", max_holders=1
)
GOLD = prize("gold", name="Gold", unachieved="-", achieved="+")
BOTH = composite(
    "both", test=AllOf(AtLeast("TRANSLATED_WORDS", 10), AtLeast("READ_ARTICLES", 1)),
    name="Both", unachieved="-", achieved="+",
)  # fmt: skip

_nights = count()


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """Ada, who has translated ten words, and Ben, who moderates."""
    host = new_host(catalog=Catalog((*FAMILIES, QUIZ, FEW, GOLD, BOTH)))
    with time_machine.travel(NOW, tick=False):
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
    return host


def award(app: Flask, *command: str, at: datetime = LATER, fails: bool = False) -> str:
    """`flask gamify award …`, ordered by Ben."""
    with time_machine.travel(at, tick=False):
        result = app.test_cli_runner().invoke(
            args=["gamify", "award", *command, "--by", "ben", "--reason", "because"]
        )
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


def heal(app: Flask) -> None:
    """An event, a backfill and a sweep of everybody: all that could grant."""
    send(app, "word_translated", times=100)
    send(app, "article_read", times=2)
    db_of(app).session.commit()
    result = app.test_cli_runner().invoke(args=["gamify", "backfill", "--all", "--recompute"])
    assert not result.exit_code, result.output
    for _ in range(7):
        night = next(_nights)
        at = datetime(2026, 3, 1) + timedelta(days=night)
        runner.run(mount_on(app), schedule.job_called("badges_sweep"), at, f"night {night}")


def standing(app: Flask, user_id: int = ADA) -> list[str]:
    """The codes of the grants that stand."""
    return sorted(row.code for row in grants(app, user_id) if row.revoked_at is None)


def history(app: Flask, user_id: int = ADA) -> list[tuple[str, int | None, str | None]]:
    """What was done, by whom and why."""
    with engine_of(app).connect() as connection:
        rows = connection.execute(
            select(BadgeAwardLog.__table__).where(BadgeAwardLog.user_id == user_id)
        )
        return [(row.action.value, row.actor_id, row.reason) for row in rows]


def told(app: Flask, code: str) -> list[int]:
    """Whom the outbox has to tell of a badge."""
    with engine_of(app).connect() as connection:
        rows = connection.execute(select(OutboxMessage.__table__)).all()
    badges = [row for row in rows if row.topic == "badge.earned"]
    return [row.user_id for row in badges if row.payload["code"] == code]


@pytest.mark.core
def test_a_revoked_badge_stays_away_through_event_backfill_and_sweep_until_lifted(
    host: Flask,
) -> None:
    award(host, "revoke", "ada", WORDS)
    heal(host)
    assert standing(host) == ["both", "translated_words_2"]
    (row,) = [row for row in grants(host) if row.code == WORDS]
    assert (row.revoked_at, row.revoked_by, row.achieved_at) == (LATER, BEN, NOW)
    award(host, "lift", "ada", WORDS)
    assert WORDS in standing(host)
    (row,) = [row for row in grants(host) if row.code == WORDS]
    assert (row.revoked_at, row.revoked_by, row.achieved_at) == (None, None, NOW)


def test_a_revoked_composite_stays_away_too(host: Flask) -> None:
    heal(host)
    award(host, "revoke", "ada", "both")
    heal(host)
    assert "both" not in standing(host)


def test_reopened_it_is_granted_anew_to_who_has_earned_it(host: Flask) -> None:
    award(host, "revoke", "ada", WORDS)
    award(host, "lift", "ada", WORDS, "--reopen")
    assert standing(host) == []
    with time_machine.travel(LATER, tick=False):
        heal(host)
    (row,) = [row for row in grants(host) if row.code == WORDS]
    assert (row.source, row.achieved_at) == ("backfill", LATER)


def test_every_step_is_in_the_award_log_with_who_and_why(host: Flask) -> None:
    award(host, "revoke", "ada", WORDS)
    award(host, "lift", "ada", WORDS)
    award(host, "grant", "ada", "both")
    assert history(host) == [
        ("GRANTED", None, None),
        ("REVOKED", BEN, "because"),
        ("LIFTED", BEN, "because"),
        ("GRANTED", BEN, "because"),
    ]


@pytest.mark.core
def test_a_manual_grant_is_told_certified_and_never_taken(host: Flask) -> None:
    award(host, "grant", "ada", "both")
    (row,) = [row for row in grants(host) if row.code == "both"]
    assert (row.source, row.achieved_at, bool(row.is_shown)) == ("manual", LATER, False)
    assert row.evidence["event"] == "moderator.granted"
    assert [(one["metric"], one["value"]) for one in row.evidence["conditions"]] == [
        ("TRANSLATED_WORDS", 10), ("READ_ARTICLES", 0),
    ]  # fmt: skip
    assert told(host, "both") == [ADA]
    heal(host)
    assert badges(host).count("both") == 1
    assert "both" in standing(host)
    assert told(host, "both") == [ADA]


def test_an_id_is_an_id_whatever_others_call_themselves(host: Flask) -> None:
    change(host, insert(User).values(id=3, username=str(ADA), name="Eve"))
    award(host, "grant", str(ADA), "both")
    assert told(host, "both") == [ADA]


def test_a_silent_grant_is_not_told_and_counts_as_seen(host: Flask) -> None:
    award(host, "grant", "ada", "both", "--silent")
    assert told(host, "both") == []
    (row,) = [row for row in grants(host) if row.code == "both"]
    assert bool(row.is_shown) is True


def test_readers_do_not_see_what_is_revoked(host: Flask) -> None:
    award(host, "revoke", "ada", WORDS)
    session = db_of(host).session()
    assert shelf.held(session, ADA) == {}
    assert shelf.count_unseen(session, ADA) == 0


def test_a_repeatable_badge_is_revoked_for_one_context_only(host: Flask) -> None:
    for score in (1, 2):
        emit(db_of(host).session, "quiz.completed", user_id=ADA, context={"score": score})
    db_of(host).session.commit()
    award(host, "revoke", "ada", "quiz", "--context", "1")
    emit(db_of(host).session, "quiz.completed", user_id=ADA, context={"score": 1})
    db_of(host).session.commit()
    stands = [row.context for row in grants(host) if row.code == "quiz" and not row.revoked_at]
    assert stands == ["2"]
    award(host, "grant", "ada", "quiz", "--context", "3")
    assert "context: quiz is granted once for each" in award(
        host, "grant", "ada", "quiz", fails=True
    )


def test_a_prize_is_given_and_revoked_for_one_season_only(host: Flask) -> None:
    assert "for each; name it" in award(host, "grant", "ada", "gold", fails=True)
    for season in ("2026-W10", "2026-W11"):
        award(host, "grant", "ada", "gold", "--context", season)
    award(host, "revoke", "ada", "gold", "--context", "2026-W10")
    heal(host)
    (row,) = [row for row in grants(host) if row.code == "gold" and row.revoked_at is None]
    assert row.context == "2026-W11"


def test_a_prize_cannot_be_moved_by_hand(host: Flask) -> None:
    with pytest.raises(BadInput, match="gold: only events"):
        increment_badge_progress(db_of(host).session, "gold", ADA)


def test_the_place_of_a_revoked_limited_badge_stays_taken_unless_reopened(host: Flask) -> None:
    award(host, "grant", "ada", "few")
    award(host, "revoke", "ada", "few")
    assert "few: all 1 are gone" in award(host, "grant", "ben", "few", fails=True)
    award(host, "lift", "ada", "few", "--reopen")
    award(host, "grant", "ben", "few")
    assert standing(host, BEN) == ["few"]
    assert _grants_made(host) == 1


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("grant", "ada", WORDS), f"User 1 has {WORDS} since 2026-03-04 12:07:00."),
        (("revoke", "ada", "both"), "User 1 does not hold both."),
        (("lift", "ada", WORDS), f"{WORDS} was not revoked from user 1."),
        (("grant", "ada", "bth"), "Unknown badge code or metric: 'bth'; did you mean 'both'?"),
        (("grant", "nobody", "both"), "Unknown user: 'nobody'"),
        (("grant", "ada", "both", "--context", "x"), "context: both is granted only once"),
    ],
)
@pytest.mark.sqlite_only
def test_what_is_not_so_is_refused_and_changes_nothing(
    host: Flask, command: tuple[str, ...], message: str
) -> None:
    assert message in award(host, *command, fails=True)
    assert (standing(host), len(history(host))) == ([WORDS], 1)


@pytest.mark.sqlite_only
def test_what_was_revoked_is_lifted_not_granted_again(host: Flask) -> None:
    award(host, "revoke", "ada", WORDS)
    told = award(host, "grant", "ada", WORDS, fails=True)
    assert f"{WORDS} was revoked from user 1; lift that instead." in told


@pytest.mark.sqlite_only
def test_counters_stay_when_a_badge_is_revoked(host: Flask) -> None:
    award(host, "revoke", "ada", WORDS)
    assert progress(host) == {"TRANSLATED_WORDS": 10}


def _grants_made(app: Flask) -> Any:
    with engine_of(app).connect() as connection:
        return connection.execute(select(Badge.grants_made).where(Badge.code == "few")).scalar_one()
