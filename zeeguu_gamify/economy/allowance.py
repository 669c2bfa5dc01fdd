"""Daily caps: how much of one is used up, in a row of its own."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    cast,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import mysql, sqlite

from zeeguu_gamify.models import ExpAllowance

#: LAST_INSERT_ID(x) hands x to the driver, if x is above zero; what is used may be below.
_SHIFT = 2**32


class Account(NamedTuple):
    """Whose EXP by which cause on which day."""

    user_id: int
    cause: str
    local_date: date


class Allowances:
    """The rows of some accounts, whose users' profiles the caller holds."""

    def __init__(self, connection: Connection) -> None:
        """Read nothing yet."""
        self._connection = connection
        self._used: dict[Account, int] = {}
        self._moved: dict[Account, int] = {}

    def left(self, account: Account, most: int) -> int:
        """How many EXP may still be earned, if `most` may in all."""
        if account not in self._used:
            self._used[account] = self._look(account)
        return max(most - self._used[account] - self._moved.get(account, 0), 0)

    def move(self, account: Account, amount: int) -> None:
        """So many EXP were earned, or taken back."""
        self._moved[account] = self._moved.get(account, 0) + amount

    def save(self) -> list[Executable]:
        """Write what was moved; returns what would take it back."""
        moved = [(account, amount) for account, amount in self._moved.items() if amount]
        for account, amount in moved:
            row = {**account._asdict(), "used": amount}
            self._connection.execute(_adding(self._connection.dialect.name), row)
        return [_less(account, amount) for account, amount in moved]

    def _look(self, account: Account) -> int:
        """What is used now, whatever the transaction saw first, in a row made if need be.

        By an upsert: a look that locks, where nothing is there, would lock the gap, and two who
        then insert would wait for each other.
        """
        row = {**account._asdict(), "used": 0}
        if self._connection.dialect.name == "sqlite":
            return int(self._connection.execute(_adding("sqlite"), row).scalar_one())
        told = self._connection.execute(_telling(), row).lastrowid
        return int(told) - _SHIFT if told else 0


class SeenAllowances(Allowances):
    """The same for who only supposes something: rows are read, and not made."""

    def _look(self, account: Account) -> int:
        wanted = select(ExpAllowance.used).where(*_is(account))
        return self._connection.execute(wanted).scalar() or 0


def _is(account: Account) -> list[ColumnElement[bool]]:
    row = ExpAllowance.__table__.c
    return [row[name] == value for name, value in account._asdict().items()]


def _less(account: Account, amount: int) -> Executable:
    return update(ExpAllowance).where(*_is(account)).values(used=ExpAllowance.used - amount)


@lru_cache(maxsize=2)
def _adding(dialect: str) -> Any:
    """Add to what is used; on SQLite, tell the sum."""
    used = ExpAllowance.__table__.c.used
    if dialect == "sqlite":
        new = sqlite.insert(ExpAllowance)
        more = {"used": used + new.excluded.used}
        return new.on_conflict_do_update(set_=more).returning(used)
    into = mysql.insert(ExpAllowance)
    return into.on_duplicate_key_update(used=used + into.inserted.used)


@lru_cache(maxsize=1)
def _telling() -> Any:
    """Leave what is used as it is, and hand it to the driver; nothing for a new row."""
    used = ExpAllowance.__table__.c.used
    shift: Any = literal_column(str(_SHIFT))
    same = cast(func.LAST_INSERT_ID(used + shift), BigInteger) - shift
    return mysql.insert(ExpAllowance).on_duplicate_key_update(used=same)
