"""What a user was told in the app."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from zeeguu_gamify.admin.lists import Column, Filter, ListPage, instant
from zeeguu_gamify.admin.pages import users
from zeeguu_gamify.admin.paging import Asked, BySelect, Equal
from zeeguu_gamify.admin.people import person
from zeeguu_gamify.inbox.messages import with_username
from zeeguu_gamify.inbox.notices import Kind
from zeeguu_gamify.inbox.words import data_of, text_of
from zeeguu_gamify.models import InboxMessage
from zeeguu_gamify.mount import current_mount

_MESSAGE: Any = InboxMessage.__table__


def _inbox(asked: Asked) -> Select[Any]:
    """Also what was dismissed, or is only for the host to tell."""
    found = with_username(asked.mount)
    if asked.filters.get("kind") in set(Kind):
        found = found.where(_MESSAGE.c.kind == asked.filters["kind"])
    return found


def _of_message(asked: Asked) -> Equal:
    return _MESSAGE.c.user_id, asked.path["user_id"]


def _said(row: Any) -> str:
    """In English, as whoever asks for no other language reads it."""
    texts = current_mount().texts
    return text_of(texts, "en", row.kind, data_of(texts, "en", row))


def _seen(row: Any) -> str:
    if not row.shown:
        return "not shown"
    return "seen" if row.seen_at else "new"


users.add_tab(
    "inbox",
    ListPage(
        name="user_messages",
        path="/users/<int:user_id>/inbox",
        title="Inbox",
        about="What the user was told in the app.",
        empty="This user was told nothing in the app.",
        columns=(
            instant("When", lambda row: row.created_at),
            Column("Kind", lambda row: row.kind, "tags"),
            Column("Text", _said),
            person("About", "about_id", "username"),
            Column("State", _seen, "tags"),
            instant("Seen", lambda row: row.seen_at),
        ),
        filters=(Filter("kind", "Kind", lambda _: [(one.value, one.value) for one in Kind]),),
        source=BySelect(_inbox, keys=(_MESSAGE.c.id,), within=_of_message),
        has_page=False,
    ),
)
