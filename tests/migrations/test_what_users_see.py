"""Mounting on a live database changes nothing that a user sees, but for known defects.

The defects: a friend listed twice, oneself as a friend, and requests that were doubled, crossed,
to oneself or between friends; answering those failed.
"""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from tests.migrations.databases import PRODUCTION, new_database, rows, run_files, schema
from tests.servers import Server
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import runner

USERS = range(1, 10)

#: Ends of weeks whose boards somebody may look at: before, inside and after the friendships.
BOARD_DATES = [
    datetime(2025, 3, 1), datetime(2026, 1, 31), datetime(2026, 3, 1, 12), datetime(2026, 4, 5),
    datetime(2026, 6, 1), datetime(2026, 7, 1, 10), datetime(2027, 1, 1),
]  # fmt: skip


@pytest.fixture(params=["by hand", "by command"])
def upgraded(request: pytest.FixtureRequest, sql_server: Server) -> tuple[Engine, dict[str, Any]]:
    """Production's database, brought to the models, and what users saw before."""
    database = new_database(sql_server, PRODUCTION)
    with database.connect() as connection:
        before = what_users_see(connection)
    if request.param == "by hand":
        run_files(database)
    else:
        runner.upgrade(database, HostMap())
    return database, before


def test_badges_streaks_and_avatars_are_as_they_were(
    upgraded: tuple[Engine, dict[str, Any]],
) -> None:
    database, before = upgraded
    with database.connect() as connection:
        after = what_users_see(connection)
    assert after["badges"] == before["badges"]
    assert after["unseen"] == before["unseen"]
    assert after["streaks"] == before["streaks"]
    assert after["avatars"] == before["avatars"]


def test_everybody_has_the_friends_they_had_each_once_with_the_streak_they_saw(
    upgraded: tuple[Engine, dict[str, Any]],
) -> None:
    database, before = upgraded
    with database.connect() as connection:
        after = what_users_see(connection)
    for user in USERS:
        assert after["friends"][user] == _without_defects(user, before["friends"][user])
    assert [row for row in after["friends"][1] if row[0] in (3, 4)] == [
        (3, 9, datetime(2026, 2, 1, 10)),
        (4, 6, datetime(2026, 3, 1, 10)),
    ]


