"""Events pay EXP and coins by the dictionary; levels follow; what is undone is taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.hosts import ADA, BEN, MakeHost, change, db_of, engine_of
from zeeguu_gamify import Boost, Event, Levels, emit
from zeeguu_gamify.badges.progress import ProgressSubscriber
from zeeguu_gamify.errors import BadInput, ConfigError, GamifyError
from zeeguu_gamify.events import MAX_INT, EventType, Outcome, dictionary, emit_batch
from zeeguu_gamify.models import Asset, LedgerEntry, OutboxMessage, UserProfile
from zeeguu_gamify.testing import frozen

NOON = datetime(2026, 3, 10, 12)
PAYING = (
    EventType("lesson.completed", "a lesson", exp=40, coins=5),
    EventType("lesson.reopened", "a lesson is open again", undoes="lesson.completed"),
    EventType("quiz.completed", "a quiz", exp=30, coins=1, most_exp_a_day=50),
)
LEVELS = Levels((0, 100, 200, 300), reward=lambda level: 10 * level)


@pytest.fixture
def paying(new_host: MakeHost) -> Flask:
    """A host whose lessons pay 40 EXP and 5 coins, with a level at every 100 EXP."""
    return new_host(events=PAYING, levels=LEVELS)


def act(app: Flask, name: str, user_id: int = ADA, **fields: Any) -> Outcome:
    """Emit and commit at noon."""
    with frozen(NOON):
        outcome = emit(db_of(app).session, name, user_id=user_id, **fields)
        db_of(app).session.commit()
    return outcome


def profile(app: Flask, user_id: int = ADA) -> tuple[int, ...]:
    """EXP, level, best level and coins."""
    row = UserProfile.__table__.c
    wanted = select(row.exp, row.level, row.best_level, row.coins).where(row.user_id == user_id)
    with engine_of(app).connect() as connection:
        found = connection.execute(wanted).first()
        return tuple(found) if found else (0, 1, 1, 0)


def entries(app: Flask, asset: Asset, user_id: int = ADA) -> list[tuple[Any, ...]]:
    """Amount and reason of each entry."""
    entry = LedgerEntry.__table__.c
    wanted = select(entry.amount, entry.reason).where(
        entry.user_id == user_id, entry.asset == asset
    )
    with engine_of(app).connect() as connection:
        return [tuple(row) for row in connection.execute(wanted.order_by(entry.id))]


def owed(app: Flask, topic: str) -> list[dict[str, Any]]:
    """The payloads of a topic that wait."""
    message = OutboxMessage.__table__.c
    wanted = select(message.payload).where(message.topic == topic).order_by(message.id)
    with engine_of(app).connect() as connection:
        return list(connection.execute(wanted).scalars())


def assert_balances_are_the_sums(app: Flask, user_id: int = ADA) -> None:
    for asset, balance in zip((Asset.EXP, Asset.COINS), profile(app, user_id)[::3], strict=True):
        assert sum(amount for amount, _ in entries(app, asset, user_id)) == balance


@pytest.mark.core
def test_an_event_earns_what_its_line_of_the_dictionary_pays(paying: Flask) -> None:
    outcome = act(paying, "lesson.completed", context={"language_id": 7})
    assert (outcome.exp, outcome.coins, outcome.level) == (40, 5, None)
    assert entries(paying, Asset.EXP) == [(40, "lesson.completed")]
    assert entries(paying, Asset.COINS) == [(5, "lesson.completed")]
    assert profile(paying) == (40, 1, 1, 5)
    assert owed(paying, "exp.moved") == [
        {"amount": 40, "local_date": "2026-03-10", "language_id": 7}
    ]


def test_what_happened_several_times_at_once_pays_as_often(paying: Flask) -> None:
    assert act(paying, "lesson.completed", amount=3).exp == 120
    assert profile(paying)[3] == 15 + 20


def test_only_the_first_completion_of_an_object_pays(paying: Flask) -> None:
    act(paying, "lesson.completed", object_id="7")
    again = act(paying, "lesson.completed", object_id="7")
    assert (again.replayed, again.exp, again.coins) == (True, 0, 0)
    assert profile(paying) == (40, 1, 1, 5)


def test_what_a_cap_leaves_nothing_of_pays_no_coins_either(paying: Flask) -> None:
    told = [act(paying, "quiz.completed") for _ in range(3)]
    assert [(one.exp, one.coins) for one in told] == [(30, 1), (20, 1), (0, 0)]


def test_a_boost_counts_by_the_instant_of_the_event_and_caps_hold(new_host: MakeHost) -> None:
    boost = Boost(NOON - timedelta(hours=1), NOON)
    host = new_host(events=PAYING, boosts=[boost])
    assert act(host, "lesson.completed").exp == 40
    assert act(host, "lesson.completed", at=NOON - timedelta(minutes=1)).exp == 80
    assert act(host, "quiz.completed", at=NOON - timedelta(minutes=1)).exp == 50


@pytest.mark.core
def test_a_new_level_is_told_once_with_its_reward(paying: Flask) -> None:
    told = [act(paying, "lesson.completed") for _ in range(4)]
    assert [one.level for one in told] == [None, None, 2, None]
    assert (told[2].coins, told[2].reward) == (25, 20)
    assert profile(paying) == (160, 2, 2, 4 * 5 + 20)
    (message,) = owed(paying, "level.up")
    assert (message["user_id"], message["level"], message["reward"]) == (ADA, 2, 20)
    assert_balances_are_the_sums(paying)


@pytest.mark.core
def test_several_levels_at_once_are_one_message_with_all_their_rewards(paying: Flask) -> None:
    outcome = act(paying, "exp.gained", amount=1000)
    assert (outcome.level, outcome.reward) == (4, 20 + 30 + 40)
    assert len(owed(paying, "level.up")) == 1
    assert profile(paying) == (1000, 4, 4, 90)


def test_a_batch_may_bring_a_level_to_several_users(paying: Flask) -> None:
    batch = [Event(name="exp.gained", user_id=user_id, amount=60) for user_id in (ADA, BEN, ADA)]
    outcomes = emit_batch(db_of(paying).session, batch)
    db_of(paying).session.commit()
    assert [one.level for one in outcomes] == [None, None, 2]
    assert (profile(paying), profile(paying, BEN)) == ((120, 2, 2, 20), (60, 1, 1, 0))


@pytest.mark.core
def test_what_is_undone_is_taken_back_with_its_coins_and_the_level_falls(paying: Flask) -> None:
    act(paying, "exp.gained", amount=90)
    act(paying, "lesson.completed", object_id="7")
    assert profile(paying) == (130, 2, 2, 25)
    undone = act(paying, "lesson.reopened", object_id="7")
    assert (undone.exp, undone.coins, undone.level) == (-40, -5, None)
    assert profile(paying) == (90, 1, 2, 20)
    assert owed(paying, "exp.moved")[-1]["amount"] == -40
    assert_balances_are_the_sums(paying)


def test_a_level_reached_again_is_not_told_nor_rewarded_again(paying: Flask) -> None:
    act(paying, "exp.gained", amount=110, object_id="o")
    for _ in range(2):
        act(paying, "exp.lost", object_id="o")
        assert profile(paying) == (0, 1, 2, 20)
        assert act(paying, "exp.gained", amount=110, object_id="o").level is None
    assert profile(paying) == (110, 2, 2, 20)
    assert len(owed(paying, "level.up")) == 1


def test_coins_that_are_spent_are_not_taken_back(paying: Flask) -> None:
    act(paying, "lesson.completed", object_id="7")
    change(paying, update(UserProfile).values(coins=2))
    assert act(paying, "lesson.reopened", object_id="7").coins == -2
    assert profile(paying)[3] == 0


def test_objects_of_other_events_may_be_called_alike(paying: Flask) -> None:
    act(paying, "lesson.completed", object_id="7")
    act(paying, "exp.gained", amount=9, object_id="7", context={"cause": "song.sung"})
    assert act(paying, "exp.lost", object_id="7").exp == -9
    assert act(paying, "lesson.reopened", object_id="7").exp == -40


def test_what_pays_by_itself_is_no_cause(paying: Flask) -> None:
    with pytest.raises(BadInput, match=r"cause: lesson\.completed pays by itself"):
        act(paying, "exp.gained", context={"cause": "lesson.completed"})


def test_who_loses_more_than_they_have_owes_it(paying: Flask) -> None:
    act(paying, "exp.gained", amount=5)
    act(paying, "exp.lost", amount=20)
    assert profile(paying) == (-15, 1, 1, 0)
    act(paying, "exp.gained", amount=15)
    assert profile(paying)[0] == 0


@pytest.mark.parametrize(
    "line",
    [
        {"coins": -1},
        {"exp": 1.5},
        {"exp": MAX_INT + 1},
        {"exp": 5, "most_exp": -5},
        {"exp": 5, "most_exp_a_day": 0},
        {"exp": 5, "undoes": "lesson.completed"},
        {"undoes": "lesson.complete"},
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^song\.sung "):
        dictionary([EventType("song.sung", "a song", **line)])


@pytest.mark.core
def test_of_an_event_that_a_later_room_refuses_the_profile_shows_nothing(
    paying: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(paying, "exp.gained", amount=90)

    def refuse(*_args: Any) -> None:
        raise GamifyError("no")

    with monkeypatch.context() as patch:
        patch.setattr(ProgressSubscriber, "handle", refuse)
        with pytest.raises(GamifyError):
            emit(db_of(paying).session, "lesson.completed", user_id=ADA)
    db_of(paying).session.commit()
    assert profile(paying) == (90, 1, 1, 0)
    assert len(entries(paying, Asset.EXP)) == 1
    assert not entries(paying, Asset.COINS)


def test_every_user_has_one_profile(paying: Flask) -> None:
    act(paying, "lesson.completed")
    act(paying, "lesson.completed")
    with engine_of(paying).connect() as connection:
        assert connection.execute(select(func.count()).select_from(UserProfile)).scalar() == 1


@pytest.mark.core
def test_more_than_can_be_kept_is_refused_and_nothing_is_left(new_host: MakeHost) -> None:
    dear = EventType("lesson.completed", "a lesson", exp=1_000, coins=1)
    host = new_host(events=[dear])
    with pytest.raises(BadInput, match="amount"):
        emit(db_of(host).session, "lesson.completed", user_id=ADA, amount=MAX_INT)
    db_of(host).session.commit()
    with engine_of(host).connect() as connection:
        assert not connection.execute(select(LedgerEntry.id)).all()


def test_so_it_is_when_it_comes_little_by_little(new_server_host: MakeHost) -> None:
    host = new_server_host()
    session = db_of(host).session
    emit(session, "exp.gained", user_id=ADA, amount=MAX_INT)
    session.commit()
    with pytest.raises(BadInput, match="more than can be kept"):
        emit(session, "exp.gained", user_id=ADA, amount=1)
    session.commit()
    with engine_of(host).connect() as connection:
        assert connection.execute(select(LedgerEntry.amount)).scalars().all() == [MAX_INT]
        assert connection.execute(select(UserProfile.exp)).scalar() == MAX_INT
