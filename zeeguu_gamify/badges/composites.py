"""Composites: tested only when something that they ask for has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from zeeguu_gamify.badges import granter, snapshot
from zeeguu_gamify.badges.courses import Push
from zeeguu_gamify.badges.evaluator import Verdict, fields_of, judge
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.progress_row import ProgressRow
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import contained, on_commit


@dataclass(frozen=True, slots=True)
class Due:
    """A composite to test, and the push because of which."""

    badge: LiveBadge
    push: Push


def settle(session: Session, mount: Mount, user_id: int, due: Iterable[Due]) -> None:
    """Test what is due and grant what passes, and then the composites that waited for those.

    One query, whatever the number of composites; none when the user is known to have done them.
    An error is logged and left to the sweep.
    """
    waiting = _open(mount, user_id, due)
    with contained(session, f"Testing composites for user {user_id}"):
        while waiting:
            waiting = _open(mount, user_id, _settle(session, mount, user_id, waiting))


def _open(mount: Mount, user_id: int, due: Iterable[Due]) -> list[Due]:
    """Those not known to be done, each once, by its latest push."""
    latest: dict[int, Due] = {}
    for item in sorted(due, key=lambda item: item.push.at):
        if (user_id, _family_id(mount, item.badge)) not in mount.known:
            latest[item.badge.id] = item
    return list(latest.values())


def _settle(session: Session, mount: Mount, user_id: int, due: Sequence[Due]) -> list[Due]:
    """Do it; what is due because of that."""
    badges = [item.badge for item in due]
    own = {badge.metric for badge in badges}
    facts = snapshot.load(session, mount, user_id, fields_of(badges) | own)
    passed, push_of = [], {}
    for badge, push in ((item.badge, item.push) for item in due):
        if facts.number(badge.metric):
            _remember(session, mount, user_id, badge)
            continue
        (verdict,) = judge(facts.override(at=push.at, event=push.happened), [badge])
        if verdict.passed:
            cause = Cause(
                push.event, 1, push.at, push.event_id, conditions=verdict.conditions
            )  # fmt: skip
            passed.append((verdict, cause))
            push_of[badge.id] = push
    for badge in award(session, mount, user_id, passed):
        push_of[badge.id].new_badges.append(badge)
    return [
        Due(waiting, push_of[verdict.badge.id])
        for verdict, _ in passed
        for waiting in mount.live.watched(verdict.badge.metric, 0, 1)
    ]


def award(
    session: Session, mount: Mount, user_id: int, passed: Sequence[tuple[Verdict, Cause]]
) -> list[LiveBadge]:
    """Grant what has passed, note which composites are done; return the badges that were new."""
    if not passed:
        return []
    badges = [(verdict.badge, cause) for verdict, cause in passed]
    new = granter.grant(session, mount, user_id, badges)
    for badge, _ in badges:
        if badge.is_composite:
            ProgressRow(session, mount, _family_id(mount, badge), user_id).make()
    return new


def _family_id(mount: Mount, badge: LiveBadge) -> int:
    return mount.live.by_metric[badge.metric].id


def _remember(session: Session, mount: Mount, user_id: int, badge: LiveBadge) -> None:
    """Test it no more: the user has done it."""
    key = (user_id, _family_id(mount, badge))
    on_commit(session, lambda: mount.known.add(key))
