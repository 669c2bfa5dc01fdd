"""The boards there are, as data."""

from __future__ import annotations

from dataclasses import dataclass

from zeeguu_gamify.errors import ConfigError, Unknown
from zeeguu_gamify.events import whole_number
from zeeguu_gamify.models.board_score import Period
from zeeguu_gamify.models.ledger_entry import Asset


class UnknownBoard(Unknown):
    """No board has this code."""

    kind = "board"


@dataclass(frozen=True, slots=True)
class SeasonPrize:
    """What those get who stood high enough when a period closed: a badge, coins, EXP."""

    period: Period
    place: int  #: up to this place, ties included
    badge: str | None = None  #: its code
    coins: int = 0
    exp: int = 0  #: they count on the boards of the day on which they are given
    board: str = "exp"

    @property
    def code(self) -> str:
        """What a standing says that was won."""
        amounts = ((self.coins, "coins"), (self.exp, "EXP"))
        return self.badge or ", ".join(f"{amount} {what}" for amount, what in amounts if amount)

    def check(self) -> None:
        """Raise ConfigError for a prize that cannot be meant, BadInput for its numbers."""
        known = BOARDS.get(self.board)
        if known is None or self.period not in known.seasons:
            raise ConfigError(f"A prize: {self.board} has no seasons of a {self.period.value}.")
        whole_number("place of a prize", self.place, at_least=1)
        whole_number("coins of a prize", self.coins, at_least=0)
        whole_number("EXP of a prize", self.exp, at_least=0)
        if not self.code:
            raise ConfigError("A prize is a badge, coins or EXP.")


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard: whose ledger entries it sums, and over which periods."""

    code: str  #: at most 32 letters
    name: str
    asset: Asset
    periods: tuple[Period, ...] = tuple(Period)
    seasons: tuple[Period, ...] = (Period.WEEK, Period.MONTH)  #: which of them close once
    prizes: tuple[SeasonPrize, ...] = ()


#: Given only where the catalog has these badges; ours has them when `PRIZES` are put into it.
_MEDALS = tuple(
    SeasonPrize(period, place, f"{period.value.lower()}_{medal}")
    for period in (Period.WEEK, Period.MONTH)
    for place, medal in enumerate(("gold", "silver", "bronze"), start=1)
)

#: Every board by its code. A new board is a line here.
BOARDS = {board.code: board for board in (Board("exp", "EXP", Asset.EXP, prizes=_MEDALS),)}


def board_called(code: str) -> Board:
    """The board of that code; raises UnknownBoard."""
    try:
        return BOARDS[code]
    except KeyError:
        raise UnknownBoard(code, BOARDS) from None
