"""EXP as a metric: badges follow whatever moves them, in the same transaction, at no cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.hosts import ADA, BEN, MakeHost, badges, db_of, engine_of, grants, mount_on, progress
from zeeguu_gamify import (
    AllOf,
    AtLeast,
    Below,
    Boost,
    Catalog,
    Event,
    composite,
    emit,
    ladder,
    merge,
    update_badge_progress,
)
from zeeguu_gamify.badges import shelf, snapshot
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.errors import BadInput, ConfigError
from zeeguu_gamify.events import EventType, Metric, Outcome, dictionary, emit_batch
from zeeguu_gamify.models import Mechanism, UserProfile
from zeeguu_gamify.testing import frozen, statements

NOON = datetime(2026, 3, 10, 12)
EXP = ladder(
    Metric.EXP, (1, 50, 500), name="EXP", codes=("first_xp", "50_xp"),
    describe=lambda n: (f"Earn {n}.", f"You earned {n}."), mechanism=Mechanism.GAUGE,
)  # fmt: skip
PAYING = (
    EventType("word.translated", "a word", Metric.TRANSLATED_WORDS, exp=1),
    EventType("lesson.completed", "a lesson", exp=40),
    EventType("lesson.reopened", "a lesson is open again", undoes="lesson.completed"),
    EventType("quiz.completed", "a quiz", exp=15, coins=2, most_exp_a_day=30),
)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host with badges of EXP, whose lessons pay 40 and words 1."""
    return new_host(catalog=Catalog((*FAMILIES, EXP)), events=PAYING)


def act(host: Flask, name: str, user_id: int = ADA, **fields: Any) -> Outcome:
    """Emit the event at noon and commit."""
    with frozen(fields.pop("now", NOON)):
        outcome = emit(db_of(host).session, name, user_id=user_id, **fields)
        db_of(host).session.commit()
    return outcome


def new(outcome: Outcome) -> list[str]:
    return [badge.code for badge in outcome.new_badges]


@pytest.mark.core
def test_a_badge_of_exp_comes_with_the_event_that_reaches_it(host: Flask) -> None:
    assert new(act(host, "lesson.completed", object_id="a")) == ["first_xp"]
    outcome = act(host, "lesson.completed", object_id="b")
    assert (new(outcome), outcome.exp_sum) == (["50_xp"], 80)
    assert new(act(host, "exp.gained", amount=1000)) == ["exp_3"]
    assert badges(host, BEN) == []


def test_the_certificate_names_the_event_that_paid(host: Flask) -> None:
    act(host, "lesson.completed", event_id="l1")
    [grant] = grants(host)
    assert (grant.evidence["event"], grant.evidence["value"]) == ("lesson.completed", 40)
    assert grant.evidence["event_id"] == "l1"


def test_a_replay_a_capped_event_and_one_that_pays_nothing_bring_none(host: Flask) -> None:
    act(host, "quiz.completed", amount=2, event_id="q")
    assert new(act(host, "quiz.completed", event_id="q")) == []
    for name in ("quiz.completed", "article.read"):
        outcome = act(host, name, amount=2)
        assert (new(outcome), outcome.exp_sum) == ([], None)
    assert badges(host) == ["first_xp"]


def test_a_boost_may_bring_it_sooner(new_host: MakeHost) -> None:
    boosts = [Boost(datetime(2026, 3, 10), datetime(2026, 3, 11))]
    host = new_host(catalog=Catalog([EXP]), events=PAYING, boosts=boosts)
    assert new(act(host, "lesson.completed")) == ["first_xp", "50_xp"]


@pytest.mark.core
def test_exp_that_are_taken_back_make_the_metric_fall_and_the_badge_stays(host: Flask) -> None:
    for lesson in ("a", "b"):
        act(host, "lesson.completed", object_id=lesson)
    outcome = act(host, "lesson.reopened", object_id="a")
    assert (outcome.exp, outcome.exp_sum) == (-40, 40)
    assert current(host) == 40
    assert badges(host) == ["50_xp", "first_xp"]
    assert new(act(host, "lesson.completed", object_id="a")) == []
    act(host, "exp.lost", amount=500)
    assert current(host) == 0  # not below: the debt is the profile's


def current(host: Flask) -> int:
    """What pages and tests of badges say of Ada."""
    mount, session = mount_on(host), db_of(host).session()
    facts = snapshot.load(session, mount, ADA, ["EXP"]).number("EXP")
    shown = {it["name"]: it["current_value"] for it in shelf.own_shelf(session, mount, ADA)}
    session.rollback()
    assert shown["EXP"] == facts
    return facts


