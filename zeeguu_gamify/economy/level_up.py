"""Telling of new levels, to badges and to whoever listens."""

from __future__ import annotations

from sqlalchemy.orm import Session

from zeeguu_gamify.events import LEVEL_UP, Emitted, Event, emit_batch
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import contained, savepoint

#: The source of the ids that reaching a level has.
SOURCE = "levels"


class LevelSubscriber:
    """Tells of each level that an event made a user reach; others cost nothing."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Tell once per user and level, whoever has told already."""
        for item in emitted:
            if item.outcome.level is not None:
                what = f"Telling that user {item.event.user_id} has a new level"
                with contained(session, what), savepoint(session):
                    _tell(session, item, item.outcome.level)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: no later subscriber of ours can fail."""


def _tell(session: Session, item: Emitted, level: int) -> None:
    """Also while events are paused: it follows from one that counted."""
    reached = Event(
        name=LEVEL_UP,
        user_id=item.event.user_id,
        event_id=f"{item.event.user_id}:{level}",
        source=SOURCE,
        at=item.event.at,
        context={"level": level, "reward": item.outcome.reward},
    )
    (told,) = emit_batch(session, [reached])
    item.outcome.new_badges += told.new_badges
