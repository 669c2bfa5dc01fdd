"""Levels are exact at thresholds, whatever the table; boosts hold from their start to their end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeeguu_gamify import Boost, Levels
from zeeguu_gamify.economy.boosts import boosted
from zeeguu_gamify.economy.levels import DEFAULT_LEVELS
from zeeguu_gamify.errors import ConfigError, GamifyError
from zeeguu_gamify.events import MAX_INT

NOON = datetime(2026, 3, 10, 12)
HOUR = timedelta(hours=1)

tables = st.lists(st.integers(1, 10**6), max_size=40).map(lambda steps: (0, *accumulate(steps)))


@given(tables)
def test_a_level_begins_exactly_at_its_threshold(table: tuple[int, ...]) -> None:
    levels = Levels(table)
    levels.check()
    for number, begins in enumerate(table, start=1):
        assert levels.of(begins) == number
        assert levels.of(begins - 1) == max(number - 1, 1)
        assert levels.next_at(begins) == (table[number] if number < len(table) else None)


def test_who_owes_exp_is_on_the_first_level() -> None:
    assert DEFAULT_LEVELS.of(-10) == 1
    assert (DEFAULT_LEVELS.of(99), DEFAULT_LEVELS.of(100), DEFAULT_LEVELS.of(300)) == (1, 2, 3)


def test_a_formula_makes_as_many_levels_as_the_database_can_hold() -> None:
    levels = Levels.by(lambda level: 0 if level == 1 else 10**level, most=50)
    assert levels.begins[-1] <= MAX_INT < 10 ** (levels.highest + 1)
    assert Levels.by(lambda level: level - 1, most=5).begins == (0, 1, 2, 3, 4)


def test_several_levels_give_the_rewards_of_each() -> None:
    levels = Levels((0, 10, 20, 30), reward=lambda level: 100 * level)
    assert levels.coins([2, 3]) == 500


@pytest.mark.parametrize("table", [(), (5, 10), (0, 10, 10), (0, 10, 5)])
def test_a_table_that_does_not_rise_from_0_is_refused(table: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="evel"):
        Levels(table).check()


def test_a_level_that_begins_between_two_numbers_is_refused() -> None:
    with pytest.raises(GamifyError, match="begin of level 1"):
        Levels.by(lambda level: (level - 1) * 7.5).check()  # type: ignore[arg-type,return-value]


def test_a_reward_below_zero_is_refused() -> None:
    with pytest.raises(GamifyError, match="reward of level 2"):
        Levels((0, 10), reward=lambda level: 1 - level).check()


def test_a_boost_holds_from_its_start_until_before_its_end() -> None:
    boosts = [Boost(NOON, NOON + HOUR, 150)]
    instants = (NOON - timedelta(seconds=1), NOON, NOON + HOUR - timedelta(seconds=1), NOON + HOUR)
    assert [boosted(boosts, "quiz.completed", 11, at) for at in instants] == [11, 16, 16, 11]


def test_the_largest_of_several_boosts_counts_and_only_for_its_causes() -> None:
    boosts = [Boost(NOON, NOON + HOUR, 150), Boost(NOON, NOON + HOUR, 300, {"quiz.completed"})]
    assert boosted(boosts, "quiz.completed", 10, NOON) == 30
    assert boosted(boosts, "article.read", 10, NOON) == 15


@pytest.mark.parametrize(
    "boost",
    [
        Boost(NOON, NOON),
        Boost(NOON.replace(tzinfo=UTC), (NOON + HOUR).replace(tzinfo=UTC)),
        Boost(NOON, NOON + HOUR, 100),
        Boost(NOON, NOON + HOUR, 150.5),  # type: ignore[arg-type]
    ],
)
def test_a_boost_that_cannot_be_meant_is_refused(boost: Boost) -> None:
    with pytest.raises(ConfigError, match="boost"):
        boost.check()
