"""The books of one event or batch: what it asks for becomes entries, sums, levels and messages.

The profile is moved before anything else is written or looked at, for it is what all lock first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from zeeguu_gamify.economy import profile
from zeeguu_gamify.economy.asked import Asked
from zeeguu_gamify.economy.caps import Caps
from zeeguu_gamify.economy.earned import earned_for, taken_at
from zeeguu_gamify.economy.entries import Entries, Entry
from zeeguu_gamify.events import LEVEL_UP, whole_number
from zeeguu_gamify.holding import hold
from zeeguu_gamify.models import Asset
from zeeguu_gamify.mount import Mount


@dataclass(slots=True)
class _Moved:
    """What the entries of a user sum up to."""

    exp: int = 0
    coins: int = 0
    by: list[Asked] = field(default_factory=list)  #: what moved something, in order

    def tell(self, exp: int) -> None:
        """Let each event know how many EXP there were after it; in the end they are `exp`."""
        for outcome in (one.item.outcome for one in reversed(self.by)):
            if outcome.exp:
                outcome.exp_sum = exp
                exp -= outcome.exp


class Books:
    """What the events of one call move."""

    def __init__(self, session: Session, mount: Mount, undo: list[Executable]) -> None:
        """`undo` gets what takes back all that is written, as far as no savepoint does."""
        self._session, self._mount, self._undo = session, mount, undo
        self._connection = session.connection()
        self._caps = Caps(self._connection, mount)
        self._moved: dict[int, _Moved] = {}

    def book(self, asked: list[Asked]) -> None:
        """Write the entries and the messages; raises UnknownUser."""
        alone = len(asked) == 1
        self._entries = Entries(self._session, self._mount, self._undo if alone else None)
        if any(one.looks_back or self._caps.looks(one) for one in asked):
            for user_id in sorted({one.user_id for one in asked}):
                hold(self._connection, user_id)
        for one in asked:
            if one.takes_an_object_back:
                self._give_back(one)
            elif one.revoked_at is not None:
                self._restore(one, one.revoked_at)
            else:
                self._earn(one)
        self._sum_up()
        self._undo += self._caps.save()
        self._entries.write()
        self._entries.tell()

    def _earn(self, one: Asked) -> None:
        """Add what is asked for, as far as caps let it; EXP that are lost know no caps."""
        exp = self._caps.let(one) if one.exp > 0 else one.exp
        self._enter(one, one.cause, Asset.EXP, exp, one.language_id)
        if exp or not one.exp:  # what a cap leaves nothing of pays no coins either
            self._enter(one, one.cause, Asset.COINS, one.coins, one.language_id)

    def _give_back(self, one: Asked) -> None:
        """Take back whatever is left of what was earned for the object."""
        self._entries.write()  # an earlier event of the batch may have earned it
        for cause, asset, language_id, amount in earned_for(self._connection, self._mount, one):
            if asset is Asset.COINS:
                amount = min(amount, self._coins_of(one.user_id))
            self._enter(one, cause, asset, -amount, language_id)

    def _restore(self, one: Asked, revoked_at: datetime) -> None:
        """Pay again what a revocation took, whatever the event pays by now."""
        for cause, asset, language_id, amount in taken_at(self._connection, one, revoked_at):
            self._enter(one, cause, asset, amount, language_id)

    def _coins_of(self, user_id: int) -> int:
        """How many coins can be taken back: what is spent is spent."""
        moved = self._moved.get(user_id)
        return profile.held(self._connection, user_id).coins + (moved.coins if moved else 0)

    def _enter(self, one: Asked, cause: str, asset: Asset, amount: int, language_id: int) -> None:
        if not amount:
            return
        whole_number(f"amount of {asset.value}", abs(amount), at_least=1)  # that can be kept
        moved, outcome = self._moved.setdefault(one.user_id, _Moved()), one.item.outcome
        if not moved.by or moved.by[-1] is not one:
            moved.by.append(one)
        if asset is Asset.COINS:
            outcome.coins += amount
            moved.coins += amount
        else:
            self._caps.move(one, cause, amount)
            outcome.exp += amount
            moved.exp += amount
        self._entries.add(
            Entry(
                one.user_id, asset, amount, one.at, cause, one.local_date, language_id,
                one.object_id,
            )
        )  # fmt: skip

    def _sum_up(self) -> None:
        """Move the sums of the profiles, and the levels that follow from them."""
        moved = {user_id: one for user_id, one in self._moved.items() if one.exp or one.coins}
        sums = {user_id: (one.exp, one.coins) for user_id, one in moved.items()}
        for user_id, exp in profile.add_all(self._connection, sums).items():
            one, levels = moved[user_id], self._mount.levels
            self._undo.append(profile.taken_back(user_id, one.exp, one.coins))
            one.tell(exp)
            before, level = levels.of(exp - one.exp), levels.of(exp)
            if before != level:
                self._set_level(user_id, before, level, one.by[-1])

    def _set_level(self, user_id: int, before: int, level: int, by: Asked) -> None:
        """Write the level; what was never reached is told, and its reward given.

        A level that is lost takes nothing with it, and gives nothing when it is reached again.
        """
        held = profile.held(self._connection, user_id)
        best = max(held.best_level, before)
        self._connection.execute(profile.set_level(user_id, level, max(best, level)))
        self._undo.append(profile.set_level(user_id, held.level, held.best_level))
        if level <= best:
            return
        outcome, reward = by.item.outcome, self._mount.levels.coins(range(best + 1, level + 1))
        outcome.level, outcome.reward = level, reward
        if not reward:
            return
        outcome.coins += reward
        self._entries.add(
            Entry(user_id, Asset.COINS, reward, by.at, LEVEL_UP, by.local_date, 0, None)
        )
        profile.add(self._connection, user_id, 0, reward)
        self._undo.append(profile.taken_back(user_id, 0, reward))
