"""Composites: tested only when something that they ask for has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from zeeguu_gamify.badges import granter, snapshot
from zeeguu_gamify.badges.courses import Push
from zeeguu_gamify.badges.evaluator import Verdict, fields_of, judge
from zeeguu_gamify.badges.granter import Cause
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.progress_row import ProgressRow
from zeeguu_gamify.badges.rules import EventWas
from zeeguu_gamify.badges.trees import leaves
from zeeguu_gamify.delivery.outbox import Message, put
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import contained, on_commit, savepoint


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
    with contained(session, f"Testing composites for user {user_id}"):
        _look_again_later(session, mount, user_id, look(session, mount, user_id, due))


def look(session: Session, mount: Mount, user_id: int, due: Iterable[Due]) -> list[Due]:
    """`settle`, but for the errors; what did not pass."""
    missed: list[Due] = []
    while waiting := _open(mount, user_id, due):
        due = _settle(session, mount, user_id, waiting, missed)
    return missed


def _open(mount: Mount, user_id: int, due: Iterable[Due]) -> list[Due]:
    """Those not known to be done, each once, by its latest push."""
    latest: dict[int, Due] = {}
    for item in sorted(due, key=lambda item: item.push.at):
        if (user_id, _family_id(mount, item.badge)) not in mount.known:
            latest[item.badge.id] = item
    return list(latest.values())


def _settle(
    session: Session, mount: Mount, user_id: int, due: Sequence[Due], missed: list[Due]
) -> list[Due]:
    """Do it, and add what does not pass to `missed`; what is due because of that."""
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
        else:
            missed.append(Due(badge, push))
    for badge in award(session, mount, user_id, passed):
        push_of[badge.id].new_badges.append(badge)
    return [
        Due(waiting, push_of[verdict.badge.id])
        for verdict, _ in passed
        for waiting in mount.live.watched(verdict.badge.metric, 0, 1)
    ]


#: Owed when a composite did not pass; payload: codes, event, event_id, at.
MISSED = "composite.missed"


def _look_again_later(session: Session, mount: Mount, user_id: int, missed: Sequence[Due]) -> None:
    """Owe another look, once this is committed: what another transaction has just written is seen
    by neither of the two, and to wait for each other would be a deadlock.
    """
    for push, codes in _doubtful(missed):
        payload = {
            "codes": codes, "event": push.event, "event_id": push.event_id,
            "at": push.at.isoformat(),
        }  # fmt: skip
        put(session, mount, MISSED, payload, user_id=user_id)


def _doubtful(missed: Sequence[Due]) -> list[tuple[Push, list[str]]]:
    """By push, the composites that another transaction may have a hand in."""
    found: dict[int, tuple[Push, list[str]]] = {}
    for item in missed:
        asks_for_event = any(isinstance(leaf, EventWas) for leaf in leaves(item.badge.test))
        if len(item.badge.test.metrics) > 1 and not asks_for_event:
            found.setdefault(id(item.push), (item.push, []))[1].append(item.badge.code)
    return list(found.values())


class CompositeConsumer:
    """Takes another look at composites that had not passed, after the commit."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """Grant what passes by now; what does not is somebody else's to find."""
        mount.refresh(session)
        for message in messages:
            if message.topic == MISSED and message.user_id is not None:
                look(session, mount, message.user_id, _again(mount, message.payload))

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Nothing: the grants tell of themselves."""


def _again(mount: Mount, payload: Mapping[str, Any]) -> list[Due]:
    at = datetime.fromisoformat(payload["at"])
    push = Push(payload["event"], at, payload["event_id"])
    badges = (mount.live.by_code.get(code) for code in payload["codes"])
    return [Due(badge, push) for badge in badges if badge and badge.is_composite]


def award(
    session: Session, mount: Mount, user_id: int, passed: Sequence[tuple[Verdict, Cause]]
) -> list[LiveBadge]:
    """Note which composites are done, grant what has passed; return the badges that were new.

    A limited badge is taken last: whoever has one and then waits for the row of a composite, while
    the others wait for the badge, is in a deadlock.
    """
    if not passed:
        return []
    badges = [(verdict.badge, cause) for verdict, cause in passed]
    with savepoint(session):
        for badge, _ in badges:
            if badge.is_composite:
                ProgressRow(session, mount, _family_id(mount, badge), user_id).make()
        return granter.grant(session, mount, user_id, badges)


def _family_id(mount: Mount, badge: LiveBadge) -> int:
    return mount.live.by_metric[badge.metric].id


def _remember(session: Session, mount: Mount, user_id: int, badge: LiveBadge) -> None:
    """Test it no more: the user has done it."""
    key = (user_id, _family_id(mount, badge))
    on_commit(session, lambda: mount.known.add(key))
