"""The users whom commands name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.mount import Mount


def user_id_of(session: Session, mount: Mount, user: str) -> int:
    """The id of the user with that id, e-mail address or name; raises UnknownUser."""
    found = mount.host.user_called(session, user)
    if found is None:
        raise UnknownUser(user)
    return found
