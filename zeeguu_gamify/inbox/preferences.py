"""How users wish to be told of each kind: in the app, by the host, both, or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.inbox.notices import Kind
from zeeguu_gamify.models import Base, InboxPreference
from zeeguu_gamify.upsert import upsert

_PREFERENCE = Base.metadata.tables[InboxPreference.__tablename__]


class Wish(NamedTuple):
    """How a user wishes to be told."""

    in_app: bool = True
    by_host: bool = True


def of_users(session: Session, user_ids: Collection[int]) -> dict[tuple[int, str], Wish]:
    """What these users have said, by (user id, kind); who has said nothing wants both."""
    said = select(_PREFERENCE).where(_PREFERENCE.c.user_id.in_(sorted(user_ids)))
    rows = session.connection().execute(said)
    return {(row.user_id, row.kind): Wish(row.in_app, row.by_host) for row in rows}


def read(session: Session, user_id: int) -> dict[str, Wish]:
    """What the user wishes, of every kind."""
    said = of_users(session, [user_id])
    return {kind.value: said.get((user_id, kind.value), Wish()) for kind in Kind}


def write(session: Session, user_id: int, changes: Mapping[str, Mapping[str, bool]]) -> None:
    """Change what is named, by kind; the rest stays. Does not commit. What was told stays told."""
    wishes = read(session, user_id)
    rows: list[dict[str, Any]] = [
        {"user_id": user_id, "kind": kind, **wishes[kind]._replace(**change)._asdict()}
        for kind, change in sorted(changes.items())
    ]
    if rows:
        upsert(session.connection(), _PREFERENCE, rows)
