"""The row of a user in `user_profile`: sums of the ledger that move with each entry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Executable,
    TextClause,
    cast,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.exc import DataError, IntegrityError

from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.holding import hold, missing_is_unknown
from zeeguu_gamify.models import UserProfile
from zeeguu_gamify.upsert import dialect_of, on_duplicate

_PROFILE: Any = UserProfile.__table__
#: mysqlclient's row count of an upsert that found the row.
_UPDATED = 2
#: LAST_INSERT_ID(x) hands x to the driver, if x is not below zero; EXP may be.
_SHIFT = 2**32


class Balance(NamedTuple):
    """What a user has."""

    exp: int
    level: int
    best_level: int
    coins: int


def add(connection: Connection, user_id: int, exp: int, coins: int = 0) -> int:
    """Move the sums, in a row that is made if need be, by one statement; the EXP then.

    One of the two is not 0. The caller holds the profile from then on. Coins that are taken must be
    there: `lock` tells. Raises UnknownUser, and BadInput when the user has more than can be kept.
    """
    row = {"user_id": user_id, "exp": exp, "coins": coins}
    with missing_is_unknown(user_id):
        if connection.dialect.name == "sqlite":
            return int(connection.execute(_on_sqlite(), row).scalar_one())
        try:
            done = connection.execute(_on_mysql(), row)
        except DataError as error:
            raise BadInput(f"amount: user {user_id} would have more than can be kept") from error
    return int(done.lastrowid) - _SHIFT if done.rowcount == _UPDATED else exp


def add_all(connection: Connection, sums: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """`add` for user → (EXP, coins), in the order of the ids, by two statements: the EXP of each.

    Raises as `add` does; then some may be moved.
    """
    ids = sorted(sums)
    if len(ids) < 2:
        return {id_: add(connection, id_, *sums[id_]) for id_ in ids}
    rows = [{"user_id": id_, "exp": sums[id_][0], "coins": sums[id_][1]} for id_ in ids]
    try:
        connection.execute(_many(dialect_of(connection)), rows)
    except (IntegrityError, DataError):
        for id_ in ids:  # one of them raises what names the user
            add(connection, id_, *sums[id_])
        raise
    read = select(_PROFILE.c.user_id, _PROFILE.c.exp).where(_PROFILE.c.user_id.in_(ids))
    exp: dict[int, int] = dict(connection.execute(read).all())
    return exp


def taken_back(user_id: int, exp: int, coins: int) -> Executable:
    """What undoes an `add`."""
    sums = {"exp": UserProfile.exp - exp, "coins": UserProfile.coins - coins}
    return update(UserProfile).where(UserProfile.user_id == user_id).values(sums)


def lock(connection: Connection, user_id: int) -> Balance:
    """What the user has now; nobody else moves it until the end. Raises UnknownUser."""
    hold(connection, user_id)
    return held(connection, user_id)


def held(connection: Connection, user_id: int) -> Balance:
    """What the user has now; the caller holds the profile."""
    return Balance(*connection.execute(_balance(user_id).with_for_update()).one())


def read(connection: Connection, user_id: int) -> Balance:
    """What the user has, as the transaction sees it."""
    row = connection.execute(_balance(user_id)).first()
    return Balance(*row) if row else Balance(0, 1, 1, 0)


def set_level(user_id: int, level: int, best_level: int) -> Executable:
    """What writes the level of a user."""
    levels = {"level": level, "best_level": best_level}
    return update(UserProfile).where(UserProfile.user_id == user_id).values(levels)


def _balance(user_id: int) -> Any:
    columns = (_PROFILE.c[name] for name in Balance._fields)
    return select(*columns).where(_PROFILE.c.user_id == user_id)


@lru_cache(maxsize=2)
def _many(dialect: str) -> TextClause:
    """As text: of that the driver makes one statement, however many rows there are."""
    new = "excluded.{0}" if dialect == "sqlite" else "VALUES({0})"
    moved = [f"{name} = user_profile.{name} + {new.format(name)}" for name in ("exp", "coins")]
    insert = "INSERT INTO user_profile (user_id, exp, coins) VALUES (:user_id, :exp, :coins)"
    return text(f"{insert} {on_duplicate(dialect, ['user_id'])} {', '.join(moved)}")


@lru_cache(maxsize=1)
def _on_mysql() -> mysql.Insert:
    new = mysql.insert(UserProfile)
    told = func.LAST_INSERT_ID(_PROFILE.c.exp + new.inserted.exp + literal_column(str(_SHIFT)))
    return new.on_duplicate_key_update(
        exp=cast(told, BigInteger) - literal_column(str(_SHIFT)),
        coins=_PROFILE.c.coins + new.inserted.coins,
    )


@lru_cache(maxsize=1)
def _on_sqlite() -> Any:
    new = sqlite.insert(UserProfile)
    sums = {name: _PROFILE.c[name] + new.excluded[name] for name in ("exp", "coins")}
    return new.on_conflict_do_update(index_elements=["user_id"], set_=sums).returning(
        _PROFILE.c.exp
    )
