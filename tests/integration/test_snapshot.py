"""The snapshot has the facts that are asked for, in one query; the evaluator judges them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from tests.hosts import (
    ADA,
    BEN,
    NOBODY,
    HostRow,
    MakeHost,
    User,
    change,
    db_of,
    mount_on,
    send,
    write_row,
)
from zeeguu_gamify.badges import evaluator, snapshot
from zeeguu_gamify.badges.evaluator import Verdict, evaluate
from zeeguu_gamify.badges.live import LiveBadge
from zeeguu_gamify.badges.rules import AtLeast
from zeeguu_gamify.errors import UnknownUser
from zeeguu_gamify.testing import statements

NOW = datetime(2026, 3, 28, 23, 30)
ROWS: Table = HostRow.__table__  # type: ignore[assignment]


def rows_of(user_id: Any) -> Any:
    """How many rows the host keeps of a user."""
    return select(func.count()).where(ROWS.c.user_id == user_id).scalar_subquery()


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host that tells of its rows; Ada has translated 12 words and made a friend."""
    host = new_host(snapshot_fields={"NOTES": rows_of})
    change(
        host, update(User).where(User.id == ADA).values(created_at=datetime(2024, 2, 28, 23, 30))
    )
    send(host, "word_translated", times=12)
    for _ in range(3):
        write_row(host)
    db_of(host).session.commit()
    return host


def session_of(app: Flask) -> Session:
    """A session that has asked nothing yet."""
    return db_of(app).session()


def badge(app: Flask, code: str, **changes: Any) -> LiveBadge:
    """A badge of the catalog, changed."""
    return replace(mount_on(app).live.by_code[code], **changes)


@pytest.mark.core
@time_machine.travel(NOW, tick=False)
def test_a_snapshot_is_one_query_whatever_it_names(host: Flask) -> None:
    session = session_of(host)
    with statements(db_of(host).engine) as ran:
        found = snapshot.load(
            session, mount_on(host), ADA, ["TRANSLATED_WORDS", "FRIENDS", "joined", "NOTES"]
        )
    assert len(ran) == 1
    assert found.values == {
        "TRANSLATED_WORDS": 12, "FRIENDS": 0, "joined": date(2024, 2, 29), "NOTES": 3,
    }  # fmt: skip
    assert (found.user_id, found.zone, found.at) == (ADA, "Europe/Berlin", NOW)


def test_only_what_is_asked_for_is_loaded(host: Flask) -> None:
    with statements(db_of(host).engine) as ran:
        found = snapshot.load(session_of(host), mount_on(host), ADA, ["FRIENDS"])
    assert found.values == {"FRIENDS": 0}
    (query,) = ran
    assert "host_row" not in query
    assert "created_at" not in query


def test_snapshots_of_many_users_are_one_query_too(host: Flask) -> None:
    with statements(db_of(host).engine) as ran:
        found = snapshot.load_many(
            session_of(host), mount_on(host), [ADA, BEN, NOBODY], ["TRANSLATED_WORDS", "joined"]
        )
    assert len(ran) == 1
    assert {user_id: one.values for user_id, one in found.items()} == {
        ADA: {"TRANSLATED_WORDS": 12, "joined": date(2024, 2, 29)},
        BEN: {"TRANSLATED_WORDS": 0, "joined": None},
    }


def test_nobody_has_no_snapshot(host: Flask) -> None:
    with pytest.raises(UnknownUser):
        snapshot.load(session_of(host), mount_on(host), NOBODY, ["FRIENDS"])


def judged(verdict: Verdict) -> tuple[str, bool, list[tuple[Any, Any]]]:
    """A verdict, short."""
    values = [(condition.value, condition.wanted) for condition in verdict.conditions]
    return verdict.badge.code, verdict.passed, values


@pytest.mark.core
def test_badges_are_judged_by_one_query_that_names_only_their_fields(host: Flask) -> None:
    session, mount = session_of(host), mount_on(host)
    wanted = [mount.live.by_code[f"translated_words_{level}"] for level in (1, 2)]
    with statements(db_of(host).engine) as ran:
        found = evaluate(session, mount, ADA, wanted)
    assert [judged(verdict) for verdict in found] == [
        ("translated_words_1", True, [(12, 10)]),
        ("translated_words_2", False, [(12, 100)]),
    ]
    assert len(ran) == 1
    assert found[0].snapshot.values == {"TRANSLATED_WORDS": 12}


def test_the_threshold_that_counts_is_the_databases(host: Flask) -> None:
    lower = badge(host, "translated_words_2", threshold=12)
    assert lower.test == AtLeast("TRANSLATED_WORDS", 12)
    (verdict,) = evaluate(session_of(host), mount_on(host), ADA, [lower])
    assert verdict.passed


@pytest.mark.parametrize(
    ("at", "passed"),
    [
        (datetime(2026, 12, 1), True),
        (datetime(2026, 11, 30, 23, 59, 59), False),
        (datetime(2026, 12, 31), False),
    ],
)
def test_out_of_its_time_a_badge_is_not_earned(host: Flask, at: datetime, passed: bool) -> None:
    december = badge(
        host, "translated_words_1",
        starts_at=datetime(2026, 12, 1), ends_at=datetime(2026, 12, 31),
    )  # fmt: skip
    (verdict,) = evaluate(session_of(host), mount_on(host), ADA, [december], at)
    assert verdict.passed is passed
    assert [condition.passed for condition in verdict.conditions] == [True, passed]


def test_a_made_up_snapshot_is_judged_without_the_database(host: Flask) -> None:
    facts = snapshot.load(session_of(host), mount_on(host), ADA, ["TRANSLATED_WORDS"])
    second = mount_on(host).live.by_code["translated_words_2"]
    with statements(db_of(host).engine) as ran:
        (verdict,) = evaluator.judge(facts.override({"TRANSLATED_WORDS": 100}), [second])
    assert verdict.passed
    assert ran == []
