"""What can be read of seasons: which there were, and who stood where in one; SELECTs only."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Period, Season, SeasonStanding, UserProfile

#: Where a page of seasons goes on: the first date and the id of the last season seen.
AfterSeason = tuple[date, int]
#: Where a page of standings goes on: the place and the user id of the last one seen.
AfterStanding = tuple[int, int]


def history(
    session: Session,
    user_id: int,
    *,
    board: str | None = None,
    period: Period | None = None,
    after: AfterSeason | None = None,
    limit: int,
) -> list[Any]:
    """Seasons, the newest first, each with the user's standing."""
    season = Season.__table__.c
    wanted = _with_mine(user_id).order_by(season.starts.desc(), season.id.desc()).limit(limit)
    if board is not None:
        wanted = wanted.where(season.board == board)
    if period is not None:
        wanted = wanted.where(season.period == period)
    if after is not None:
        starts, id_ = after
        older = and_(season.starts == starts, season.id < id_)
        wanted = wanted.where(or_(season.starts < starts, older))
    return list(session.connection().execute(wanted))


def find(session: Session, season_id: int, user_id: int) -> Any:
    """The season with the user's standing, or None."""
    wanted = _with_mine(user_id).where(Season.id == season_id)
    return session.connection().execute(wanted).first()


def _with_mine(user_id: int) -> Select[Any]:
    season, standing = Season.__table__, SeasonStanding.__table__
    mine = and_(standing.c.season_id == season.c.id, standing.c.user_id == user_id)
    columns = (standing.c.place, standing.c.score, standing.c.prize, standing.c.claimed_at)
    return select(season, *columns).outerjoin_from(season, standing, mine)


def standings(
    session: Session,
    season_id: int,
    user_id: int,
    hidden: ColumnElement[bool],
    *,
    after: AfterStanding | None = None,
    limit: int,
) -> list[Any]:
    """Who stood where, the best first, without those `hidden` from the user who asks.

    Nor those who opted out of boards since; places stay as they are.
    """
    standing, profile = SeasonStanding.__table__, UserProfile.__table__
    shown = or_(standing.c.user_id == user_id, profile.c.on_boards.is_(None), profile.c.on_boards)
    wanted = (
        select(standing)
        .outerjoin(profile, profile.c.user_id == standing.c.user_id)
        .where(standing.c.season_id == season_id, shown, ~hidden)
        .order_by(standing.c.place, standing.c.user_id)
        .limit(limit)
    )
    if after is not None:
        place, last = after
        level = and_(standing.c.place == place, standing.c.user_id > last)
        wanted = wanted.where(or_(standing.c.place > place, level))
    return list(session.connection().execute(wanted))
