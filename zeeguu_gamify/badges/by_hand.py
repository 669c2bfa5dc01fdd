"""Metrics that the host moves itself, by name, without an event."""

from __future__ import annotations

from zeeguu_gamify import clock
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.progress import Move, Push, is_done, move
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import Metric, whole_number
from zeeguu_gamify.models import Mechanism
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.transaction import AnySession, plain


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
    if family.metric == Metric.EXP:
        raise BadInput(f"{badge_code}: EXP are earned and taken back; emit exp.gained or exp.lost")
    if any(badge.is_composite or badge.is_repeatable for badge in family.badges):
        raise BadInput(f"{badge_code}: only events bring it about, so it cannot be moved by hand")
    whole_number("user_id", user_id, at_least=1)
    if family.mechanism is Mechanism.ONE_TIME:
        mechanism = Mechanism.ONE_TIME
    wanted = Move(family, user_id, mechanism, [push])
    undone = mechanism is Mechanism.ONE_TIME and push.value == 0
    if mount.is_enabled_for(user_id) and not undone and not is_done(mount, wanted):
        move(session, mount, wanted)
    return push.new_badges


def _name(badge_code: str) -> str:
    """The text of a code that may be a member of a host's enum."""
    return str(getattr(badge_code, "value", badge_code))
