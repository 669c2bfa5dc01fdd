"""When a day's grants of a badge ran wild."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zeeguu_gamify.admin.charts import Chart
from zeeguu_gamify.badges.award_days import DAYS, Trend, is_spike, trend

TODAY = date(2026, 11, 20)
FIRST = TODAY - timedelta(days=DAYS - 1)


def days(*last: int) -> Trend:
    """A trend that ends with these counts, after days without grants."""
    return trend(FIRST, {TODAY - timedelta(days=n): c for n, c in enumerate(reversed(last))})


@pytest.mark.parametrize(
    ("count", "before", "wild"),
    [
        (9, [0] * 14, False),
        (10, [0] * 14, True),
        (10, [3] * 14, True),
        (12, [4] * 14, False),
        (13, [4] * 14, True),
        (30, [10] * 14, False),
        (31, [10] * 14, True),
        (31, [0] * 6 + [10] * 8, True),
        (31, [0] * 7 + [1000] * 7, False),
    ],
)
def test_a_spike_is_ten_at_least_and_more_than_three_medians(
    count: int, before: list[int], wild: bool
) -> None:
    assert is_spike(count, before) is wild


def test_days_with_fewer_than_14_before_them_are_not_judged() -> None:
    assert trend(FIRST, {FIRST + timedelta(days=13): 99}).spikes == {}
    day = FIRST + timedelta(days=14)
    assert trend(FIRST, {day: 99}).spikes == {day: 99}


def test_a_trend_is_told_in_words() -> None:
    assert days().in_words() == "No grants in 28 days."
    assert days(1).in_words() == "1 grant in 28 days, most on 2026-11-20: 1."
    assert days(2, 5, 1).in_words() == "8 grants in 28 days, most on 2026-11-19: 5."
    assert days(1000, 0).in_words() == (
        "1,000 grants in 28 days, most on 2026-11-19: 1,000. Spikes: 2026-11-19: 1,000."
    )


def test_days_outside_the_window_are_left_out() -> None:
    found = trend(FIRST, {FIRST - timedelta(days=1): 5, TODAY: 2, TODAY + timedelta(days=1): 7})
    assert (found.total, found.days[-1]) == (2, (TODAY, 2))


def test_a_trend_is_drawn_inside_its_box_and_its_spikes_are_marked() -> None:
    chart = Chart(days(3, 99, 1), width=100, height=40)
    points = [tuple(map(float, point.split(","))) for point in chart.line.split()]
    assert len(points) == DAYS
    assert all(0 <= x <= 100 and 0 <= y <= 40 for x, y in points)
    assert chart.marks == [points[-2]]
    assert points[-2][1] == min(y for _, y in points)


def test_a_trend_without_grants_is_a_line_at_the_bottom() -> None:
    chart = Chart(days(), width=100, height=40)
    assert {point.split(",")[1] for point in chart.line.split()} == {"36.0"}
    assert chart.marks == []
