"""A change of rules: who would gain, who would no longer have earned what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from zeeguu_gamify.badges import snapshot
from zeeguu_gamify.badges.evaluator import fields_of
from zeeguu_gamify.badges.explain import missing
from zeeguu_gamify.badges.live import LiveBadge, LiveFamily
from zeeguu_gamify.badges.rules import EventWas
from zeeguu_gamify.badges.simulate.earned import Stock, earned, in_words
from zeeguu_gamify.badges.simulate.history import sums
from zeeguu_gamify.badges.simulate.player import Books
from zeeguu_gamify.badges.simulate.timeline import BooksOf, no_books
from zeeguu_gamify.badges.simulate.users import Row, batches, rows_of
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.badges.trees import leaves
from zeeguu_gamify.events import BADGE_GRANTED, Event, Metric, badge_object
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount

GAIN, LOSE = "gain", "lose"


@dataclass(frozen=True, slots=True)
class Effect:
    """What the change does to one user and badge."""

    user_id: int
    username: str
    badge: str
    change: str  #: gain, or lose: what is held no longer passes (nothing takes it away)
    reason: str
    exp: int = 0  #: what it pays, were the user told


@dataclass(slots=True)
class Totals:
    """What it does to one badge."""

    gain: int = 0
    lose: int = 0
    exp: int = 0  #: were it backfilled with notices; what nobody is told of pays nothing
    notices: int = 0  #: likewise


@dataclass(slots=True)
class RuleChange:
    """The effects, user by user, when `effects` is gone through; then `totals` have their sums.

    The facts are those of the database now, so the answer is what applying the catalog and
    backfilling it would do. What nothing has counted so far is counted from the stored events
    since `since`. Only badges whose rule differs are looked at; `untold` names those of which
    neither facts nor stored events tell.
    """

    session: Session
    before: Mount
    after: Mount  #: see `supposed.suppose`
    at: datetime  #: UTC
    since: datetime | None = None
    batch_size: int = 500
    books_of: BooksOf = no_books  #: of users of whom nothing but new grants counts
    users: int = 0
    totals: dict[str, Totals] = field(default_factory=dict)
    untold: dict[str, str] = field(init=False)
    _badges: list[LiveBadge] = field(init=False)

    def __post_init__(self) -> None:
        """Find the badges to look at."""
        found = _differing(self.before, self.after)
        self.untold = {it.code: why for it in found if (why := _why_untold(self.before, it))}
        self._badges = [badge for badge in found if badge.code not in self.untold]
        self.totals = {badge.code: Totals() for badge in self._badges}

    def effects(self, progress: Callable[[int], None] = lambda _users: None) -> Iterator[Effect]:
        """Go through all users; `progress` hears of finished ones."""
        stock = Stock(self.session, self._badges)
        for users in batches(self.session, self.before, self.batch_size):
            if self._badges:
                yield from self._of_batch(users, stock)
            self.users += len(users)
            progress(len(users))

    def _of_batch(self, users: Mapping[int, str], stock: Stock) -> Iterator[Effect]:
        """A constant number of SELECTs, whatever the number of users and badges."""
        facts = self._facts(users)
        rows = rows_of(self.session, users, [badge.id for badge in self._badges])
        for user_id in sorted(facts):
            if not self.before.is_enabled_for(user_id):
                continue
            for effect in self._of_user(facts[user_id], users, rows.get(user_id, ()), stock):
                self._count(effect)
                yield effect

    def _count(self, effect: Effect) -> None:
        totals = self.totals[effect.badge]
        gained = effect.change == GAIN
        totals.gain += gained
        totals.lose += not gained
        totals.notices += gained
        totals.exp += effect.exp

    def _facts(self, users: Iterable[int]) -> dict[int, Snapshot]:
        fields = fields_of(self._badges)
        found = snapshot.load_many(self.session, self.after, users, fields, at=self.at)
        uncounted = [
            family
            for metric, family in self.after.live.by_metric.items()
            if metric in fields and metric not in (*self.before.live.by_metric, Metric.EXP)
        ]
        movers = {family.metric: _movers(self.after, family) for family in uncounted}
        names = {name for events in movers.values() for name in events}
        if not names:
            return found
        counted = sums(self.session, users, names, self.since)
        for user_id, amounts in counted.items():
            values = {
                family.metric: _value(family, sum(amounts[name] for name in movers[family.metric]))
                for family in uncounted
            }
            found[user_id] = found[user_id].override(values)
        return found

    def _of_user(
        self, facts: Snapshot, names: Mapping[int, str], rows: Iterable[Row], stock: Stock
    ) -> Iterator[Effect]:
        held = {row.badge_id: row for row in rows}
        missed = [badge for badge in self._badges if badge.id not in held]
        books = self.books_of(facts.user_id, facts.zone, 0)
        for verdict in earned(facts, missed, stock):
            exp = self._pays(books, facts.user_id, verdict.badge)
            reason = in_words(verdict.conditions)
            yield self._effect(facts, names, verdict.badge, GAIN, reason, exp)
        for badge in self._badges:
            row = held.get(badge.id)
            if row and not row.is_revoked and self._is_lost(badge, facts, row):
                lacking = "; ".join(missing(self.after, badge.test, facts))
                yield self._effect(facts, names, badge, LOSE, lacking)

    def _pays(self, books: Books, user_id: int, badge: LiveBadge) -> int:
        object_id = badge_object(badge.id, "")
        told = Event(name=BADGE_GRANTED, user_id=user_id, object_id=object_id, at=self.at)
        return books.earn(told).exp

    def _effect(
        self,
        facts: Snapshot,
        names: Mapping[int, str],
        badge: LiveBadge,
        change: str,
        reason: str,
        exp: int = 0,
    ) -> Effect:
        return Effect(facts.user_id, names[facts.user_id], badge.code, change, reason, exp)

    def _is_lost(self, badge: LiveBadge, facts: Snapshot, row: Row) -> bool:
        """Whether neither the facts nor those of the certificate would do under the new test."""
        if not badge.is_grantable or badge.test == self.before.live.by_id[badge.id].test:
            return False
        then = facts.override(_certified(row.evidence), at=row.achieved_at)
        return not badge.test.passes(facts) and not badge.test.passes(then)


def _value(family: LiveFamily, amount: int) -> int:
    return min(amount, 1) if family.mechanism is Mechanism.ONE_TIME else amount


def _certified(evidence: Mapping[str, Any]) -> dict[str, int]:
    """The facts that a certificate tells of, by metric."""
    told = [evidence, *evidence.get("conditions", ())]
    return {it["metric"]: it["value"] for it in told if type(it.get("value")) is int}


def _movers(mount: Mount, family: LiveFamily) -> frozenset[str]:
    """The events by which a metric that is new is counted."""
    names = {event.name for event in mount.events.values() if event.metric == family.metric}
    if family.mechanism is Mechanism.ONE_TIME:
        names |= {name for it in family.badges if it.defined for name in it.defined.triggers}
    return frozenset(names)


def _differing(before: Mount, after: Mount) -> list[LiveBadge]:
    """The badges whose rule is another, and the composites that wait for such a one."""
    known = before.live.by_code
    found = {
        it.id: it
        for it in after.live.by_id.values()
        if it.code not in known or _rule(it) != _rule(known[it.code])
    }
    while waiting := [it for it in _waiting(after, found.values()) if it.id not in found]:
        found |= {it.id: it for it in waiting}
    return list(found.values())


def _waiting(mount: Mount, badges: Iterable[LiveBadge]) -> list[LiveBadge]:
    """The composites that ask whether one of `badges` has been done."""
    metrics = {it.metric for it in badges if it.metric.startswith("ONE:")}
    return [it for it in mount.live.composites if it.test.metrics & metrics]


def _rule(badge: LiveBadge) -> tuple[object, ...]:
    return (
        badge.test.in_words(), badge.defined.rule if badge.defined else None, badge.is_grantable,
        badge.starts_at, badge.ends_at, badge.max_holders,
    )  # fmt: skip


def _why_untold(before: Mount, badge: LiveBadge) -> str:
    """Why nothing tells who has earned it; "" when something does."""
    if badge.is_repeatable:
        return "what an event was for is not stored"
    if any(isinstance(leaf, EventWas) for leaf in leaves(badge.test)):
        return "it asks of the event itself, of which not all is stored"
    if badge.metric in before.live.by_metric or badge.is_composite:
        return ""
    if badge.defined is not None and badge.defined.when:
        return "it asks of the event itself, of which not all is stored"
    if _is_gauge(before, badge.metric):
        return "the values of a gauge are not stored"
    return ""


def _is_gauge(mount: Mount, metric: str) -> bool:
    kinds = [event.moves for event in mount.events.values() if event.metric == metric]
    return Mechanism.GAUGE in kinds
