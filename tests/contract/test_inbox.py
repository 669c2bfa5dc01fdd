"""The inbox, as clients read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import emit
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.friends import blocks, requests
from zeeguu_gamify.inbox.notices import Kind
from zeeguu_gamify.testing import deliver, statements

CONFIG = {"GAMIFY_PUBLISHER": False}
BOTH = {"in_app": True, "by_host": True}


@pytest.fixture
def world(build: Callable[..., World], database_url: str) -> World:
    return build(database_url, config=CONFIG)


@pytest.fixture
def sqlite(build: Callable[..., World]) -> World:
    return build(config=CONFIG)


def reach(world: World, person: Person, *levels: int) -> None:
    with world.app.app_context():
        session = world.mount.db.session()
        for level in levels:
            told = {"level": level, "reward": 0}
            put(session, world.mount, "level.up", told, user_id=person.id)
        session.commit()
    deliver(world.app)


def ask(world: World, sender: Person, receiver: Person) -> None:
    with world.app.app_context():
        session = world.mount.db.session()
        requests.send(session, world.mount, sender.id, receiver.id)
        session.commit()
    deliver(world.app)


def inbox(person: Person, **query: Any) -> Any:
    answer = person.get("/gamify/inbox", **query)
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def ids(person: Person, **query: Any) -> list[int]:
    return [one["id"] for one in inbox(person, **query)["messages"]]


@pytest.mark.core
def test_messages_come_newest_first_with_kind_data_and_text(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    reach(world, ada, 2)
    ask(world, bob, ada)
    assert inbox(ada) == {
        "unseen": 2, "next_cursor": None, "limit": 25, "limit_capped": False,
        "messages": [
            {
                "id": 2, "kind": "friend", "text": "Bob wants to be friends with you.",
                "data": {"event": "friend.requested", "username": "Bob"},
                "created_at": NOW.isoformat(), "seen_at": None,
            },
            {
                "id": 1, "kind": "level", "text": "You have reached level 2.",
                "data": {"level": 2, "reward": 0},
                "created_at": NOW.isoformat(), "seen_at": None,
            },
        ],
    }  # fmt: skip
    assert inbox(bob)["messages"] == []


def test_texts_are_in_the_language_that_the_client_asks_for(sqlite: World) -> None:
    ada = sqlite.person("Ada")
    with sqlite.app.app_context():
        session = sqlite.mount.db.session()
        emit(session, "word.translated", user_id=ada.id, amount=10)
        session.commit()
    deliver(sqlite.app)
    answer = ada.call("GET", "/gamify/inbox", headers={"Accept-Language": "de"})
    [message] = answer.get_json()["messages"]
    assert message["text"] == "Neues Abzeichen: Wortneugierig"
    assert message["data"]["description"] == "Du hast 10 Wörter übersetzt."
    assert answer.headers["Content-Language"] == "de"


def test_pages_go_on_at_the_cursor_though_newer_messages_come(world: World) -> None:
    ada = world.person("Ada")
    reach(world, ada, 2, 3, 4)
    page = inbox(ada, limit=2)
    reach(world, ada, 5)
    rest = inbox(ada, limit=2, cursor=page["next_cursor"])
    levels = [one["data"]["level"] for one in (*page["messages"], *rest["messages"])]
    assert (levels, rest["next_cursor"], rest["unseen"]) == ([4, 3, 2], None, 4)


def test_a_page_is_of_one_kind_or_of_what_is_unseen(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    reach(world, ada, 2, 3)
    ask(world, bob, ada)
    ada.post("/gamify/inbox/seen", json={"ids": [1]})
    assert (ids(ada, kind="level"), ids(ada, kind="friend")) == ([2, 1], [3])
    assert (ids(ada, unseen=True), ids(ada, kind="level", unseen="true")) == ([3, 2], [2])
    assert inbox(ada, kind="badge")["unseen"] == 2
    cursor = inbox(ada, limit=1)["next_cursor"]
    assert ada.get("/gamify/inbox", kind="level", cursor=cursor).status_code == 400
    assert ada.get("/gamify/inbox", kind="levels").status_code == 400


@pytest.mark.core
def test_messages_are_marked_as_seen_and_only_ones_own(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    reach(world, ada, 2, 3, 4)
    reach(world, bob, 2)
    assert ada.post("/gamify/inbox/seen", json={"ids": [1, 4, 99]}).get_json() == {"unseen": 2}
    assert ada.post("/gamify/inbox/seen", json={"up_to": 2}).get_json() == {"unseen": 1}
    assert ada.post("/gamify/inbox/seen", json={"up_to": 2}).get_json() == {"unseen": 1}
    assert ada.post("/gamify/inbox/seen", json={"ids": []}).get_json() == {"unseen": 1}
    assert inbox(bob)["unseen"] == 1
    assert [one["seen_at"] for one in inbox(ada)["messages"]] == [
        None, NOW.isoformat(), NOW.isoformat(),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": [1], "up_to": 2}, "ids"),
        ({"ids": ["1"]}, "ids"),
        ({"ids": [0]}, "ids"),
        ({"up_to": 2**63}, "up_to"),
        ({"upto": 2}, "upto"),
    ],
)
def test_what_cannot_be_seen_is_named(sqlite: World, body: dict[str, Any], field: str) -> None:
    answer = sqlite.person("Ada").post("/gamify/inbox/seen", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(field)


def test_a_message_is_dismissed_for_good(world: World) -> None:
    ada, bob = world.person("Ada"), world.person("Bob")
    reach(world, ada, 2, 3)
    assert bob.call("DELETE", "/gamify/inbox/1").status_code == 404
    assert ada.call("DELETE", "/gamify/inbox/1").get_json() == {"unseen": 1}
    again = ada.call("DELETE", "/gamify/inbox/1")
    assert (again.status_code, again.get_json()) == (404, {"message": "You have no message 1."})
    assert ada.call("DELETE", f"/gamify/inbox/{2**70}").status_code == 404
    reach(world, ada, 2)
    assert ids(ada) == [2]


@pytest.mark.core
def test_preferences_hold_from_now_on(world: World) -> None:
    ada = world.person("Ada")
    path = "/gamify/inbox/preferences"
    assert ada.get(path).get_json() == {kind.value: BOTH for kind in Kind}
    reach(world, ada, 2)
    changed = ada.put(path, json={"level": {"in_app": False}, "season": {}})
    expected = {kind.value: BOTH for kind in Kind} | {"level": {"in_app": False, "by_host": True}}
    assert (changed.get_json(), ada.get(path).get_json()) == (expected, expected)
    reach(world, ada, 3)
    ada.put(path, json={"level": {"by_host": False}})
    assert ada.get(path).get_json()["level"] == {"in_app": False, "by_host": False}
    ada.put(path, json={"level": {"in_app": True}})
    reach(world, ada, 4)
    assert [one["data"]["level"] for one in inbox(ada)["messages"]] == [4, 2]
    assert world.person("Bob").get(path).get_json()["level"] == BOTH


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"levels": {"in_app": True}}, "levels"),
        ({"level": {"in_app": "yes"}}, "level.in_app"),
        ({"level": {"in_app": 1}}, "level.in_app"),
        ({"level": {"by_mail": True}}, "level.by_mail"),
        ({"level": True}, "level"),
    ],
)
def test_what_cannot_be_wished_is_named(sqlite: World, body: dict[str, Any], field: str) -> None:
    answer = sqlite.person("Ada").put("/gamify/inbox/preferences", json=body)
    assert answer.status_code == 400
    assert field in answer.get_json()["message"]


def test_whoever_is_blocked_is_not_in_the_inbox(sqlite: World) -> None:
    ada, bob = sqlite.person("Ada"), sqlite.person("Bob")
    ask(sqlite, bob, ada)
    with sqlite.app.app_context():
        session = sqlite.mount.db.session()
        blocks.add(session, bob.id, ada.id)
        session.commit()
    found = inbox(ada)
    assert (found["messages"], found["unseen"]) == ([], 0)


def test_an_inbox_costs_three_statements(world: World) -> None:
    """The session, the page and the number of what is unseen."""
    ada, bob = world.person("Ada"), world.person("Bob")
    reach(world, ada, *range(2, 12))
    ask(world, bob, ada)
    inbox(ada)
    with world.app.app_context():
        engine = world.mount.db.engine
    with statements(engine) as ran:
        inbox(ada, kind="level")
        assert len(ran) <= 3
        inbox(ada, unseen=True, limit=3)
    assert len(ran) <= 6


def test_on_a_host_without_names_somebody_is_named_somebody(sqlite: World) -> None:
    ada, bob = sqlite.person("Ada"), sqlite.person("Bob")
    ask(sqlite, bob, ada)
    sqlite.mount.host.__dict__["groups"] = frozenset(
        group for group in sqlite.mount.host.groups if "name" not in group.value
    )
    [message] = inbox(ada)["messages"]
    assert message["text"] == "Somebody wants to be friends with you."
    assert message["data"]["username"] is None


def test_the_command_shows_what_somebody_was_told(sqlite: World) -> None:
    ada = sqlite.person("Ada")
    reach(sqlite, ada, 2, 3)
    ada.post("/gamify/inbox/seen", json={"ids": [1]})
    run = sqlite.app.test_cli_runner().invoke
    shown = run(args=["gamify", "inbox", "Ada"])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert ["You have reached level 3." in lines[0], "new" in lines[0]] == [True, True]
    assert ["seen" in lines[1], lines[2]] == [True, "1 unseen"]
    as_json = run(args=["gamify", "inbox", str(ada.id), "--unseen", "--json"]).output
    assert '"kind": "level"' in as_json
    assert "level 2" not in as_json
    assert run(args=["gamify", "inbox", "Nobody"]).exit_code == 1
