"""Whether the copies in Redis missed something, because Redis was away when a score changed.

That is known in SQL, from the transaction that changed the score. While it stands, SQL answers;
the drift job makes the copies anew and takes it away.
"""

from __future__ import annotations

import secrets

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from zeeguu_gamify import clock, settings
from zeeguu_gamify.models import Setting

_MARK = {
    False: "ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at)",
    True: "ON CONFLICT (name) DO UPDATE SET value = excluded.value, "
    "updated_at = excluded.updated_at",
}
_INSERT = (
    "INSERT INTO gamify_setting (name, value, updated_at) VALUES (:name, :value, :updated_at) "
)


def mark(session: Session, name: str = settings.BOARDS_BEHIND) -> None:
    """The copies missed something just now; does not commit. Each time is another token.

    Locks the setting `name` to the end of the transaction.
    """
    connection = session.connection()
    statement = text(_INSERT + _MARK[connection.dialect.name == "sqlite"])
    at = bindparam("updated_at", clock.now(), type_=Setting.updated_at.type)
    values = {"name": name, "value": secrets.token_hex(8)}
    connection.execute(statement.bindparams(at), values)


def token(session: Session) -> str | None:
    """What was missed last; None when nothing is behind."""
    wanted = select(Setting.value).where(Setting.name == settings.BOARDS_BEHIND)
    return session.connection().execute(wanted).scalar()


def clear(session: Session, token: str) -> bool:
    """Everything up to `token` was made good; False when more was missed since. No commit."""
    wanted = Setting.name == settings.BOARDS_BEHIND, Setting.value == token
    return bool(session.connection().execute(delete(Setting).where(*wanted)).rowcount)
