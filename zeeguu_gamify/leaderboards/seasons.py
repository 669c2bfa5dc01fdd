"""Seasons: a period of a board closes once, when its last date is over everywhere.

OPEN → CLOSING → SETTLED. While CLOSING, first the scores are frozen, user by user, then places are
given to what is frozen, so nothing that is earned meanwhile can mix them up. What comes later
counts in the ledger and on the all-time board, and changes no standing. Every step is one bounded
transaction under the lock of the season's row, and finds in the tables how far the others came: so
two processes at once, or one after another was killed, make the same standings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.claims import NEVER
from zeeguu_gamify.delivery.topics import EXP_MOVED
from zeeguu_gamify.leaderboards import periods
from zeeguu_gamify.leaderboards.boards import BOARDS, Board
from zeeguu_gamify.leaderboards.prizes import Prizes
from zeeguu_gamify.leaderboards.ranking import Key
from zeeguu_gamify.leaderboards.ranking_sql import on_board
from zeeguu_gamify.models import (
    BoardScore,
    OutboxMessage,
    Period,
    Season,
    SeasonStanding,
    SeasonState,
)
from zeeguu_gamify.transaction import is_duplicate, savepoint

#: So long transactions that were under way at the end may take to commit.
GRACE = timedelta(minutes=10)
#: Rows frozen or placed in one transaction.
ROWS = 1000


def closes_at(ends: date) -> datetime:
    """The instant (UTC) at which the date is over in every zone: noon of the next day."""
    return datetime.combine(ends + timedelta(days=1), time()) - periods.LAST_ZONE


def key_of(season: Any) -> str:
    """What a prize is granted for, e.g. `exp:week:2026-11-16`."""
    return f"{season.board}:{season.period.value.lower()}:{season.starts.isoformat()}"


def open_current(session: Session, at: datetime) -> int:
    """Open the seasons that somebody lives in at `at`, and those missed since the last; how many.

    Does not commit. The unique key decides when another process opens them too.
    """
    opened = 0
    for board in BOARDS.values():
        for period in board.seasons:
            for starts in _missing(session, board, period, at):
                opened += _open(session, board, period, starts)
    return opened


def _missing(session: Session, board: Board, period: Period, at: datetime) -> Iterator[date]:
    first, last = periods.earliest_current(period, at), periods.latest_current(period, at)
    mine = (Season.board == board.code, Season.period == period)
    newest = session.connection().execute(select(func.max(Season.starts)).where(*mine)).scalar()
    starts = first if newest is None else _after(period, newest)
    while starts <= last:
        yield starts
        starts = _after(period, starts)


def _after(period: Period, starts: date) -> date:
    return periods.ends(period, starts) + timedelta(days=1)


def _open(session: Session, board: Board, period: Period, starts: date) -> bool:
    ends = periods.ends(period, starts)
    row = {
        "board": board.code, "period": period, "starts": starts, "ends": ends,
        "state": SeasonState.OPEN, "closes_at": closes_at(ends),
    }  # fmt: skip
    try:
        with savepoint(session) as connection:
            connection.execute(insert(Season), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        return False
    return True


def due(session: Session, at: datetime) -> list[Any]:
    """The seasons that can be closed at `at`, or are being closed, the oldest first."""
    season = Season.__table__
    over = (season.c.state == SeasonState.OPEN) & (season.c.closes_at <= at - GRACE)
    wanted = (
        select(season)
        .where(or_(season.c.state == SeasonState.CLOSING, over))
        .order_by(season.c.closes_at, season.c.id)
    )
    return [
        row
        for row in session.connection().execute(wanted)
        if row.state is SeasonState.CLOSING or _has_arrived(session, row.closes_at)
    ]


def _has_arrived(session: Session, closes_at: datetime) -> bool:
    """Whether all that was earned until then is on the board; what is parked waits for a person."""
    outbox = OutboxMessage.__table__.c
    waiting = select(outbox.id).where(
        outbox.topic == EXP_MOVED, outbox.created_at < closes_at, outbox.due_at < NEVER
    )
    return session.connection().execute(waiting.limit(1)).first() is None


def locked(session: Session, season_id: int) -> Any:
    """The season, which nobody else moves on until the transaction ends."""
    wanted = select(Season.__table__).where(Season.id == season_id).with_for_update()
    return session.connection().execute(wanted).one()


def move_on(session: Session, season: Any, state: SeasonState, **values: Any) -> bool:
    """Let the season, as it was found, go into the next state; whether this call did it."""
    as_found = (Season.id == season.id, Season.state == season.state)
    moved = update(Season).where(*as_found).values(state=state, **values)
    return bool(session.connection().execute(moved).rowcount)


def freeze(session: Session, season: Any) -> int:
    """Copy the scores of the next users by id, as they are now; how many. Lock the season before.

    0 when all are copied: whether places were given says so for good.
    """
    standing = SeasonStanding.__table__.c
    mine = standing.season_id == season.id
    connection = session.connection()
    if connection.execute(select(standing.place).where(mine, standing.place > 0).limit(1)).first():
        return 0
    last = connection.execute(select(func.max(standing.user_id)).where(mine)).scalar() or 0
    scores = (
        select(literal(season.id), BoardScore.user_id, literal(0), BoardScore.score)
        .where(on_board(Key(season.board, season.period, season.starts)))
        .where(BoardScore.user_id > last)
        .order_by(BoardScore.user_id)
        .limit(ROWS)
    )
    copy = insert(SeasonStanding).from_select(["season_id", "user_id", "place", "score"], scores)
    return int(connection.execute(copy).rowcount)


class Places:
    """Which place a frozen score has: one more than there are higher ones."""

    def __init__(
        self, session: Session, season: Any, prizes: Prizes, badges: Collection[str]
    ) -> None:
        """Count the frozen scores once. `badges`: the codes of those that can be given."""
        self._season, self._prizes, self._badges = season, prizes, badges
        standing = SeasonStanding.__table__.c
        counted = (
            select(standing.score, func.count())
            .where(standing.season_id == season.id)
            .group_by(standing.score)
            .order_by(standing.score.desc())
        )
        self._place_of: dict[int, int] = {}
        place = 1
        for score, count in session.connection().execute(counted):
            self._place_of[score] = place
            place += count

    def give(self, session: Session) -> int:
        """Give the next users by id their places, and the prizes they win; how many."""
        standing = SeasonStanding.__table__
        without = (
            select(standing.c.user_id, standing.c.score)
            .where(standing.c.season_id == self._season.id, standing.c.place == 0)
            .order_by(standing.c.user_id)
            .limit(ROWS)
        )
        rows = [self._row(*found) for found in session.connection().execute(without)]
        if rows:
            mine = (standing.c.season_id == self._season.id, standing.c.user_id == bindparam("who"))
            given = update(SeasonStanding).where(*mine)
            session.connection().execute(
                given.values(place=bindparam("at"), prize=bindparam("won")), rows
            )
        return len(rows)

    def _row(self, user_id: int, score: int) -> dict[str, Any]:
        place = self._place_of[score]
        prize = self._prizes.best(place, self._badges)
        return {"who": user_id, "at": place, "won": prize and prize.code}
