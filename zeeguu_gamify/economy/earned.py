"""What the ledger says of an object: what it has earned, and what was taken back of that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from zeeguu_gamify.economy.asked import GAINED, Asked
from zeeguu_gamify.models import Asset, LedgerEntry
from zeeguu_gamify.mount import Mount

_ENTRY: Any = LedgerEntry.__table__.c


class Earned(NamedTuple):
    """What was earned for an object, or is left of it."""

    cause: str
    asset: Asset
    language_id: int
    amount: int


def earned_for(
    connection: Connection, mount: Mount, one: Asked, *, lock: bool = True
) -> Iterator[Earned]:
    """What goes with the completion that is undone, by cause, asset and language.

    The receipt of the object is taken away by now, so nobody else moves its EXP meanwhile.
    `lock=False` is for who only supposes that.
    """
    parts = (_ENTRY.reason, _ENTRY.asset, _ENTRY.language_id)
    left = _of_object(one, *parts, func.sum(_ENTRY.amount)).group_by(*parts)
    left = left.with_for_update() if lock else left
    for cause, asset, language_id, amount in connection.execute(left).all():
        if one.kind.undoes and is_earned_by(mount, one.kind.undoes, cause):
            yield Earned(cause, asset, language_id, int(amount))


def taken_at(connection: Connection, one: Asked, at: datetime) -> list[Earned]:
    """What was taken back at that instant of what the object had earned by the event's cause.

    That is its last entry; where the last one is older, nothing was left to be taken.
    """
    columns = (_ENTRY.asset, _ENTRY.language_id, _ENTRY.amount, _ENTRY.at)
    of_cause = _of_object(one, *columns).where(_ENTRY.reason == one.cause).order_by(_ENTRY.id)
    last = {row[:2]: row for row in connection.execute(of_cause.with_for_update())}
    return [
        Earned(one.cause, row.asset, row.language_id, -row.amount)
        for row in last.values()
        if row.amount < 0 and row.at == at
    ]


def is_earned_by(mount: Mount, event: str, cause: str) -> bool:
    """Whether an object whose completion was told by `event` earns by `cause`.

    Objects of different events may be called alike.
    """
    if event == GAINED:
        known = mount.events.get(cause)
        return known is None or not known.pays or cause == GAINED
    return cause == event


def _of_object(one: Asked, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        _ENTRY.user_id == one.user_id,
        _ENTRY.object_id == one.object_id,
        _ENTRY.asset.in_((Asset.EXP, Asset.COINS)),
    )
