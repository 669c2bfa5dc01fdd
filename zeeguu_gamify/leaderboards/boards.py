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
    prizes: tuple[Prize, ...] = ()


#: Every board by its code. A new board is a line here.
BOARDS = {board.code: board for board in (Board("exp", "EXP", Asset.EXP),)}


def board_called(code: str) -> Board:
    """The board of that code; raises UnknownBoard."""
    try:
        return BOARDS[code]
    except KeyError:
        raise UnknownBoard(code, BOARDS) from None
