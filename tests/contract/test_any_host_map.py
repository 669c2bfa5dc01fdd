"""Hosts whose tables have other names, or fewer columns (docs/contract.md §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import delete, insert, inspect, select

from tests.contract.hosts import NOW, World
from zeeguu_gamify import Gamify, GamifyError, Group, HostMap, emit
from zeeguu_gamify.models import BadgeAwardLog, Friendship, UserBadge, gamify_tables
from zeeguu_gamify.testing import SessionClient, prepare

ELSEWHERE = HostMap(
    tables={"user": "account", "session": "login"},
    columns={
        "user.id": "account_id",
        "user.username": "handle",
        "user.name": "full_name",
        "user.timezone": "tz",
        "session.user_id": "account_id",
        "session.uuid": "token",
        "session.last_use": "seen_at",
    },
)


@pytest.fixture
def renamed(database_url: str) -> Iterator[SimpleNamespace]:
    """A host that calls everything otherwise; Ada and Bob are friends, Ada is logged in."""
    app, db = Flask("renamed"), SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    account = db.Table(
        "account",
        db.Column("account_id", db.Integer, primary_key=True),
        db.Column("handle", db.String(50), unique=True),
        db.Column("full_name", db.String(255)),
        db.Column("tz", db.String(64)),
    )
    login = db.Table(
        "login",
        db.Column("id", db.Integer, primary_key=True),
        db.Column("account_id", db.ForeignKey("account.account_id")),
        db.Column("token", db.String(36)),
        db.Column("seen_at", db.DateTime),
    )
    db.init_app(app)
    Gamify(app, db, host_map=ELSEWHERE)
    with app.app_context():
        db.create_all()
    prepare(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(
            insert(account),
            [
                {"account_id": 1, "handle": "Ada", "tz": "Pacific/Auckland"},
                {"account_id": 2, "handle": "Bob", "tz": None},
            ],
        )
        connection.execute(insert(login), {"account_id": 1, "token": "uuid-of-ada", "seen_at": NOW})
        connection.execute(insert(Friendship), {"user_a_id": 1, "user_b_id": 2})
    with time_machine.travel(NOW.isoformat() + "Z", tick=False):
        yield SimpleNamespace(
            app=app, db=db, account=account, login=login, ada=SessionClient(app, "uuid-of-ada")
        )
    with app.app_context():
        db.engine.dispose()


def listen_to_a_lesson(renamed: SimpleNamespace, user_id: int) -> None:
    with renamed.app.app_context():
        emit(renamed.db.session(), "audio_lesson.completed", user_id=user_id)
        renamed.db.session.commit()


def test_sessions_names_and_badges_work_under_other_names(renamed: SimpleNamespace) -> None:
    listen_to_a_lesson(renamed, 1)
    listen_to_a_lesson(renamed, 2)
    assert renamed.ada.get("/badges/count_unseen").json == 1
    assert len(renamed.ada.get("/friend_badges/bob").json) == 1
    assert renamed.ada.get("/friend_badges/nobody").json == []


def test_the_zone_is_read_from_the_hosts_column(renamed: SimpleNamespace) -> None:
    listen_to_a_lesson(renamed, 1)
    listen_to_a_lesson(renamed, 2)
    with renamed.app.app_context():
        found = renamed.db.session.execute(
            select(UserBadge.evidence).order_by(UserBadge.user_id)
        ).scalars()
        assert [(proof["zone"], proof["local_date"]) for proof in found] == [
            ("Pacific/Auckland", "2026-11-21"),
            ("UTC", "2026-11-20"),
        ]


def test_our_foreign_keys_point_at_the_hosts_table(renamed: SimpleNamespace) -> None:
    with renamed.app.app_context(), renamed.db.engine.connect() as connection:
        targets = {
            (key["referred_table"], *key["referred_columns"])
            for table in gamify_tables()
            for key in inspect(connection).get_foreign_keys(table.name)
        }
    ours = {(table.name, "id") for table in gamify_tables()}
    assert targets - ours == {("account", "account_id")}


def test_who_is_deleted_by_the_host_leaves_no_row(renamed: SimpleNamespace) -> None:
    listen_to_a_lesson(renamed, 2)
    with renamed.app.app_context(), renamed.db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.execute(delete(renamed.account).where(renamed.account.c.account_id == 2))
        for model in (UserBadge, BadgeAwardLog, Friendship):
            assert connection.execute(select(model.id)).all() == []


def test_doctor_is_content_with_it(renamed: SimpleNamespace) -> None:
    result = renamed.app.test_cli_runner().invoke(args=["gamify", "doctor"])
    assert result.exit_code == 0, result.output
    assert "session: on" in result.output
    assert "language: off, for lack of language.id" in result.output


def test_usernames_do_without_full_names(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(groups=frozenset({Group.SESSION, Group.NAMES})))
    assert world.person("Ada").get("/friend_badges/ada").json == []


def test_the_zone_may_come_from_the_hosts_code(build: Callable[..., World]) -> None:
    zones = {1: "Pacific/Auckland", 2: "no/where"}
    world = build(host_map=HostMap(zone_of=zones.get))
    for username in ("Ada", "Bob", "Cleo"):
        person = world.person(username)
        with world.app.app_context():
            emit(world.db.session(), "audio_lesson.completed", user_id=person.id)
            world.db.session.commit()
    evidence = select(UserBadge.evidence).order_by(UserBadge.user_id)
    with world.app.app_context():
        dates = [proof["local_date"] for proof in world.db.session.execute(evidence).scalars()]
    assert dates == ["2026-11-21", "2026-11-20", "2026-11-20"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"tables": {"users": "account"}}, "'users'"),
        ({"columns": {"user.login": "handle"}}, "'user.login'"),
        ({"columns": {"username": "handle"}}, "'username'"),
        ({"columns": {"account.username": "handle"}}, "'account.username'"),
        ({"columns": {"user.name": "username"}}, "'user.name' and 'user.username'"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(
    wrong: dict[str, dict[str, str]], named: str
) -> None:
    with pytest.raises(GamifyError, match=named):
        HostMap(**wrong)  # type: ignore[arg-type]


def test_a_group_that_the_host_has_may_be_switched_off(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(groups=frozenset({Group.SESSION})))
    ada = world.person("Ada", email_verified=False, created_at=datetime(2026, 11, 1))
    assert ada.get("/my_badges").status_code == 200  # nobody asks for verification
    answer = ada.get("/friend_badges/Ada")
    assert answer.status_code == 404
    assert "switched off by HostMap.groups" in answer.get_json()["message"]
