"""What the streaks do about events of other rooms."""

from __future__ import annotations

from sqlalchemy.orm import Session

from zeeguu_gamify.events import Emitted
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import pairs


class StreakSubscriber:
    """Begins the friend streak of a new friendship."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Fill the shared run of today."""
        for item in emitted:
            if item.event.name == "friend.accepted":
                pairs.start(session, mount, item.event.context["friendship_id"])

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: the friendship goes with its transaction."""
