"""Usernames: what may be one, who may have it, and how one gets one (docs/contract.md §1.3, §6)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import coolname
import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from tests.contract.hosts import Person, World
from tests.contract.people import post_sign_up, sign_up, sql
from zeeguu_gamify import Group, HostMap, open_account, update_account
from zeeguu_gamify.avatars import BACKGROUND_COLORS, CHARACTER_COLORS, IMAGE_NAMES
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.friends import backfill, usernames
from zeeguu_gamify.testing import SessionClient

MADE = re.compile(r"[a-z]+_[a-z]+\d{4}")

TOO_LONG = "Username can be at most 50 characters"
WRONG = "Username can only contain letters, numbers, and underscores"
TAKEN = "Username already in use"
WRONG_COLOR = "avatar_character_color must be a color like #f09000"


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


def rename(person: SessionClient, username: object) -> TestResponse:
    return person.put("/update_account", json={"username": username})


def stored(world: World, person: Person) -> str:
    user = world.tables["user"].c
    return str(world.scalar(select(user.username).where(user.id == person.id)))


@pytest.mark.parametrize("name", ["b", "Ada_2", "a.b-c", "0", "..a", "x" * 50, "-", "_", "ADA2"])
def test_a_good_name_is_stored_as_written(world: World, ada: Person, name: str) -> None:
    answer = rename(ada, name)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.mimetype == "text/plain"
    assert stored(world, ada) == name


def test_blanks_around_it_are_taken_off(world: World, ada: Person) -> None:
    assert rename(ada, "  ada_2\n").status_code == 200
    assert stored(world, ada) == "ada_2"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x" * 51, TOO_LONG),
        ("ä" * 51, TOO_LONG),
        ("a b", WRONG),
        ("   ", WRONG),
        ("a@b", WRONG),
        ("adä", WRONG),
        ("a\nb", WRONG),
        ("🦉", WRONG),
        ("١٢", WRONG),
        ("Bob", TAKEN),
        ("bOB", TAKEN),
        (" bob ", TAKEN),
        (".", "This username is reserved"),
        ("..", "This username is reserved"),
        ("count_unseen", "This username is reserved"),
        ("Mark_All_Seen", "This username is reserved"),
        (5, "username: Not a valid string."),
        (["x"], "username: Not a valid string."),
    ],
)
def test_a_wrong_name_is_refused_with_the_contracts_message(
    world: World, ada: Person, name: object, message: str
) -> None:
    world.person("Bob")
    answer = rename(ada, name)
    assert (answer.status_code, answer.json) == (400, {"message": message})
    assert stored(world, ada) == "Ada"


@pytest.mark.parametrize("name", ["", None])
def test_an_empty_name_is_an_absent_one(world: World, ada: Person, name: str | None) -> None:
    assert rename(ada, name).status_code == 200
    assert stored(world, ada) == "Ada"


@pytest.mark.core
def test_ones_own_name_may_change_its_case(world: World, ada: Person) -> None:
    for name in ("ADA", "ada"):
        assert rename(ada, name).status_code == 200
        assert stored(world, ada) == name


@pytest.mark.parametrize("name", ["x" * 51, "old name", "count_unseen", ".."])
def test_a_name_from_before_these_rules_may_be_saved_again(
    world: World, ada: Person, name: str
) -> None:
    if len(name) > 50:  # which MySQL refuses
        name = "é" * 50
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(world.tables["user"].update().values(username=name))
    assert rename(ada, name).status_code == 200
    assert stored(world, ada) == name


def test_the_host_may_have_a_policy_of_its_own(build: Callable[..., World]) -> None:
    world = build(username_ok=lambda name: "admin" not in name.lower())
    ada = world.person("Ada")
    answer = rename(ada, "the_ADMIN")
    assert (answer.status_code, answer.json) == (400, {"message": "This username is not allowed"})
    assert rename(ada, "the_boss").status_code == 200


def test_a_form_does_as_well_as_json_and_junk_is_ignored(world: World, ada: Person) -> None:
    junk = {
        "features[0]": "gamification",
        "user_avatar[image_name]": "owl",
        "is_student": "true",
        "id": "7",
        "email": "new@example.org",
        "avatar_image_name": "",
    }
    assert ada.put("/update_account", data={"username": "ada_2", **junk}).status_code == 200
    assert stored(world, ada) == "ada_2"
    assert ada.get("/user_avatar").get_json()["image_name"] is None
    assert world.scalar(select(world.tables["user"].c.email)) == "ada@example.org"


def test_nothing_sent_is_nothing_changed(world: World, ada: Person) -> None:
    bodies: list[dict[str, Any]] = [{}, {"json": {}}, {"data": "x", "content_type": "text/plain"}]
    for body in bodies:
        assert ada.put("/update_account", **body).text == "OK"
    assert stored(world, ada) == "Ada"


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"'])
def test_json_that_is_no_object_is_refused(ada: Person, body: str) -> None:
    answer = ada.put("/update_account", data=body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.core
def test_username_and_avatar_change_together(world: World, ada: Person) -> None:
    form = {
        "username": "ada_2",
        "avatar_image_name": "owl",
        "avatar_character_color": "#6367FF",
        "avatar_background_color": "#C9BEFF",
    }
    assert ada.put("/update_account", data=form).status_code == 200
    assert stored(world, ada) == "ada_2"
    assert ada.get("/user_avatar").json == {
        "image_name": "owl",
        "character_color": "#6367FF",
        "background_color": "#C9BEFF",
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"username": "a b"}, WRONG),
        ({"avatar_character_color": "red"}, WRONG_COLOR),
        (
            {"avatar_background_color": "#12345"},
            "avatar_background_color must be a color like #f09000",
        ),
        (
            {"avatar_image_name": "x" * 101},
            "avatar_image_name must be text of at most 100 characters",
        ),
        (
            {"avatar_image_name": "a\x00b"},
            "avatar_image_name must be text of at most 100 characters",
        ),
        ({"username": "a b", "avatar_character_color": "red"}, WRONG),
    ],
)
def test_with_one_thing_wrong_nothing_is_changed(
    world: World, ada: Person, wrong: dict[str, str], message: str
) -> None:
    good = {"username": "ada_2", "avatar_image_name": "owl", "avatar_character_color": "#6367FF"}
    answer = ada.put("/update_account", json={**good, **wrong})
    assert (answer.status_code, answer.json) == (400, {"message": message})
    assert stored(world, ada) == "Ada"
    assert set(ada.get("/user_avatar").get_json().values()) == {None}


def test_why_a_save_was_refused_is_logged(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ada = sqlite_world.person("Ada")
    with caplog.at_level(logging.WARNING, "zeeguu_gamify"):
        rename(ada, "a b")
    assert [record.message for record in caplog.records] == [
        f"the account of user {ada.id} was not saved: {WRONG}"
    ]


def test_refused_in_the_hosts_transaction_nothing_of_it_is_lost(world: World, ada: Person) -> None:
    with world.app.app_context():
        session = world.db.session()
        session.execute(world.tables["user"].update().values(name="By the host"))
        with pytest.raises(BadInput, match=WRONG):
            update_account(session, ada.id, {"username": "a b", "avatar_image_name": "owl"})
        update_account(session, ada.id, {"username": "ada_2", "other": object()})
        with pytest.raises(BadInput, match="username must be text"):
            update_account(session, ada.id, {"username": 5})
        with pytest.raises(BadInput, match=WRONG_COLOR):
            update_account(session, ada.id, {"username": "ada_3", "avatar_character_color": "red"})
        session.commit()
    assert world.scalar(select(world.tables["user"].c.name)) == "By the host"
    assert stored(world, ada) == "ada_2"


def test_a_host_without_usernames_still_has_avatars(build: Callable[..., World]) -> None:
    world = build(host_map=HostMap(groups=frozenset({Group.SESSION})))
    ada = world.person("Ada")
    assert rename(ada, "new").status_code == 404
    assert ada.put("/update_account", json={"avatar_image_name": "owl"}).status_code == 200
    assert ada.get("/user_avatar").get_json()["image_name"] == "owl"


# The settings page of a host.


def details(learner: SessionClient) -> dict[str, Any]:
    return dict(learner.get("/get_user_details").get_json())


def test_the_hosts_settings_page_changes_username_and_avatar(learner: SessionClient) -> None:
    form = {"name": "Ada L.", "username": "ada_l", "avatar_background_color": "#FFF9C7"}
    before = details(learner)
    assert learner.post("/user_settings", data=form).text == "OK"
    now = details(learner)
    assert (now["name"], now["username"]) == ("Ada L.", "ada_l")
    assert now["user_avatar"] == {**before["user_avatar"], "background_color": "#FFF9C7"}


def test_saving_all_that_the_client_knows_changes_neither(learner: SessionClient) -> None:
    before = details(learner)
    everything = {key: value for key, value in before.items() if isinstance(value, str)}
    form = {**everything, "learned_language": "es"}
    assert learner.post("/user_settings", data=form).text == "OK"
    kept = ("username", "user_avatar", "name", "email")
    assert [details(learner)[key] for key in kept] == [before[key] for key in kept]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"username": "x" * 51}, TOO_LONG),
        ({"username": "a b"}, WRONG),
        (
            {"avatar_character_color": "#f0900"},
            "avatar_character_color must be a color like #f09000",
        ),
    ],
)
def test_with_these_wrong_the_hosts_page_changes_nothing(
    learner: SessionClient, form: dict[str, str], message: str
) -> None:
    before = details(learner)
    answer = learner.post("/user_settings", data={"name": "X", "learned_language": "es", **form})
    assert (answer.status_code, answer.json) == (400, {"message": message})
    assert details(learner) == before


def test_a_name_of_somebody_else_is_refused_there_too(
    demo: Flask, learner: SessionClient, stranger: SessionClient
) -> None:
    taken = details(stranger)["username"].upper()
    answer = learner.post("/user_settings", data={"username": taken})
    assert (answer.status_code, answer.json) == (400, {"message": TAKEN})


# New accounts.


def test_who_signs_up_gets_a_username_and_an_avatar_whose_colors_go_together(demo: Flask) -> None:
    found = [details(sign_up(demo, f"ada{number}")) for number in range(12)]
    assert all(MADE.fullmatch(each["username"]) for each in found)
    assert len({each["username"] for each in found}) == 12
    for avatar in (each["user_avatar"] for each in found):
        assert avatar["image_name"] in IMAGE_NAMES
        index = CHARACTER_COLORS.index(avatar["character_color"])
        assert BACKGROUND_COLORS[index] == avatar["background_color"]
    assert len({str(each["user_avatar"]) for each in found}) > 1


def test_there_are_names_enough_and_all_are_good_ones(sqlite_world: World) -> None:
    assert coolname.get_combinations_count(2) * 10_000 > 3_600_000_000
    names = [usernames.draw(sqlite_world.mount) for _ in range(2000)]
    assert all(MADE.fullmatch(name) for name in names)
    assert len(set(names)) == 2000
    words = {word for name in names for word in name[:-4].split("_")}
    assert not words & usernames.UNFIT
    for name in names:
        usernames.check_form(name)


def test_a_made_name_obeys_the_hosts_policy(build: Callable[..., World]) -> None:
    picky = build(username_ok=lambda name: name.endswith(("0", "1", "2", "3", "4", "5")))
    assert usernames.draw(picky.mount)[-1] in "012345"
    refusing = build(username_ok=lambda _name: False)
    with pytest.raises(RuntimeError, match="refused 20 made names"):
        usernames.draw(refusing.mount)


@pytest.fixture
def drawn(world: World) -> Iterator[Callable[..., None]]:
    """Say which names are drawn next."""
    names: list[str] = []
    with patch.object(usernames, "draw", lambda _mount: names.pop(0)):
        yield lambda *given: names.extend(given)


def insert_into(world: World, session: Any, email: str = "x@example.org") -> Callable[[str], int]:
    def write(username: str) -> int:
        row = {"username": username, "email": email}
        return int(session.connection().execute(insert(world.tables["user"]), row).lastrowid)

    return write


@pytest.mark.core
def test_a_name_that_somebody_has_is_drawn_anew(
    world: World, ada: Person, drawn: Callable[..., None]
) -> None:
    drawn("ada", "ada", "brave_tiger1234")
    with world.app.app_context():
        session = world.db.session()
        session.execute(world.tables["user"].update().values(name="By the host"))
        user_id = open_account(session, insert_into(world, session))
        session.commit()
    user = world.tables["user"].c
    assert world.scalar(select(user.username).where(user.id == user_id)) == "brave_tiger1234"
    assert world.scalar(select(user.name).where(user.id == ada.id)) == "By the host"


def test_another_refusal_of_the_host_is_raised_and_nothing_is_drawn_again(
    world: World, drawn: Callable[..., None]
) -> None:
    drawn("brave_tiger1234")
    with world.app.app_context():
        session = world.db.session()

        def refuse(_username: str) -> int:
            row = {"user_id": -1, "uuid": "a"}
            session.connection().execute(insert(world.tables["session"]), [row, row])
            return 0

        with pytest.raises(IntegrityError):
            open_account(session, refuse)


def test_an_account_for_an_address_that_is_taken_in_this_moment_is_refused(demo: Flask) -> None:
    sign_up(demo, "ada")
    with patch("zeeguu_gamify.demo.accounts.user_by_email", lambda _email: None):
        answer = post_sign_up(demo, "ada@example.com")
    message = "There is already an account for this e-mail address"
    assert (answer.status_code, answer.json) == (400, {"message": message})
    assert sql(demo, "SELECT COUNT(*) FROM user_avatar") == [(1,)]


# Users who have no name yet.


def add_nameless(world: World, count: int) -> None:
    rows: list[dict[str, Any]] = [{"username": None, "name": f"{n}"} for n in range(count)]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(insert(world.tables["user"]), rows)


def all_names(world: World) -> list[str | None]:
    with world.app.app_context(), world.db.engine.connect() as connection:
        user = world.tables["user"].c
        return list(connection.execute(select(user.username).order_by(user.id)).scalars())


def run(world: World, *arguments: str) -> str:
    runner = world.app.test_cli_runner()
    result = runner.invoke(args=["gamify", "usernames", "backfill", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.core
def test_the_backfill_names_those_who_have_no_name_and_nobody_else(
    world: World, ada: Person
) -> None:
    add_nameless(world, 7)
    assert run(world, "--dry-run").startswith("7 users would get a name like ")
    assert all_names(world).count(None) == 7
    assert "7 users have got a name." in run(world, "--batch", "3")
    names = all_names(world)
    assert names[0] == "Ada"
    assert all(name and MADE.fullmatch(name) for name in names[1:])
    assert len(set(names)) == 8
    assert "0 users have got a name." in run(world)
    assert all_names(world) == names


def test_an_interrupted_backfill_goes_on_where_it_stopped(world: World) -> None:
    add_nameless(world, 7)
    with world.app.app_context():
        session = world.db.session()
        batches = backfill.fill(session, world.mount, 3)
        assert next(batches) == 3
        session.commit()
        assert next(batches) == 3
        session.rollback()
    assert all_names(world).count(None) == 4
    run(world)
    assert None not in all_names(world)


def test_the_backfill_gives_no_name_that_is_taken_though_the_column_allows_it(
    world: World, ada: Person
) -> None:
    add_nameless(world, 2)
    drawn = iter(["ada", "brave_tiger0001", "brave_tiger0001", "brave_tiger0002"])
    with world.app.app_context(), patch.object(backfill, "draw", lambda _mount: next(drawn)):
        session = world.db.session()
        assert sum(backfill.fill(session, world.mount, 2)) == 2
        session.commit()
    assert len({str(name).lower() for name in all_names(world)}) == 3
