"""From the outbox to the inbox: written in the transaction that takes the message off, told after.

So no event waits for it, and nothing is told of what was rolled back. What is told already, or is
not wanted, is left out; the unique key decides when two processes have the same message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, select
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.delivery.topics import SEASON_SETTLED
from zeeguu_gamify.friends import blocks
from zeeguu_gamify.inbox import preferences, seasons
from zeeguu_gamify.inbox.notices import Notice, is_over, notice_of
from zeeguu_gamify.inbox.preferences import Wish
from zeeguu_gamify.inbox.revoked import still_true
from zeeguu_gamify.inbox.tell import tell_due
from zeeguu_gamify.models import Base, InboxMessage
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.upsert import dialect_of, on_duplicate, typed

_MESSAGE = Base.metadata.tables[InboxMessage.__tablename__]


class InboxConsumer:
    """Writes what users are told into their inboxes, and tells streams and the host afterwards."""

    def consume(self, session: Session, mount: Mount, messages: Sequence[Message]) -> None:
        """A few statements for all messages that users are told of; none for others."""
        notices = [found for one in messages if (found := notice_of(one)) is not None]
        for message in messages:
            if message.topic == SEASON_SETTLED:
                mount.refresh(session)
                notices += seasons.notices_of(session, mount, message)
        write(session, mount, notices)

    def publish(self, mount: Mount, messages: Sequence[Message]) -> None:
        """Tell what has just been written; of a large season the scheduler tells the rest."""
        if any(one.topic == SEASON_SETTLED or notice_of(one) for one in messages):
            tell_due(mount, batches=1)


def write(session: Session, mount: Mount, notices: Iterable[Notice]) -> None:
    """Write the notices that are wanted and not there yet; does not commit."""
    now = clock.now()
    wanted = [
        one
        for one in notices
        if not is_over(one.kind, one.data, now) and mount.is_enabled_for(one.user_id)
    ]
    possible = still_true(session, wanted)
    if not possible:
        return
    wishes = preferences.of_users(session, {one.user_id for one in possible})
    rows = [
        _row(one, wish)
        for one in _without_strangers(session, mount, possible)
        if any(wish := wishes.get((one.user_id, one.kind), Wish()))
    ]
    if rows:
        in_order = sorted(rows, key=lambda row: (row["user_id"], row["created_at"]))
        statement = _insert_new(dialect_of(session.connection()), tuple(in_order[0]))
        session.connection().execute(statement, in_order)


def _without_strangers(
    session: Session, mount: Mount, notices: Sequence[Notice]
) -> Iterable[Notice]:
    """Those that are about nobody, or about a user who is still there and whom no block hides."""
    about = {one.about_id for one in notices if one.about_id is not None}
    if not about:
        return notices
    user = mount.host.table("user").c
    known = select(user.id).where(user.id.in_(sorted(about)))
    there = set(session.connection().execute(known).scalars())
    apart = blocks.among(session, about | {one.user_id for one in notices if one.about_id})
    return [
        one
        for one in notices
        if one.about_id is None
        or (
            one.about_id in there
            and not {(one.user_id, one.about_id), (one.about_id, one.user_id)} & apart
        )
    ]


def _row(notice: Notice, wish: Wish) -> dict[str, Any]:
    return {
        "user_id": notice.user_id, "kind": notice.kind.value, "about_id": notice.about_id,
        "payload": dict(notice.data), "dedupe_key": notice.key, "shown": wish.in_app,
        "created_at": notice.at, "tell_at": clock.now(),
    }  # fmt: skip


@lru_cache(maxsize=2)
def _insert_new(dialect: str, columns: tuple[str, ...]) -> TextClause:
    """Insert rows but for those whose key is there. Not IGNORE, which hides what else is wrong."""
    marks = ", ".join(f":{name}" for name in columns)
    insert = f"INSERT INTO {_MESSAGE.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    key = ("user_id", "dedupe_key")
    return typed(f"{insert} {on_duplicate(dialect, key)} shown = {_MESSAGE.name}.shown", _MESSAGE)
