"""Who asks for a board, and whom a board of friends or of a class is about."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, false, literal, null, select, union
from sqlalchemy.orm import Session

from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards.activity_members import in_class
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import Mount


class Viewer(NamedTuple):
    """What has to be known of somebody who asks."""

    zone: str
    language_id: int | None  #: of the language asked for; None when there is none of that code
    in_class: bool  #: whether they learn or teach in the class asked for


def viewer(
    session: Session, mount: Mount, user_id: int, language: str | None, cohort_id: int | None
) -> Viewer:
    """The viewer, by one SELECT; `language` is a code. Raises NotFound for what the host lacks."""
    user = mount.host.table("user").c
    stored = user.timezone if mount.host.has(Group.ZONE) else null()
    wanted = select(
        stored.label("zone"),
        _language(mount, language).label("language_id"),
        _in_class(mount, user_id, cohort_id).label("in_class"),
    ).where(user.id == user_id)
    row = session.connection().execute(wanted).one()
    zone = mount.host.zone_from(user_id, row.zone)
    return Viewer(zone, row.language_id, bool(row.in_class))


def friends_of(user_id: int) -> CompoundSelect[Any]:
    """SELECT user_id: the user and their friends."""
    halves = (
        (Friendship.user_a_id, Friendship.user_b_id),
        (Friendship.user_b_id, Friendship.user_a_id),
    )
    return union(
        select(literal(user_id).label("user_id")),
        *(select(other).where(own == user_id, Friendship.active == 1) for own, other in halves),
    )


def ids(session: Session, members: CompoundSelect[Any] | Select[Any]) -> list[int]:
    """The user ids that `members` selects."""
    return list(session.connection().execute(members).scalars())


def _language(mount: Mount, code: str | None) -> Any:
    if code is None:
        return null()
    mount.host.require(Group.LANGUAGE)
    language = mount.host.table("language").c
    return select(language.id).where(language.code == code).limit(1).scalar_subquery()


def _in_class(mount: Mount, user_id: int, cohort_id: int | None) -> Any:
    if cohort_id is None:
        return false()
    mount.host.require(Group.COHORT)
    return in_class(mount, user_id, cohort_id)
