"""What a user has and where it came from: read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Asset, LedgerEntry, UserProfile
from zeeguu_gamify.mount import Mount

_ENTRY: Any = LedgerEntry.__table__


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user has."""

    user_id: int
    exp: int
    level: int
    level_at: int  #: with so many EXP the level begins
    next_level_at: int | None  #: and the next one; None on the last
    coins: int
    freezes: int


def standing(session: Session, mount: Mount, user_id: int) -> Standing:
    """What the user has, by one SELECT; the level follows from the EXP by the table of now."""
    wanted = select(UserProfile.exp, UserProfile.coins, UserProfile.freezes)
    row = session.connection().execute(wanted.where(UserProfile.user_id == user_id)).first()
    exp, coins, freezes = row or (0, 0, 0)
    level = mount.levels.of(exp)
    return Standing(
        user_id=user_id,
        exp=exp,
        level=level,
        level_at=mount.levels.begins[level - 1],
        next_level_at=mount.levels.next_at(exp),
        coins=coins,
        freezes=freezes,
    )


def entries(
    session: Session, user_id: int, *, asset: Asset | None, before: int | None, limit: int
) -> list[Row[Any]]:
    """The entries of the user, the newest first: of one asset, or all; older than that id."""
    wanted = select(_ENTRY).where(_ENTRY.c.user_id == user_id)
    if asset is not None:
        wanted = wanted.where(_ENTRY.c.asset == asset)
    if before is not None:
        wanted = wanted.where(_ENTRY.c.id < before)
    newest = wanted.order_by(_ENTRY.c.id.desc()).limit(limit)
    return list(session.connection().execute(newest))
