"""The counters that can be told again, and from which rows."""

from __future__ import annotations

from zeeguu_gamify.badges.anniversaries import by_joining
from zeeguu_gamify.badges.counters import Ledger, by_receipts
from zeeguu_gamify.friends.count import by_friendships
from zeeguu_gamify.streaks.standing import by_streaks

#: What a user has no row of, a ledger says nothing about: the host may keep it elsewhere.
LEDGERS = (
    Ledger("friendships", by_friendships, is_floor=False),
    Ledger("streaks", by_streaks, is_floor=False),
    Ledger("years since joining", by_joining, is_floor=True),
    Ledger("receipts of events", by_receipts, is_floor=True),
)