def test_in_a_batch_each_event_brings_what_it_reached_and_a_peak_counts(host: Flask) -> None:
    earned = ((ADA, "exp.gained", 30), (BEN, "exp.gained", 1), (ADA, "exp.gained", 30),
              (ADA, "exp.lost", 20))  # fmt: skip
    told = [Event(name=name, user_id=user_id, amount=amount) for user_id, name, amount in earned]
    outcomes = emit_batch(db_of(host).session, told)
    db_of(host).session.commit()
    assert [new(one) for one in outcomes] == [["first_xp"], ["first_xp"], ["50_xp"], []]
    assert [one.exp_sum for one in outcomes] == [30, 1, 60, 40]


@pytest.mark.core
def test_badges_of_exp_cost_no_statement(host: Flask) -> None:
    act(host, "word.translated", amount=11)
    with statements(engine_of(host)) as ran:
        act(host, "word.translated")
    of_badges = [one for one in ran if "badge" in one]
    assert [one.split()[:2] for one in of_badges] == [["UPDATE", "user_badge_progress"]]
    assert len(ran) <= 5


def test_who_earns_nothing_is_asked_nothing(host: Flask) -> None:
    act(host, "article.read")
    with statements(engine_of(host)) as ran:
        act(host, "article.read")
    assert len(ran) == 1


@pytest.mark.core
def test_a_composite_may_ask_for_exp_that_no_family_counts(new_host: MakeHost) -> None:
    def asking(code: str, test: Any) -> Any:
        return composite(code, test=test, name=code, unachieved="Do it.", achieved="Done.")

    earned, read = AtLeast("EXP", 50), AtLeast("READ_ARTICLES", 2)
    both, poor = AllOf(earned, read), AllOf(Below("EXP", 10), AtLeast("ONE:both", 1))
    catalog = Catalog([*FAMILIES, asking("both", both), asking("poor", poor)])
    host = new_host(catalog=catalog, events=PAYING)
    act(host, "article.read", amount=2)
    assert new(act(host, "lesson.completed", object_id="a")) == []
    assert new(act(host, "lesson.completed", object_id="b")) == ["both"]
    assert new(act(host, "exp.lost", amount=75)) == ["poor"]


def test_what_fails_later_takes_the_exp_with_it(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "lesson.completed", user_id=ADA)
    session.rollback()
    assert (badges(host), progress(host)) == ([], {})
    with engine_of(host).connect() as connection:
        assert connection.execute(select(UserProfile.exp)).all() == []


def test_what_two_accounts_have_together_is_a_badge_once_they_are_one(host: Flask) -> None:
    for user_id in (ADA, BEN):
        act(host, "exp.gained", user_id, amount=30)
    merge(db_of(host).session(), ADA, BEN)
    db_of(host).session.commit()
    assert badges(host, BEN) == ["50_xp", "first_xp"]


def test_exp_are_not_moved_by_hand(host: Flask) -> None:
    for name in ("EXP", "50_xp"):
        with pytest.raises(BadInput, match="EXP are earned and taken back"):
            update_badge_progress(db_of(host).session, name, ADA, 500)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"mechanism": Mechanism.COUNTER}, "EXP: they rise and fall; make the family a GAUGE"),
        ({"trigger": "exp.gained"}, "whatever moves EXP is its trigger; leave 'exp.gained' out"),
    ],
)
def test_an_unsound_ladder_of_exp_is_refused(changed: dict[str, Any], message: str) -> None:
    options: dict[str, Any] = {"mechanism": Mechanism.GAUGE, **changed}
    family = ladder(
        Metric.EXP, (1,), name="EXP", describe=lambda n: (str(n), str(n)), **options
    )  # fmt: skip
    with pytest.raises(ConfigError, match=message):
        Catalog([family]).check(dictionary())


def test_no_event_of_a_host_sets_exp() -> None:
    with pytest.raises(ConfigError, match="give it exp="):
        dictionary([EventType("score.changed", "a score", "EXP", Mechanism.GAUGE)])


def test_badges_of_exp_listen_to_all_that_pays() -> None:
    index = Catalog([EXP]).trigger_index(dictionary(PAYING))
    assert set(index) == {
        "word.translated", "lesson.completed", "quiz.completed", "exp.gained", "exp.lost"
    }  # fmt: skip
