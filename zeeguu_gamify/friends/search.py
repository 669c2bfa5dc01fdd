"""Finding people by username, or by their whole name (docs/contract.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from zeeguu_gamify.friends import people
from zeeguu_gamify.friends.blocks import keeps_apart
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount

MOST = 20  #: people in an answer
ESCAPE = "/"  #: before what LIKE is to take literally


def search(session: Session, mount: Mount, viewer_id: int, term: str) -> Sequence[Row[Any]]:
    """Up to 20 people whom `term` may mean, the likeliest first; none for a blank one.

    First those whose username is, or begins with, the term, found by the index; only if these
    are too few, those whose username contains it or whose whole name it is. Shorter usernames
    first. Rows as in `people`.
    """
    term = term.strip().lower()
    if not term or "\0" in term:  # which SQLite takes for the end of a pattern
        return []
    mount.host.require(Group.NAMES)
    username = mount.host.table("user").c.username
    found = _find(session, mount, viewer_id, _begins(username, term), [])
    if len(found) < MOST:
        found += _find(session, mount, viewer_id, _contains(session, mount, term), found)
    rows = people.by_id(session, mount, found, viewer_id) if found else {}
    return [rows[user_id] for user_id in found if user_id in rows]


def _find(
    session: Session,
    mount: Mount,
    viewer_id: int,
    matches: ColumnElement[bool],
    found: Sequence[int],
) -> list[int]:
    """The next that match, up to the number wanted. The exact username is the shortest of all."""
    user = mount.host.table("user").c
    order = func.length(user.username), mount.host.folded(session, user.username), user.id
    wanted = (
        select(user.id)
        .where(matches, user.id.not_in([viewer_id, *found]), _may_be_found(mount, viewer_id))
        .order_by(*order)
        .limit(MOST - len(found))
    )
    return list(session.connection().execute(wanted).scalars())


def _begins(username: ColumnElement[str], term: str) -> ColumnElement[bool]:
    """The whole pattern is one value: SQLite takes no index for one that it must join first."""
    return username.like(_literally(term) + "%", escape=ESCAPE)


def _literally(term: str) -> str:
    for special in (ESCAPE, "%", "_"):
        term = term.replace(special, ESCAPE + special)
    return term


def _contains(session: Session, mount: Mount, term: str) -> ColumnElement[bool]:
    user = mount.host.table("user").c
    contains = user.username.like(f"%{_literally(term)}%", escape=ESCAPE)
    if not mount.host.has(Group.FULL_NAMES):
        return contains
    return or_(contains, mount.host.folded(session, user.name) == term)


def _may_be_found(mount: Mount, viewer_id: int) -> ColumnElement[bool]:
    """Nobody who is kept apart from the viewer by a block, no anonymous account, no nameless."""
    user = mount.host.table("user").c
    may = user.username.is_not(None) & ~keeps_apart(user.id, viewer_id)
    if mount.host.has(Group.VERIFICATION):
        anonymous = user.email.endswith(mount.config.anonymous_suffix, autoescape=True)
        may = may & or_(user.email.is_(None), ~anonymous)
    return may
