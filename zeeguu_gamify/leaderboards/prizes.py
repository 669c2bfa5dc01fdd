"""Prizes of seasons: who gets which, and claiming one, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.leaderboards.boards import BOARDS, SeasonPrize
from zeeguu_gamify.models import Period, SeasonStanding


class Won(NamedTuple):
    """A prize that nobody has given yet."""

    user_id: int
    place: int
    score: int
    prize: str  #: its code


class Prizes:
    """What the places of a season win, by the host and by its board."""

    def __init__(self, board: str, period: Period, more: Iterable[SeasonPrize]) -> None:
        """Those of one board and period."""
        of_board = BOARDS[board].prizes if board in BOARDS else ()
        self._prizes = [
            prize for prize in (*more, *of_board) if (prize.board, prize.period) == (board, period)
        ]

    def of(self, won: Won) -> SeasonPrize | None:
        """The prize that was won; None when the host has taken it away since.

        Several may have one badge, for other places and with other coins.
        """
        same = [one for one in self._prizes if one.code == won.prize and one.place >= won.place]
        return min(same, key=lambda prize: prize.place, default=None)

    def best(self, place: int, badges: Collection[str]) -> SeasonPrize | None:
        """What the place wins: the prize for the fewest, of those whose badge is among `badges`."""
        won = [
            prize
            for prize in self._prizes
            if prize.place >= place and (prize.badge is None or prize.badge in badges)
        ]
        return min(won, key=lambda prize: prize.place, default=None)


def not_given(session: Session, season_id: int, limit: int) -> list[Won]:
    """The next prizes of a season to be given, the best places first."""
    standing = SeasonStanding.__table__.c
    wanted = (
        select(standing.user_id, standing.place, standing.score, standing.prize)
        .where(
            standing.season_id == season_id,
            standing.prize.is_not(None),
            standing.claimed_at.is_(None),
        )
        .order_by(standing.place, standing.user_id)
        .limit(limit)
    )
    return [Won(*row) for row in session.connection().execute(wanted)]


def claim(session: Session, season_id: int, user_id: int, at: datetime) -> bool:
    """Whether this call takes the prize: whoever does gives it, in the same transaction."""
    mine = (SeasonStanding.season_id == season_id, SeasonStanding.user_id == user_id)
    taken = update(SeasonStanding).where(*mine, SeasonStanding.claimed_at.is_(None))
    return bool(session.connection().execute(taken.values(claimed_at=at)).rowcount)
