"""Progress: how events move metrics, in one statement, and which badges that crosses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
from zeeguu_gamify.transaction import contained


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


class ProgressSubscriber:
    """Moves the metrics of events and has the granter called where a threshold is crossed."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One statement per (user, family); in a fixed order, so that batches cannot deadlock."""
        pushes: dict[tuple[int, str], list[Push]] = {}
        for item in emitted:
            for metric in _metrics_of(mount, item.event):
                pushes.setdefault((item.event.user_id, metric), []).append(_push(item))
        for (user_id, metric), group in sorted(pushes.items(), key=lambda entry: entry[0]):
            if family := mount.live.by_metric.get(metric):
                move(session, mount, family, user_id, group, family.mechanism)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing yet: no later subscriber of ours can fail."""


def _metrics_of(mount: Mount, event: Event) -> Iterator[str]:
    """The metrics that `event` moves: its own, and those of one-offs that it satisfies."""
    metric = mount.events[event.name].metric
    if metric is not None:
        yield metric
    for one_off, condition in mount.catalog.one_offs.get(event.name, ()):
        if condition is None or condition(event):
            yield one_off


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


def move(
    session: Session,
    mount: Mount,
    family: LiveFamily,
    user_id: int,
    pushes: Sequence[Push],
    mechanism: Mechanism,
) -> None:
    """Move the user's metric by all `pushes` and grant what that crosses.

    Raises UnknownUser. What the granter cannot do is logged and left to the sweep: the progress
    counts all the same.
    """
    row = ProgressRow(session, mount, family.id, user_id)
    step = _STEPS[mechanism](row, pushes)
    if family.crossed(*step):
        with contained(session, f"Granting {family.metric} badges to user {user_id}"):
            _grant(session, mount, family, user_id, mechanism, step, pushes)


def _grant(
    session: Session,
    mount: Mount,
    family: LiveFamily,
    user_id: int,
    mechanism: Mechanism,
    step: Step,
    pushes: Sequence[Push],
) -> None:
    """Grant what `step` crosses, each badge through the very push that crossed it."""
    wanted = []
    push_of: dict[int, Push] = {}
    for push, reached in _walk(mechanism, step, pushes):
        cause = Cause(push.event, reached.new, push.at, push.event_id)
        for badge in family.crossed(*reached):
            wanted.append((badge, cause))
            push_of[badge.id] = push
    for badge in granter.grant(session, mount, user_id, wanted):
        push_of[badge.id].new_badges.append(badge)


def _walk(mechanism: Mechanism, step: Step, pushes: Sequence[Push]) -> Iterator[tuple[Push, Step]]:
    """The single steps of which `step` is made; for all but a COUNTER the last is the whole."""
    if mechanism is not Mechanism.COUNTER:
        yield pushes[-1], step
        return
    reached = step.old
    for push in pushes:
        yield push, Step(reached, reached + push.amount)
        reached += push.amount


def _last_value(pushes: Sequence[Push]) -> int:
    value = pushes[-1].value
    if value is None:
        raise BadInput(f"value: {pushes[-1].event} sets a gauge and needs its value")
    return value


def _add(row: ProgressRow, pushes: Sequence[Push]) -> Step:
    amount = sum(push.amount for push in pushes)
    new = row.add(amount)
    return Step(new - amount, new)


def _put(row: ProgressRow, pushes: Sequence[Push]) -> Step:
    value = pushes[-1].value
    if value is None:
        raise BadInput(f"value: {pushes[-1].event} sets a gauge and needs its value")
    return Step(row.put(value), value)


def _once(row: ProgressRow, _pushes: Sequence[Push]) -> Step:
    return Step(1, 1) if row.exists() else Step(row.put(1), 1)


#: How each mechanism moves a row.
_STEPS = {Mechanism.COUNTER: _add, Mechanism.GAUGE: _put, Mechanism.ONE_TIME: _once}


def increment_badge_progress(
    session: Session, badge_code: str, user_id: int, increment: int = 1
) -> list[LiveBadge]:
    """Add `increment` (at least 1) to a user's metric; return the badges newly granted.

    `badge_code` is a metric, an older name of one, or the code of a badge. Writes in the
    session's transaction and does not commit. Raises UnknownBadge, UnknownUser or BadInput.
    """
    push = Push("progress.incremented", clock.now())
    push.amount = whole_number("increment", increment, at_least=1)
    return _push_directly(session, badge_code, user_id, push, Mechanism.COUNTER)


def update_badge_progress(
    session: Session, badge_code: str, user_id: int, current_value: int
) -> list[LiveBadge]:
    """Set a user's metric to `current_value` (at least 0); return the badges newly granted.

    A value that falls revokes nothing. Otherwise as `increment_badge_progress`.
    """
    push = Push("progress.updated", clock.now())
    push.value = whole_number("current_value", current_value, at_least=0)
    return _push_directly(session, badge_code, user_id, push, Mechanism.GAUGE)


def _push_directly(
    session: Session, badge_code: str, user_id: int, push: Push, mechanism: Mechanism
) -> list[LiveBadge]:
    mount = current_mount()
    mount.refresh(session)
    family = mount.live.by_metric[mount.catalog.metric_of(_name(badge_code))]
    whole_number("user_id", user_id, at_least=1)
    if family.mechanism is Mechanism.ONE_TIME:
        mechanism = Mechanism.ONE_TIME
    if mount.is_enabled_for(user_id):
        move(session, mount, family, user_id, [push], mechanism)
    return push.new_badges


def _name(badge_code: str) -> str:
    """The text of a code that may be a member of a host's enum."""
    return str(getattr(badge_code, "value", badge_code))
