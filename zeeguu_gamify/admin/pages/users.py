"""Users: finding one, and what every page about one has at its top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from sqlalchemy import ColumnElement, Select, null, select
from sqlalchemy.orm import Session

from zeeguu_gamify.admin.blueprint import panel
from zeeguu_gamify.admin.lists import (
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
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.host import Group
from zeeguu_gamify.models import UserProfile
from zeeguu_gamify.mount import Mount

_PROFILE: Any = UserProfile.__table__
#: Before what LIKE is to take literally.
_ESCAPE = "/"

#: The pages about a user: endpoint, without "user_" → what its tab says.
TABS = {
    "": "Badges",
    "log": "Award log",
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
    """The user of that name, or with that id; raises UnknownUser or NotFound."""
    who = who.strip()
    if mount.host.has(Group.NAMES) and (found := mount.host.user_id_of(session, who)):
        return find(session, mount, found)
    if (user_id := _id_of(who)) is not None:
        return find(session, mount, user_id)
    raise UnknownUser(who)


def _id_of(text: str) -> int | None:
    """The id that the text is, if it can be one."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_INT))
    return int(text) if is_number and int(text) <= MAX_INT else None


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
    user = asked.mount.host.table("user")
    joined = user.c.created_at if "created_at" in user.c else null()
    names = (user.c.username,) if asked.mount.host.has(Group.NAMES) else ()
    found = select(
        user.c.id, *names, name_column(asked.mount, user), joined.label("joined"),
        _PROFILE.c.level, _PROFILE.c.exp,
    ).join_from(user, _PROFILE, _PROFILE.c.user_id == user.c.id, isouter=True)  # fmt: skip
    if "q" not in asked.filters:
        return found
    return found.where(_matches(asked, asked.filters["q"]))


def _matches(asked: Asked, term: str) -> ColumnElement[bool]:
    """What begins with the term, by the index of usernames; a number is an id."""
    user = asked.mount.host.table("user").c
    if (user_id := _id_of(term)) is not None:
        return user.id == user_id
    if not _is_name(asked) or "\0" in term:
        return user.id == 0
    for special in (_ESCAPE, "%", "_"):
        term = term.replace(special, _ESCAPE + special)
    return user.username.like(f"{term}%", escape=_ESCAPE)


def _is_name(asked: Asked) -> bool:
    """Whether users are searched by their names."""
    named, term = asked.mount.host.has(Group.NAMES), asked.filters.get("q")
    return named and term is not None and _id_of(term) is None


class _ByUser(BySelect):
    """Keyed by the host's table, which only a mounted app knows; names in their own order."""

    def page(self, asked: Asked, cursor: str | None, size: int) -> Page:
        user = asked.mount.host.table("user").c
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
        about="By the beginning of the username, or by id; all of them, the newest first.",
        empty="There are no users.",
        columns=(
            person(id_="id"),
            number("Id", lambda row: row.id),
            number("Level", lambda row: row.level),
            number("EXP", lambda row: row.exp),
            instant("Joined", lambda row: row.joined),
        ),
        filters=(Filter("q", "User", hint="username or id"),),
        source=_ByUser(_users, ()),
    )
)
