"""The periods of boards: which local dates belong to one."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from zeeguu_gamify import clock
from zeeguu_gamify.models.board_score import Period

#: The one period of an all-time board: its first and its last local date.
ALL_STARTS, ALL_ENDS = date(1970, 1, 1), date.max
#: The zones in which a date begins first and ends last.
FIRST_ZONE, LAST_ZONE = timedelta(hours=14), timedelta(hours=-12)


def starts(period: Period, local_date: date) -> date:
    """The first date of the period that `local_date` lies in; weeks begin on Monday."""
    match period:
        case Period.DAY:
            return local_date
        case Period.WEEK:
            return local_date - timedelta(days=local_date.weekday())
        case Period.MONTH:
            return local_date.replace(day=1)
        case Period.ALL:
            return ALL_STARTS


def ends(period: Period, starts: date) -> date:
    """The last date (inclusive) of the period that begins on `starts`."""
    match period:
        case Period.DAY:
            return starts
        case Period.WEEK:
            return starts + timedelta(days=6)
        case Period.MONTH:
            next_month = starts.replace(day=28) + timedelta(days=4)
            return next_month - timedelta(days=next_month.day)
        case Period.ALL:
            return ALL_ENDS


def current(period: Period, at: datetime, zone: str | None) -> date:
    """The first date of the period that somebody in the zone of that name lives in.

    at: naive UTC. An unknown zone counts as UTC.
    """
    return starts(period, clock.local_date(at, zone))


def earliest_current(period: Period, at: datetime) -> date:
    """The first date of the earliest period that anybody lives in at `at` (naive UTC)."""
    return starts(period, (at + LAST_ZONE).date())


def latest_current(period: Period, at: datetime) -> date:
    """The first date of the latest period that anybody lives in at `at` (naive UTC)."""
    return starts(period, (at + FIRST_ZONE).date())
