"""Any host: one that has only users, and what the others get (docs/contract.md §3)."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from tests.contract.hosts import World
from zeeguu_gamify import Gamify, GamifyError, Group, HostMap
from zeeguu_gamify.boot import reserved_usernames
from zeeguu_gamify.endpoints.blueprint import our_rules
from zeeguu_gamify.models import gamify_tables

MINIMAL_HOST = Path(__file__).parents[2] / "docs" / "examples" / "minimal_host.py"
ADA = {"X-User-Id": "1"}


@pytest.fixture
def minimal(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The example of the docs, as it stands there, with one user."""
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", database_url)
    example = runpy.run_path(str(MINIMAL_HOST))
    app: Flask = example["app"]
    db: SQLAlchemy = example["db"]
    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            connection.execute(sqlalchemy.insert(example["user"]), {"id": 1})
    yield app
    with app.app_context():
        db.engine.dispose()


def run(app: Flask, command: str) -> str:
    result = app.test_cli_runner().invoke(args=["gamify", *command.split()])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_smallest_host_has_40_lines_at_most() -> None:
    assert len(MINIMAL_HOST.read_text().splitlines()) <= 40


def test_the_smallest_host_is_ready_after_two_commands(minimal: Flask) -> None:
    run(minimal, "db upgrade")
    run(minimal, "catalog apply")
    assert "All is well." in run(minimal, "doctor")


def test_a_host_without_languages_has_no_streaks_to_take_over(minimal: Flask) -> None:
    run(minimal, "db upgrade")
    assert "streaks taken over: nothing to do" in run(minimal, "streaks open")


def test_its_users_get_badges_by_emit_and_by_after(minimal: Flask) -> None:
    run(minimal, "db upgrade")
    run(minimal, "catalog apply")
    client = minimal.test_client()
    answers = [client.post(f"/articles/{n}/read", headers=ADA).json for n in (1, 2, 3, 4, 5, 5)]
    assert answers == [[], [], [], [], ["read_articles_1"], []]
    for _ in range(10):
        assert client.post("/words/word", headers=ADA).text == "drow"
    shelf = {family["name"]: family for family in client.get("/my_badges", headers=ADA).get_json()}
    assert shelf["Read articles"]["current_value"] == 5
    assert shelf["Translated words"]["badges"][0]["achieved"] is True
    assert client.get("/badges/count_unseen", headers=ADA).json == 2
    assert len(client.get("/api/v2/users/1/badges", headers=ADA).get_json()) == 2


def test_the_smallest_host_keeps_its_own_doors(minimal: Flask) -> None:
    run(minimal, "db upgrade")
    client = minimal.test_client()
    assert client.get("/my_badges").status_code == 401
    assert client.post("/words/word").status_code == 401


def test_what_needs_usernames_is_off_on_a_host_without(minimal: Flask) -> None:
    run(minimal, "db upgrade")
    client = minimal.test_client()
    for path in ("/friend_badges/ada", "/badges/ada"):
        answer = client.get(path, headers=ADA)
        assert answer.status_code == 404
        assert answer.json == {
            "message": "This needs names (user.username), which this service lacks."
        }


def test_before_the_tables_exist_our_pages_say_what_to_do_and_the_hosts_answer(
    minimal: Flask,
) -> None:
    client = minimal.test_client()
    answer = client.get("/my_badges", headers=ADA)
    assert answer.status_code == 503
    assert "run `flask gamify db upgrade`" in answer.get_json()["message"]
    assert client.post("/words/word", headers=ADA).text == "drow"
    assert client.get("/gamify/openapi.json").status_code == 200

    run(minimal, "db upgrade")
    assert client.get("/my_badges", headers=ADA).status_code == 200


def test_a_host_without_sessions_or_a_decorator_is_told_so(build: Callable[..., World]) -> None:
    groups = frozenset(Group) - {Group.SESSION}
    world = build(host_map=HostMap(groups=groups))
    answer = world.person("Ada").get("/my_badges")
    assert answer.status_code == 404
    assert answer.get_json()["message"].startswith("This needs session (")


def test_a_host_that_creates_its_tables_does_not_create_ours(sqlite_world: World) -> None:
    ours = {table.name for table in gamify_tables()}
    assert not ours & set(sqlite_world.db.metadata.tables)


def test_the_hosts_own_migrations_are_left_alone(tmp_path: Path) -> None:
    app, db = new_app(tmp_path)
    app.extensions["migrate"] = "the host's"
    Gamify(app, db)
    assert app.extensions["migrate"] == "the host's"


