"""The indexes that boards of activity want on the host's tables (tools/migrations 26-11-21-b to f).

A session's duration is in none of them: it changes with each upload.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, inspect

from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations.include import HOST_INDEX

#: Our table → our columns, in this order.
WANTED: Mapping[str, tuple[str, ...]] = {
    "user_exercise_session": ("user_id", "start_time"),
    "user_reading_session": ("user_id", "start_time"),
    "user_listening_session": ("user_id", "start_time"),
    "user_article": ("user_id", "completed_at"),
    "exercise": ("time", "user_word_id", "outcome_id"),
}


def missing(connection: Connection, host_map: HostMap) -> Iterator[str]:
    """For each table without such an index, by whatever name: the statement that makes it."""
    inspector = inspect(connection)
    for table, columns in WANTED.items():
        real_table = host_map.real_table(table)
        real = [host_map.real_column(table, column) for column in columns]
        indexes = inspector.get_indexes(real_table)
        if not any(index["column_names"][: len(real)] == real for index in indexes):
            yield (
                f"ALTER TABLE {real_table} ADD INDEX {HOST_INDEX} ({', '.join(real)}), "
                "ALGORITHM = INPLACE, LOCK = NONE"
            )
