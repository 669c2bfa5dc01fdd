"""The files themselves: names, order, headers, records, revisions, and what they seed."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from tests.migrations.databases import (
    HOST,
    PRODUCTION,
    new_database,
    run_file,
    run_files,
    version,
)
from tests.servers import Server
from zeeguu_gamify.badges import sync
from zeeguu_gamify.badges.default_catalog import DEFAULT_CATALOG
from zeeguu_gamify.host import HostMap
from zeeguu_gamify.migrations import files, runner
from zeeguu_gamify.migrations.files import FILES, HEAD, SQL, SqlFile, UnknownRevision, statements
from zeeguu_gamify.models import CATALOG_VERSION, Badge, BadgeCategory, Setting

ROOT = Path(__file__).parents[2]

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
up_and_down = pytest.mark.parametrize("down", [False, True], ids=["up", "down"])


@each_file
def test_a_name_is_a_date_a_letter_and_what_it_does(file: SqlFile) -> None:
    parts = re.fullmatch(r"(\d\d)-(\d\d)-(\d\d)-[a-z]--[a-z0-9]+(_[a-z0-9]+)*", file.name)
    assert parts
    year, month, day = map(int, parts.groups()[:3])
    assert date(2000 + year, month, day)


def test_no_two_files_share_a_revision_and_nothing_else_lies_about() -> None:
    assert len({file.revision for file in FILES}) == len(FILES)
    names = {f"{file.name}.sql" for file in FILES}
    assert {path.name for path in SQL.iterdir()} == names | {"down", "README.md"}
    assert {path.name for path in (SQL / "down").iterdir()} == names


def test_the_files_are_those_of_tools_and_the_package_ships_them() -> None:
    assert SQL.resolve() == ROOT / "tools" / "migrations"
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = settings["tool"]["setuptools"]["package-data"]["zeeguu_gamify"]
    package = ROOT / "zeeguu_gamify"
    shipped = {path for pattern in patterns for path in package.glob(pattern)}
    assert {*SQL.glob("**/*.sql")} <= shipped


def test_each_file_has_a_revision_and_they_form_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(files.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [HEAD]
    line = [script.revision for script in scripts.walk_revisions()]
    assert line[::-1] == [file.revision for file in FILES]


@each_file
@up_and_down
def test_the_header_says_what_a_maintainer_asks(file: SqlFile, down: bool) -> None:
    header = re.findall(r"^-- ([A-Z][a-z ]+): ", file.text(HostMap(), down=down), re.MULTILINE)
    assert header == (["Takes back", "Data"] if down else ["Why", "Old rows", "Locks"])


@each_file
@up_and_down
def test_a_statement_ends_where_the_servers_client_thinks_it_does(
    file: SqlFile, down: bool
) -> None:
    text = file.text(HostMap(), down=down)
    for statement in statements(text):
        outside_strings = re.sub(r"'(?:[^']|'')*'", "", statement)
        assert ";" not in outside_strings
        assert "--" not in outside_strings
        assert "DELIMITER" not in outside_strings
    assert text.endswith(";\n")
    assert text.isascii()


@each_file
@up_and_down
def test_the_last_statement_and_no_other_records_the_file(file: SqlFile, down: bool) -> None:
    *steps, record = statements(file.text(HostMap(), down=down))
    assert not [step for step in steps if re.search("(INTO|UPDATE|FROM) gamify_version", step)]
    assert re.search("(INSERT INTO|UPDATE|DELETE FROM) gamify_version", record)
    assert file.revision in record


@each_file
def test_by_hand_and_by_alembic_the_same_is_recorded(file: SqlFile, mariadb: Server) -> None:
    number = FILES.index(file)
    by_hand, by_alembic = new_database(mariadb, HOST), new_database(mariadb, HOST)
    run_files(by_hand, FILES[: number + 1])
    runner.upgrade(by_alembic, HostMap(), file.revision)
    assert version(by_hand) == version(by_alembic) == file.revision
    before = FILES[number - 1].revision if number else None
    run_file(by_hand, file, down=True)
    runner.downgrade(by_alembic, HostMap(), before or "base")
    assert version(by_hand) == version(by_alembic) == before


def test_an_old_file_run_again_does_not_put_the_version_back(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    run_files(database)
    run_files(database, [FILES[0], FILES[3]])
    assert version(database) == HEAD


def test_a_file_run_too_early_is_not_recorded_until_it_is_its_turn(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    a, b, c = FILES[:3]
    run_files(database, [a, c])
    assert version(database) == a.revision
    run_files(database, [b, c])
    assert version(database) == c.revision


def test_a_way_down_run_twice_or_too_late_does_not_move_the_version(sql_server: Server) -> None:
    database = new_database(sql_server, HOST)
    run_files(database)
    for _ in range(2):
        run_file(database, FILES[-1], down=True)
    assert version(database) == FILES[-2].revision


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("base", 0),
        ("head", len(FILES)),
        ("26_11_20_b", 2),
        ("26-11-20-b--create_friend_tables", 2),
        ("26-11-20-b--create_friend_tables.sql", 2),
    ],
)
def test_a_revision_goes_by_its_id_or_its_file(name: str, number: int) -> None:
    assert files.place(name) == number


def test_an_unknown_revision_is_refused_with_the_nearest_there_is() -> None:
    with pytest.raises(UnknownRevision, match="'26_11_20_bb'; did you mean '26_11_20_b'"):
        files.place("26_11_20_bb")


@pytest.fixture
def seeded(database_url: str) -> Engine:
    """A database to which the command was applied, on each backend."""
    database = create_engine(database_url, poolclass=NullPool)
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE user (id INTEGER NOT NULL PRIMARY KEY)")
    runner.upgrade(database, HostMap())
    return database


@pytest.mark.core
def test_the_seed_is_the_default_catalog_with_productions_ids(seeded: Engine) -> None:
    badge, family = Badge.__table__.c, BadgeCategory.__table__.c
    with seeded.connect() as connection:
        found = connection.execute(
            select(
                family.id, family.metric, family.name, family.award_mechanism, badge.id,
                badge.code, badge.level, badge.threshold, badge.name,
                badge.achieved_description, badge.unachieved_description, badge.icon_name,
                badge.sort_score, badge.color, badge.hidden, badge.deprecated_at,
            )
            .select_from(Badge.__table__.join(BadgeCategory.__table__))
            .order_by(badge.id)
        ).all()  # fmt: skip
    families = [
        (number, family, badge)
        for number, family in enumerate(DEFAULT_CATALOG.families, start=1)
        for badge in family.badges
    ]
    assert [tuple(row) for row in found] == [
        (
            number, family.metric, family.name, family.mechanism, badge_id, badge.code,
            badge.level, badge.threshold, badge.name, badge.achieved_description,
            badge.unachieved_description, badge.icon_name, badge.sort_score, badge.color,
            badge.hidden, None,
        )
        for badge_id, (number, family, badge) in enumerate(families, start=1)
    ]  # fmt: skip
    assert len(found) == 35


@pytest.mark.core
def test_after_the_seed_the_catalog_has_nothing_to_change(seeded: Engine) -> None:
    with Session(seeded) as session:
        assert sync.plan(session, DEFAULT_CATALOG, texts=True).is_empty
        setting = session.get(Setting, CATALOG_VERSION)
    assert setting
    assert setting.value == "1"


def test_the_seed_fills_gaps_of_production_and_leaves_the_rest(sql_server: Server) -> None:
    database = new_database(sql_server, PRODUCTION)
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM badge WHERE id = 35")
    run_files(database)
    with database.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT name, code, threshold FROM badge WHERE id IN (34, 35) ORDER BY id"
        ).all()
    assert [tuple(row) for row in names] == [
        ("Production 4", "friends_4", 40),
        ("Social Butterfly", "friends_5", 10),
    ]
