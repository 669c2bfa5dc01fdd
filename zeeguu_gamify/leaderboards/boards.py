"""The boards there are, as data."""

from __future__ import annotations

from dataclasses import dataclass

from zeeguu_gamify.errors import Unknown
from zeeguu_gamify.models.board_score import Period
from zeeguu_gamify.models.ledger_entry import Asset


class UnknownBoard(Unknown):
    """No board has this code."""

    kind = "board"


@dataclass(frozen=True, slots=True)
class Prize:
    """What those get who stood high enough when a period closed."""

    period: Period
    place: int  #: up to this place, ties included
    badge: str  #: the code of a badge


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard: whose ledger entries it sums, and over which periods."""

    code: str  #: at most 32 letters
    name: str
    asset: Asset
    periods: tuple[Period, ...] = tuple(Period)
    seasons: tuple[Period, ...] = (Period.WEEK, Period.MONTH)  #: which of them close once
    prizes: tuple[Prize, ...] = ()


#: Given only where the catalog has these badges; ours has them when `PRIZES` are put into it.
_MEDALS = tuple(
    Prize(period, place, f"{period.value.lower()}_{medal}")
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