def test_it_mounts_in_one_step_or_in_two(tmp_path: Path) -> None:
    for mount in (Gamify, lambda app, db: Gamify().init_app(app, db)):
        app, db = new_app(tmp_path)
        mount(app, db)
        assert "gamify" in app.extensions


def test_it_mounts_once(tmp_path: Path) -> None:
    app, db = new_app(tmp_path)
    Gamify(app, db)
    with pytest.raises(GamifyError, match="mounted on this app already"):
        Gamify(app, db)


@pytest.mark.parametrize("not_a_database", [None, "sqlite://", object()])
def test_it_wants_the_hosts_flask_sqlalchemy(tmp_path: Path, not_a_database: object) -> None:
    app, _ = new_app(tmp_path)
    with pytest.raises(GamifyError, match="Flask-SQLAlchemy object"):
        Gamify(app, not_a_database)


def test_two_hosts_of_one_process_share_nothing(build: Callable[..., World]) -> None:
    one, other = build(), build(url_prefix="/play")
    ada, bea = one.person("Ada"), other.person("Bea")
    one.hold(ada, "friends_1")
    assert ada.get("/badges/count_unseen").json == 1
    assert bea.get("/play/badges/count_unseen").json == 0
    assert ada.get("/play/badges/count_unseen").status_code == 404
    one.change_badge("friends_5", hidden=True)
    assert len(ada.get("/api/v2/badges").get_json()) == 34
    assert len(bea.get("/play/api/v2/badges").get_json()) == 35


def test_all_our_pages_move_under_the_prefix(build: Callable[..., World]) -> None:
    world = build(url_prefix="/play")
    assert world.person("Ada").get("/play/my_badges").status_code == 200
    assert all(rule.rule.startswith("/play/") for rule in our_rules(world.app))
    assert "count_unseen" in reserved_usernames(world.app)


@pytest.mark.parametrize(
    ("path", "our_endpoint"),
    [
        ("/my_badges", "my_badges"),
        ("/badges/<name>", "friend_badges"),
        ("/friend_badges/<string:username>", "friend_badges"),
        ("/api/v2/users/<int:id>/badges", "unlocked"),
    ],
)
def test_a_page_that_the_host_has_too_is_refused_with_both_names(
    tmp_path: Path, path: str, our_endpoint: str
) -> None:
    app, db = new_app(tmp_path)
    app.add_url_rule(path, "their_page", lambda **_: "theirs")
    with pytest.raises(GamifyError) as refused:
        Gamify(app, db)
    assert "'their_page'" in refused.value.message
    assert f"'gamify_badges.{our_endpoint}'" in refused.value.message
    assert path in refused.value.message


def test_all_such_pages_are_named_at_once(tmp_path: Path) -> None:
    app, db = new_app(tmp_path)
    for path in ("/my_badges", "/badges/count_unseen"):
        app.add_url_rule(path, path, lambda: "theirs")
    with pytest.raises(GamifyError) as refused:
        Gamify(app, db)
    assert refused.value.message.count("the host's") == 3  # twice, and what to do about it


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/my_badges", ["POST"]),
        ("/badges/<int:number>", ["GET"]),
        ("/my_badges/all", ["GET"]),
        ("/badges/<username>/<other>", ["GET"]),
    ],
)
def test_a_page_that_only_looks_alike_is_not(tmp_path: Path, path: str, methods: list[str]) -> None:
    app, db = new_app(tmp_path)
    app.add_url_rule(path, "gamify_like", lambda **_: "theirs", methods=methods)
    Gamify(app, db)


def test_under_a_prefix_the_host_may_keep_its_page(tmp_path: Path) -> None:
    app, db = new_app(tmp_path)
    app.add_url_rule("/my_badges", "their_page", lambda: "theirs")
    Gamify(app, db, url_prefix="/play")


def test_names_that_are_pages_are_reserved(sqlite_world: World) -> None:
    assert reserved_usernames(sqlite_world.app) == {
        "count_unseen",
        "count_not_shown",
        "mark_all_seen",
        "update_not_shown",
    }
    sqlite_world.app.add_url_rule("/badges/top", "top", lambda: "theirs")
    sqlite_world.app.add_url_rule("/badges/top/ten", "top_ten", lambda: "theirs")
    assert "top" in reserved_usernames(sqlite_world.app)
    assert len(reserved_usernames(sqlite_world.app)) == 5


def new_app(tmp_path: Path) -> tuple[Flask, SQLAlchemy]:
    """A host on which nothing is mounted yet."""
    app, db = Flask("host"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'host.db'}"
    db.Table("user", db.Column("id", db.Integer, primary_key=True))
    db.init_app(app)
    return app, db
