"""Counting towards daily goals: one statement for an event that a goal counts, none for others."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.events import GOAL_COMPLETED, Emitted, Event, Outcome, emit_batch
from zeeguu_gamify.goals.definition import DailyGoal
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import contained, is_missing_parent, savepoint

_INSERT = "INSERT INTO daily_count (user_id, local_date, event, value) VALUES ({p}, {p}, {p}, {p})"
#: The row count says whether the row was there; then LAST_INSERT_ID(x) hands x to the driver.
_MYSQL = (
    _INSERT.format(p="%s")
    + " ON DUPLICATE KEY UPDATE value = LAST_INSERT_ID(value + VALUES(value))"
)
_SQLITE = (
    _INSERT.format(p="?")
    + " ON CONFLICT (user_id, local_date, event) DO UPDATE SET value = value + excluded.value"
    " RETURNING value"
)

#: mysqlclient's row count of an upsert that found the row.
_UPDATED = 2

#: The source of the ids that reaching a goal has.
SOURCE = "goals"


class _Day(NamedTuple):
    """What is counted together."""

    user_id: int
    local_date: date
    event: str


class GoalSubscriber:
    """Counts what daily goals count, and tells which are reached by that."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """One statement per user, date and event; in a fixed order, so that batches cannot
        deadlock. Raises UnknownUser.
        """
        days: dict[_Day, list[Emitted]] = {}
        for item in emitted:
            if item.event.name in mount.goals_by_event:
                days.setdefault(_day_of(session, mount, item), []).append(item)
        for day in sorted(days):
            _count(session, mount, day, days[day])

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Nothing: no later subscriber of ours can fail."""


def _day_of(session: Session, mount: Mount, item: Emitted) -> _Day:
    event = item.event
    zone = mount.zones.of(session, mount.host, event.user_id)
    return _Day(event.user_id, clock.local_date(event.at or clock.now(), zone), event.name)


def _count(session: Session, mount: Mount, day: _Day, items: list[Emitted]) -> None:
    """Add the events to their day, and tell of each goal that one of them reaches."""
    amount = sum(item.event.amount for item in items)
    value = _add(session, day, amount) - amount
    for item in items:
        before, value = value, value + item.event.amount
        for goal in mount.goals_by_event[day.event]:
            if before < goal.count <= value:
                what = f"Telling that user {day.user_id} has reached the daily goal {goal.code}"
                with contained(session, what), savepoint(session):
                    _reach(session, goal, day.local_date, item)


def _add(session: Session, day: _Day, amount: int) -> int:
    """How often it happened on that day, these included."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    row = (day.user_id, day.local_date.isoformat(), day.event, amount)
    try:
        done = connection.exec_driver_sql(_SQLITE if is_sqlite else _MYSQL, row)
    except IntegrityError as error:
        if is_missing_parent(error):
            raise UnknownUser(day.user_id) from error
        raise
    if is_sqlite:
        return int(done.scalar_one())
    return int(done.lastrowid) if done.rowcount == _UPDATED else amount


def _reach(session: Session, goal: DailyGoal, local_date: date, item: Emitted) -> None:
    """The date's first time, whatever becomes of counts and goals later, is told and pays.

    Also while events are paused: it follows from one that counted.
    """
    event = item.event
    completed = Event(
        name=GOAL_COMPLETED,
        user_id=event.user_id,
        object_id=f"{goal.code}:{local_date}",
        source=SOURCE,
        at=event.at,
        context={"goal": goal.code, "local_date": local_date},
    )
    followed = emit_batch(session, [completed])
    if goal.exp and not followed[0].replayed:
        gained = Event(
            name="exp.gained",
            user_id=event.user_id,
            amount=goal.exp,
            event_id=f"{event.user_id}:{goal.code}:{local_date}",
            source=SOURCE,
            at=event.at,
            context={"cause": GOAL_COMPLETED},
        )
        followed += emit_batch(session, [gained])
    for more in followed:  # now that nothing of it can fail
        _report(item.outcome, more)


def _report(outcome: Outcome, more: Outcome) -> None:
    """Let the event that reached the goal answer for what followed."""
    outcome.new_badges += more.new_badges
    outcome.exp += more.exp
    outcome.coins += more.coins
    outcome.level = more.level if more.level is not None else outcome.level
