"""The hot path: one row of user_badge_progress, moved and read back in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_missing_parent, on_commit

_EXISTS = "SELECT 1 FROM user_badge_progress WHERE user_id = {p} AND badge_category_id = {p}"
_UPDATE = (
    "UPDATE user_badge_progress SET value = {value}, updated_at = {p} "
    "WHERE user_id = {p} AND badge_category_id = {p}"
)
_INSERT = (
    "INSERT INTO user_badge_progress (value, updated_at, user_id, badge_category_id) "
    "VALUES ({p}, {p}, {p}, {p}) "
)


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements of one dialect. Parameters: value, updated_at, user, category."""

    exists: str
    add: str
    put: str
    insert_or_add: str
    insert_or_put: str
    read: str = ""


def _mysql() -> _Statements:
    """LAST_INSERT_ID(x) hands x to the driver with the row count, so nothing is read twice.

    `add` answers the new value, `put` the old one.
    """
    on_duplicate = _INSERT + "ON DUPLICATE KEY UPDATE updated_at = VALUES(updated_at), value = "
    put = "{p} + 0 * LAST_INSERT_ID(value)"
    return _Statements(
        exists=_EXISTS.format(p="%s"),
        add=_UPDATE.format(value="LAST_INSERT_ID(value + %s)", p="%s"),
        put=_UPDATE.format(value=put.format(p="%s"), p="%s"),
        insert_or_add=on_duplicate.format(p="%s") + "LAST_INSERT_ID(value + VALUES(value))",
        insert_or_put=on_duplicate.format(p="%s") + put.format(p="VALUES(value)"),
    )


def _sqlite() -> _Statements:
    on_conflict = _INSERT + (
        "ON CONFLICT (user_id, badge_category_id) DO UPDATE SET "
        "updated_at = excluded.updated_at, value = "
    )
    return _Statements(
        exists=_EXISTS.format(p="?"),
        add=_UPDATE.format(value="value + ?", p="?") + " RETURNING value",
        put=_UPDATE.format(value="?", p="?"),
        insert_or_add=on_conflict.format(p="?") + "value + excluded.value RETURNING value",
        insert_or_put=on_conflict.format(p="?") + "excluded.value",
        read=_EXISTS.replace("1", "value", 1).format(p="?"),
    )


_MYSQL, _SQLITE = _mysql(), _sqlite()

#: Every statement of this module that MySQL runs, for the check that refuses what 5.7 cannot.
MYSQL_STATEMENTS = (
    _MYSQL.exists, _MYSQL.add, _MYSQL.put, _MYSQL.insert_or_add, _MYSQL.insert_or_put,
)  # fmt: skip

#: mysqlclient's row count of an upsert that found the row.
_UPDATED = 2


class ProgressRow:
    """The progress row of one user and family, which may not exist yet.

    When it is known to exist, a move is one statement; else a plain SELECT looks, and if the row
    is not there an upsert makes it. Never an UPDATE that is likely to find nothing before an
    insert: its gap locks deadlock. Never an upsert per event: each burns an AUTO_INCREMENT id.
    """

    def __init__(self, session: Session, mount: Mount, family_id: int, user_id: int) -> None:
        """Look nothing up yet."""
        self._session = session
        self._connection: Connection = session.connection()
        self._is_sqlite = self._connection.dialect.name == "sqlite"
        self._sql = _SQLITE if self._is_sqlite else _MYSQL
        self._mount = mount
        self._key = (user_id, family_id)

    def add(self, amount: int) -> int:
        """Add `amount`; the new value. Raises UnknownUser."""
        if self.exists():
            done = self._run(self._sql.add, amount)
            new = done.scalar() if self._is_sqlite else done.lastrowid if done.rowcount else None
            if new is not None:
                return int(new)
            self._forget()
        done = self._insert(self._sql.insert_or_add, amount)
        if self._is_sqlite:
            return int(done.scalar_one())
        return int(done.lastrowid) if done.rowcount == _UPDATED else amount

    def put(self, value: int) -> int:
        """Set the value; the old one, 0 when the row is new. Raises UnknownUser."""
        if self.exists():
            before = self._read() if self._is_sqlite else 0
            done = self._run(self._sql.put, value)
            if done.rowcount:
                return before if self._is_sqlite else int(done.lastrowid)
            self._forget()
        return self._insert_or_put(value)

    def make(self) -> int:
        """See that the row is there, with value 1 if it was not; the old value. Raises UnknownUser.

        A row that is there stays as it is: it has been done.
        """
        return 1 if self.exists() else self._insert_or_put(1)

    def _insert_or_put(self, value: int) -> int:
        done = self._insert(self._sql.insert_or_put, value)
        updated = not self._is_sqlite and done.rowcount == _UPDATED
        return int(done.lastrowid) if updated else 0

    def _read(self) -> int:
        """The old value, which SQLite's UPDATE cannot tell; it has one writer at a time."""
        return int(self._connection.exec_driver_sql(self._sql.read, self._key).scalar() or 0)

    def exists(self) -> bool:
        """Whether the row is there: known, or else looked up by a plain, lock-free SELECT."""
        if self._key in self._mount.known:
            return True
        found = self._connection.exec_driver_sql(self._sql.exists, self._key).scalar() is not None
        if found:
            self._remember()
        return found

    def _run(self, statement: str, value: int) -> CursorResult[Any]:
        return self._connection.exec_driver_sql(statement, (value, self._now(), *self._key))

    def _insert(self, statement: str, value: int) -> CursorResult[Any]:
        if self._is_sqlite:  # it enforces no foreign key unless the host turns that on
            self._check_user()
        try:
            done = self._run(statement, value)
        except IntegrityError as error:
            if is_missing_parent(error):
                self._check_user()
            raise
        self._remember()
        return done

    def _check_user(self) -> None:
        if not self._mount.host.has_user(self._session, self._key[0]):
            raise UnknownUser(self._key[0])

    def _now(self) -> str:
        """The present as the dialect stores it: SQLAlchemy writes microseconds on SQLite."""
        precision = "microseconds" if self._is_sqlite else "seconds"
        return clock.now().isoformat(" ", precision)

    def _remember(self) -> None:
        known, key = self._mount.known, self._key
        on_commit(self._session, lambda: known.add(key))

    def _forget(self) -> None:
        self._mount.known.discard(self._key)
