"""The books of a simulation: what a user would earn, told without writing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from zeeguu_gamify.economy import profile
from zeeguu_gamify.economy.allowance import SeenAllowances
from zeeguu_gamify.economy.asked import Asked, asked_in, moves
from zeeguu_gamify.economy.caps import Caps
from zeeguu_gamify.economy.earned import earned_for, is_earned_by
from zeeguu_gamify.events import Emitted, Event, Outcome
from zeeguu_gamify.models import Asset
from zeeguu_gamify.mount import Mount


class _Of(NamedTuple):
    """What EXP were earned for."""

    object_id: str | None
    cause: str


class SupposedBooks:
    """One user's EXP and levels while events are supposed to happen, by the rules of `Books`.

    Coins are left out, but for what a level gives. Daily caps and objects are asked of the database
    when an event needs them, for what was earned already.
    """

    def __init__(
        self, connection: Connection, mount: Mount, zone: str, exp: int = 0, best_level: int = 1
    ) -> None:
        """Begin with so many EXP, of a user in that zone who once had that level."""
        self._connection, self._mount, self._zone = connection, mount, zone
        self._caps = Caps(connection, mount, SeenAllowances(connection))
        self._exp = exp
        self._best = max(best_level, mount.levels.of(exp))
        self._earned: Counter[_Of] = Counter()

    def earn(self, event: Event) -> Outcome:
        """What the event would bring; raises BadInput for a wrong cause."""
        item = Emitted(event)
        if moves(item, self._mount):
            one = asked_in(self._zone, item, self._mount)
            for cause, amount in self._booked(one).items():
                self._caps.move(one, cause, amount)
                self._earned[_Of(one.object_id, cause)] += amount
                item.outcome.exp += amount
            self._sum_up(item.outcome)
        return item.outcome

    def _booked(self, one: Asked) -> dict[str, int]:
        """The EXP of the event, by cause."""
        if one.takes_an_object_back:
            return {cause: -amount for cause, amount in self._left_of(one).items()}
        return {one.cause: self._caps.let(one) if one.exp > 0 else one.exp}

    def _left_of(self, one: Asked) -> Counter[str]:
        """What is left of what the object has earned, really and by supposition."""
        left: Counter[str] = Counter()
        for it in earned_for(self._connection, self._mount, one, lock=False):
            left[it.cause] += it.amount if it.asset is Asset.EXP else 0
        for of, amount in self._earned.items():
            undone = one.kind.undoes or ""
            if of.object_id == one.object_id and is_earned_by(self._mount, undone, of.cause):
                left[of.cause] += amount
        return left

    def _sum_up(self, outcome: Outcome) -> None:
        if not outcome.exp:
            return
        self._exp += outcome.exp
        outcome.exp_sum = self._exp
        level, best = self._mount.levels.of(self._exp), self._best
        if level > best:
            outcome.level = self._best = level
            outcome.reward = self._mount.levels.coins(range(best + 1, level + 1))


def books_of(
    session: Session, mount: Mount, user_id: int, zone: str, exp: int | None = None
) -> SupposedBooks:
    """The books of a user who has so many EXP, or those that the profile says: one SELECT."""
    has = profile.read(session.connection(), user_id)
    begun = has.exp if exp is None else exp
    return SupposedBooks(session.connection(), mount, zone, begun, has.best_level)


def books_of_grants(
    session: Session, mount: Mount
) -> Callable[[int, str, int | None], SupposedBooks]:
    """Books that ask nothing of the database but how far a daily cap is used, if there is one."""

    def books_of(_user_id: int, zone: str, exp: int | None) -> SupposedBooks:
        return SupposedBooks(session.connection(), mount, zone, exp or 0)

    return books_of
