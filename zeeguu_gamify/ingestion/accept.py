"""Accepting events: each is checked by itself, and stored in the outbox if it is sound.

So it has what every message there has: it survives a crash, a user's keep their order, what cannot
be counted is parked with the reason, and `flask gamify outbox --retry` tries it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import put_all
from zeeguu_gamify.errors import BadInput, Forbidden, GamifyError, UnknownUser
from zeeguu_gamify.event_json import event_of
from zeeguu_gamify.events import Event, checked, whole_number
from zeeguu_gamify.ingestion.clients import Client
from zeeguu_gamify.mount import Mount

#: A service has told of an event; payload: `source`, and `told` as it came.
RECEIVED = "event.received"

#: So many events one request may tell.
MOST = 500

#: How deep a context may be nested, and how long its names may be (characters): MariaDB keeps no
#: JSON that is nested deeper than 32, MySQL no name of 64 KB.
DEEPEST, LONGEST_NAME = 20, 255


@dataclass(frozen=True, slots=True)
class Problem:
    """An event that is not sound."""

    index: int  #: from 0, in the request
    event_id: str | None
    message: str


@dataclass(slots=True)
class Accepted:
    """What became of the events of a request."""

    accepted: int = 0
    errors: list[Problem] = field(default_factory=list)


def accept(session: Session, mount: Mount, client: Client, told: Sequence[Any]) -> Accepted:
    """Store the events that are sound, and say what is wrong with the others. Does not commit.

    Nothing is counted yet. What was stored or counted before may be told again: it counts once.
    Raises BadInput for none or too many.
    """
    if not 1 <= len(told) <= MOST:
        raise BadInput(f"events: 1 to {MOST}, not {len(told)}")
    result, sound = Accepted(), list[tuple[int, Event, Mapping[str, Any]]]()
    for index, one in enumerate(told):
        try:
            sound.append((index, *_sound(mount, client, one)))
        except GamifyError as error:
            result.errors.append(_problem(index, one, error))
    known = _known(session, mount, {event.user_id for _, event, _ in sound})
    for index, event, one in sound:
        if event.user_id not in known:
            result.errors.append(_problem(index, one, UnknownUser(event.user_id)))
    stored = [
        (event.user_id, {"source": client.source, "told": one})
        for _, event, one in sound
        if event.user_id in known
    ]
    if stored:
        put_all(session, mount, RECEIVED, stored)
    result.accepted = len(stored)
    result.errors.sort(key=lambda problem: problem.index)
    return result


def event_from(mount: Mount, user_id: int, payload: Mapping[str, Any]) -> Event:
    """The event that was stored; raises GamifyError if it is not sound any more."""
    return replace(event_of(payload["told"], user_id, mount.events), source=payload["source"])


def _sound(mount: Mount, client: Client, one: Any) -> tuple[Event, Mapping[str, Any]]:
    """The event, and what to store of it: with its instant, for it may be counted later."""
    if not isinstance(one, dict):
        raise BadInput("an event is an object with the keys event, event_id and user_id")
    user_id = whole_number("user_id", one.get("user_id"), at_least=1)
    told = {key: value for key, value in one.items() if key != "user_id"}
    event = replace(event_of(told, user_id, mount.events), source=client.source)
    if event.name not in client.events:
        raise Forbidden(f"event: {client.name} may not tell {event.name}")
    if event.event_id is None:
        raise BadInput("event_id: it is required, so that nothing counts twice")
    if not _can_be_kept(told.get("context"), DEEPEST):
        raise BadInput(
            f"context: nested at most {DEEPEST} deep, with names of at most {LONGEST_NAME} letters"
        )
    at = checked(event, mount).at or clock.now()
    return event, {**told, "at": at.isoformat()}


def _can_be_kept(told: Any, depth: int) -> bool:
    """Whether every server can; what one of them refuses would keep the whole batch out."""
    if isinstance(told, dict):
        if any(len(name) > LONGEST_NAME for name in told):
            return False
        told = list(told.values())
    return not isinstance(told, list) or (
        depth > 0 and all(_can_be_kept(one, depth - 1) for one in told)
    )


def _problem(index: int, one: Any, error: GamifyError) -> Problem:
    event_id = one.get("event_id") if isinstance(one, dict) else None
    return Problem(index, event_id if isinstance(event_id, str) else None, error.message)


def _known(session: Session, mount: Mount, user_ids: Iterable[int]) -> frozenset[int]:
    """Those that are users of the host."""
    user = mount.host.table("user")
    wanted = select(user.c.id).where(user.c.id.in_(sorted(user_ids)))
    return frozenset(session.connection().execute(wanted).scalars())
