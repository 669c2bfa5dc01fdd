"""What becomes of the inbox when two accounts are merged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.models import Base, InboxMessage, InboxPreference

_MESSAGE = Base.metadata.tables[InboxMessage.__tablename__]
_PREFERENCE = Base.metadata.tables[InboxPreference.__tablename__]


def take_messages(session: Session, from_id: int, into_id: int) -> None:
    """Messages move, and those of others about `from` are about `into`.

    What `into` was told too, and what one of the two was told about the other, is left behind.
    """
    own = {row.dedupe_key for row in _rows(session, _MESSAGE, "user_id", into_id)}
    for row in _rows(session, _MESSAGE, "user_id", from_id):
        if row.dedupe_key not in own and row.about_id != into_id:
            _write(session, row.id, user_id=into_id)
    for row in _rows(session, _MESSAGE, "about_id", from_id):
        if row.user_id not in (from_id, into_id):  # the key names the account that is gone
            _write(session, row.id, about_id=into_id, dedupe_key=f"merged:{row.id}")


def take_preferences(session: Session, from_id: int, into_id: int) -> None:
    """What `into` wishes stays; of what it has said nothing about, the wishes of `from` count."""
    own = {row.kind for row in _rows(session, _PREFERENCE, "user_id", into_id)}
    for row in _rows(session, _PREFERENCE, "user_id", from_id):
        if row.kind not in own:
            moved = insert(_PREFERENCE).values({**row._mapping, "user_id": into_id})
            session.connection().execute(moved)


def _rows(session: Session, table: Table, column: str, user_id: int) -> list[Row[Any]]:
    """Locked, so that what a plain SELECT does not show of them is not lost."""
    wanted = select(table).where(table.c[column] == user_id).with_for_update()
    return list(session.connection().execute(wanted))


def _write(session: Session, message_id: int, **values: Any) -> None:
    one = update(_MESSAGE).where(_MESSAGE.c.id == message_id)
    session.connection().execute(one.values(values))
