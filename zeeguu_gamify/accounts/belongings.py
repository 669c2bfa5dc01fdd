"""What becomes of EXP, coins, freezes and purchases when two accounts are merged."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from zeeguu_gamify.accounts import boards
from zeeguu_gamify.accounts.merging import Merging, rename, table_of
from zeeguu_gamify.badges.progress import Push, reach_exp
from zeeguu_gamify.economy.earned import is_earned_by
from zeeguu_gamify.models import (
    Asset,
    ExpAllowance,
    LedgerEntry,
    RewardRedemption,
    UserProfile,
)
from zeeguu_gamify.upsert import upsert

#: On the entry that takes back what both accounts were paid for the same objects.
TWICE = "paid to both accounts"


def take_profile(it: Merging) -> None:
    """The ledger entries move, and the profile is what they sum up to; no level is rewarded,
    but badges of EXP are granted.

    Who did not want to be on boards with one of the accounts is on none with both.
    """
    coins_twice = _drop_what_both_earned(it)
    boards.take_exp(it.session, it.mount, it.from_id, it.into_id)
    rename(it, LedgerEntry, "user_id")
    given = it.rows(UserProfile, it.from_id)
    if not given:
        return
    own = it.rows(UserProfile, it.into_id)
    both = [*own, *given]
    sums = _sums(it)
    sums[Asset.COINS] -= _take_back(it, min(coins_twice, sums[Asset.COINS]))
    level = it.mount.levels.of(sums[Asset.EXP])
    united = {
        "user_id": it.into_id,
        "exp": sums[Asset.EXP],
        "coins": sums[Asset.COINS],
        "freezes": sums[Asset.FREEZES],
        "level": level,
        "best_level": max(level, *(row.best_level for row in both)),
        "on_boards": all(row.on_boards for row in both),
    }
    upsert(it.session.connection(), table_of(UserProfile), [united])
    push = Push("account.merged", it.at, value=sums[Asset.EXP])
    reach_exp(it.session, it.mount, it.into_id, own[0].exp if own else 0, push)


def _drop_what_both_earned(it: Merging) -> int:
    """Forget the EXP that `from` has for objects that both completed; how many coins it got."""
    entry, coins = table_of(LedgerEntry), 0
    of_objects = entry.c.object_id.in_({object_id for _, object_id in it.twice})
    wanted = select(entry).where(entry.c.user_id == it.from_id, of_objects).with_for_update()
    for row in it.run(wanted).all():
        of_it = {event for event, object_id in it.twice if object_id == row.object_id}
        if not any(is_earned_by(it.mount, event, row.reason) for event in of_it):
            continue
        if row.asset is Asset.EXP:
            it.run(delete(entry).where(entry.c.id == row.id))
        else:
            coins += row.amount
    return coins


def _sums(it: Merging) -> Counter[Asset]:
    """What the entries of `into` sum up to, also those that came since we first read."""
    entry = table_of(LedgerEntry).c
    total = select(entry.asset, func.sum(entry.amount)).where(entry.user_id == it.into_id)
    rows = it.run(total.group_by(entry.asset).with_for_update())
    return Counter({asset: int(amount) for asset, amount in rows})


def _take_back(it: Merging, coins: int) -> int:
    """So many of the united coins, by an entry: they may have been spent long ago."""
    if coins > 0:
        entry = {
            "user_id": it.into_id, "asset": Asset.COINS, "amount": -coins, "at": it.at,
            "reason": TWICE,
        }  # fmt: skip
        it.run(insert(table_of(LedgerEntry)), entry)
    return max(coins, 0)


def take_redemptions(it: Merging) -> None:
    """What was bought stays bought; of a key that both used, the other account's is forgotten."""
    table = table_of(RewardRedemption)
    own = {row.idempotency_key for row in it.rows(RewardRedemption, it.into_id)} - {None}
    for row in it.rows(RewardRedemption, it.from_id):
        values: dict[str, Any] = {"user_id": it.into_id}
        if row.idempotency_key in own:
            values["idempotency_key"] = None
        it.run(update(table).where(table.c.id == row.id).values(values))


def take_allowances(it: Merging) -> None:
    """What is used of a day's cap is what the united entries of that day sum up to."""
    table, entry = table_of(ExpAllowance), table_of(LedgerEntry).c
    rows = [*it.rows(ExpAllowance, it.from_id), *it.rows(ExpAllowance, it.into_id)]
    for cause, day in {(row.cause, row.local_date) for row in rows}:
        of_it = (entry.asset == Asset.EXP, entry.reason == cause, entry.local_date == day)
        total = select(func.sum(entry.amount)).where(entry.user_id == it.into_id, *of_it)
        total = total.with_for_update()  # with what came since this transaction first read
        used = int(it.run(total).scalar() or 0)
        row = {"user_id": it.into_id, "cause": cause, "local_date": day, "used": used}
        upsert(it.session.connection(), table, [row])
