"""Friends, at the same instant, from real processes: one row each, no accept lost, no 500."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from sqlalchemy import insert, select

from tests.contract.hosts import NOW, Person, World
from tests.processes import meet, run_processes
from tests.servers import Server
from zeeguu_gamify.accounts.sign_up import open_account
from zeeguu_gamify.friends import backfill, usernames
from zeeguu_gamify.models import (
    BadgeCategory,
    FriendRequest,
    Friendship,
    UserAvatar,
    UserBadgeProgress,
    UserBlock,
)
from zeeguu_gamify.testing import SessionClient

PAIRS, FEW = 100, 30

#: Somebody posts (or puts) something: the uuid of the session, path, JSON.
Call = tuple[str, str, dict[str, str]]
#: Status and JSON.
Answer = tuple[int, Any]

ALREADY_ASKED = (400, {"message": "A friend request already exists between these users."})
NO_REQUEST = (404, {"message": "No friend request found to accept"})


@contextmanager
def the_same_world(url: str) -> Iterator[World]:
    """The world in another process."""
    with time_machine.travel(NOW.isoformat() + "Z", tick=False):
        world = World(url, prepared=False)
        yield world
        world.close()


def act(url: str, rounds: Sequence[Sequence[Call]]) -> list[tuple[int, Answer]]:
    """In each round, one of its calls; all processes at the same moment. Gives round and answer."""
    with the_same_world(url) as world:
        return [(number, post(world, calls[meet()])) for number, calls in enumerate(rounds)]


def post(world: World, call: Call) -> Answer:
    uuid, path, body = call
    method = "PUT" if path.startswith("/u") and path != "/unfriend" else "POST"
    answer = SessionClient(world.app, uuid).call(method, path, json=body)
    return answer.status_code, answer.get_json(silent=True)


def at_once(world: World, rounds: Sequence[Sequence[Call]]) -> list[list[Answer]]:
    """The answers of each round, in which every process makes one of the calls."""
    url = world.app.config["SQLALCHEMY_DATABASE_URI"]
    answers: list[list[Answer]] = [[] for _ in rounds]
    for of_process in run_processes(act, len(rounds[0]), url, rounds):
        for number, answer in of_process:
            answers[number].append(answer)
    return [sorted(answered, key=lambda answer: answer[0]) for answered in answers]


@pytest.fixture
def world(sql_server: Server) -> Iterator[World]:
    with time_machine.travel(NOW.isoformat() + "Z", tick=False):
        world = World(sql_server.new_database())
        yield world
        world.close()


@pytest.fixture
def pairs(world: World) -> list[tuple[Person, Person]]:
    return make_pairs(world, PAIRS)


@pytest.fixture
def few(world: World) -> list[tuple[Person, Person]]:
    return make_pairs(world, FEW)


def make_pairs(world: World, count: int) -> list[tuple[Person, Person]]:
    return [(world.person(f"ada{n}"), world.person(f"bob{n}")) for n in range(count)]


def send(sender: Person, receiver: Person) -> Call:
    return sender.uuid, "/send_friend_request", {"receiver_username": receiver.username}


def accept(receiver: Person, sender: Person) -> Call:
    return receiver.uuid, "/accept_friend_request", {"sender_username": sender.username}


def ask(world: World, sender: Person, receiver: Person) -> None:
    row = {"sender_id": sender.id, "receiver_id": receiver.id, "created_at": NOW}
    world.add(FriendRequest.__table__, row)


def pairs_of(world: World, table: Any, *columns: Any) -> list[tuple[int, ...]]:
    """The pairs in a table, the smaller id first."""
    with world.app.app_context(), world.db.engine.connect() as connection:
        rows = connection.execute(select(*columns).select_from(table)).all()
    return sorted(tuple(sorted(row)) for row in rows)


def requests_of(world: World) -> list[tuple[int, ...]]:
    return pairs_of(world, FriendRequest, FriendRequest.sender_id, FriendRequest.receiver_id)


def friendships_of(world: World) -> list[tuple[int, ...]]:
    active = select(Friendship).where(Friendship.active == 1).subquery()
    return pairs_of(world, active, active.c.user_a_id, active.c.user_b_id)


def gauges(world: World) -> dict[int, int]:
    """The FRIENDS gauge by user; who has none, has 0."""
    progress = (
        select(UserBadgeProgress.user_id, UserBadgeProgress.value)
        .join(BadgeCategory, BadgeCategory.id == UserBadgeProgress.badge_category_id)
        .where(BadgeCategory.metric == "FRIENDS")
    )
    with world.app.app_context(), world.db.engine.connect() as connection:
        return {user_id: value for user_id, value in connection.execute(progress) if value}


def assert_gauges_are_counts(world: World) -> None:
    assert gauges(world) == Counter(user for pair in friendships_of(world) for user in pair)


def ids(pairs: Sequence[tuple[Person, Person]]) -> list[tuple[int, int]]:
    return sorted((one.id, other.id) for one, other in pairs)


def test_a_request_sent_twice_is_one(world: World, pairs: list[tuple[Person, Person]]) -> None:
    for first, second in at_once(world, [[send(ada, bob)] * 2 for ada, bob in pairs]):
        assert first[0] == 200
        assert second == ALREADY_ASKED
    assert requests_of(world) == ids(pairs)


def test_crossed_requests_end_in_one(world: World, pairs: list[tuple[Person, Person]]) -> None:
    for first, second in at_once(world, [[send(ada, bob), send(bob, ada)] for ada, bob in pairs]):
        assert first[0] == 200
        assert second == ALREADY_ASKED
    assert requests_of(world) == ids(pairs)


def test_a_request_accepted_twice_makes_one_friendship(
    world: World, pairs: list[tuple[Person, Person]]
) -> None:
    for ada, bob in pairs:
        ask(world, ada, bob)
    for first, second in at_once(world, [[accept(bob, ada)] * 2 for ada, bob in pairs]):
        assert first[0] == 200
        assert second == NO_REQUEST
    assert requests_of(world) == []
    assert friendships_of(world) == ids(pairs)
    assert_gauges_are_counts(world)


def test_ten_accepts_by_one_user_are_all_kept(world: World) -> None:
    rounds = []
    for n in range(5):
        popular = world.person(f"popular{n}")
        fans = [world.person(f"fan{n}of{m}") for m in range(10)]
        for fan in fans:
            ask(world, fan, popular)
        rounds.append([accept(popular, fan) for fan in fans])
    for answers in at_once(world, rounds):
        assert [status for status, _ in answers] == [200] * 10
    assert len(friendships_of(world)) == 50
    assert sorted(gauges(world).values()) == [1] * 50 + [10] * 5
    assert_gauges_are_counts(world)


def test_accepting_what_is_taken_back_either_makes_friends_or_does_not(
    world: World, few: list[tuple[Person, Person]]
) -> None:
    for ada, bob in few:
        ask(world, ada, bob)
    back = "/delete_friend_request"
    rounds = [
        [accept(bob, ada), (ada.uuid, back, {"receiver_username": bob.username})]
        for ada, bob in few
    ]
    accepted = 0
    for answers in at_once(world, rounds):
        assert answers[0][0] == 200
        if answers[1] == NO_REQUEST:
            assert answers[0] == (200, {"success": True})
        else:
            assert (200, {"success": False}) in answers
            accepted += 1
    assert requests_of(world) == []
    assert len(friendships_of(world)) == accepted
    assert_gauges_are_counts(world)


def test_unfriending_by_both_ends_it_once(world: World, few: list[tuple[Person, Person]]) -> None:
    for ada, bob in few:
        world.befriend(ada, bob)
    rounds = [
        [(a.uuid, "/unfriend", {"receiver_username": b.username}) for a, b in (pair, pair[::-1])]
        for pair in few
    ]
    for answers in at_once(world, rounds):
        assert sorted(body["success"] for _, body in answers) == [False, True]
    assert friendships_of(world) == []
    assert_gauges_are_counts(world)


@pytest.mark.parametrize("what", ["send", "accept"])
def test_nothing_is_left_between_two_after_a_block(
    world: World, few: list[tuple[Person, Person]], what: str
) -> None:
    rounds = []
    for ada, bob in few:
        block = (ada.uuid, "/block_user", {"username": bob.username})
        if what == "accept":
            ask(world, ada, bob)
        rounds.append([block, send(bob, ada) if what == "send" else accept(bob, ada)])
    for answers in at_once(world, rounds):
        assert (200, {"success": True}) in answers
        assert {status for status, _ in answers} <= {200, 400, 404}
    assert pairs_of(world, UserBlock, UserBlock.blocker_id, UserBlock.blocked_id) == ids(few)
    assert requests_of(world) == []
    assert friendships_of(world) == []
    assert_gauges_are_counts(world)


def mingle(url: str, people: Sequence[tuple[str, str]], times: int) -> Counter[int]:
    """Everybody asks, accepts and leaves everybody, at random; the statuses."""
    chance = Random(meet())
    statuses: Counter[int] = Counter()
    pairs = list(combinations(people, 2))
    with the_same_world(url) as world:
        for _ in range(times):
            (uuid, name), (other_uuid, other_name) = chance.sample(chance.choice(pairs), 2)
            calls = [
                (uuid, "/send_friend_request", {"receiver_username": other_name}),
                (other_uuid, "/accept_friend_request", {"sender_username": name}),
                (uuid, "/unfriend", {"receiver_username": other_name}),
            ]
            statuses[post(world, chance.choices(calls, (3, 3, 1))[0])[0]] += 1
    return statuses


def test_a_crowd_that_changes_friends_all_the_time_is_counted_right(world: World) -> None:
    people = [world.person(f"ada{n}") for n in range(8)]
    url = world.app.config["SQLALCHEMY_DATABASE_URI"]
    who = [(person.uuid, person.username) for person in people]
    statuses = sum(run_processes(mingle, 6, url, who, 80), Counter())
    assert statuses.total() == 6 * 80
    assert statuses.keys() <= {200, 400, 404}
    assert len(set(friendships_of(world))) == len(friendships_of(world)) > 0
    assert_gauges_are_counts(world)


def test_a_username_that_two_want_goes_to_one(
    world: World, few: list[tuple[Person, Person]]
) -> None:
    rounds = [
        [(who.uuid, "/update_account", {"username": f"Wanted_{n}"}) for who in pair]
        for n, pair in enumerate(few)
    ]
    for first, second in at_once(world, rounds):
        assert first[0] == 200
        assert second == (400, {"message": "Username already in use"})
    names = world.tables["user"].c.username
    taken = select(names).where(names.like("Wanted%"))
    assert len(column(world, taken)) == FEW


def column(world: World, statement: Any) -> list[Any]:
    with world.app.app_context(), world.db.engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def sign_up(url: str, times: int) -> list[int]:
    """New accounts whose names are drawn from a few, so that they collide."""
    chance = Random(meet())
    made = []

    with the_same_world(url) as world, world.app.app_context():
        session = world.db.session()

        def insert_user(username: str) -> int:
            row = {"username": username, "email": f"{username}-{chance.random()}@example.org"}
            done = session.connection().execute(insert(world.tables["user"]), row)
            return int(done.lastrowid)

        def draw(_mount: object) -> str:
            return f"brave_tiger{chance.randrange(300):04d}"

        for _ in range(times):
            with patch.object(usernames, "draw", draw):
                user_id = open_account(session, insert_user)
            session.commit()
            made.append(user_id)
    return made


def test_accounts_made_at_once_have_different_names_and_an_avatar_each(world: World) -> None:
    url = world.app.config["SQLALCHEMY_DATABASE_URI"]
    made = [user_id for of_process in run_processes(sign_up, 4, url, 40) for user_id in of_process]
    names = column(world, select(world.tables["user"].c.username))
    assert len({name.lower() for name in names}) == len(names) == len(set(made)) == 4 * 40
    assert sorted(column(world, select(UserAvatar.user_id))) == sorted(made)


def name_everybody(url: str) -> int:
    with the_same_world(url) as world, world.app.app_context():
        session, named = world.db.session(), 0
        meet()
        for done in backfill.fill(session, world.mount, 25):
            session.commit()
            named += done
        return named


def test_two_backfills_at_once_name_everybody_once(world: World) -> None:
    rows = [{"email": f"{n}@example.org"} for n in range(500)]
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(insert(world.tables["user"]), rows)
    url = world.app.config["SQLALCHEMY_DATABASE_URI"]
    assert sum(run_processes(name_everybody, 3, url)) == 500
    names = column(world, select(world.tables["user"].c.username))
    assert len({name.lower() for name in names}) == 500


def test_a_first_avatar_saved_by_two_devices_is_one(
    world: World, few: list[tuple[Person, Person]]
) -> None:
    rounds = [
        [
            (ada.uuid, "/user_avatar", {"image_name": "owl"}),
            (ada.uuid, "/user_avatar", {"character_color": "#008BFF"}),
        ]
        for ada, _ in few
    ]
    for answers in at_once(world, rounds):
        assert [status for status, _ in answers] == [200, 200]
    avatars = select(UserAvatar.image_name).where(UserAvatar.character_color == "#008BFF")
    assert column(world, avatars) == ["owl"] * FEW
