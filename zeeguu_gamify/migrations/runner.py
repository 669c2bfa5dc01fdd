"""Moving a database between revisions; what the commands, doctor and first use call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, String, column, select, table
from sqlalchemy.exc import DBAPIError

from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import sqlite_schema
from zeeguu_gamify.migrations.files import (
    FILES,
    HEAD,
    VERSION_TABLE,
    SqlFile,
    place,
    recording,
    script,
)
from zeeguu_gamify.migrations.production import recognised

#: How long a step may wait for others' transactions: while it waits, others queue behind it.
LOCK_WAIT_SECONDS = 60

#: With this before them, files leave the host's own tables without our indexes.
WITHOUT_HOST_INDEXES = "SET @gamify_host_indexes = 0"

_VERSION = select(column("version_num", String)).select_from(table(VERSION_TABLE))
_NO_SUCH_TABLE = 1146


@dataclass(frozen=True, slots=True)
class Migration:
    """One file and whether this database has it."""

    name: str
    applied: bool


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of this version, or newer, by one SELECT."""
    return (_recorded(connection) or "") >= HEAD


def pending(connection: Connection) -> list[str]:
    """The names of the files that this database lacks, oldest first."""
    return [file.name for file in FILES[_place(connection) :]]


def status(engine: Engine) -> list[Migration]:
    """Every file, oldest first, applied or not."""
    with engine.connect() as connection:
        applied = _place(connection)
    return [Migration(file.name, number < applied) for number, file in enumerate(FILES)]


def upgrade(
    engine: Engine,
    host_map: HostMap,
    revision: str = "head",
    *,
    dry_run: bool = False,
    host_indexes: bool = True,
) -> list[str]:
    """Apply the files up to `revision`; return their names. `dry_run` only returns them.

    host_indexes: False leaves the host's own tables without our indexes.
    Raises UnknownRevision, and NotReady when a table is in the way or somebody else migrates.
    """
    with alone(engine) as connection:
        files = _files_up(connection, revision)
        if not host_indexes and connection.dialect.name != "sqlite":
            connection.exec_driver_sql(WITHOUT_HOST_INDEXES)
        if files and not dry_run:
            _upgrade(connection, host_map, files[-1].revision)
    return [file.name for file in files]


def downgrade(
    engine: Engine, host_map: HostMap, revision: str, *, dry_run: bool = False
) -> list[str]:
    """Undo the files after `revision`, newest first; return their names.

    The headers of `tools/migrations/down` say which data goes. Raises as `upgrade`.
    """
    with alone(engine) as connection:
        files = _files_down(connection, revision)
        if files and not dry_run:
            _record_what_is_recognised(connection, host_map)
            command.downgrade(_alembic(connection, host_map), _alembic_name(revision))
    return [file.name for file in files]


def render_sql(
    engine: Engine,
    host_map: HostMap,
    revision: str = "head",
    *,
    down: bool = False,
    host_indexes: bool = True,
) -> str:
    """What `upgrade`, or with `down` `downgrade`, would run, as text for the database's client."""
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite and _recorded(connection) is None and not down:
            return script(sqlite_schema.statements(connection.dialect, host_map))
        files = (_files_down if down else _files_up)(connection, revision)
        parts = [
            f"-- {file.name}\n{file.text(host_map, down=down, sqlite=sqlite)}" for file in files
        ]
        if files and (found := _recognised_only(connection)):
            parts.insert(0, script(recording(found)))
        if not host_indexes and not sqlite:
            parts.insert(0, script([WITHOUT_HOST_INDEXES]))
    return "\n".join(parts)


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A connection that migrates alone, and is closed for good afterwards whatever it set."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.detach()
            _be_alone(connection)
        connection.commit()
        yield connection
        connection.commit()


def _be_alone(connection: Connection) -> None:
    """Keep a second migration of this database out; the lock goes with the connection."""
    connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}")
    lock = f"SELECT GET_LOCK(LEFT(CONCAT('gamify ', DATABASE()), 64), {LOCK_WAIT_SECONDS})"
    if not connection.exec_driver_sql(lock).scalar():
        raise NotReady("Another migration of this database is running.")


def _recorded(connection: Connection) -> str | None:
    """The recorded revision; None when there is none, or not even the table."""
    try:
        revision: str | None = connection.execute(_VERSION).scalar()
    except DBAPIError as error:
        if not _is_missing_table(error):
            raise
        return None
    return revision


def _is_missing_table(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return "no such table" in str(error.orig)
    return getattr(error.orig, "args", (0,))[0] == _NO_SUCH_TABLE


def _place(connection: Connection) -> int:
    """How many files this database has: as recorded, else by what is there."""
    recorded = _recorded(connection)
    if recorded is not None:
        return len(FILES) if recorded > HEAD else place(recorded)
    if connection.dialect.name != "sqlite":
        return place(recognised(connection))
    return 0


def _files_up(connection: Connection, revision: str) -> Sequence[SqlFile]:
    return FILES[_place(connection) : place(revision)]


def _files_down(connection: Connection, revision: str) -> Sequence[SqlFile]:
    files = FILES[place(revision) : _place(connection)][::-1]
    if files and connection.dialect.name == "sqlite" and not files[-1].is_for_sqlite:
        raise NotReady(f"On SQLite there is nothing before {files[-1].name}; start a new file.")
    return files


def _alembic_name(revision: str) -> str:
    number = place(revision)
    return FILES[number - 1].revision if number else "base"


def _upgrade(connection: Connection, host_map: HostMap, revision: str) -> None:
    if connection.dialect.name == "sqlite" and _recorded(connection) is None:
        if revision != HEAD:
            raise NotReady("On SQLite the tables are built whole: upgrade to head.")
        sqlite_schema.build(connection, host_map)
        return
    _record_what_is_recognised(connection, host_map)
    command.upgrade(_alembic(connection, host_map), revision)


def _recognised_only(connection: Connection) -> str | None:
    """The revision at which the database is by what it has, if it has no record of it."""
    if _recorded(connection) is None and (number := _place(connection)):
        return FILES[number - 1].revision
    return None


def _record_what_is_recognised(connection: Connection, host_map: HostMap) -> None:
    """Stamp a host with production's tables past the files that would create them."""
    if found := _recognised_only(connection):
        command.stamp(_alembic(connection, host_map), found)


def _alembic(connection: Connection, host_map: HostMap) -> Config:
    """Alembic's configuration; with no transaction open, so that it commits after each file."""
    connection.commit()
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes |= {"connection": connection, "host_map": host_map}
    return config
