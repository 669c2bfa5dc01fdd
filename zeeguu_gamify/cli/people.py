"""The users whom commands name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount

#: An id with more is none: drivers stumble over it.
DIGITS = 18


def user_id_of(session: Session, mount: Mount, user: str) -> int:
    """The id of the user of that name, or with that id; raises UnknownUser."""
    if mount.host.has(Group.NAMES) and (found := mount.host.user_id_of(session, user)):
        return found
    if user.isdecimal() and len(user) <= DIGITS and mount.host.has_user(session, int(user)):
        return int(user)
    raise UnknownUser(user)
