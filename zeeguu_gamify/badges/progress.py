"""Progress: how events move metrics, in one statement, and which badges that crosses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, pairwise, starmap
from typing import NamedTuple

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.badges import granter
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.live import LiveBadge, LiveFamily
from zeeguu_gamify.badges.progress_row import ProgressRow
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import Emitted, Event, whole_number
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.transaction import AnySession, contained, plain, savepoint


class Step(NamedTuple):
    """A move of a metric."""

    old: int
    new: int


@dataclass(slots=True)
class Push:
    """One reason to move a metric: by `amount`, or to `value`."""

    event: str
    at: datetime
    event_id: str | None = None
    amount: int = 1
    value: int | None = None
    new_badges: list[LiveBadge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """All that a batch of events does to one metric of one user."""

    family: LiveFamily
    user_id: int
    mechanism: Mechanism
    pushes: Sequence[Push]


class ProgressSubscriber:
    """Moves the metrics of events and has the granter called where a threshold is crossed."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One statement per (user, family); in a fixed order, so that batches cannot deadlock."""
        moves = [item for item in _moves(mount, emitted) if not _is_done(mount, item)]
        with savepoint(session) if len(moves) > 1 else nullcontext():
            for item in moves:
                move(session, mount, item)

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


def _is_done(mount: Mount, wanted: Move) -> bool:
    """Whether it is something done once, and known to be done: that costs no statement."""
    known = (wanted.user_id, wanted.family.id) in mount.known
    return known and wanted.mechanism is Mechanism.ONE_TIME


def _metrics_of(mount: Mount, event: Event) -> Iterator[str]:
    """The metrics that `event` moves: its own, and those of one-offs that it satisfies."""
    metric = mount.events[event.name].metric
    if metric is not None:
        yield metric
    for family, badge in mount.catalog.one_offs.get(event.name, ()):
        if badge.counts(event):
            yield family.metric


def _push(item: Emitted) -> Push:
    event = item.event
    return Push(
        event=event.name,
        at=event.at or clock.now(),
        event_id=event.event_id,
        amount=event.amount,
        value=event.value,
        new_badges=item.outcome.new_badges,
    )


def move(session: Session, mount: Mount, wanted: Move) -> None:
    """Move the user's metric by all pushes and grant what that crosses.

    Raises UnknownUser. What the granter cannot do is logged and left to the sweep: the progress
    counts all the same.
    """
    row = ProgressRow(session, mount, wanted.family.id, wanted.user_id)
    steps = _STEPS[wanted.mechanism](row, wanted.pushes)
    if wanted.family.crossed(steps[0].old, steps[-1].new):
        what = f"Granting {wanted.family.metric} badges to user {wanted.user_id}"
        with contained(session, what):
            _grant(session, mount, wanted, steps)


def _grant(session: Session, mount: Mount, wanted: Move, steps: Sequence[Step]) -> None:
    """Grant what is crossed, each badge through the very push that crossed it."""
    crossed = []
    push_of: dict[int, Push] = {}
    for push, step in zip(wanted.pushes, steps, strict=True):
        cause = Cause(push.event, step.new, push.at, push.event_id)
        for badge in wanted.family.crossed(*step):
            crossed.append((badge, cause))
            push_of[badge.id] = push
    for badge in granter.grant(session, mount, wanted.user_id, crossed):
        push_of[badge.id].new_badges.append(badge)


def _add(row: ProgressRow, pushes: Sequence[Push]) -> list[Step]:
    """A COUNTER goes up push by push."""
    amounts = [push.amount for push in pushes]
    new = row.add(sum(amounts))
    return list(starmap(Step, pairwise(accumulate(amounts, initial=new - sum(amounts)))))


def _put(row: ProgressRow, pushes: Sequence[Push]) -> list[Step]:
    """A GAUGE ends at the last value, but each peak on the way was reached."""
    values = [_value_of(push) for push in pushes]
    old = row.put(values[-1])
    return list(starmap(Step, pairwise(accumulate(values, max, initial=old))))


def _once(row: ProgressRow, pushes: Sequence[Push]) -> list[Step]:
    """Something done ONE_TIME is done by the first push."""
    return [Step(row.make(), 1), *[Step(1, 1)] * (len(pushes) - 1)]


#: How each mechanism moves a row: what is reached by each push.
_STEPS = {Mechanism.COUNTER: _add, Mechanism.GAUGE: _put, Mechanism.ONE_TIME: _once}


def _value_of(push: Push) -> int:
    if push.value is None:
        raise BadInput(f"value: {push.event} sets a gauge and needs its value")
    return push.value


def increment_badge_progress(
    session: AnySession, badge_code: str, user_id: int, increment: int = 1
) -> list[LiveBadge]:
    """Add `increment` (at least 1) to a user's metric; return the badges newly granted.

    `badge_code` is a metric, an older name of one, or the code of a badge. Writes in the
    session's transaction and does not commit. Raises UnknownBadge, UnknownUser or BadInput.
    """
    push = Push("progress.incremented", clock.now())
    push.amount = whole_number("increment", increment, at_least=1)
    return _push_directly(session, badge_code, user_id, push, Mechanism.COUNTER)


def update_badge_progress(
    session: AnySession, badge_code: str, user_id: int, current_value: int
) -> list[LiveBadge]:
    """Set a user's metric to `current_value` (at least 0); return the badges newly granted.

    A value that falls revokes nothing. Otherwise as `increment_badge_progress`.
    """
    push = Push("progress.updated", clock.now())
    push.value = whole_number("current_value", current_value, at_least=0)
    return _push_directly(session, badge_code, user_id, push, Mechanism.GAUGE)


def _push_directly(
    session: AnySession, badge_code: str, user_id: int, push: Push, mechanism: Mechanism
) -> list[LiveBadge]:
    mount = current_mount()
    session = plain(session)
    if mount.config.shadow or not mount.takes_events(session):
        return []
    family = mount.live.by_metric[mount.catalog.metric_of(_name(badge_code))]
    whole_number("user_id", user_id, at_least=1)
    if family.mechanism is Mechanism.ONE_TIME:
        mechanism = Mechanism.ONE_TIME
    wanted = Move(family, user_id, mechanism, [push])
    undone = mechanism is Mechanism.ONE_TIME and push.value == 0
    if mount.is_enabled_for(user_id) and not undone and not _is_done(mount, wanted):
        move(session, mount, wanted)
    return push.new_badges


def _name(badge_code: str) -> str:
    """The text of a code that may be a member of a host's enum."""
    return str(getattr(badge_code, "value", badge_code))
