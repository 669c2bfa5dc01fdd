"""Databases that begin as copies: making the tables anew for each test took most of the time.

The first database of a kind is made by the product, migrations and all, on each server.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect

from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG
from zeeguu_gamify.demo import CATALOG
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.mount import Mount

#: What restores a database: the file of SQLite, or the SQL for a server.
_kept: dict[Hashable, bytes | str] = {}


def fill(mount: Mount, kind: Hashable, make: Callable[[], None]) -> None:
    """Let `make` fill a database, or copy what it made of the first empty one of this kind.

    kind: equal where `make` would do the same. What has a catalog or a map of its own, or is in
    SQLite's memory, is never copied. Needs an app context.
    """
    engine: Engine = mount.db.engine
    usual = mount.catalog in (DEFAULT_CATALOG, CATALOG) and mount.host.map == HostMap()
    if not usual or not engine.url.database or inspect(engine).get_table_names():
        make()
        return
    key = (engine.dialect.name, engine.url.port, kind, mount.catalog)
    if key not in _kept:
        make()
        _kept[key] = _dump(engine)
    else:
        _restore(engine, _kept[key])


def _dump(engine: Engine) -> bytes | str:
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        kept: bytes | str = (
            driver.serialize() if engine.dialect.name == "sqlite" else _script(driver.cursor())
        )
    return kept


def _restore(engine: Engine, kept: bytes | str) -> None:
    if isinstance(kept, str):
        _run(engine, kept)
    else:
        engine.dispose()
        Path(str(engine.url.database)).write_bytes(kept)


def _run(engine: Engine, script: str) -> None:
    """Run it in one round trip, and past our listeners: its SQL is the server's own."""
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute(script)
        while cursor.nextset():
            pass
        connection.commit()


def _script(cursor: Any) -> str:
    cursor.execute("SHOW TABLES")
    tables = [name for (name,) in cursor.fetchall()]
    inserts = [insert for table in tables for insert in _inserts(cursor, table)]
    return ";\n".join(
        [
            "SET foreign_key_checks = 0",
            *(_create(cursor, table) for table in tables),
            *inserts,
            "SET foreign_key_checks = 1",
        ]
    )


def _create(cursor: Any, table: str) -> str:
    cursor.execute(f"SHOW CREATE TABLE `{table}`")
    return str(cursor.fetchone()[1])


def _inserts(cursor: Any, table: str) -> list[str]:
    cursor.execute(f"SHOW COLUMNS FROM `{table}` WHERE Extra NOT LIKE '% GENERATED'")
    columns = ", ".join(f"`{row[0]}`" for row in cursor.fetchall())
    cursor.execute(f"SELECT {columns} FROM `{table}`")
    values = ", ".join(cursor.mogrify("%s", [row]) for row in cursor.fetchall())
    return [f"INSERT INTO `{table}` ({columns}) VALUES {values}"] if values else []
