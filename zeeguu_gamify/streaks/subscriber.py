"""What the streaks do about events of other rooms."""

from __future__ import annotations

from sqlalchemy.orm import Session

from zeeguu_gamify.events import Emitted, Event
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks import bridges, pairs

#: Rewards that were bought, and given back.
REWARDS = ("reward.redeemed", "reward.refunded")
#: The kind of reward that is ours to give.
FREEZES = "freezes"


class StreakSubscriber:
    """Begins the friend streak of a new friendship, and gives the freezes that were bought."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Fill the shared run of today; move freezes. Raises BadInput for those used already."""
        for item in emitted:
            if item.event.name == "friend.accepted":
                pairs.start(session, mount, item.event.context["friendship_id"])
            elif item.event.name in REWARDS and item.event.context["kind"] == FREEZES:
                _move_freezes(session, item.event)

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: the friendship goes with its transaction."""


def _move_freezes(session: Session, event: Event) -> None:
    """Whoever emits this undoes it with the whole purchase."""
    amount, reward = event.context["amount"], event.context["reward"]
    if event.name == "reward.redeemed":
        bridges.give_freezes(session, event.user_id, amount, f"bought as {reward}")
    else:
        bridges.take_freezes(session, event.user_id, amount, f"gave {reward} back")
