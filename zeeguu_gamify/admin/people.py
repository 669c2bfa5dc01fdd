"""Users as the panel's lists name them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Label, null

from zeeguu_gamify.admin.lists import Column
from zeeguu_gamify.admin.words import person_url
from zeeguu_gamify.host import Group
from zeeguu_gamify.mount import Mount


def name_column(mount: Mount, user: FromClause, label: str = "person") -> Label[Any]:
    """SQL: the username, where the host has names."""
    named: ColumnElement[Any] = user.c.username if mount.host.has(Group.NAMES) else null()
    return named.label(label)


def person(
    label: str = "User", id_: str = "user_id", name: str = "person", below: Column | None = None
) -> Column:
    """A column of users, with links to their pages; `id_` and `name` are columns of the rows."""
    return Column(
        label,
        lambda row: named(getattr(row, id_), getattr(row, name)),
        "text",
        lambda row: person_url(getattr(row, id_)),
        below=below,
    )


def named(user_id: int | None, name: str | None) -> str:
    """How a user is called here."""
    return name or ("" if user_id is None else f"user {user_id}")
