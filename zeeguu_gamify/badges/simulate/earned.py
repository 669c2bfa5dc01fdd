"""Who earns what from the facts alone, as a backfill would find it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from zeeguu_gamify.badges.evaluator import Verdict, judge
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.rules import Condition
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.models import Badge, UserBadge


class Stock:
    """How many are left of the limited badges, while a simulation gives them out."""

    def __init__(self, session: Session, badges: Iterable[LiveBadge]) -> None:
        """Read what has been given out so far."""
        limits = {badge.id: badge.max_holders for badge in badges if badge.max_holders is not None}
        made = _given_out(session, limits) if limits else {}
        self._left = {id_: limit - made.get(id_, 0) for id_, limit in limits.items()}

    def take(self, badge: LiveBadge) -> bool:
        """Whether there was one left, which is gone now."""
        if badge.id not in self._left:
            return True
        if self._left[badge.id] < 1:
            return False
        self._left[badge.id] -= 1
        return True


def _given_out(session: Session, badge_ids: Iterable[int]) -> dict[int, int]:
    """How many there are of each; of one that has no limit yet, as many as have it."""
    row, grant = Badge.__table__.c, UserBadge.__table__.c
    rows = select(func.count()).where(grant.badge_id == row.id).scalar_subquery()
    made = case((row.max_holders.is_(None), rows), else_=row.grants_made)
    wanted = select(row.id, made).where(row.id.in_(list(badge_ids)))
    return {id_: int(count) for id_, count in session.connection().execute(wanted)}


def earned(facts: Snapshot, badges: Iterable[LiveBadge], stock: Stock) -> list[Verdict]:
    """The verdicts of those of `badges`, not held so far, that the facts bring about.

    Composites may wait for one another: what one brings about is a fact for the next.
    """
    waiting = [badge for badge in badges if badge.is_grantable and not badge.is_repeatable]
    found: list[Verdict] = []
    while passed := _passed(facts, waiting):
        over = {verdict.badge.id for verdict in passed}
        waiting = [badge for badge in waiting if badge.id not in over]
        found += [verdict for verdict in passed if stock.take(verdict.badge)]
        facts = facts.override({it.badge.metric: 1 for it in passed if it.badge.is_composite})
    return found


def _passed(facts: Snapshot, badges: Iterable[LiveBadge]) -> list[Verdict]:
    """The verdicts of those that pass; only those are put in words."""
    likely = [badge for badge in badges if badge.test.passes(facts)]
    return [verdict for verdict in judge(facts, likely) if verdict.passed]


def in_words(conditions: Iterable[Condition]) -> str:
    """What was asked for and found, e.g. "FRIENDS is at least 3 (4)"."""
    return "; ".join(
        condition.text + ("" if condition.value is None else f" ({condition.value})")
        for condition in conditions
        if condition.passed
    )
