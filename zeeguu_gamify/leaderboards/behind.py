"""Whether the copies in Redis missed something, because Redis was away when a score changed.

That is known in SQL, from the transaction that changed the score. While it stands, SQL answers;
the drift job makes the copies anew and takes it away.
"""

from __future__ import annotations

import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from zeeguu_gamify import settings
from zeeguu_gamify.models import Setting


def mark(session: Session, name: str = settings.BOARDS_BEHIND) -> None:
    """The copies missed something just now; does not commit. Each time is another token.

    Locks the setting `name` to the end of the transaction.
    """
    settings.write(session, name, secrets.token_hex(8))


def token(session: Session) -> str | None:
    """What was missed last; None when nothing is behind."""
    wanted = select(Setting.value).where(Setting.name == settings.BOARDS_BEHIND)
    return session.connection().execute(wanted).scalar()


def clear(session: Session, token: str) -> bool:
    """Everything up to `token` was made good; False when more was missed since. No commit."""
    wanted = Setting.name == settings.BOARDS_BEHIND, Setting.value == token
    return bool(session.connection().execute(delete(Setting).where(*wanted)).rowcount)
