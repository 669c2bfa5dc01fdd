"""What becomes of EXP and seasons when two accounts are merged."""

from __future__ import annotations

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.outbox import put_all
from zeeguu_gamify.delivery.topics import EXP_MOVED, exp_moved
from zeeguu_gamify.models import Asset, LedgerEntry, Season, SeasonStanding, SeasonState
from zeeguu_gamify.mount import Mount


def take_exp(session: Session, mount: Mount, from_id: int, into_id: int) -> None:
    """Owe the boards what the entries of `from`, which are about to move, add to `into`.

    What waits for `from` itself goes with its account, for these sums contain it.
    """
    entry, connection = LedgerEntry.__table__.c, session.connection()
    theirs = (entry.user_id == from_id, entry.asset == Asset.EXP)
    sums = (
        select(entry.local_date, entry.language_id, func.sum(entry.amount))
        .where(*theirs, entry.local_date.is_not(None))
        .group_by(entry.local_date, entry.language_id)
        .order_by(entry.local_date, entry.language_id)
        .with_for_update()  # also what was committed since this transaction first read
    )
    payloads = [
        (into_id, exp_moved(int(sum_), day, language_id))
        for day, language_id, sum_ in connection.execute(sums)
        if sum_
    ]
    if payloads:
        put_all(session, mount, EXP_MOVED, payloads)


def take_standings(session: Session, from_id: int, into_id: int) -> None:
    """Of two standings in a season the better one stays.

    In a season that is just being closed each account has what it had: places are being counted.
    """
    standing, connection = SeasonStanding.__table__, session.connection()
    settled = (
        select(standing)
        .join(Season)
        .where(Season.state == SeasonState.SETTLED)
        .with_for_update()  # what was settled since this transaction first read is theirs too
    )
    own = {
        row.season_id: row
        for row in connection.execute(settled.where(standing.c.user_id == into_id))
    }
    for row in connection.execute(settled.where(standing.c.user_id == from_id)).all():
        held = own.get(row.season_id)
        if held is None:
            connection.execute(insert(SeasonStanding), {**row._mapping, "user_id": into_id})
        elif row.place < held.place:
            mine = (standing.c.season_id == row.season_id, standing.c.user_id == into_id)
            better = {
                name: row._mapping[name] for name in ("place", "score", "prize", "claimed_at")
            }
            connection.execute(update(SeasonStanding).where(*mine).values(better))
