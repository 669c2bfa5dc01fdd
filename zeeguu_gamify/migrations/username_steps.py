"""The column `username` for a host whose users have none: opt-in, in steps that look for themselves
how far the host is, so that nothing is recorded (docs/contract.md §4.10).
"""

from __future__ import annotations

import re
from enum import StrEnum

from sqlalchemy import Connection, Engine, column, func, inspect, select, table
from sqlalchemy.exc import IntegrityError

from zeeguu_gamify.errors import NotReady
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations.files import SQL, statements
from zeeguu_gamify.migrations.runner import alone

#: How the files write the host's names: `user` as an identifier, 'user' as a string.
_NAME = re.compile(r"([`'])(user|username)\1")


class Step(StrEnum):
    """The file of a step; the one between them is the back-fill, a command."""

    ADD = "26-11-20-a--add_username"
    REQUIRE = "26-11-20-c--require_username"


def text(step: Step, host_map: HostMap, *, down: bool = False) -> str:
    """The SQL of a step, as it is for this host."""
    user, username = _names(host_map)
    names = {"user": user, "username": username}

    def real(match: re.Match[str]) -> str:
        quote, name = match.groups()
        return quote + names[name].replace(quote, 2 * quote) + quote

    folder = SQL / "username" / "down" if down else SQL / "username"
    return _NAME.sub(real, (folder / f"{step}.sql").read_text("ascii"))


def run(engine: Engine, host_map: HostMap, step: Step) -> None:
    """Take a step; taken twice it changes nothing. A host that has usernames is left as it is.

    Raises NotReady: REQUIRE before ADD or the back-fill, two users of one name, SQLite.
    """
    with alone(engine) as connection:
        if connection.dialect.name == "sqlite":
            raise NotReady(
                "On SQLite the host makes the column: username VARCHAR(50) COLLATE NOCASE UNIQUE."
            )
        if step is Step.REQUIRE:
            _refuse_nameless(connection, host_map)
        try:
            for statement in statements(text(step, host_map)):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        except IntegrityError as error:
            raise NotReady(f"Two users share a username: {error.orig}") from error


def _names(host_map: HostMap) -> tuple[str, str]:
    return host_map.real_table("user"), host_map.real_column("user", "username")


def _refuse_nameless(connection: Connection, host_map: HostMap) -> None:
    user, username = _names(host_map)
    if username not in {found["name"] for found in inspect(connection).get_columns(user)}:
        raise NotReady(f"{user} has no {username}: first run `flask gamify db add-usernames`.")
    nameless = select(func.count()).select_from(table(user)).where(column(username).is_(None))
    if count := connection.execute(nameless).scalar_one():
        raise NotReady(f"{count} users without username: run `flask gamify usernames backfill`.")
