"""Boosts and caps: how much of what an event asks for a user gets."""

from __future__ import annotations

from sqlalchemy import Connection, Executable

from zeeguu_gamify.economy.allowance import Account, Allowances
from zeeguu_gamify.economy.asked import GAINED, Asked
from zeeguu_gamify.economy.boosts import boosted
from zeeguu_gamify.events import EventType
from zeeguu_gamify.mount import Mount


class Caps:
    """The caps over the events of one call."""

    def __init__(
        self, connection: Connection, mount: Mount, allowances: Allowances | None = None
    ) -> None:
        """Look at nothing yet; `allowances` are others than those to write."""
        self._mount = mount
        self._allowances = allowances or Allowances(connection)

    def looks(self, one: Asked) -> bool:
        """Whether what the event may earn depends on what was earned before."""
        return one.exp > 0 and self._by_day(one.cause) is not None

    def let(self, one: Asked) -> int:
        """The EXP that the event asks for, boosted, as far as the caps of its cause allow."""
        amount = boosted(self._mount.boosts, one.cause, one.exp, one.at)
        most, by_day = self._of(one.cause).most_exp, self._by_day(one.cause)
        if most is not None:
            amount = min(amount, most)
        if by_day is not None:
            account = Account(one.user_id, one.cause, one.local_date)
            amount = min(amount, self._allowances.left(account, by_day))
        return amount

    def move(self, one: Asked, cause: str, amount: int) -> None:
        """So many EXP are earned by the cause, or taken back."""
        if self._by_day(cause) is not None:
            self._allowances.move(Account(one.user_id, cause, one.local_date), amount)

    def save(self) -> list[Executable]:
        """Write what was moved; returns what would take it back."""
        return self._allowances.save()

    def _of(self, cause: str) -> EventType:
        """What caps a cause: its line of the dictionary; of what has none, that of `exp.gained`."""
        return self._mount.events.get(cause, self._mount.events[GAINED])

    def _by_day(self, cause: str) -> int | None:
        return self._of(cause).most_exp_a_day
