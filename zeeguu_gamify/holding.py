"""Holding a user's profile: the first lock of whatever moves EXP, coins, freezes or streaks.

So that nobody waits in a circle, all take their locks in one order: the user, which foreign keys
lock, then the profile, then all else of the user. What is read behind it is what there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import IntegrityError

from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.models import UserProfile
from zeeguu_gamify.transaction import is_missing_parent


def hold(connection: Connection, user_id: int) -> None:
    """Lock the profile until the transaction ends; it is made if need be. Raises UnknownUser.

    By an upsert, which locks the user before. A look that finds nothing would lock a gap, and two
    who then insert would wait for each other.
    """
    with missing_is_unknown(user_id):
        connection.execute(_statement(connection.dialect.name), {"user_id": user_id})


def hold_if_there(connection: Connection, user_id: int) -> None:
    """Lock the profile of who has one: who has none owns nothing that could be moved."""
    wanted = select(UserProfile.user_id).where(UserProfile.user_id == user_id)
    if connection.execute(wanted).first() is not None:
        hold(connection, user_id)


@contextmanager
def missing_is_unknown(user_id: int) -> Iterator[None]:
    """Raise UnknownUser for a row of a user who is not there, instead of IntegrityError."""
    try:
        yield
    except IntegrityError as error:
        if is_missing_parent(error):
            raise UnknownUser(user_id) from error
        raise


@lru_cache(maxsize=2)
def _statement(dialect: str) -> Any:
    if dialect == "sqlite":
        return sqlite.insert(UserProfile).on_conflict_do_nothing()
    return mysql.insert(UserProfile).on_duplicate_key_update(exp=UserProfile.exp)
