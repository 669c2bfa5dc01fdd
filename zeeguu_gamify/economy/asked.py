"""What events ask for, before boosts and caps: EXP and coins for whom, what for and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import MAX_INT, Emitted, EventType, revoked_at, whole_number
from zeeguu_gamify.mount import Mount

GAINED, LOST, COINS = "exp.gained", "exp.lost", "coins.gained"
#: What says itself how many, and what for.
_TELLING = (GAINED, LOST, COINS)

MAX_CAUSE = 64  #: characters


@dataclass(frozen=True, slots=True)
class Asked:
    """An event that moves EXP or coins."""

    item: Emitted
    kind: EventType
    cause: str
    language_id: int
    at: datetime  #: UTC
    local_date: date  #: of that instant, where the user is

    @property
    def user_id(self) -> int:
        """Who earns or loses."""
        return self.item.event.user_id

    @property
    def object_id(self) -> str | None:
        """For which object, if for any."""
        return self.item.event.object_id

    @property
    def takes_an_object_back(self) -> bool:
        """Whether it undoes all that was earned for an object."""
        return self.kind.undoes is not None and self.object_id is not None

    @property
    def revoked_at(self) -> datetime | None:
        """When it was revoked (UTC), if it is a badge that stands again."""
        return revoked_at(self.item.event)

    @property
    def looks_back(self) -> bool:
        """Whether what it moves is what was earned or taken before."""
        return self.takes_an_object_back or self.revoked_at is not None

    @property
    def exp(self) -> int:
        """What it asks for, before boosts and caps."""
        event = self.item.event
        if event.name == LOST:
            return -event.amount
        return event.amount if event.name == GAINED else event.amount * self.kind.exp

    @property
    def coins(self) -> int:
        """What it pays in coins."""
        event = self.item.event
        return event.amount if event.name == COINS else event.amount * self.kind.coins


def asked_by(session: Session, mount: Mount, emitted: Iterable[Emitted]) -> list[Asked]:
    """What those of the events ask for that move EXP or coins.

    Who has just moved counts by the zone before for a minute, so that no event asks where its
    user is. Raises UnknownUser, and BadInput naming the field of the context.
    """
    moving = [item for item in emitted if moves(item, mount)]
    zones = mount.zones.of_all(session, mount.host, {item.event.user_id for item in moving})
    return [asked_in(zones[item.event.user_id], item, mount) for item in moving]


def moves(item: Emitted, mount: Mount) -> bool:
    """Whether it pays, or may give or take what was paid once, whatever pays by now."""
    event, kind = item.event, mount.events[item.event.name]
    if kind.pays or kind.name in _TELLING:
        return True
    return event.object_id is not None and (
        kind.undoes is not None or revoked_at(event) is not None
    )


def asked_in(zone: str, item: Emitted, mount: Mount) -> Asked:
    """What an event that moves something asks for, of a user who is in `zone`."""
    event = item.event
    cause, language_id = event.name, event.context.get("language_id") or 0
    if event.name in _TELLING:
        cause = _cause(item, mount)
        whole_number("language_id", language_id, at_least=0)
    elif type(language_id) is not int or not 0 <= language_id <= MAX_INT:
        language_id = 0  # whatever the host means by it
    at = event.at or clock.now()
    return Asked(item, mount.events[event.name], cause, language_id, at, clock.local_date(at, zone))


def _cause(item: Emitted, mount: Mount) -> str:
    """What the host says that the EXP or coins are for."""
    cause = item.event.context.get("cause") or item.event.name
    if not isinstance(cause, str) or len(cause) > MAX_CAUSE:
        raise BadInput(f"cause must be a text of 1 to {MAX_CAUSE} letters, not {cause!r}")
    if cause in mount.events and mount.events[cause].pays and cause != item.event.name:
        raise BadInput(f"cause: {cause} pays by itself; emit that instead")
    return cause
