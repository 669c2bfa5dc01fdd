"""Telling those who stood in a season that it is settled, a page of them at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.delivery.outbox import Message, put
from zeeguu_gamify.delivery.topics import SEASON_SETTLED, season_settled
from zeeguu_gamify.inbox.notices import Kind, Notice
from zeeguu_gamify.models import Season, SeasonStanding
from zeeguu_gamify.mount import Mount

#: So many standings are told in one transaction.
PAGE = 500


def notices_of(session: Session, mount: Mount, message: Message) -> list[Notice]:
    """What the next users by id are told; owes a message for those after them."""
    season_id, after = message.payload["season_id"], message.payload["after"]
    rows = _standings(session, season_id, after)
    if len(rows) == PAGE:
        rest = season_settled(season_id, rows[-1].user_id)
        put(session, mount, SEASON_SETTLED, rest, user_id=None)
    return [_notice(mount, row, message) for row in rows]


def _standings(session: Session, season_id: int, after: int) -> list[Any]:
    season, standing = Season.__table__.c, SeasonStanding.__table__.c
    wanted = (
        select(
            *(season[name] for name in ("board", "period", "starts", "ends")),
            *(standing[name] for name in ("user_id", "place", "score", "prize")),
        )
        .join_from(Season, SeasonStanding, standing.season_id == season.id)
        .where(season.id == season_id, standing.user_id > after)
        .order_by(standing.user_id)
        .limit(PAGE)
    )
    return list(session.connection().execute(wanted))


def _notice(mount: Mount, row: Any, message: Message) -> Notice:
    badge = mount.live.by_code.get(row.prize) if row.prize else None
    data = {
        "board": row.board, "period": row.period.value.lower(), "starts": row.starts.isoformat(),
        "ends": row.ends.isoformat(), "season_id": message.payload["season_id"],
        "place": row.place, "score": row.score, "prize": row.prize,
        "prize_name": badge.name if badge else None,
    }  # fmt: skip
    key = f"season:{row.board}:{data['period']}:{data['starts']}"
    return Notice(row.user_id, Kind.SEASON, key, data, message.created_at)