def _without_defects(user: int, friends: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    others = sorted({friend for friend, *_ in friends} - {user})
    merged = []
    for other in others:
        doubles = [row for row in friends if row[0] == other]
        since = min((row[2] for row in doubles if row[2]), default=None)
        merged.append((other, max(row[1] for row in doubles), since))
    return merged


def test_past_boards_have_the_members_they_had(upgraded: tuple[Engine, dict[str, Any]]) -> None:
    database, before = upgraded
    with database.connect() as connection:
        after = what_users_see(connection)
    assert after["boards"] == before["boards"]
    assert before["boards"][1, datetime(2027, 1, 1)] == {1, 2, 3, 4}


def test_the_oldest_request_of_a_pair_waits_unless_they_are_friends(
    upgraded: tuple[Engine, dict[str, Any]],
) -> None:
    database, _ = upgraded
    with database.connect() as connection:
        assert rows(connection, "SELECT id FROM friend_request ORDER BY id") == [
            (1,), (3,), (5,), (9,), (11,),
        ]  # fmt: skip


def test_no_row_of_history_is_lost(upgraded: tuple[Engine, dict[str, Any]]) -> None:
    database, before = upgraded
    with database.connect() as connection:
        after = rows(connection, HISTORY)
        kept = {row[0]: row for row in after}
    ended = [row for row in before["history"] if row[4] is not None]
    for row in ended:
        assert kept[row[0]] == (row[0], *sorted(row[1:3]), *row[3:])
    assert {row[0] for row in before["history"]} - kept.keys() == {16}, "only with oneself"


def test_a_merged_row_is_history_that_ended_when_it_began(
    upgraded: tuple[Engine, dict[str, Any]],
) -> None:
    database, before = upgraded
    active = {row[0] for row in before["history"] if row[4] is None}
    with database.connect() as connection:
        merged = [row for row in rows(connection, HISTORY) if row[0] in active and row[4]]
    assert [row[0] for row in merged] == [3, 5, 8, 13, 15]
    assert all(row[4] == (row[3] or datetime(2026, 7, 1, 10)) for row in merged)


def test_production_keeps_its_texts_and_thresholds_and_gets_codes(
    upgraded: tuple[Engine, dict[str, Any]],
) -> None:
    database, _ = upgraded
    with database.connect() as connection:
        badge = rows(connection, "SELECT threshold, name, code, sort_score FROM badge WHERE id = 7")
        count = rows(connection, "SELECT COUNT(*), COUNT(DISTINCT code) FROM badge")
    assert badge == [(20, "Production 2", "correct_exercises_2", 2)]
    assert count == [(35, 35)]


def test_the_way_back_gives_production_its_tables_again(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    before = schema(database)
    with database.connect() as connection:
        seen = what_users_see(connection)
    runner.upgrade(database, HostMap())
    runner.downgrade(database, HostMap(), "base")
    assert schema(database) == before
    with database.connect() as connection:
        after = what_users_see(connection)
    unchanged = ("badges", "unseen", "streaks", "avatars", "boards")
    assert {key: after[key] for key in unchanged} == {key: seen[key] for key in unchanged}


def test_foreign_keys_of_any_name_are_replaced(sql_server: Server) -> None:
    script = PRODUCTION.replace(
        "FOREIGN KEY (user_a_id)", "CONSTRAINT somebodys_choice FOREIGN KEY (user_a_id)"
    )
    database = new_database(sql_server, script)
    run_files(database)
    found = schema(database, ["friendship"])["foreign keys"]
    assert [(row[1], row[2], row[6]) for row in found] == [
        ("fk_friendship_user_a", "user_a_id", "CASCADE"),
        ("fk_friendship_user_b", "user_b_id", "CASCADE"),
    ]


def test_deleting_a_user_takes_all_rows_of_theirs_along(
    upgraded: tuple[Engine, dict[str, Any]],
) -> None:
    database, _ = upgraded
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM user_language WHERE user_id = 1")
        connection.exec_driver_sql("DELETE FROM user WHERE id = 1")
        left = rows(connection, "SELECT COUNT(*) FROM friendship WHERE 1 IN (user_a_id, user_b_id)")
    assert left == [(0,)]


def test_the_keys_hold_from_now_on(upgraded: tuple[Engine, dict[str, Any]]) -> None:
    database, _ = upgraded
    with database.connect() as connection:
        doubles = [
            "INSERT INTO friendship (user_a_id, user_b_id) VALUES (1, 2)",
            "INSERT INTO friend_request (sender_id, receiver_id) VALUES (3, 2)",
            "INSERT INTO user_badge (user_id, badge_id) VALUES (1, 1)",
        ]
        for double in doubles:
            with pytest.raises(Exception, match="1062"):
                connection.exec_driver_sql(double)


def what_users_see(connection: Connection) -> dict[str, Any]:
    """The answers to users, by plain SELECTs of columns that production has."""
    return {
        "badges": {user: rows(connection, MY_BADGES, user=user) for user in USERS},
        "unseen": rows(connection, UNSEEN),
        "streaks": rows(connection, STREAKS),
        "avatars": rows(connection, "SELECT * FROM user_avatar ORDER BY id"),
        "friends": {user: rows(connection, MY_FRIENDS, user=user) for user in USERS},
        "boards": {
            (user, date): {user} | {row[0] for row in rows(connection, BOARD, user=user, date=date)}
            for user in USERS
            for date in BOARD_DATES
        },
        "history": rows(connection, HISTORY),
    }


MY_BADGES = """
    SELECT
        category.id, category.name, badge.level, badge.name, badge.achieved_description,
        badge.unachieved_description, badge.threshold, badge.icon_name, held.id IS NOT NULL,
        held.achieved_at, COALESCE(held.is_shown, 0), COALESCE(progress.value, 0)
    FROM badge_category AS category
    INNER JOIN badge ON badge.badge_category_id = category.id
    LEFT JOIN user_badge AS held ON held.badge_id = badge.id AND held.user_id = :user
    LEFT JOIN user_badge_progress AS progress
        ON progress.badge_category_id = category.id AND progress.user_id = :user
    ORDER BY category.id, badge.level
"""

UNSEEN = "SELECT user_id, COUNT(*) FROM user_badge WHERE NOT is_shown GROUP BY user_id"

STREAKS = """
    SELECT id, user_id, language_id, last_practiced, daily_streak, max_streak, max_streak_date
    FROM user_language ORDER BY id
"""

#: The streak as shown: 0 unless it moved today or yesterday, UTC.
MY_FRIENDS = """
    SELECT
        CASE WHEN user_a_id = :user THEN user_b_id ELSE user_a_id END AS friend,
        CASE WHEN DATE(friend_streak_last_updated) >= UTC_DATE() - INTERVAL 1 DAY
            THEN friend_streak ELSE 0 END,
        created_at
    FROM friendship
    WHERE :user IN (user_a_id, user_b_id) AND deleted_at IS NULL
    ORDER BY friend
"""

BOARD = """
    SELECT CASE WHEN user_a_id = :user THEN user_b_id ELSE user_a_id END
    FROM friendship
    WHERE :user IN (user_a_id, user_b_id) AND created_at <= :date
        AND (deleted_at IS NULL OR deleted_at >= :date)
"""

HISTORY = """
    SELECT
        id, user_a_id, user_b_id, created_at, deleted_at, friend_streak,
        friend_streak_last_updated
    FROM friendship ORDER BY id
"""
