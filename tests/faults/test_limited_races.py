"""Eight real processes at once want what there is a hundred of: exactly a hundred are granted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.faults.test_races import (
    PROCESSES,
    Logged,
    assert_no_error_and_announced_once,
    url_of,
    worker,
)
from tests.hosts import ADA, BEN, MakeHost, User, award_log, badges, db_of, engine_of, write_row
from tests.processes import run_processes
from zeeguu_gamify import AllOf, AtLeast, Catalog, composite, emit, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.testing import deliver

TEXTS: dict[str, Any] = {"unachieved": "-", "achieved": "+"}
#: 160 users want them, and two that all processes speak for.
EACH = 20
LIMITED = Catalog((
    *FAMILIES,
    one_off("a_hundred", name="-", trigger="profile.completed", max_holders=100, **TEXTS),
    one_off("fifty", name="-", trigger="profile.completed", max_holders=50, **TEXTS),
))  # fmt: skip
BOTH = Catalog((
    *FAMILIES,
    composite(
        "both", name="-", **TEXTS,
        test=AllOf(AtLeast("LEARNED_WORDS", 20), AtLeast("READ_ARTICLES", 20)),
    ),
))  # fmt: skip


def complete_profiles(url: str) -> Logged:
    """Requests of new users, and of two that the other processes serve at that moment."""
    with worker(url, LIMITED) as (host, logged):
        session = db_of(host).session
        users = [User(username="new", name="New") for _ in range(EACH)]
        session.add_all(users)
        session.commit()
        for user_id in (ADA, *(user.id for user in users), BEN):
            write_row(host, user_id=user_id)
            emit(session, "profile.completed", user_id=user_id)
            session.commit()
    return logged


@pytest.mark.core
def test_of_a_hundred_badges_a_hundred_are_granted(new_server_host: MakeHost) -> None:
    host = new_server_host(catalog=LIMITED)
    logged = run_processes(complete_profiles, PROCESSES, url_of(host))
    with engine_of(host).connect() as connection:
        held = connection.execute(
            text(
                "SELECT code, grants_made, COUNT(*), COUNT(DISTINCT user_id) FROM user_badge "
                "JOIN badge ON badge.id = badge_id GROUP BY code, grants_made ORDER BY code"
            )
        ).all()
    assert [tuple(row) for row in held] == [("a_hundred", 100, 100, 100), ("fifty", 50, 50, 50)]
    assert badges(host).count("a_hundred") == 1
    assert_no_error_and_announced_once(logged, ["a_hundred"] * 100 + ["fifty"] * 50)


def learn_and_read(url: str) -> Logged:
    with worker(url, BOTH) as (host, logged):
        session = db_of(host).session
        for _ in range(10):
            for name in ("word.learned", "article.read"):
                write_row(host)
                emit(session, name, user_id=ADA)
                session.commit()
    return logged


def test_a_composite_is_granted_once_whichever_process_had_which_half(
    new_server_host: MakeHost,
) -> None:
    host = new_server_host(catalog=BOTH)
    logged = run_processes(learn_and_read, PROCESSES, url_of(host))
    assert [error for errors, _ in logged for error in errors] == []
    deliver(host)
    assert award_log(host).count("both") == badges(host).count("both") == 1
