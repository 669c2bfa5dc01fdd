"""Progress: how events move metrics, in one statement, and which badges that crosses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges import granter
from zeeguu_gamify.badges.composites import Due, settle
from zeeguu_gamify.badges.courses import COURSES, Course, Step, by_peaks
from zeeguu_gamify.badges.courses import Push as Push
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.live import NO_EXP_FAMILY, LiveBadge, LiveFamily
from zeeguu_gamify.badges.progress_row import ProgressRow
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import Emitted, Event, Metric
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import contained, savepoint


@dataclass(frozen=True, slots=True)
class Move:
    """All that a batch of events does to one metric of one user."""

    family: LiveFamily
    user_id: int
    mechanism: Mechanism
    pushes: Sequence[Push]
    was: int | None = None  #: of EXP, which the economy has moved already: how many there were


class ProgressSubscriber:
    """Moves the metrics of events and has the granter called where a threshold is crossed."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One statement per (user, family); in a fixed order, so that batches cannot deadlock.
        None for EXP, which the economy has counted.

        Then what only an event can tell: repeatable badges, and composites that watch for it.
        """
        moves = [item for item in _moves(mount, emitted) if not is_done(mount, item)]
        due: dict[int, list[Due]] = {}
        with savepoint(session) if len(moves) > 1 else nullcontext():
            # All is counted before anything is granted. A first row that two insert at once locks
            # the end of the table, and a limited badge its own row: each waited for the other.
            counted = [
                (item, _course(session, mount, item)) for item in (*moves, *_of_exp(mount, emitted))
            ]
            for item, course in counted:
                due.setdefault(item.user_id, []).extend(_reach(session, mount, item, course))
        for one in emitted:
            if found := _heard(session, mount, one):
                due.setdefault(one.event.user_id, []).extend(found)
        for user_id, composites in due.items():
            settle(session, mount, user_id, composites)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing yet: no later subscriber of ours can fail."""


def _moves(mount: Mount, emitted: list[Emitted]) -> list[Move]:
    """What `emitted` asks for, by user and metric; a metric without a badge counts nothing."""
    pushes: dict[tuple[int, str], list[Push]] = {}
    for item in emitted:
        for metric in _metrics_of(mount, item.event):
            pushes.setdefault((item.event.user_id, metric), []).append(_push(item))
    families = mount.live.by_metric
    return [
        Move(families[metric], user_id, families[metric].mechanism, pushes[user_id, metric])
        for user_id, metric in sorted(pushes)
        if metric in families
    ]


def reach_exp(session: Session, mount: Mount, user_id: int, was: int, push: Push) -> None:
    """Grant what the user reaches whose EXP were `was` and are what the push says."""
    family = mount.live.by_metric.get(Metric.EXP, NO_EXP_FAMILY)
    move(session, mount, Move(family, user_id, Mechanism.GAUGE, [push], was))


def _of_exp(mount: Mount, emitted: list[Emitted]) -> Iterator[Move]:
    """How EXP moved, by user, if a badge asks for them."""
    family = mount.live.by_metric.get(Metric.EXP, NO_EXP_FAMILY)
    if family is NO_EXP_FAMILY and Metric.EXP not in mount.live.watches:
        return
    pushes: dict[int, list[Push]] = {}
    was: dict[int, int] = {}
    for item in emitted:
        user_id, outcome = item.event.user_id, item.outcome
        if outcome.exp_sum is not None:
            was.setdefault(user_id, outcome.exp_sum - outcome.exp)
            pushes.setdefault(user_id, []).append(replace(_push(item), value=outcome.exp_sum))
    for user_id in sorted(pushes):
        yield Move(family, user_id, Mechanism.GAUGE, pushes[user_id], was[user_id])


def is_done(mount: Mount, wanted: Move) -> bool:
    """Whether it is something done once, and known to be done: that costs no statement."""
    known = (wanted.user_id, wanted.family.id) in mount.known
    return known and wanted.mechanism is Mechanism.ONE_TIME


def _heard(session: Session, mount: Mount, item: Emitted) -> list[Due]:
    """The composites that watch for such an event, or for a badge that it repeats."""
    event = item.event
    found: list[Due] = []
    for family, _ in mount.catalog.repeatables.get(event.name, ()):
        live = mount.live.by_metric[family.metric].badges[0]
        found += _repeat(session, mount, live, event, _push(item))
    for composite, conditions in mount.live.listeners.get(event.name, ()):
        with contained(session, f"Asking whether {event.name} is for {composite.code}"):
            if not conditions or any(was.is_met_by(event) for was in conditions):
                found.append(Due(composite, _push(item)))
    return found


