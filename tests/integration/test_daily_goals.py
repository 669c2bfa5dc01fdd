"""Daily goals: so many of an event within a date of the user's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

import pytest
from flask import Flask, g, request
from sqlalchemy import insert, select

from tests.hosts import (
    ADA,
    BEN,
    NOBODY,
    MakeHost,
    badges,
    change,
    close,
    db_of,
    engine_of,
    mount_host,
    mount_on,
)
from tests.processes import run_processes
from zeeguu_gamify import Catalog, DailyGoal, Event, emit, one_off, settings
from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.delivery.topics import EXP_MOVED, exp_moved
from zeeguu_gamify.errors import ConfigError, UnknownUser
from zeeguu_gamify.events import Outcome, dictionary, emit_batch
from zeeguu_gamify.goals.definition import check_goals
from zeeguu_gamify.jobs import housekeeping
from zeeguu_gamify.jobs.runner import run
from zeeguu_gamify.jobs.schedule import job_called
from zeeguu_gamify.models import DailyCount, EventReceipt, ExpAllowance, LedgerEntry, OutboxMessage
from zeeguu_gamify.testing import frozen, statements

THREE_WORDS = DailyGoal(
    code="three_words", name="Three words", description="Translate 3 words today.",
    event="word.translated", count=3, exp=10,
)  # fmt: skip
FIVE_WORDS = DailyGoal(
    code="five_words", name="Five words", description="Translate 5 words today.",
    event="word.translated", count=5,
)  # fmt: skip
TWENTY_WORDS = DailyGoal(
    code="twenty_words", name="-", description="-", event="word.translated", count=20, exp=5
)
ON_TARGET = one_off(
    "on_target", name="On target", trigger="goal.completed", unachieved="-", achieved="-",
    when=lambda event: event.context["goal"] == "five_words",
)  # fmt: skip
CATALOG = Catalog([*FAMILIES, ON_TARGET])

#: An afternoon in Berlin and in Greenwich, and the last hour of that date in Berlin.
AFTERNOON, LATE = datetime(2026, 3, 10, 15), datetime(2026, 3, 10, 22, 30)
#: The next date in Berlin, not yet in Greenwich.
NIGHT = datetime(2026, 3, 10, 23, 30)


@pytest.fixture
def goals(new_host: MakeHost) -> Flask:
    return new_host(daily_goals=[THREE_WORDS, FIVE_WORDS], catalog=CATALOG)


def translate(host: Flask, at: datetime, amount: int = 1, user_id: int = ADA) -> Outcome:
    with frozen(at):
        session = db_of(host).session
        outcome = emit(session, "word.translated", user_id=user_id, amount=amount)
        session.commit()
        return outcome


def reached(host: Flask, user_id: int = ADA) -> list[tuple[str, str]]:
    """What was told of goals, each with its event."""
    receipt = EventReceipt.__table__.c
    with engine_of(host).connect() as connection:
        rows = connection.execute(
            select(receipt.event, receipt.object_id, receipt.event_id, receipt.amount)
            .where(receipt.user_id == user_id, receipt.source == "goals")
            .order_by(receipt.event, receipt.object_id)
        ).all()
    return [(row.event, row.object_id or f"{row.event_id} {row.amount}") for row in rows]


def counts(host: Flask, user_id: int = ADA) -> dict[date, int]:
    count = DailyCount.__table__
    with engine_of(host).connect() as connection:
        rows = connection.execute(select(count).where(count.c.user_id == user_id)).all()
    return {row.local_date: row.value for row in rows}


@pytest.mark.core
def test_a_goal_is_reached_by_the_event_that_makes_it_full_and_once(goals: Flask) -> None:
    assert reached(goals) == []
    for _ in range(2):
        translate(goals, AFTERNOON)
    assert reached(goals) == []
    for _ in range(2):
        translate(goals, LATE)
    assert reached(goals) == [
        ("exp.gained", "1:three_words:2026-03-10 10"),
        ("goal.completed", "three_words:2026-03-10"),
    ]


def test_what_was_accepted_before_a_pause_reaches_goals_in_it(goals: Flask) -> None:
    session = db_of(goals).session()
    settings.write(session, settings.PAUSED, "-")
    session.commit()
    mount_on(goals).forget()
    emit_batch(session, [Event(name="word.translated", user_id=ADA, amount=3, at=AFTERNOON)])
    session.commit()
    assert len(reached(goals)) == 2


@pytest.mark.core
def test_the_exp_of_a_goal_are_paid_and_answered_and_boards_hear_of_them(goals: Flask) -> None:
    assert translate(goals, AFTERNOON, 2).exp == 0
    assert translate(goals, AFTERNOON).exp == 10
    assert translate(goals, AFTERNOON).exp == 0
    entry, message = LedgerEntry.__table__.c, OutboxMessage.__table__.c
    paid = select(entry.user_id, entry.amount, entry.reason, entry.local_date)
    owed = select(message.user_id, message.payload).where(message.topic == EXP_MOVED)
    with engine_of(goals).connect() as connection:
        entries, messages = connection.execute(paid).all(), connection.execute(owed).all()
    assert entries == [(ADA, 10, "goal.completed", date(2026, 3, 10))]
    assert messages == [(ADA, exp_moved(10, date(2026, 3, 10), 0))]


def test_the_exp_of_goals_have_a_daily_cap_like_those_of_any_cause(new_host: MakeHost) -> None:
    capped = replace(dictionary()["goal.completed"], most_exp_a_day=12)
    six = DailyGoal(**{**_fields(FIVE_WORDS), "exp": 6})
    host = new_host(daily_goals=[THREE_WORDS, six], events=[capped])
    assert translate(host, AFTERNOON, 5).exp == 12


def test_what_cannot_be_paid_is_answered_as_not_reached(
    goals: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pays_nothing(session: Any, events: list[Event]) -> list[Outcome]:
        if events[0].name == "exp.gained":
            raise RuntimeError("no")
        outcomes = emit_batch(session, events)
        outcomes[0].new_badges.append("a badge that is taken back")
        return outcomes

    monkeypatch.setattr("zeeguu_gamify.goals.counting.emit_batch", pays_nothing)
    outcome = translate(goals, AFTERNOON, 3)
    assert (outcome.exp, outcome.new_badges, reached(goals)) == (0, [], [])


def test_a_badge_may_listen_to_a_goal(goals: Flask) -> None:
    assert translate(goals, AFTERNOON, 4).new_badges == []
    outcome = translate(goals, AFTERNOON)
    assert [badge.code for badge in outcome.new_badges] == ["on_target"]
    assert badges(goals) == ["on_target"]


def test_the_date_is_the_users_own(goals: Flask) -> None:
    for user_id in (ADA, BEN):
        translate(goals, LATE, 2, user_id)
        translate(goals, NIGHT, 2, user_id)
    assert counts(goals, ADA) == {date(2026, 3, 10): 2, date(2026, 3, 11): 2}
    assert counts(goals, BEN) == {date(2026, 3, 10): 4}
    assert (reached(goals, ADA), len(reached(goals, BEN))) == ([], 2)


def test_what_arrives_late_counts_on_the_date_on_which_it_happened(goals: Flask) -> None:
    session = db_of(goals).session
    with frozen(NIGHT):
        emit(session, "word.translated", user_id=ADA, amount=3, at=AFTERNOON)
    session.commit()
    assert counts(goals) == {date(2026, 3, 10): 3}
    assert ("goal.completed", "three_words:2026-03-10") in reached(goals)


@pytest.mark.core
def test_a_batch_reaches_what_its_events_one_by_one_would(goals: Flask) -> None:
    session = db_of(goals).session
    names = ["word.translated", "article.read", "word.translated", "word.translated"]
    with frozen(AFTERNOON):
        done = emit_batch(session, [Event(name=name, user_id=ADA, amount=2) for name in names])
    session.commit()
    assert counts(goals) == {date(2026, 3, 10): 6}
    assert [len(outcome.new_badges) for outcome in done] == [0, 0, 0, 1]
    assert [what for what, _ in reached(goals)].count("goal.completed") == 2


def test_what_is_rolled_back_counts_for_no_goal(goals: Flask) -> None:
    session = db_of(goals).session
    with frozen(AFTERNOON):
        emit(session, "word.translated", user_id=ADA, amount=3)
        session.rollback()
    assert (counts(goals), reached(goals)) == ({}, [])
    translate(goals, AFTERNOON, 3)
    assert len(reached(goals)) == 2


def test_a_goal_that_fewer_reach_tomorrow_is_told_only_once_a_date(new_host: MakeHost) -> None:
    host = new_host(daily_goals=[FIVE_WORDS], catalog=CATALOG)
    translate(host, AFTERNOON, 6)
    easier = {"word.translated": [DailyGoal(**{**_fields(FIVE_WORDS), "count": 7})]}
    mount_on(host).goals_by_event = easier
    translate(host, LATE, 3)
    assert reached(host) == [("goal.completed", "five_words:2026-03-10")]


def _fields(goal: DailyGoal) -> dict[str, Any]:
    return {name: getattr(goal, name) for name in goal.__slots__}


def test_goals_cost_one_statement_and_other_events_none(goals: Flask) -> None:
    translate(goals, AFTERNOON)  # the row of progress and the zone are known now
    session = db_of(goals).session
    with frozen(AFTERNOON):
        emit(session, "word.learned", user_id=ADA)
        session.commit()
        with statements(engine_of(goals)) as counted:
            emit(session, "word.translated", user_id=ADA)
        with statements(engine_of(goals)) as other:
            emit(session, "word.learned", user_id=ADA)
    session.rollback()
    assert (len(counted), len(other)) == (2, 1)
    assert "daily_count" in counted[1]


def test_a_host_without_goals_pays_nothing(host: Flask) -> None:
    translate(host, AFTERNOON)
    session = db_of(host).session
    with statements(engine_of(host)) as ran:
        emit(session, "word.translated", user_id=ADA)
    assert (len(ran), counts(host)) == (1, {})


def test_an_unknown_user_is_refused(new_host: MakeHost) -> None:
    host = new_host(daily_goals=[DailyGoal(**{**_fields(FIVE_WORDS), "event": "quiz.completed"})])
    with pytest.raises(UnknownUser):
        emit(db_of(host).session, "quiz.completed", user_id=NOBODY)


def test_what_cannot_be_told_is_logged_and_does_not_break_the_event(
    goals: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Outcome:
        raise RuntimeError("no")

    monkeypatch.setattr("zeeguu_gamify.goals.counting.emit_batch", broken)
    translate(goals, AFTERNOON, 3)
    assert counts(goals) == {date(2026, 3, 10): 3}
    assert "user 1 has reached the daily goal three_words" in caplog.text


def test_counts_of_long_ago_are_forgotten_and_reached_goals_are_not(
    goals: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "USERS", 1)
    for days in (0, 89, 92):
        translate(goals, AFTERNOON - timedelta(days=days), 5)
    cap = {"user_id": BEN, "cause": "-", "local_date": date(2026, 3, 10), "used": 1}
    change(goals, insert(ExpAllowance).values(cap))
    with frozen(AFTERNOON):
        run(mount_on(goals), job_called("housekeeping"), AFTERNOON, "once")
    assert set(counts(goals)) == {date(2026, 3, 10), date(2025, 12, 11)}
    assert [what for what, _ in reached(goals)].count("goal.completed") == 6


def test_erasing_and_merging_know_the_counts(goals: Flask) -> None:
    session = db_of(goals).session()
    translate(goals, AFTERNOON, 2, BEN)
    translate(goals, AFTERNOON, 2, ADA)
    translate(goals, NIGHT, 1, ADA)
    merge(session, ADA, BEN)
    session.commit()
    assert counts(goals, BEN) == {date(2026, 3, 10): 4, date(2026, 3, 11): 1}
    assert erase(session, BEN)["daily_count"] == 2
    session.commit()
    assert (counts(goals, ADA), counts(goals, BEN)) == ({}, {})


def by_header(view: Callable[..., Any]) -> Callable[..., Any]:
    """Who asks, says so."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        g.user_id = int(request.headers["X-User"])
        return view(*args, **kwargs)

    return run


