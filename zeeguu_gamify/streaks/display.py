"""What a streak shows at an instant: pure functions over stored rows, for every reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from zeeguu_gamify import clock
from zeeguu_gamify.streaks import calendar


def is_alive(covered_to: date | None, zone: str, at: datetime) -> bool:
    """Whether a run that is covered up to `covered_to` still lives at `at` (UTC).

    It does until a whole existing local date after it was missed.
    """
    if covered_to is None:
        return False
    return covered_to >= calendar.before(clock.local_date(at, zone), zone)


def shown(stored: int, covered_to: date | None, zone: str, at: datetime) -> int:
    """The streak to show at `at` (UTC): what is stored while the run lives, else 0."""
    return stored if is_alive(covered_to, zone, at) else 0


@dataclass(frozen=True, slots=True)
class Side:
    """One of two friends: the zone, and what the newest overall run covers."""

    zone: str
    started: date | None
    covered_to: date | None
    bridged: date | None = None  #: the last bridged date of that run


def friend_streak_shown(
    stored: int, last_shared: date | None, sides: tuple[Side, Side], at: datetime
) -> int:
    """The friend streak to show at `at` (UTC): 0 once either of the two let it end.

    It lives while for each of the two the date after `last_shared` is practised, bridged, or not
    yet over in their own zone.
    """
    if last_shared is None:
        return 0
    return stored if all(_keeps(side, last_shared, at) for side in sides) else 0


def _keeps(side: Side, last_shared: date, at: datetime) -> bool:
    following = calendar.after(last_shared, side.zone)
    if clock.local_date(at, side.zone) <= following:
        return True
    if side.started is None or side.covered_to is None:
        return False
    if side.covered_to == side.bridged:  # a bridge alone is nothing to go on from
        following = calendar.after(side.covered_to, side.zone)
        return side.started <= last_shared and clock.local_date(at, side.zone) <= following
    return side.started <= last_shared and side.covered_to >= following
