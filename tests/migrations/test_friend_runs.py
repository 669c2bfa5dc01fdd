"""Friend streaks that run already are the longest so far; nothing of them is guessed."""

from tests.migrations.databases import PRODUCTION, new_database, rows, run, run_file, run_files
from tests.servers import Server
from zeeguu_gamify.migrations.files import FILES

RUNS = next(file for file in FILES if file.name.endswith("add_runs_to_friendship"))
EMPTY = (
    "a_since, a_from, a_last, a_bridged, b_since, b_from, b_last, b_bridged,"
    " friend_streak_date, max_friend_streak_date, opened_from, opened_to"
)


def test_the_streak_of_each_pair_is_its_longest_and_its_runs_are_not_known(
    sql_server: Server,
) -> None:
    database = new_database(sql_server, PRODUCTION)
    run_files(database)
    with database.connect() as connection:
        found = rows(connection, "SELECT id, max_friend_streak FROM friendship ORDER BY id")
        had = rows(connection, "SELECT id, COALESCE(friend_streak, 0) FROM friendship ORDER BY id")
        known = rows(connection, f"SELECT COUNT(COALESCE({EMPTY})) FROM friendship")
    assert found == had
    assert {(1, 4), (2, 9), (4, 6), (8, 0), (9, 8)} <= {*found}
    assert known == [(0,)]


def test_run_again_later_it_lowers_no_longest_streak(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    run_files(database)
    run(database, ["UPDATE friendship SET friend_streak = 0, max_friend_streak = 70 WHERE id = 1"])
    run_file(database, RUNS)
    with database.connect() as connection:
        assert rows(connection, "SELECT max_friend_streak FROM friendship WHERE id = 1") == [(70,)]
