"""For a host whose own Alembic must leave our tables and columns alone."""

from __future__ import annotations

from typing import Any

from zeeguu_gamify.migrations.files import VERSION_TABLE
from zeeguu_gamify.models import gamify_tables

_TABLES = {VERSION_TABLE, *(table.name for table in gamify_tables())}

#: What our files may have added to tables of the host; left alone unless the host declares it.
_COLUMNS = {
    "user": {"username"},
    "user_language": {"last_practiced", "daily_streak", "max_streak", "max_streak_date"},
}

#: The index that our files add to the tables of activity.
HOST_INDEX = "ix_gamify_activity"


def include_object(
    item: Any, name: str | None, type_: str, reflected: bool, compare_to: Any
) -> bool:
    """Alembic's `include_object`: False for what is ours.

    A host passes it to `context.configure` in its env.py, or calls it from its own function.
    """
    if type_ == "table":
        return name not in _TABLES
    if type_ == "index":
        return name != HOST_INDEX
    if type_ == "column" and reflected and compare_to is None:
        return name not in _COLUMNS.get(item.table.name, ())
    return True
