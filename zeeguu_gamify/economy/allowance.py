"""Daily caps: how much of one is used up, in a row that can be locked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Executable, select, update
from sqlalchemy.dialects import mysql, sqlite

from zeeguu_gamify.models import ExpAllowance


class Account(NamedTuple):
    """Whose EXP by which cause on which day."""

    user_id: int
    cause: str
    local_date: date


class Allowances:
    """The rows of some accounts, locked until the transaction ends."""

    def __init__(self, connection: Connection) -> None:
        """Lock nothing yet."""
        self._connection = connection
        self._used: dict[Account, int] = {}
        self._moved: dict[Account, int] = {}

    def lock(self, accounts: Iterable[Account]) -> None:
        """Lock the rows of `accounts`, which are made if need be, always in the same order.

        First the insert, then the look: a lock on a row that is not there locks the gap instead,
        and two who then insert wait for each other.
        """
        for account in sorted(set(accounts) - self._used.keys()):
            self._connection.execute(_make(self._connection), {**account._asdict(), "used": 0})
            wanted = select(ExpAllowance.used).where(*_is(account)).with_for_update()
            self._used[account] = self._connection.execute(wanted).scalar_one()

    def left(self, account: Account, most: int) -> int:
        """How many EXP may still be earned, if `most` may in all; lock the account before."""
        return max(most - self._used[account] - self._moved.get(account, 0), 0)

    def move(self, account: Account, amount: int) -> None:
        """So many EXP were earned, or taken back."""
        self._moved[account] = self._moved.get(account, 0) + amount

    def save(self) -> list[Executable]:
        """Write what was moved; returns what would take it back."""
        moved = [(account, amount) for account, amount in self._moved.items() if amount]
        for account, amount in moved:
            self._connection.execute(_add(account, amount))
        return [_add(account, -amount) for account, amount in moved]


class SeenAllowances(Allowances):
    """The same for who only supposes something: rows are read, and neither made nor locked."""

    def lock(self, accounts: Iterable[Account]) -> None:
        """Read the rows of `accounts`."""
        for account in sorted(set(accounts) - self._used.keys()):
            wanted = select(ExpAllowance.used).where(*_is(account))
            self._used[account] = self._connection.execute(wanted).scalar() or 0


def _is(account: Account) -> list[ColumnElement[bool]]:
    row = ExpAllowance.__table__.c
    return [row[name] == value for name, value in account._asdict().items()]


def _add(account: Account, amount: int) -> Executable:
    return update(ExpAllowance).where(*_is(account)).values(used=ExpAllowance.used + amount)


def _make(connection: Connection) -> Any:
    """Make the row; where it is, lock it and leave it as it is."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(ExpAllowance).on_conflict_do_nothing()
    return mysql.insert(ExpAllowance).on_duplicate_key_update(used=ExpAllowance.used)
