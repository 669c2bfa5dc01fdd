"""Who wants to stand on EXP boards. Anonymous accounts never do, whatever they want."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from zeeguu_gamify.leaderboards import projection, scores
from zeeguu_gamify.models import Base, UserProfile
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.upsert import upsert


def wants_to_be_listed(session: Session, user_id: int) -> bool:
    """Whether the user may be shown on boards; so it is until the user says otherwise."""
    wanted = select(UserProfile.on_boards).where(UserProfile.user_id == user_id)
    return session.connection().execute(wanted).scalar() is not False


def choose(session: Session, mount: Mount, user_id: int, listed: bool) -> None:
    """The user wants to be on boards, or on none; does not commit.

    In SQL that holds from the commit on, in Redis as soon as the outbox is delivered. Scores go
    on, so who comes back stands where they would.
    """
    row = {"user_id": user_id, "on_boards": listed}
    upsert(session.connection(), Base.metadata.tables[UserProfile.__tablename__], [row])
    look_again(session, mount, user_id)


def look_again(session: Session, mount: Mount, user_id: int) -> None:
    """List the user's scores, or not, as the user is now: e.g. no longer anonymous; no commit."""
    scores.relist(session, mount, [user_id])
    projection.changed(session, mount, user_id)
