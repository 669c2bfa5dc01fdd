"""An event that crosses no threshold costs one statement, and none is ever lost for that."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, text

from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    badges,
    change,
    db_of,
    engine_of,
    mount_on,
    progress,
    send,
)
from zeeguu_gamify import Catalog, emit, increment_badge_progress, update_badge_progress
from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS
from zeeguu_gamify.models import UserBadgeProgress
from zeeguu_gamify.testing import statements

pytestmark = pytest.mark.core


def warm(app: Flask, name: str = "word_translated", user_id: int = ADA) -> None:
    """Let one event of the user be counted and committed."""
    send(app, name, user_id)
    db_of(app).session.commit()


def test_a_warm_event_costs_one_statement(host: Flask) -> None:
    warm(host)
    with statements(engine_of(host)) as ran:
        send(host, "word_translated")
        db_of(host).session.commit()
    assert len(ran) == 1
    assert ran[0].startswith("UPDATE user_badge_progress")
    assert progress(host) == {"TRANSLATED_WORDS": 2}


def test_ten_warm_events_in_one_transaction_cost_ten_statements(host: Flask) -> None:
    warm(host)
    change(host, text("UPDATE user_badge_progress SET value = 20"))
    with statements(engine_of(host)) as ran:
        send(host, "word_translated", times=10)
        db_of(host).session.commit()
    assert len(ran) == 10


def test_a_warm_event_with_an_id_costs_two(host: Flask) -> None:
    warm(host)
    with statements(engine_of(host)) as ran:
        emit(db_of(host).session, "word.translated", user_id=ADA, event_id="e1")
    assert len(ran) == 2


def test_a_warm_gauge_costs_one_statement_where_an_update_can_tell_the_old_value(
    host: Flask,
) -> None:
    session = db_of(host).session
    update_badge_progress(session, "FRIENDS", ADA, 2)
    session.commit()
    with statements(engine_of(host)) as ran:
        update_badge_progress(session, "FRIENDS", ADA, 1)
    assert len(ran) == (2 if engine_of(host).name == "sqlite" else 1)


def test_what_is_done_once_and_known_to_be_done_costs_nothing(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, *ONE_OFFS)))
    session = db_of(host).session
    emit(session, "profile.completed", user_id=ADA)
    session.commit()
    with statements(engine_of(host)) as ran:
        emit(session, "profile.completed", user_id=ADA)
        increment_badge_progress(session, "profile_set_up", ADA)
    assert ran == []


def test_an_event_of_a_ladder_and_a_one_off_costs_one_statement_when_both_are_warm(
    new_host: MakeHost,
) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, *ONE_OFFS)))
    warm(host, "article_read")
    with statements(engine_of(host)) as ran:
        send(host, "article_read")
    assert len(ran) == 1


def test_a_first_event_costs_a_look_and_an_insert(host: Flask) -> None:
    warm(host)  # so that the catalog is in memory
    with statements(engine_of(host)) as ran:
        send(host, "word_translated", BEN)
    verbs = [statement.split()[0] for statement in ran]
    # SQLite enforces no foreign keys, so the user is looked up there.
    checks = ["SELECT"] if engine_of(host).name == "sqlite" else []
    assert verbs == ["SELECT", *checks, "INSERT"]


def test_a_process_that_does_not_know_the_row_looks_once(host: Flask) -> None:
    warm(host)
    mount_on(host).known.discard((ADA, 1))
    for expected in (["SELECT", "UPDATE"], ["UPDATE"]):
        with statements(engine_of(host)) as ran:
            warm(host)
        assert [statement.split()[0] for statement in ran] == expected


def test_only_the_first_event_takes_an_auto_increment_id(host: Flask) -> None:
    for _ in range(5):
        warm(host)
    send(host, "word_translated", times=5)
    db_of(host).session.commit()
    mount_on(host).known.discard((ADA, 1))
    warm(host)
    warm(host, user_id=BEN)
    with engine_of(host).connect() as connection:
        ids = connection.execute(text("SELECT id FROM user_badge_progress ORDER BY id"))
        assert list(ids.scalars()) == [1, 2]


def test_a_first_event_that_the_host_rolls_back_and_sends_again_counts_once(host: Flask) -> None:
    session = db_of(host).session
    send(host, "word_translated")
    session.rollback()
    assert progress(host) == {}
    send(host, "word_translated")
    session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 1}


def test_a_first_event_in_a_savepoint_that_the_host_undoes_counts_when_sent_again(
    host: Flask,
) -> None:
    session = db_of(host).session
    session.connection().exec_driver_sql("UPDATE user SET name = 'Ada'")  # SQLite begins now
    undone = session.begin_nested()
    send(host, "word_translated")
    undone.rollback()
    session.commit()
    assert (ADA, 1) not in mount_on(host).known
    send(host, "word_translated")
    session.commit()
    assert progress(host) == {"TRANSLATED_WORDS": 1}


def test_a_first_event_whose_session_is_closed_unsaved_counts_when_sent_again(
    host: Flask,
) -> None:
    session = db_of(host).session
    send(host, "word_translated")
    session.close()
    session.commit()
    assert (ADA, 1) not in mount_on(host).known
    warm(host)
    assert progress(host) == {"TRANSLATED_WORDS": 1}


def test_rows_are_known_only_once_they_are_committed(host: Flask) -> None:
    send(host, "word_translated")
    assert (ADA, 1) not in mount_on(host).known
    db_of(host).session.commit()
    assert (ADA, 1) in mount_on(host).known


def test_a_row_that_another_process_deleted_is_made_again(host: Flask) -> None:
    warm(host)
    change(host, delete(UserBadgeProgress))
    warm(host)
    assert progress(host) == {"TRANSLATED_WORDS": 1}


def test_a_gauge_whose_row_another_process_deleted_is_made_again(host: Flask) -> None:
    session = db_of(host).session
    for value in (4, 2):
        update_badge_progress(session, "FRIENDS", ADA, value)
        session.commit()
        change(host, delete(UserBadgeProgress))
    update_badge_progress(session, "FRIENDS", ADA, 3)
    session.commit()
    assert progress(host) == {"FRIENDS": 3}


def test_a_row_that_another_process_made_since_the_host_began_to_read_counts_on(
    server_host: Flask,
) -> None:
    session = db_of(server_host).session
    session.connection().exec_driver_sql("SELECT * FROM user").all()  # the snapshot is taken
    change(
        server_host,
        text(
            "INSERT INTO user_badge_progress (user_id, badge_category_id, value, updated_at) "
            "VALUES (1, 1, 7, '2026-01-01'), (1, 7, 0, '2026-01-01')"
        ),
    )
    send(server_host, "word_translated")
    update_badge_progress(session, "FRIENDS", ADA, 1)
    session.commit()
    assert progress(server_host) == {"TRANSLATED_WORDS": 8, "FRIENDS": 1}
    assert badges(server_host) == ["friends_1"]
