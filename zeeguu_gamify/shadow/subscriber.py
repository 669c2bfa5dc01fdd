"""What events do in shadow mode: move a shadow of the progress, and compare after the commit."""

from __future__ import annotations

from functools import partial

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from zeeguu_gamify.events import Emitted, Event
from zeeguu_gamify.models import Mechanism, ShadowProgress, UserBadgeProgress
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.shadow import compare
from zeeguu_gamify.transaction import on_commit
from zeeguu_gamify.upsert import dialect_of, on_duplicate

_INSERT = "INSERT INTO shadow_progress (user_id, badge_category_id, value) VALUES (:u, :f, :value)"
_KEY = ("user_id", "badge_category_id")
_COUNTS = {
    dialect: text(f"{_INSERT} {on_duplicate(dialect, _KEY)} value = value + :amount")
    for dialect in ("mysql", "sqlite")
}


class ShadowSubscriber:
    """Stands where the progress, the badges and the streaks stand when they are ours."""

    def __init__(self, streaks: compare.BothStreaks) -> None:
        """`streaks` tells what both come to, for that is another room's to know."""
        self._streaks = streaks

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Move the shadow in the host's transaction, so that both are committed together."""
        for item in emitted:
            family = mount.live.by_metric.get(mount.events[item.event.name].metric or "")
            if family is None:
                continue
            if family.mechanism is Mechanism.COUNTER:
                _count(session, mount, item.event, family.id)
            else:
                _put(session, item.event, family.id)
            told = partial(compare.after_commit, mount, item.event, family, self._streaks)
            on_commit(session, told)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: no later subscriber can fail."""


def _count(session: Session, mount: Mount, event: Event, family_id: int) -> None:
    """Add to the shadow, which begins with what the host had committed before."""
    connection = session.connection()
    mine = (
        ShadowProgress.user_id == event.user_id,
        ShadowProgress.badge_category_id == family_id,
    )
    known = connection.execute(select(ShadowProgress.value).where(*mine)).first() is not None
    before = 0 if known else _committed(mount, event.user_id, family_id)
    connection.execute(
        _COUNTS[dialect_of(connection)],
        {
            "u": event.user_id,
            "f": family_id,
            "value": before + event.amount,
            "amount": event.amount,
        },
    )


def _committed(mount: Mount, user_id: int, family_id: int) -> int:
    """The host's value without what this transaction did, whoever of us two was called first."""
    progress = UserBadgeProgress.__table__.c
    with mount.db.engine.connect() as apart:
        found = apart.execute(
            select(progress.value).where(
                progress.user_id == user_id, progress.badge_category_id == family_id
            )
        ).scalar()
    return found or 0


def _put(session: Session, event: Event, family_id: int) -> None:
    connection = session.connection()
    mine = (
        ShadowProgress.user_id == event.user_id,
        ShadowProgress.badge_category_id == family_id,
    )
    value = event.value or 0
    if not connection.execute(update(ShadowProgress).where(*mine).values(value=value)).rowcount:
        row = {"user_id": event.user_id, "badge_category_id": family_id, "value": value}
        connection.execute(insert(ShadowProgress), row)
