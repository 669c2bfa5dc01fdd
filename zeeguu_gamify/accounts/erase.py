"""Erasing a user: no row, key or name of theirs is left, and friends' counts stay right."""

from __future__ import annotations

from collections import Counter
from functools import partial

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify.accounts.tables import columns_naming_users
from zeeguu_gamify.events import Event, emit_batch
from zeeguu_gamify.friends.count import count_friends
from zeeguu_gamify.leaderboards import projection
from zeeguu_gamify.models import Friendship
from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.transaction import begin_at_once, on_commit


def erase(session: Session, user_id: int) -> dict[str, int]:
    """Delete all that we know of the user; returns how many rows went from which table.

    Call it in the transaction in which the host deletes the user, before that and first of all;
    it does not commit. An unknown user has nothing to erase (docs/contract.md §4.13).
    """
    mount = current_mount()
    mount.refresh(session)
    friends = _lock(session, mount, user_id)
    gone = wipe(session, mount, user_id)
    recount_friends(session, friends)
    return gone


def wipe(session: Session, mount: Mount, user_id: int) -> dict[str, int]:
    """Delete the rows that go with the user, and unname the user in the others.

    The copies of boards in Redis follow when the outbox is delivered.
    """
    projection.changed(session, mount, user_id, gone=True)
    _forget_rows(session, mount, user_id)
    gone: Counter[str] = Counter()
    for table, column, goes_with_user in columns_naming_users():
        theirs = column == user_id
        if goes_with_user:
            done = session.connection().execute(delete(table).where(theirs))
        else:
            done = session.connection().execute(update(table).where(theirs).values({column: None}))
        gone[table.name] += done.rowcount
    return {name: rows for name, rows in gone.items() if rows}


def friends_of(session: Session, user_id: int) -> list[int]:
    """The ids of the user's friends."""
    pairs = session.connection().execute(
        select(Friendship.user_a_id, Friendship.user_b_id).where(
            Friendship.active == 1,
            or_(Friendship.user_a_id == user_id, Friendship.user_b_id == user_id),
        )
    )
    return [one if other == user_id else other for one, other in pairs]


def recount_friends(session: Session, user_ids: list[int]) -> None:
    """Set the FRIENDS gauges of users whom the caller has locked to what is true now."""
    emit_batch(
        session,
        [
            Event(name="friendship.changed", user_id=one, value=count_friends(session, one))
            for one in sorted(user_ids)
        ],
    )


def _lock(session: Session, mount: Mount, user_id: int) -> list[int]:
    """Hold the user and the friends, the smaller ids first, as all do who change friendships."""
    begin_at_once(session)
    friends = friends_of(session, user_id)
    lock_users(session, mount, [user_id, *friends])
    return friends


def lock_users(session: Session, mount: Mount, user_ids: list[int]) -> None:
    """Lock the rows of users that exist, the smaller ids first."""
    user = mount.host.table("user")
    for one in sorted(set(user_ids)):
        session.connection().execute(select(user.c.id).where(user.c.id == one).with_for_update())


def _forget_rows(session: Session, mount: Mount, user_id: int) -> None:
    """The progress rows that this process knew of are going: before and after the commit."""
    on_commit(session, partial(mount.hub.forget, user_id))
    for family in mount.live.families:
        forget = partial(mount.known.discard, (user_id, family.id))
        forget()
        on_commit(session, forget)
