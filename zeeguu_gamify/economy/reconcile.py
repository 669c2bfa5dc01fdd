"""The job that proves balances: what a profile says is what the ledger sums up to."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.batch import Batch, Step, Work
from zeeguu_gamify.economy import profile
from zeeguu_gamify.models import Asset, LedgerEntry, UserProfile
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.jobs")

#: Ids of users that are looked at together.
USERS = 1_000

_PROFILE: Any = UserProfile.__table__
_ENTRY: Any = LedgerEntry.__table__
#: Which column sums which entries.
_SUMS = {"exp": Asset.EXP, "coins": Asset.COINS, "freezes": Asset.FREEZES}

#: User → column → value.
Balances = Mapping[int, Mapping[str, int]]


def mend_balances(_connection: Connection, _mount: Mount, _at: datetime) -> Step:
    """Make profiles what the ledger says, and the level what the EXP say.

    A level that moves because the table of levels was changed is neither told nor rewarded.
    """
    return _step


def _step(work: Work, after: int) -> Batch:
    first = _next_user(work.session, after)
    if first is None:
        return Batch(None)
    upto = first + USERS - 1
    counts: Counter[str] = Counter()
    for user_id in _differing(work, first, upto):
        work.save()
        for column in _mend(work, user_id):
            counts[f"{column} mended"] += 1
    return Batch(upto, counts)


def _next_user(session: Session, after: int) -> int | None:
    lowest = [
        session.connection()
        .execute(select(func.min(table.c.user_id)).where(table.c.user_id > after))
        .scalar()
        for table in (_PROFILE, _ENTRY)
    ]
    return min((user_id for user_id in lowest if user_id is not None), default=None)


def _differing(work: Work, first: int, upto: int) -> list[int]:
    """Who may differ; it is looked at again under the lock."""
    said, right = _said(work.session, first, upto), _right(work, first, upto)
    new = {**dict.fromkeys(_SUMS, 0), "level": 1}
    return sorted(
        one for one in said.keys() | right.keys() if said.get(one, new) != right.get(one, new)
    )


def _mend(work: Work, user_id: int) -> list[str]:
    """The columns of the user that were wrong."""
    profile.lock(work.session.connection(), user_id)
    said = _said(work.session, user_id, user_id)[user_id]
    right = _right(work, user_id, user_id).get(user_id, {**dict.fromkeys(_SUMS, 0), "level": 1})
    wrong = {name: value for name, value in right.items() if said[name] != value}
    if not wrong:
        return []
    if set(wrong) - {"level"}:
        log.warning("The profile of user %s said %s and is now %s", user_id, said, right)
    best = func.greatest if work.session.connection().dialect.name != "sqlite" else func.max
    values = {**wrong, "best_level": best(_PROFILE.c.best_level, right["level"])}
    work.session.connection().execute(
        update(_PROFILE).where(_PROFILE.c.user_id == user_id).values(values)
    )
    return list(wrong)


def _said(session: Session, first: int, upto: int) -> dict[int, dict[str, int]]:
    columns = [_PROFILE.c[name] for name in (*_SUMS, "level")]
    wanted = select(_PROFILE.c.user_id, *columns).where(_PROFILE.c.user_id.between(first, upto))
    return {
        row.user_id: {name: row._mapping[name] for name in (*_SUMS, "level")}
        for row in session.connection().execute(wanted)
    }


def _right(work: Work, first: int, upto: int) -> Balances:
    total = select(_ENTRY.c.user_id, _ENTRY.c.asset, func.sum(_ENTRY.c.amount).label("total"))
    total = total.where(_ENTRY.c.user_id.between(first, upto))
    columns = {asset: name for name, asset in _SUMS.items()}
    found: defaultdict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_SUMS, 0))
    for row in work.session.connection().execute(total.group_by(_ENTRY.c.user_id, _ENTRY.c.asset)):
        found[row.user_id][columns[row.asset]] = int(row.total)
    levels = work.mount.levels
    return {one: {**sums, "level": levels.of(sums["exp"])} for one, sums in found.items()}
