"""EXP over made-up histories, one by one or in batches: as a naive count of them has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.hosts import MakeHost, db_of, engine_of
from tests.integration.boards import settle
from zeeguu_gamify import Event
from zeeguu_gamify.events import EventType, Outcome, emit_batch
from zeeguu_gamify.models import EventReceipt, ExpAllowance, LedgerEntry, OutboxMessage
from zeeguu_gamify.testing import frozen

NOON = datetime(2026, 3, 10, 12)
EACH, A_DAY = 30, 50
CAPPED = (EventType("quiz.completed", "a quiz", most_exp=EACH, most_exp_a_day=A_DAY),)


@dataclass(frozen=True)
class Act:
    """One event."""

    name: str
    amount: int
    cause: str | None
    language_id: int
    object_id: str | None
    event_id: str | None

    @property
    def key(self) -> str | None:
        """Its id: sent again, an event is about the same object."""
        return self.event_id and f"{self.name}:{self.object_id}:{self.event_id}"

    def event(self, user_id: int) -> Event:
        id_ = self.key and f"{user_id}:{self.key}"
        return Event(
            name=self.name,
            user_id=user_id,
            amount=self.amount,
            object_id=self.object_id,
            event_id=id_,
            context={"cause": self.cause, "language_id": self.language_id},
        )


@dataclass
class Oracle:
    """Counts events in the simplest way."""

    ids: set[str | None] = field(default_factory=set)
    done: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    by_cause: Counter[str] = field(default_factory=Counter)
    by_language: Counter[int] = field(default_factory=Counter)

    def take(self, act: Act) -> tuple[int, bool]:
        """The EXP that it brings, and whether it was counted before."""
        if act.key in self.ids:
            return 0, True
        if act.name == "exp.lost":
            return self._lose(act)
        if act.object_id in self.done:
            return 0, True
        cause = act.cause or act.name
        amount = act.amount
        if cause == "quiz.completed":
            amount = min(amount, EACH, max(A_DAY - self.by_cause[cause], 0))
        if act.object_id:
            self.done[act.object_id] = cause, act.language_id, amount
        return self._count(act, cause, act.language_id, amount)

    def _lose(self, act: Act) -> tuple[int, bool]:
        if act.object_id is None:
            return self._count(act, act.cause or act.name, act.language_id, -act.amount)
        if act.object_id not in self.done:
            self._remember(act)
            return 0, True
        cause, language_id, amount = self.done.pop(act.object_id)
        return self._count(act, cause, language_id, -amount)

    def _count(self, act: Act, cause: str, language_id: int, amount: int) -> tuple[int, bool]:
        self._remember(act)
        self.by_cause[cause] += amount
        self.by_language[language_id] += amount
        return amount, False

    def _remember(self, act: Act) -> None:
        if act.key:
            self.ids.add(act.key)


acts = st.builds(
    Act,
    name=st.sampled_from(("exp.gained", "exp.gained", "exp.lost")),
    amount=st.integers(1, 40),
    cause=st.sampled_from((None, "quiz.completed", "quiz.completed", "a bonus")),
    language_id=st.sampled_from((0, 7)),
    object_id=st.sampled_from((None, "a", "a", "b")),
    event_id=st.sampled_from((None, None, "1", "2", "3")),
)
histories = st.lists(st.lists(acts, min_size=1, max_size=4), max_size=8)


@pytest.mark.sqlite_only
def test_any_history_comes_to_what_a_naive_count_says(new_host: MakeHost) -> None:
    host = new_host(events=CAPPED)
    users = count(1)

    @settings(max_examples=40)
    @given(histories)
    def check(batches: Sequence[Sequence[Act]]) -> None:
        user_id, oracle = next(users), Oracle()
        settle(host, user_id)
        for batch in batches:
            expected = [oracle.take(act) for act in batch]
            outcomes = emit(host, [act.event(user_id) for act in batch])
            assert [(one.exp, one.replayed) for one in outcomes] == expected
        assert entries(host, user_id) == {
            key: sum_ for key, sum_ in oracle.by_language.items() if sum_
        }
        assert told(host, user_id) == entries(host, user_id)
        assert used(host, user_id) == oracle.by_cause["quiz.completed"]
        assert completed(host, user_id) == set(oracle.done)

    check()


def emit(host: Flask, events: list[Event]) -> list[Outcome]:
    with frozen(NOON):
        outcomes = emit_batch(db_of(host).session, events)
        db_of(host).session.commit()
    return outcomes


def look(host: Flask, statement: Any) -> list[Any]:
    with engine_of(host).connect() as connection:
        return list(connection.execute(statement))


def entries(host: Flask, user_id: int) -> dict[int, int]:
    entry = LedgerEntry.__table__.c
    sums = select(entry.language_id, func.sum(entry.amount)).where(entry.user_id == user_id)
    return {row[0]: row[1] for row in look(host, sums.group_by(entry.language_id)) if row[1]}


def told(host: Flask, user_id: int) -> dict[int, int]:
    message = OutboxMessage.__table__.c
    moved = select(message.payload).where(message.user_id == user_id, message.topic == "exp.moved")
    sums: Counter[int] = Counter()
    for (payload,) in look(host, moved):
        sums[payload["language_id"]] += payload["amount"]
    return {language_id: amount for language_id, amount in sums.items() if amount}


def used(host: Flask, user_id: int) -> int:
    row = ExpAllowance.__table__.c
    return sum(found[0] for found in look(host, select(row.used).where(row.user_id == user_id)))


def completed(host: Flask, user_id: int) -> set[str]:
    receipt = EventReceipt.__table__.c
    mine = (receipt.user_id == user_id, receipt.event == "exp.gained")
    with_object = select(receipt.object_id).where(*mine, receipt.object_id.is_not(None))
    return {row[0] for row in look(host, with_object)}
