"""After the commit: is what the host wrote what we would have written?"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.events import Event
from zeeguu_gamify.models import (
    Badge,
    Mechanism,
    ShadowDifference,
    ShadowProgress,
    UserBadge,
    UserBadgeProgress,
)
from zeeguu_gamify.mount import Mount

if TYPE_CHECKING:
    from zeeguu_gamify.badges.live import LiveFamily

log = logging.getLogger("zeeguu_gamify")

#: (session, mount, user id) → of each language its id, our streak and the host's, as both show.
BothStreaks = Callable[[Session, Mount, int], Iterable[tuple[int, int, int]]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One subject: what we would have written, and what the host did."""

    subject: str
    expected: str
    found: str


def after_commit(mount: Mount, event: Event, family: LiveFamily, streaks: BothStreaks) -> None:
    """Compare what `event` was about, on a connection of our own; whatever fails is logged."""
    try:
        with Session(mount.db.engine) as session:
            for comparison in _comparisons(session, mount, event, family, streaks):
                _note(session, event, comparison)
            session.commit()
    except Exception:
        log.exception("shadow: %s of user %s was not compared", event.name, event.user_id)


def _comparisons(
    session: Session, mount: Mount, event: Event, family: LiveFamily, streaks: BothStreaks
) -> Iterator[Comparison]:
    value, stored = _values(session, event.user_id, family.id)
    yield Comparison(f"progress {family.metric}", str(value), str(stored))
    yield _badges(session, event.user_id, family, value)
    if event.name == "streak.changed":
        for language_id, ours, hosts in streaks(session, mount, event.user_id):
            yield Comparison(f"streak {language_id}", str(ours), str(hosts))


def _values(session: Session, user_id: int, family_id: int) -> tuple[int, int | None]:
    """The shadow's value and the host's, of one instant."""
    shadow, progress = ShadowProgress.__table__.c, UserBadgeProgress.__table__.c
    row = session.execute(
        select(shadow.value, progress.value)
        .join_from(
            ShadowProgress.__table__,
            UserBadgeProgress.__table__,
            (progress.user_id == shadow.user_id)
            & (progress.badge_category_id == shadow.badge_category_id),
            isouter=True,
        )
        .where(shadow.user_id == user_id, shadow.badge_category_id == family_id)
    ).one()  # fmt: skip
    return row[0], row[1]


def _badges(session: Session, user_id: int, family: LiveFamily, value: int) -> Comparison:
    """A gauge that fell keeps its badges, so there more than the value says is right too."""
    held = set(
        session.scalars(
            select(Badge.code)
            .join(UserBadge, UserBadge.badge_id == Badge.id)
            .where(UserBadge.user_id == user_id, Badge.badge_category_id == family.id)
        )
    )
    reached = {badge.code for badge in family.crossed(0, value)}
    if family.mechanism is Mechanism.GAUGE:
        held &= reached
    return Comparison(f"badges {family.metric}", _list(reached), _list(held))


def _list(codes: set[str]) -> str:
    return ", ".join(sorted(codes)) or "none"


def _note(session: Session, event: Event, comparison: Comparison) -> None:
    """Keep a difference while it lasts."""
    mine = (
        ShadowDifference.user_id == event.user_id,
        ShadowDifference.subject == comparison.subject,
    )
    if comparison.expected == comparison.found:
        session.execute(delete(ShadowDifference).where(*mine))
        return
    now = clock.now()
    row = {
        "expected": comparison.expected[:255],
        "found": comparison.found[:255],
        "event": event.name,
        "seen_at": now,
    }
    if not session.execute(update(ShadowDifference).where(*mine).values(row)).rowcount:  # type: ignore[attr-defined]
        key = {"user_id": event.user_id, "subject": comparison.subject, "since": now}
        session.execute(insert(ShadowDifference), {**key, **row})


def differences(session: Session) -> list[Row[Any]]:
    """What the host and we disagree on, the newest first."""
    wanted = select(ShadowDifference.__table__).order_by(ShadowDifference.seen_at.desc())
    return list(session.execute(wanted))


def compared(session: Session) -> int:
    """How many progress rows the shadow follows."""
    return session.execute(select(func.count()).select_from(ShadowProgress)).scalar_one()


def reset(session: Session) -> None:
    """Begin anew; does not commit."""
    session.execute(delete(ShadowDifference))
    session.execute(delete(ShadowProgress))
