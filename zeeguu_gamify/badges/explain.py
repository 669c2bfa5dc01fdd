"""Explain: why a user holds a badge or does not, and what is missing. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.badges.evaluator import Verdict, evaluate
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.moderation import MANUAL
from zeeguu_gamify.badges.rules import AtLeast, BadgeTest, Condition
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.badges.trees import AllOf, AnyOf
from zeeguu_gamify.errors import UnknownBadge, UnknownEvent
from zeeguu_gamify.models import AwardAction, Badge, BadgeAwardLog, UserBadge
from zeeguu_gamify.mount import Mount


class Standing(StrEnum):
    """How a user stands to a badge."""

    HELD = "held"
    REVOKED = "revoked"
    EARNED = "earned"  # its test passes: the next event, sweep or backfill grants it
    OPEN = "not earned"
    CLOSED = "not to be had"


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant, standing or revoked; a repeatable badge has one for each context."""

    context: str
    achieved_at: datetime | None
    source: str
    certificate: Mapping[str, Any] | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history of a user's badge."""

    action: AwardAction
    at: datetime
    event: str | None
    actor_id: int | None
    reason: str | None

    def in_words(self) -> str:
        """E.g. "revoked on 2026-03-01 12:00:00 UTC by user 7: by mistake"."""
        by = f" by user {self.actor_id}" if self.actor_id else ""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.action.value.lower()} on {self.at} UTC{by}{why}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a user stands to a badge, and why."""

    verdict: Verdict
    standing: Standing
    missing: tuple[str, ...]  #: in words; nothing for what is held
    grants: tuple[Grant, ...]
    history: tuple[Entry, ...]  #: oldest first

    @property
    def badge(self) -> LiveBadge:
        """The badge as it is now; a certificate has the rule version of its own time."""
        return self.verdict.badge


def explain(
    session: Session,
    mount: Mount,
    user_id: int,
    badges: Iterable[LiveBadge],
    at: datetime | None = None,
) -> list[Explanation]:
    """How the user stands to each of `badges` at `at` (UTC, now when None).

    Three SELECTs whatever the number of badges, one more when there are limited ones. Raises
    UnknownUser.
    """
    asked = list(badges)
    verdicts = evaluate(session, mount, user_id, asked, at)
    ids = [badge.id for badge in asked]
    grants, history = _grants(session, user_id, ids), _history(session, user_id, ids)
    gone = _given_out(session, asked)
    return [
        _explained(mount, it, gone, grants.get(it.badge.id, []), history.get(it.badge.id, []))
        for it in verdicts
    ]


def badge_called(mount: Mount, code: str) -> LiveBadge:
    """The badge with this code; raises UnknownBadge with the nearest one."""
    if code not in mount.live.by_code:
        raise UnknownBadge(code, mount.live.by_code)
    return mount.live.by_code[code]


def badges_listening(mount: Mount, event: str) -> list[LiveBadge]:
    """The badges that such an event can bring about; raises UnknownEvent with the nearest one."""
    if event not in mount.events:
        raise UnknownEvent(event, mount.events)
    listening = mount.catalog.trigger_index(mount.events).get(event, ())
    return [mount.live.by_code[badge.code] for badge in listening]


def missing(mount: Mount, test: BadgeTest, facts: Snapshot) -> list[str]:
    """What is still to be done for `test`, in words; nothing once it passes."""
    if test.passes(facts):
        return []
    if isinstance(test, AllOf):
        return [words for part in test.tests for words in missing(mount, part, facts)]
    if isinstance(test, AnyOf):
        return [" or ".join(" and ".join(missing(mount, part, facts)) for part in test.tests)]
    if isinstance(test, AtLeast):
        return [_lacking(mount, test, facts)]
    return [
        condition.text + ("" if condition.value is None else f", but it is {condition.value}")
        for condition in test.conditions(facts)
        if not condition.passed
    ]


def _lacking(mount: Mount, test: AtLeast, facts: Snapshot) -> str:
    """How much of a metric; of something done once, what."""
    family = mount.live.by_metric.get(test.metric)
    if family is not None and test.threshold == 1 and test.metric.startswith("ONE:"):
        return f"not done yet: {family.badges[0].unachieved_description}"
    value = facts.number(test.metric)
    return f"{test.threshold - value} more of {test.metric}: it is {value} of {test.threshold}"


def _explained(
    mount: Mount,
    verdict: Verdict,
    gone: frozenset[int],
    grants: list[Grant],
    log: list[Entry],
) -> Explanation:
    bars, history = list(_bars(verdict, gone)), tuple(log)
    verdict = _as_granted(verdict, grants)
    if any(grant.revoked_at is None for grant in grants):
        return Explanation(verdict, Standing.HELD, (), tuple(grants), history)
    if grants:
        why = f"it was revoked on {grants[-1].revoked_at} UTC, and stays so until that is lifted"
        return Explanation(verdict, Standing.REVOKED, (why,), tuple(grants), history)
    if verdict.passed and not bars:
        return Explanation(verdict, Standing.EARNED, (), (), history)
    lacking = _lacking_of(mount, verdict)
    standing = Standing.CLOSED if bars else Standing.OPEN
    words = (*bars, *lacking, *_not_begun(verdict))
    return Explanation(verdict, standing, words, (), history)


def _as_granted(verdict: Verdict, grants: list[Grant]) -> Verdict:
    """Of a prize that was given, each season: nothing but its grants can tell."""
    if not (verdict.badge.is_prize and grants):
        return verdict
    seasons = tuple(
        Condition(_season_in_words(grant), None, None, None, grant.revoked_at is None)
        for grant in grants
    )
    return replace(verdict, passed=any(season.passed for season in seasons), conditions=seasons)


def _season_in_words(grant: Grant) -> str:
    """E.g. "won by a place in the season exp:week:2026-11-02"."""
    how = "given by hand for" if grant.source == MANUAL else "won by a place in"
    return f"{how} the season {grant.context}"


def _lacking_of(mount: Mount, verdict: Verdict) -> list[str]:
    badge = verdict.badge
    if badge.is_prize:
        return [f"not won yet: {badge.unachieved_description}"]
    return missing(mount, badge.test, verdict.snapshot)


def _bars(verdict: Verdict, gone: frozenset[int]) -> Iterator[str]:
    """Why nobody can earn the badge any more."""
    badge, at = verdict.badge, verdict.snapshot.at
    if badge.hidden:
        yield "it is hidden"
    if badge.deprecated_at is not None:
        yield f"it is deprecated since {badge.deprecated_at} UTC"
    if badge.ends_at is not None and badge.ends_at <= at:
        yield f"its time was over on {badge.ends_at} UTC"
    if badge.id in gone:
        yield f"all {badge.max_holders} have been given out"


def _not_begun(verdict: Verdict) -> Iterator[str]:
    starts_at = verdict.badge.starts_at
    if starts_at is not None and verdict.snapshot.at < starts_at:
        yield f"its time begins on {starts_at} UTC"


def _given_out(session: Session, badges: Iterable[LiveBadge]) -> frozenset[int]:
    """Those of the limited badges of which none is left."""
    limited = [badge.id for badge in badges if badge.max_holders is not None]
    if not limited:
        return frozenset()
    row = Badge.__table__.c
    wanted = select(row.id).where(row.id.in_(limited), row.grants_made >= row.max_holders)
    return frozenset(session.connection().execute(wanted).scalars())


def _grants(session: Session, user_id: int, ids: list[int]) -> dict[int, list[Grant]]:
    mine = UserBadge.__table__.c
    wanted = (
        select(
            mine.badge_id, mine.context, mine.achieved_at, mine.source, mine.evidence,
            mine.revoked_at,
        )
        .where(mine.user_id == user_id, mine.badge_id.in_(ids))
        .order_by(mine.id)
    )  # fmt: skip
    found: dict[int, list[Grant]] = {}
    for row in session.connection().execute(wanted):
        found.setdefault(row.badge_id, []).append(Grant(*row[1:]))
    return found


def _history(session: Session, user_id: int, ids: list[int]) -> dict[int, list[Entry]]:
    line = BadgeAwardLog.__table__.c
    wanted = (
        select(line.badge_id, line.action, line.at, line.event, line.actor_id, line.reason)
        .where(line.user_id == user_id, line.badge_id.in_(ids))
        .order_by(line.id)
    )
    found: dict[int, list[Entry]] = {}
    for row in session.connection().execute(wanted):
        found.setdefault(row.badge_id, []).append(Entry(*row[1:]))
    return found