def translate_ten_words(url: str) -> None:
    """What each process does."""
    host = mount_host(url, daily_goals=[TWENTY_WORDS])
    with host.app_context(), frozen(AFTERNOON):
        session = db_of(host).session
        for _ in range(10):
            emit(session, "word.translated", user_id=ADA)
            session.commit()
    close(host)


def test_processes_at_once_lose_no_count_and_reach_the_goal_once(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(daily_goals=[TWENTY_WORDS])
    run_processes(translate_ten_words, 4, engine_of(host).url.render_as_string(False))
    assert counts(host) == {date(2026, 3, 10): 40}
    assert reached(host) == [
        ("exp.gained", "1:twenty_words:2026-03-10 5"),
        ("goal.completed", "twenty_words:2026-03-10"),
    ]


def test_a_user_sees_how_far_today_is(new_host: MakeHost) -> None:
    host = new_host(daily_goals=[THREE_WORDS, FIVE_WORDS], requires_session=by_header)
    translate(host, AFTERNOON, 4)
    with frozen(AFTERNOON):
        today = host.test_client().get("/daily_goals", headers={"X-User": str(ADA)}).json
    with frozen(NIGHT):
        tomorrow = host.test_client().get("/daily_goals", headers={"X-User": str(ADA)}).json
    assert today is not None
    assert tomorrow is not None
    assert today["local_date"] == "2026-03-10"
    assert today["goals"][0] == {
        "code": "three_words", "name": "Three words", "description": "Translate 3 words today.",
        "event": "word.translated", "count": 3, "exp": 10, "value": 3, "done": True,
    }  # fmt: skip
    assert [(goal["value"], goal["done"]) for goal in today["goals"]] == [(3, True), (4, False)]
    assert tomorrow["local_date"] == "2026-03-11"
    assert [goal["value"] for goal in tomorrow["goals"]] == [0, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"event": "word.translate"}, "dictionary; did you mean 'word.translated'?"),
        ({"event": "xyz.abc"}, "'xyz.abc' is not in the event dictionary; add it there"),
        ({"count": 0}, "five_words: count must be a whole number of at least 1, not 0"),
        ({"exp": -1}, "five_words: exp must be a whole number of at least 0, not -1"),
        ({"code": "five words"}, "'five words': a code has 1 to 60 letters"),
        ({"code": "THREE_words"}, "three_words: two goals have this code; rename one"),
        ({"event": "goal.completed", "count": 1}, "five_words: would reach itself"),
    ],
)
def test_a_bad_goal_is_refused_at_start_up_naming_it_and_the_fix(
    changes: dict[str, Any], message: str
) -> None:
    bad = DailyGoal(**{**_fields(FIVE_WORDS), **changes})
    with pytest.raises(ConfigError) as error:
        check_goals([THREE_WORDS, bad], dictionary())
    assert message in error.value.message