def _repeat(
    session: Session, mount: Mount, badge: LiveBadge, event: Event, push: Push
) -> list[Due]:
    """Grant a repeatable badge for the context of the event, if that is new; what that brings."""
    with contained(session, f"Granting {badge.code} to user {event.user_id}"):
        context = context_of(badge, event)
        if not context or not badge.is_grantable or not badge.is_open(push.at):
            return []
        if granter.has_row(session, event.user_id, badge, context):
            return []
        family = mount.live.by_metric[badge.metric]
        cause = Cause(push.event, 1, push.at, push.event_id, context)
        new = granter.grant(session, mount, event.user_id, [(badge, cause)])
        push.new_badges.extend(new)
        if new:
            one = replace(push, amount=1, value=None)
            return _count(session, mount, Move(family, event.user_id, Mechanism.COUNTER, [one]))
    return []


def context_of(badge: LiveBadge, event: Event) -> str | None:
    """For what the event earns a repeatable badge; None when for nothing.

    Raises BadInput when that is no text of at most 64 bytes: the key would be cut.
    """
    defined = badge.defined
    if defined is None or defined.context_of is None or not defined.counts(event):
        return None
    context = defined.context_of(event)
    if context is not None and not (isinstance(context, str) and len(context.encode()) <= 64):
        raise BadInput(f"context of {badge.code}: a text of at most 64 bytes, not {context!r}")
    return context


def _metrics_of(mount: Mount, event: Event) -> Iterator[str]:
    """The metrics that `event` moves: its own, and those of one-offs that it satisfies."""
    metric = mount.events[event.name].metric
    if metric is not None:
        yield metric
    for family, badge in mount.catalog.one_offs.get(event.name, ()):
        if badge.counts(event) and _is_open(mount, family.metric, event):
            yield family.metric


def _is_open(mount: Mount, metric: str, event: Event) -> bool:
    """Whether a one-off can be earned now: done out of its time, it is not done."""
    family = mount.live.by_metric.get(metric)
    return family is None or family.badges[0].is_open(event.at or clock.now())


def _push(item: Emitted) -> Push:
    event = item.event
    return Push(
        event=event.name,
        at=event.at or clock.now(),
        event_id=event.event_id,
        amount=event.amount,
        value=event.value,
        new_badges=item.outcome.new_badges,
        happened=event,
    )


def move(session: Session, mount: Mount, wanted: Move) -> None:
    """Move the user's metric by all pushes and grant what that crosses.

    Raises UnknownUser. What the granter cannot do is logged and left to the sweep: the progress
    counts all the same.
    """
    settle(session, mount, wanted.user_id, _count(session, mount, wanted))


def _count(session: Session, mount: Mount, wanted: Move) -> list[Due]:
    """`move`, but for the composites that are due because of it."""
    return _reach(session, mount, wanted, _course(session, mount, wanted))


def _reach(session: Session, mount: Mount, wanted: Move, course: Course) -> list[Due]:
    """Grant what the course crosses; the composites that are due because of it."""
    if wanted.family.crossed(course.steps[0].old, course.high):
        what = f"Granting {wanted.family.metric} badges to user {wanted.user_id}"
        with contained(session, what):
            _grant(session, mount, wanted, course.steps)
    if mount.live.watched(wanted.family.metric, course.low, course.high):
        return list(_due(mount, wanted, course))
    return []


def _course(session: Session, mount: Mount, wanted: Move) -> Course:
    if wanted.was is not None:
        return by_peaks(wanted.was, wanted.pushes)
    row = ProgressRow(session, mount, wanted.family.id, wanted.user_id)
    return COURSES[wanted.mechanism](row, wanted.pushes)


def _due(mount: Mount, wanted: Move, course: Course) -> Iterator[Due]:
    """The composites that watch for this, each by the push that brought it about."""
    metric, last = wanted.family.metric, wanted.pushes[-1]
    for push, step in zip(wanted.pushes, course.steps, strict=True):
        yield from (Due(badge, push) for badge in mount.live.watched(metric, *step))
    for badge in mount.live.watched(metric, course.end, course.high):
        yield Due(badge, last)


def _grant(session: Session, mount: Mount, wanted: Move, steps: Sequence[Step]) -> None:
    """Grant what is crossed, each badge through the very push that crossed it."""
    crossed = []
    push_of: dict[int, Push] = {}
    for push, step in zip(wanted.pushes, steps, strict=True):
        cause = Cause(push.event, step.new, push.at, push.event_id)
        for badge in wanted.family.crossed(*step):
            if badge.is_open(push.at):
                crossed.append((badge, cause))
                push_of[badge.id] = push
    if not crossed:
        return
    for badge in granter.grant(session, mount, wanted.user_id, crossed):
        push_of[badge.id].new_badges.append(badge)
