"""What events cost in statements where they pay. Where nothing pays, an event costs what
test_hot_path.py and test_practice_cost.py say, though the economy listens.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.hosts import ADA, MakeHost, db_of, engine_of, mount_on, send
from tests.integration.learners import NewLearners
from tests.integration.test_practice_cost import (
    MOST,
    Way,
    first_of_a_day,
    of_a_comeback,
    with_friends,
)
from zeeguu_gamify import emit
from zeeguu_gamify.events import EventType, Metric
from zeeguu_gamify.known_zones import KnownZones
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.testing import statements

pytestmark = pytest.mark.core

PAYING = (
    EventType("word.translated", "a word", Metric.TRANSLATED_WORDS, exp=1),
    EventType("lesson.completed", "a lesson", exp=2, coins=1),
    EventType("streak.changed", "a streak", Metric.STREAK_DAYS, Mechanism.GAUGE, exp=5),
)
#: With EXP: the ledger, the profile, the message to the boards, the metric and the receipt.
MOST_WITH_EXP = 5
#: A first practice of a day that pays.
MOST_OF_A_PRACTICE = 12


@pytest.fixture
def paying(new_host: MakeHost) -> Flask:
    """A host whose events pay, and which has counted one of each."""
    host = new_host(events=PAYING)
    for event in ("word.translated", "lesson.completed"):
        act(host, event)
    return host


def act(app: Flask, event: str, **fields: Any) -> list[str]:
    """The statements of an event and its commit."""
    with statements(engine_of(app)) as ran:
        emit(db_of(app).session, event, user_id=ADA, **fields)
        db_of(app).session.commit()
    return ran


@pytest.mark.parametrize("event", ["word.translated", "lesson.completed"])
def test_an_event_with_exp_costs_at_most_five_and_one_less_without_an_id(
    paying: Flask, event: str
) -> None:
    assert len(act(paying, event)) == MOST_WITH_EXP - 1
    assert len(act(paying, event, event_id="e1")) == MOST_WITH_EXP
    assert len(act(paying, event, object_id="o1")) == MOST_WITH_EXP
    assert len(act(paying, event, event_id="e2", object_id="o2")) == MOST_WITH_EXP


def test_so_does_a_signal_of_the_host(paying: Flask) -> None:
    with statements(engine_of(paying)) as ran:
        send(paying, "word_translated")
        db_of(paying).session.commit()
    assert len(ran) == MOST_WITH_EXP - 1


def test_where_a_user_is_is_asked_once_a_minute(paying: Flask) -> None:
    mount_on(paying).zones = KnownZones(10)
    assert len(act(paying, "word.translated")) == MOST_WITH_EXP
    assert len(act(paying, "word.translated")) == MOST_WITH_EXP - 1


@pytest.mark.parametrize("way", [first_of_a_day, of_a_comeback])
def test_the_first_practice_of_a_day_that_pays_costs_at_most_twelve_whatever_the_friends(
    new_learners: NewLearners, way: Way
) -> None:
    school = new_learners(events=PAYING)
    ran = [way(school, with_friends(school, number)) for number in (0, 1, 50)]
    assert len(ran[0]) == len(ran[1]) == len(ran[2])
    assert MOST < len(ran[0]) <= MOST_OF_A_PRACTICE
