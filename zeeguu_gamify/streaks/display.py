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

    def reach(self, shared: date) -> date:
        """How far the run that has the shared date reaches; not beyond it, if it is another."""
        if self.started is None or self.covered_to is None or self.started > shared:
            return shared
        return max(shared, self.covered_to)


def friend_streak_shown(
    stored: int, last_shared: date | None, sides: tuple[Side, Side], at: datetime
) -> int:
    """The friend streak to show at `at` (UTC): 0 once either of the two let it end.

    Up to where both reach nothing was missed. It lives while for each of the two the date after
    that is practised, bridged, or not yet over in their own zone.
    """
    if last_shared is None:
        return 0
    both = min(side.reach(last_shared) for side in sides)
    lives = all(side.reach(last_shared) > both or is_alive(both, side.zone, at) for side in sides)
    return stored if lives else 0


def friend_streak_before_us(stored: int, updated: datetime | None, at: datetime) -> int:
    """A friend streak not taken over yet, as production shows it at `at` (docs/contract.md §4.8).

    By the dates of UTC. Until it is taken over it does not move.
    """
    if updated is None or updated.date() < at.date() - calendar.DAY:
        return 0
    return stored
