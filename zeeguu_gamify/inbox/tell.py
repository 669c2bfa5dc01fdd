"""Telling open clients and the host of what is new in an inbox, once it is committed.

The row itself says when it is to be told: whoever claims it has it alone until `tell_at`, and only
then is that emptied. So a crash loses nothing, and no transaction is open while the host works.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat
from typing import Any

from blinker import signal
from flask import current_app
from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.claims import publisher_name
from zeeguu_gamify.delivery.deliver import again, own_session
from zeeguu_gamify.delivery.hub import Told
from zeeguu_gamify.friends.blocks import keeps_apart
from zeeguu_gamify.inbox import preferences, words
from zeeguu_gamify.inbox.messages import MESSAGE, with_username
from zeeguu_gamify.inbox.notices import is_over
from zeeguu_gamify.inbox.preferences import Wish
from zeeguu_gamify.models import InboxMessage
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.inbox")

#: For hosts, who know how to reach people: sent after the commit, in an app context of its own,
#: with `message_id` (a text, the same whenever it is sent again), `user_id`, `kind`, `data`, `text`
#: in the user's language, `language` and `created_at` (UTC). At least once.
notified = signal("gamify_notified")

#: What open clients hear: id and kind of a new message.
ADDED = "inbox.added"

BATCH = 100
#: So long a process may be silent before another tells what it has claimed.
LEASE = timedelta(minutes=2)
#: So often the host is told of a message: after 1, 2, 4, … minutes, for 17 hours.
TRIES = 11


def tell_due(
    mount: Mount, *, batches: int | None = None, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Tell of all that is due, or of so many batches; how many messages that was.

    Must be called in an app context. Raises what the database raises; nothing is lost then.
    """
    name, count = publisher_name(), 0
    with own_session(mount.db.engine) as session:
        for _ in repeat(None) if batches is None else range(batches):
            found = [] if stopping() else again(session, partial(_claim, session, mount, name))
            if not found:
                break
            _tell(session, mount, name, found)
            count += len(found)
    return count


def _tell(session: Session, mount: Mount, name: str, rows: Sequence[Row[Any]]) -> None:
    """Tell open clients, and then the host, who may take long; note each as it is told."""
    wishes = preferences.of_users(session, {row.user_id for row in rows})
    session.commit()
    _tell_streams(mount, rows)
    by_host = [row for row in rows if _is_for_host(mount, row, wishes)]
    rest = {row.id for row in rows} - {row.id for row in by_host}
    again(session, partial(_note, session, name, rest, {"tell_at": None}))
    for row in by_host:
        told = {"tell_at": None} if _tell_host(mount, row) else _later(row)
        again(session, partial(_note, session, name, [row.id], told))


def _claim(session: Session, mount: Mount, name: str) -> list[Row[Any]]:
    """What is due and nobody has, for the process of that name alone; commits.

    Searched without locks and locked by the key, as the outbox is.
    """
    now = clock.now()
    due = select(MESSAGE.id).where(MESSAGE.tell_at <= now).order_by(MESSAGE.tell_at, MESSAGE.id)
    ids = sorted(session.connection().execute(due.limit(BATCH)).scalars())
    free = or_(MESSAGE.claimed_by.is_(None), MESSAGE.tell_at <= now)
    mine = {"claimed_by": name, "tell_at": now + LEASE}
    if ids:
        taken = update(InboxMessage).where(MESSAGE.id.in_(ids), free).values(mine)
        session.connection().execute(taken)
    apart = keeps_apart(MESSAGE.about_id, MESSAGE.user_id).label("apart")
    wanted = with_username(mount).add_columns(apart)
    wanted = wanted.where(MESSAGE.id.in_(ids), MESSAGE.claimed_by == name).order_by(MESSAGE.id)
    claimed = list(session.connection().execute(wanted)) if ids else []
    session.commit()
    return claimed


def _tell_streams(mount: Mount, rows: Sequence[Row[Any]]) -> None:
    """Tell open clients, who fetch the rest; what failed before they have heard."""
    mount.hub.tell(
        [
            Told(row.user_id, _live_key(row), ADDED, json.dumps({"id": row.id, "kind": row.kind}))
            for row in rows
            if row.shown and not (row.failures or row.apart) and mount.is_enabled_for(row.user_id)
        ]
    )


def _live_key(row: Row[Any]) -> str:
    """An id may come again, after a restart on an empty table; not with the same content."""
    content = zlib.crc32(f"{row.user_id} {row.dedupe_key} {row.created_at}".encode())
    return f"inbox-{row.id}-{content:x}"


def _is_for_host(mount: Mount, row: Row[Any], wishes: Mapping[tuple[int, str], Wish]) -> bool:
    """Whether there are receivers, and the user wishes that they hear of it."""
    if not notified.receivers or not wishes.get((row.user_id, row.kind), Wish()).by_host:
        return False
    is_late = row.apart or is_over(row.kind, row.payload, clock.now())
    return not is_late and mount.is_enabled_for(row.user_id)


def _tell_host(mount: Mount, row: Row[Any]) -> bool:
    """Whether each of the host's receivers took it."""
    try:
        with current_app.app_context():
            return _send(_facts(mount, row))
    except Exception:
        log.exception("message %s could not be made for the host", row.id)
        return False


def _facts(mount: Mount, row: Row[Any]) -> dict[str, Any]:
    own = mount.language_of(row.user_id)
    language = own if own in mount.texts.languages else mount.config.source_language
    data = words.data_of(mount.texts, language, row)
    return {
        "message_id": f"{row.user_id}:{row.dedupe_key}", "user_id": row.user_id, "kind": row.kind,
        "data": data, "text": words.text_of(mount.texts, language, row.kind, data),
        "language": language, "created_at": row.created_at,
    }  # fmt: skip


def _send(facts: Mapping[str, Any]) -> bool:
    """Whether all receivers took it; one that raises keeps it from no other."""
    all_took_it = True
    for receiver in notified.receivers_for(None):
        try:
            receiver(None, **facts)
        except Exception:
            log.exception("a receiver of gamify_notified failed for %s", facts["message_id"])
            all_took_it = False
    return all_took_it


def _later(row: Row[Any]) -> dict[str, Any]:
    """When the host is told again, if it is."""
    failures, at = row.failures + 1, clock.now() + timedelta(minutes=2**row.failures)
    if failures < TRIES:
        return {"failures": failures, "tell_at": at}
    log.error("the host could not be told of message %s; it is given up", row.id)
    return {"failures": failures, "tell_at": None}


def _note(session: Session, name: str, ids: Collection[int], values: Mapping[str, Any]) -> None:
    """Write down what became of these; commits. Of what is not ours any more nothing is noted."""
    if ids:
        mine = (MESSAGE.id.in_(sorted(ids)), MESSAGE.claimed_by == name)
        session.connection().execute(update(InboxMessage).where(*mine).values(**values))
    session.commit()


def backlog(session: Session, due_before: datetime) -> tuple[int, int]:
    """How many messages nobody tells though they are due since then, and how many the host refused
    and is told again.
    """
    untold, refused = (
        select(func.count()).where(MESSAGE.tell_at.is_not(None), which).scalar_subquery()
        for which in (MESSAGE.tell_at < due_before, MESSAGE.failures > 0)
    )
    counts = session.connection().execute(select(untold, refused)).one()
    return counts[0], counts[1]
