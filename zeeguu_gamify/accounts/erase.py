"""Erasing a user: no row, key or name of theirs is left, and friends' counts stay right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.accounts.tables import columns_naming_users
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.friends.count import active_friends, friend_ids
from zeeguu_gamify.leaderboards import projection
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.transaction import AnySession, begin_at_once, on_commit, plain


def erase(session: AnySession, user_id: int) -> dict[str, int]:
    """Delete all that we know of the user; returns how many rows went from which table.

    Call it in the transaction in which the host deletes the user, before that and first of all;
    it does not commit. An unknown user has nothing to erase (docs/contract.md §4.13).
    """
    mount, session = current_mount(), plain(session)
    mount.refresh(session)
    friends = lock_with_friends(session, mount, {user_id})
    gone = wipe(session, mount, user_id)
    recount_friends(session, mount, friends)
    return gone


def wipe(session: Session, mount: Mount, user_id: int) -> dict[str, int]:
    """Delete the rows that go with the user, and unname the user in the others.

    The live events of the user are forgotten on commit; the copies of boards in Redis follow when
    the outbox is delivered.
    """
    projection.changed(session, mount, user_id, gone=True)
    on_commit(session, partial(mount.hub.forget, user_id))
    gone: Counter[str] = Counter()
    for table, column, goes_with_user in columns_naming_users():
        theirs = column == user_id
        if goes_with_user:
            done = session.connection().execute(delete(table).where(theirs))
        else:
            done = session.connection().execute(update(table).where(theirs).values({column: None}))
        gone[table.name] += done.rowcount
    return dict(+gone)


def recount_friends(session: Session, mount: Mount, user_ids: Iterable[int]) -> None:
    """Set the FRIENDS gauges of users whom the caller has locked to what is true now."""
    emit_batch(
        session,
        [
            Event(name="friendship.changed", user_id=one, value=active_friends(session, mount, one))
            for one in sorted(user_ids)
        ],
    )


def lock_with_friends(session: Session, mount: Mount, user_ids: set[int]) -> set[int]:
    """Hold these users and all their friends, whom it gives, so that nobody changes friendships.

    The smaller ids first, as all do who lock users. Who became a friend of theirs while we waited
    for a lock is held afterwards, so that no friend is left out.
    """
    begin_at_once(session)
    held: set[int] = set()
    wanted = user_ids | _friends_of(session, user_ids, locking=False)
    while not wanted <= held:
        _lock(session, mount, wanted - held)
        held |= wanted
        wanted = user_ids | _friends_of(session, user_ids, locking=True)
    return wanted - user_ids


def _friends_of(session: Session, user_ids: set[int], *, locking: bool) -> set[int]:
    found = (friend_ids(session, one, locking=locking) for one in sorted(user_ids))
    return {friend for friends in found for friend in friends}


def _lock(session: Session, mount: Mount, user_ids: Iterable[int]) -> None:
    user = mount.host.table("user")
    for one in sorted(user_ids):
        session.connection().execute(select(user.c.id).where(user.c.id == one).with_for_update())
