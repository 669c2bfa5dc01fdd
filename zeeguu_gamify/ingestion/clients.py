"""The services that may tell us of events, and the keys by which they sign."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery import signing
from zeeguu_gamify.errors import BadInput, Unknown, UnknownEvent
from zeeguu_gamify.models import EventClient
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_duplicate, savepoint

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")

_client: Any = EventClient.__table__


class UnknownClient(Unknown):
    """No service of this name sends events."""

    kind = "client"


@dataclass(frozen=True, slots=True)
class Client:
    """A service that sends events."""

    name: str
    events: Sequence[str]  #: what it may tell
    secrets: Sequence[dict[str, Any]]
    created_at: datetime
    disabled_at: datetime | None

    @property
    def source(self) -> str:
        """The source of its events: ids of two services never meet."""
        return f"client:{self.name}"

    @property
    def keys(self) -> list[str]:
        """The keys that are valid now; none when it is switched off."""
        return [] if self.disabled_at else signing.valid_keys(self.secrets)


def add(session: Session, mount: Mount, name: str, events: Collection[str]) -> str:
    """The secret of a new client, which may tell these events and no others. Does not commit.

    Raises BadInput and UnknownEvent.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"name: 1 to 50 letters, digits and _.-, not {name!r}")
    secrets = signing.with_new_secret((), timedelta())
    row = {
        "name": name, "events": _known(mount, events), "secrets": secrets,
        "created_at": clock.now(),
    }  # fmt: skip
    try:
        with savepoint(session) as connection:
            connection.execute(insert(EventClient), row)
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise BadInput(f"name: there is a client {name!r} already") from error
    return str(secrets[0]["key"])


def every(session: Session) -> list[Client]:
    """All clients, by name."""
    rows = session.connection().execute(select(_client).order_by(_client.c.name))
    return [Client(**row._mapping) for row in rows]


def called(session: Session, name: str) -> Client | None:
    """The client of that name."""
    row = session.connection().execute(select(_client).where(_client.c.name == name)).first()
    return None if row is None else Client(**row._mapping)


def allow(session: Session, mount: Mount, name: str, events: Collection[str]) -> None:
    """Let it tell these events, and no others any more. Does not commit.

    Raises BadInput, UnknownClient and UnknownEvent.
    """
    _change(session, name, events=_known(mount, events))


def rotate(session: Session, name: str, overlap: timedelta) -> str:
    """A new secret; the old ones are valid for `overlap` more. Does not commit.

    Raises UnknownClient.
    """
    wanted = select(_client.c.secrets).where(_client.c.name == name).with_for_update()
    kept = session.connection().execute(wanted).scalar_one_or_none()
    secrets = signing.with_new_secret(kept or (), overlap)
    _change(session, name, secrets=secrets)
    return str(secrets[0]["key"])


def switch(session: Session, name: str, *, on: bool) -> None:
    """Take its events, or refuse them. Does not commit; raises UnknownClient."""
    _change(session, name, disabled_at=None if on else clock.now())


def _known(mount: Mount, events: Collection[str]) -> list[str]:
    """Sorted; a service gets only what it needs, for some events move streaks or friendships."""
    if not events:
        raise BadInput("events: name at least one that it may tell")
    for event in events:
        if event not in mount.events:
            raise UnknownEvent(event, mount.events)
    return sorted(set(events))


def _change(session: Session, name: str, **values: Any) -> None:
    if called(session, name) is None:
        raise UnknownClient(name, [client.name for client in every(session)])
    session.connection().execute(update(_client).where(_client.c.name == name).values(**values))
