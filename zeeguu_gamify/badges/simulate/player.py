"""Play events to one user, in memory: which badges they would bring, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from zeeguu_gamify.badges.evaluator import Verdict, judge
from zeeguu_gamify.badges.live import NO_EXP_FAMILY, LiveBadge, LiveFamily
from zeeguu_gamify.badges.progress import context_of
from zeeguu_gamify.badges.rules import EventWas
from zeeguu_gamify.badges.simulate.earned import Stock
from zeeguu_gamify.badges.simulate.steps import Step
from zeeguu_gamify.badges.snapshot import Snapshot
from zeeguu_gamify.events import (
    BADGE_GRANTED,
    LEVEL_UP,
    Event,
    Metric,
    Outcome,
    badge_object,
)
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount

_T = TypeVar("_T")


class Books(Protocol):
    """The economy's, of one user."""

    def earn(self, event: Event) -> Outcome:
        """What the event brings in EXP and levels."""


class NoBooks:
    """Where nothing is earned."""

    def earn(self, _event: Event) -> Outcome:
        """Nothing."""
        return Outcome()


class Player:
    """Does to a copy of a user's facts what the subscribers do to the user."""

    def __init__(
        self,
        mount: Mount,
        facts: Snapshot,
        rows: set[tuple[int, str]],
        stock: Stock,
        *,
        books: Books | None = None,
        counted: set[tuple[str, str]] | None = None,
        of_store: bool = False,
    ) -> None:
        """`facts` has every metric and all that tests name; `rows`: (badge id, context) there.

        books: say what an event earns; without any, events earn nothing: see `earn`.
        counted: ("event", id) and (name, object) of what counts no more; see `history.counted`.
        of_store: the events were stored, so that a condition may ask for what was not kept.
        """
        self.facts = facts
        self._of_store = of_store
        self._mount = mount
        self._rows = rows
        self._stock = stock
        self._books = books or NoBooks()
        self._counted = counted or set()
        self._badges_pay = books is not None and mount.events[BADGE_GRANTED].pays
        self._owed: list[str] = []  #: what was granted and has not paid yet

    def play(self, event: Event) -> list[Step]:
        """What the event brings; nothing when it, or its object, was counted before.

        Then what a level brings that it reaches, and what badges pay that it brings.
        """
        if self._is_replayed(event):
            return []
        event = replace(event, at=event.at or self.facts.at)
        outcome = self._books.earn(event)
        found = self._play(event, outcome)
        if outcome.level is not None:
            told = {"level": outcome.level, "reward": outcome.reward}
            found += self.play(replace(_bare(event), name=LEVEL_UP, context=told))
        while self._owed:
            granted = replace(_bare(event), name=BADGE_GRANTED, object_id=self._owed.pop(0))
            found += self.play(granted)
        return found

    def earn(self, event: Event, outcome: Outcome) -> list[Step]:
        """What EXP bring that were earned or lost by such an event."""
        self.facts = self.facts.override(at=event.at)
        due: list[LiveBadge] = []
        found = list(self._move_exp(event, outcome, due))
        return [*found, *self._settle(event, due)]

    def _play(self, event: Event, outcome: Outcome) -> list[Step]:
        self.facts = self.facts.override(at=event.at)
        due: list[LiveBadge] = []
        found = list(self._move_exp(event, outcome, due))
        for metric in sorted(self._moved_by(event)):
            family = self._mount.live.by_metric.get(metric)
            if family is not None:
                found += self._move(family, event, due)
        found += self._repeat(event, due)
        for composite, conditions in self._mount.live.listeners.get(event.name, ()):
            if self._told(_is_heard, conditions, event):
                due.append(composite)
        return [*found, *self._settle(event, due)]

    def _told(self, ask: Callable[..., _T], *about: object) -> _T | None:
        """What a condition says; None where it fails for want of what was not stored."""
        try:
            return ask(*about)
        except Exception:
            if not self._of_store:
                raise
            return None

    def _is_replayed(self, event: Event) -> bool:
        undone = self._mount.events[event.name].undoes
        keys = {("event", event.event_id)} if event.event_id else set()
        if event.object_id and undone is None:
            keys.add((event.name, event.object_id))
        known = bool(keys & self._counted)
        self._counted |= keys
        if event.object_id and undone is not None and not known:
            known = (undone, event.object_id) not in self._counted
            self._counted.discard((undone, event.object_id))
        return known

    def _moved_by(self, event: Event) -> Iterator[str]:
        metric = self._mount.events[event.name].metric
        if metric is not None:
            yield metric
        for family, badge in self._mount.catalog.one_offs.get(event.name, ()):
            live = self._mount.live.by_code.get(badge.code)
            is_open = live is None or live.is_open(self.facts.at)
            if is_open and self._told(badge.counts, event):
                yield family.metric

    def _move(self, family: LiveFamily, event: Event, due: list[LiveBadge]) -> Iterator[Step]:
        old = self.facts.number(family.metric)
        new = _moved(family.mechanism, old, event)
        yield from self._reach(family, old, new, event, due)

    def _move_exp(self, event: Event, outcome: Outcome, due: list[LiveBadge]) -> Iterator[Step]:
        if outcome.exp_sum is None:
            return
        yield Step(
            self.facts.at, self.facts.user_id, event.name, None, "", (), outcome.exp,
            outcome.exp_sum, outcome.level,
        )  # fmt: skip
        family = self._mount.live.by_metric.get(Metric.EXP, NO_EXP_FAMILY)
        old, new = outcome.exp_sum - outcome.exp, outcome.exp_sum
        yield from self._reach(family, old, new, event, due)

    def _reach(
        self, family: LiveFamily, old: int, new: int, event: Event, due: list[LiveBadge]
    ) -> Iterator[Step]:
        """Move the metric, and grant what that crosses."""
        self.facts = self.facts.override({family.metric: new})
        due += self._mount.live.watched(family.metric, min(old, new), max(old, new))
        for verdict in judge(self.facts, family.crossed(old, new)):
            if verdict.badge.is_open(self.facts.at) and self._grant(verdict.badge):
                yield self._step(event, verdict)

    def _repeat(self, event: Event, due: list[LiveBadge]) -> Iterator[Step]:
        for family, _ in self._mount.catalog.repeatables.get(event.name, ()):
            live = self._mount.live.by_metric[family.metric].badges[0]
            context = self._told(context_of, live, event)
            if not context or not live.is_grantable or not live.is_open(self.facts.at):
                continue
            if self._grant(live, context):
                done = self.facts.number(family.metric)
                self.facts = self.facts.override({family.metric: done + 1})
                due += self._mount.live.watched(family.metric, done, done + 1)
                yield self._step(event, judge(self.facts, [live])[0], context)

    def _settle(self, event: Event, due: list[LiveBadge]) -> Iterator[Step]:
        """Test the composites that are due, and then those that waited for them."""
        while due := list({it.id: it for it in due if not self.facts.number(it.metric)}.values()):
            facts = self.facts.override(event=event)
            verdicts = [one for it in due for one in self._told(judge, facts, [it]) or ()]
            passed = [verdict for verdict in verdicts if verdict.passed]
            for verdict in passed:
                if self._grant(verdict.badge):
                    yield self._step(event, verdict)
            self.facts = self.facts.override({it.badge.metric: 1 for it in passed})
            due = [it for had in passed for it in self._mount.live.watched(had.badge.metric, 0, 1)]

    def _grant(self, badge: LiveBadge, context: str = "") -> bool:
        """Whether it is new; as for the granter, a revoked row bars it and a limited one ends."""
        if (badge.id, context) in self._rows or not self._stock.take(badge):
            return False
        self._rows.add((badge.id, context))
        if self._badges_pay:
            self._owed.append(badge_object(badge.id, context))
        return True

    def _step(self, event: Event, verdict: Verdict, context: str = "") -> Step:
        return Step(
            self.facts.at, self.facts.user_id, event.name, verdict.badge.code, context,
            verdict.conditions,
        )  # fmt: skip


def _is_heard(conditions: Sequence[EventWas], event: Event) -> bool:
    """Whether a composite that listens under these conditions is to be tested."""
    return not conditions or any(was.is_met_by(event) for was in conditions)


def _bare(event: Event) -> Event:
    """The user and the instant of it."""
    return Event(name=event.name, user_id=event.user_id, at=event.at)


def _moved(mechanism: Mechanism, old: int, event: Event) -> int:
    """The value of a metric after the event."""
    if mechanism is Mechanism.ONE_TIME:
        return 1
    if mechanism is Mechanism.GAUGE:
        return old if event.value is None else event.value
    return old + event.amount
