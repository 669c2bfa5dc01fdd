"""Recognising a host that has production's tables already (docs/contract.md §4)."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

from zeeguu_gamify.errors import NotReady

#: Revision → the tables that it creates → their columns. These files create exactly what
#: production has; a host that has it too is taken to be past them.
_CREATES: dict[str, dict[str, set[str]]] = {
    "26_11_20_a": {
        "badge_category": {"id", "metric", "name", "award_mechanism"},
        "badge": {
            "id", "badge_category_id", "level", "threshold", "name", "achieved_description",
            "unachieved_description", "icon_name",
        },
        "user_badge": {"id", "user_id", "badge_id", "achieved_at", "is_shown"},
        "user_badge_progress": {"id", "user_id", "badge_category_id", "value", "updated_at"},
    },
    "26_11_20_b": {
        "friendship": {
            "id", "user_a_id", "user_b_id", "created_at", "deleted_at", "friend_streak",
            "friend_streak_last_updated",
        },
        "friend_request": {"id", "sender_id", "receiver_id", "created_at"},
    },
    "26_11_20_c": {
        "user_avatar": {"id", "user_id", "image_name", "character_color", "background_color"},
    },
}  # fmt: skip

_STREAKS = "26_11_20_d"
_STREAK_COLUMNS = {"last_practiced", "daily_streak", "max_streak", "max_streak_date"}


def recognised(connection: Connection) -> str:
    """The revision that an unrecorded database is at by what it has; `base` if by nothing.

    Raises NotReady for a table of the right name that is another table.
    """
    revision = "base"
    for created_by, tables in _CREATES.items():
        there = [_is_there(connection, table, columns) for table, columns in tables.items()]
        if not all(there):
            return revision
        revision = created_by
    return _STREAKS if _columns(connection, "user_language") >= _STREAK_COLUMNS else revision


def _is_there(connection: Connection, table: str, wanted: set[str]) -> bool:
    columns = _columns(connection, table)
    if columns and (missing := wanted - columns):
        names = ", ".join(sorted(missing))
        raise NotReady(
            f"The table {table} exists without {names}: it is not Zeeguu's. Rename it first."
        )
    return bool(columns)


def _columns(connection: Connection, table: str) -> set[str]:
    inspector = inspect(connection)
    if not inspector.has_table(table):
        return set()
    return {column["name"] for column in inspector.get_columns(table)}
