"""Which local dates belong to a period of a board."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeeguu_gamify.leaderboards import periods
from zeeguu_gamify.models import Period


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        (Period.DAY, date(2026, 11, 20), date(2026, 11, 20), date(2026, 11, 20)),
        (Period.WEEK, date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        (Period.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        (Period.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Period.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        (Period.ALL, date(2026, 12, 31), date(1970, 1, 1), date.max),
    ],
)
def test_a_period_begins_and_ends(period: Period, day: date, first: date, last: date) -> None:
    assert periods.starts(period, day) == first
    assert periods.ends(period, first) == last


@given(
    period=st.sampled_from([Period.DAY, Period.WEEK, Period.MONTH]),
    day=st.dates(date(1970, 1, 1), date(9000, 1, 1)),
)
def test_periods_follow_each_other_without_a_gap(period: Period, day: date) -> None:
    first = periods.starts(period, day)
    last = periods.ends(period, first)
    assert first <= day <= last
    assert periods.starts(period, last) == first
    assert periods.starts(period, last + timedelta(days=1)) == last + timedelta(days=1)


def test_the_present_period_is_that_of_the_place_where_one_is() -> None:
    sunday_evening = datetime(2026, 11, 22, 23, 30)
    assert periods.current(Period.WEEK, sunday_evening, "Europe/Berlin") == date(2026, 11, 23)
    assert periods.current(Period.WEEK, sunday_evening, None) == date(2026, 11, 16)


def test_at_one_instant_people_live_in_up_to_three_dates() -> None:
    sunday = datetime(2026, 11, 22)
    for hour, first, last in ((9, 21, 22), (10, 21, 23), (12, 22, 23)):
        at = sunday + timedelta(hours=hour)
        assert periods.earliest_current(Period.DAY, at).day == first
        assert periods.latest_current(Period.DAY, at).day == last
