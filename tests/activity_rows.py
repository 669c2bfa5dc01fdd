"""Rows of activity in a host of `tests.contract.hosts`, and what they come to by a naive count."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from tests.contract.hosts import Person, World

#: Metric → the table and the column that says when.
TABLES = {
    "exercise_time": ("user_exercise_session", "start_time"),
    "exercises_done": ("exercise", "time"),
    "read_articles": ("user_article", "completed_at"),
    "reading_time": ("user_reading_session", "start_time"),
    "listening_time": ("user_listening_session", "start_time"),
}


def act(
    world: World, who: Person | int, metric: str, at: datetime, value: int = 1, **columns: Any
) -> int:
    """Let somebody do what `metric` counts, at `at` (UTC); the id of the row.

    value: milliseconds, for what is timed.
    """
    user_id = who if isinstance(who, int) else who.id
    table, when = TABLES[metric]
    row: dict[str, Any] = {when: at}
    if metric == "exercises_done":
        row |= {"user_word_id": _word_of(world, user_id), "outcome_id": outcome(world, "C")}
    else:
        row["user_id"] = user_id
    if metric.endswith("_time"):
        row |= {"duration": value, "last_action_time": at}
    return world.add(world.tables[table], row | columns)


def outcome(world: World, name: str) -> int:
    """The id of the outcome of that name."""
    table = world.tables["exercise_outcome"]
    found = world.scalar(select(table.c.id).where(table.c.outcome == name))
    return int(found or world.add(table, {"outcome": name}))


def _word_of(world: World, user_id: int) -> int:
    table = world.tables["user_word"]
    found = world.scalar(select(table.c.id).where(table.c.user_id == user_id))
    return int(found or world.add(table, {"user_id": user_id}))
