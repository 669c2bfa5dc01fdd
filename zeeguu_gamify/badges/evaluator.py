"""The evaluator: which badges a user has earned. Event, backfill, sweep and simulator ask it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from zeeguu_gamify.badges import snapshot as snapshots
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.rules import Condition
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.events import Event
from zeeguu_gamify.mount import Mount


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a user has earned a badge at the instant of the snapshot, and why (not)."""

    badge: LiveBadge
    passed: bool
    conditions: tuple[Condition, ...]
    snapshot: Snapshot


def evaluate(
    session: Session,
    mount: Mount,
    user_id: int,
    badges: Iterable[LiveBadge],
    at: datetime | None = None,
    *,
    event: Event | None = None,
) -> list[Verdict]:
    """What `badges` ask for and the user has: one query, and only of the fields they name.

    `at` is UTC, now when None; `event` is what has just happened. Writes nothing and does not look
    whether the user holds a badge already, nor whether a limited one is gone: the granter does.
    Raises UnknownUser.
    """
    asked = list(badges)
    facts = snapshots.load(session, mount, user_id, fields_of(asked), at=at, event=event)
    return judge(facts, asked)


def fields_of(badges: Iterable[LiveBadge]) -> frozenset[str]:
    """The snapshot fields that the tests of `badges` name."""
    return frozenset().union(*(badge.test.metrics for badge in badges))


def judge(facts: Snapshot, badges: Iterable[LiveBadge]) -> list[Verdict]:
    """The verdicts on a snapshot, which may be made up: touches no database."""
    return [_verdict(facts, badge) for badge in badges]


def _verdict(facts: Snapshot, badge: LiveBadge) -> Verdict:
    conditions = [*badge.test.conditions(facts), *_window(facts, badge)]
    passed = badge.test.passes(facts) and badge.is_open(facts.at)
    return Verdict(badge, passed, tuple(conditions), facts)


def _window(facts: Snapshot, badge: LiveBadge) -> list[Condition]:
    """What a time-boxed badge asks of the instant."""
    if badge.starts_at is None and badge.ends_at is None:
        return []
    since = f" from {badge.starts_at}" if badge.starts_at else ""
    until = f" until {badge.ends_at}" if badge.ends_at else ""
    text = f"it is to be earned{since}{until} UTC"
    return [Condition(text, None, str(facts.at), None, badge.is_open(facts.at))]
