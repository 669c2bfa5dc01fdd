"""Prizes of seasons: who gets which, and claiming one, once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.leaderboards.boards import Board
from zeeguu_gamify.models import Period, SeasonStanding


class Won(NamedTuple):
    """A prize that nobody has given yet."""

    user_id: int
    place: int
    score: int
    badge: str  #: its code


def badge_for(board: Board, period: Period, place: int, known: Collection[str]) -> str | None:
    """The code of the badge that the place wins, of those `known`: the one for the fewest."""
    prizes = [prize for prize in board.prizes if prize.period is period and prize.place >= place]
    best = min(prizes, key=lambda prize: prize.place, default=None)
    return best.badge if best is not None and best.badge in known else None


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
