"""Users: finding one, and what every page about one has at its top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from sqlalchemy import ColumnElement, Select, func, null, or_, select, true
from sqlalchemy.orm import Session

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.lists import (
    Column,
    Filter,
    Listing,
    ListPage,
    add_list,
    instant,
    listing,
    number,
)
from zeeguu_gamify.admin.paging import Asked, BySelect, Page
from zeeguu_gamify.admin.people import name_column, named, person
from zeeguu_gamify.errors import NotFound, UnknownUser
from zeeguu_gamify.host import Group, id_of
from zeeguu_gamify.models import UserProfile
from zeeguu_gamify.mount import Mount

_PROFILE: Any = UserProfile.__table__
#: Before what LIKE is to take literally.
_ESCAPE = "/"
#: Among so many of the newest ids a full name is looked for: hosts have no index of those.
NAMES = 100_000

#: The pages about a user: endpoint, without "user_" → what its tab says.
TABS = {
    "": "Badges",
    "log": "Award log",
    "changes": "Changes",
    "progress": "Progress",
    "streaks": "Streaks",
    "ledger": "Ledger",
    "friends": "Friends",
    "purchases": "Purchases",
    "inbox": "Inbox",
}


@dataclass(frozen=True, slots=True)
class User:
    """A user, as the head of a page names them."""

    id: int
    name: str
    zone: str
    full_name: str | None  #: where the host has it

    def tabs(self) -> list[tuple[str, str, str]]:
        """(endpoint, what it says, URL) of each page about them."""
        return [
            (endpoint, said, url_for(f"gamify_admin.{endpoint}", user_id=self.id))
            for endpoint, said in ((tab_of(name), said) for name, said in TABS.items())
        ]


def tab_of(name: str) -> str:
    """The endpoint of a tab."""
    return f"user_{name}" if name else "user"


def tab_url(user_id: int, name: str = "") -> str:
    """The URL of a tab about a user."""
    return url_for(f"gamify_admin.{tab_of(name)}", user_id=user_id)


def find(session: Session, mount: Mount, user_id: int) -> User:
    """The user, by one statement; raises NotFound."""
    user = mount.host.table("user")
    zone = user.c.timezone if mount.host.has(Group.ZONE) else null()
    full_name = user.c.name if mount.host.has(Group.FULL_NAMES) else null()
    wanted = select(
        name_column(mount, user), zone.label("zone"), full_name.label("full_name")
    ).where(user.c.id == user_id)
    row = session.execute(wanted).first()
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    zone_name = mount.host.zone_from(user_id, row.zone)
    return User(user_id, named(user_id, row.person), zone_name, row.full_name)


def called(session: Session, mount: Mount, who: str) -> User:
    """The user with that id, e-mail address or name; raises UnknownUser."""
    found = mount.host.user_called(session, who.strip())
    if found is None:
        raise UnknownUser(who.strip())
    return find(session, mount, found)


def add_tab(name: str, page: ListPage) -> ListPage:
    """Serve a list about a user as one of the tabs, and as CSV."""
    add_list(page)

    def show(user_id: int) -> str:
        return tab_page(name, listing(page, user_id=user_id))

    panel.add_url_rule(page.path, tab_of(name), show)
    return page


def tab_page(
    name: str,
    found: Listing,
    template: str = "user_list.html",
    more: Callable[[], dict[str, Any]] = dict,
) -> str:
    """A page about a user, with a list on it; `more` for its template, once there is a user."""
    user = find(found.asked.session, found.asked.mount, found.asked.path["user_id"])
    return render_template(
        f"gamify_admin/{template}", user=user, here=tab_of(name), title=TABS[name],
        listing=found, **more(),
    )  # fmt: skip


def _users(asked: Asked) -> Select[Any]:
    user, has = asked.mount.host.table("user"), asked.mount.host.has
    joined = user.c.created_at if "created_at" in user.c else null()
    names = (user.c.username,) if has(Group.NAMES) else ()
    full_name = user.c.name if has(Group.FULL_NAMES) else null()
    found = select(
        user.c.id, *names, name_column(asked.mount, user), joined.label("joined"),
        full_name.label("full_name"), _PROFILE.c.level, _PROFILE.c.exp,
    ).join_from(user, _PROFILE, _PROFILE.c.user_id == user.c.id, isouter=True)  # fmt: skip
    return found.where(*(matches(asked, text) for matches, text in _wanted(asked)))


def _wanted(asked: Asked) -> list[tuple[Callable[[Asked, str], ColumnElement[bool]], str]]:
    """What was typed, and what it is to match."""
    ways = {"q": _matches, "name": _has_name}
    return [(ways[name], text) for name, text in asked.filters.items()]


def _matches(asked: Asked, term: str) -> ColumnElement[bool]:
    """Whose e-mail address or username begins with the term, by its index; or whose id it is."""
    mount = asked.mount
    user = mount.host.table("user").c
    if (user_id := id_of(term)) is not None:
        has_id = user.id == user_id
        named = mount.host.has(Group.NAMES)
        return or_(has_id, mount.host.is_named(asked.session, term)) if named else has_id
    if mount.host.may_be_mail(term):
        return user.email.like(f"{_literally(term)}%", escape=_ESCAPE)
    if not _is_name(asked):
        return ~true()
    return user.username.like(f"{_literally(term)}%", escape=_ESCAPE)


def _has_name(asked: Asked, term: str) -> ColumnElement[bool]:
    """In whose full name the term is, of the newest users."""
    user = asked.mount.host.table("user").c
    oldest = select(func.max(user.id) - NAMES).scalar_subquery()
    return user.name.like(f"%{_literally(term)}%", escape=_ESCAPE) & (user.id > oldest)


def _literally(term: str) -> str:
    """The term within a pattern of LIKE."""
    for special in (_ESCAPE, "%", "_"):
        term = term.replace(special, _ESCAPE + special)
    return term


def _is_name(asked: Asked) -> bool:
    """Whether users are searched by their usernames."""
    term = asked.filters.get("q")
    if term is None or not asked.mount.host.has(Group.NAMES):
        return False
    return id_of(term) is None and not asked.mount.host.may_be_mail(term)


class _ByUser(BySelect):
    """Keyed by the host's table, which only a mounted app knows; names in their own order."""

    def page(self, asked: Asked, cursor: str | None, size: int) -> Page:
        user = asked.mount.host.table("user").c
        if any("\0" in text for text in asked.filters.values()):  # to SQLite a pattern's end
            return Page((), None)
        if _is_name(asked):
            source = BySelect(self.select, (user.username,), newest_first=False)
        else:
            source = BySelect(self.select, (user.id,))
        return source.page(asked, cursor, size)


add_list(
    ListPage(
        name="users",
        path="/users",
        title="Users",
        about="All of them, the newest first; found by id, by how the username or e-mail address "
        f"begins, or by a part of the full name (of the newest {NAMES:,}).",
        empty="There are no users.",
        columns=(
            person(id_="id", below=Column("Name", lambda row: row.full_name or "")),
            number("Id", lambda row: row.id),
            number("Level", lambda row: row.level),
            number("EXP", lambda row: row.exp),
            instant("Joined", lambda row: row.joined),
        ),
        filters=(
            Filter("q", "User", hint="username, e-mail or id"),
            Filter("name", "Full name", hint="a part of it", needs=(Group.FULL_NAMES,)),
        ),
        source=_ByUser(_users, ()),
    )
)
