"""GraphQL and REST say the same, field by field, to everybody in the demo's world."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, update

from tests.contract.conftest import demo_app
from tests.contract.graphql import BOARD, REDEMPTION, WHOLE, ask, refused, snake
from tests.contract.hosts import NOW
from tests.contract.people import sql
from tests.contract.test_demo_host import init, log_in
from zeeguu_gamify.delivery.publisher import Publisher
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.world import LEARNERS, TEACHER
from zeeguu_gamify.endpoints.graphql import load_blueprint
from zeeguu_gamify.models import Reward, UserProfile
from zeeguu_gamify.testing import SessionClient

EVERYBODY = [learner.username for learner in (*LEARNERS, TEACHER)]
OFFERS = [
    {"code": "freezes", "name": "Two freezes", "kind": "freezes", "amount": 2, "cost": 0},
    {"code": "hat", "name": "A hat", "kind": "hat", "cost": 7, "stock": 3, "ends_at": None},
    {"code": "cap", "name": "A cap", "kind": "hat", "cost": 10_000_000, "stock": 1},
]
#: Parts of boards, as REST and GraphQL are asked for them.
PARTS: list[dict[str, Any]] = [
    {}, {"period": "all"}, {"period": "month", "limit": 3}, {"period": "day"},
    {"period": "all", "limit": 1000}, {"period": "all", "around": "me", "limit": 3},
    {"scope": "friends", "period": "all"}, {"scope": "language", "language": "de"},
    {"scope": "friends", "around": "me"}, {"date": "2026-11-10"},
]  # fmt: skip


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demo's world, with coins and three offers, and GraphQL beside its REST."""
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(f"{NOW}Z", tick=False):
        patch.setattr(Publisher, "wake", lambda _self: None)
        app = demo_app(f"sqlite:///{tmp_path_factory.mktemp('seeded') / 'demo.db'}")
        app.register_blueprint(load_blueprint())
        init(app)
        with app.app_context(), db.engine.begin() as connection:
            for offer in OFFERS:
                connection.execute(insert(Reward), offer)
            connection.execute(update(UserProfile).values(coins=3 * UserProfile.user_id))
        yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def clients(seeded: Flask) -> dict[str, SessionClient]:
    return {name: log_in(seeded, name) for name in EVERYBODY}


def by_graphql(client: SessionClient, operation: str) -> Any:
    return snake(ask(client, f"{{{WHOLE[operation]}}}"))[_snake(operation)]


def _snake(operation: str) -> str:
    [name] = snake({operation: None})
    return str(name)


def by_rest(client: SessionClient, path: str, **query: Any) -> Any:
    answer = client.get(path, **query)
    assert answer.status_code == 200
    return answer.get_json()


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("userProfile", "/gamify/profile"), ("badges", "/my_badges"),
        ("leaderboard", "/leaderboards/exp"), ("rewards", "/gamify/rewards"),
    ],
)  # fmt: skip
def test_everybody_is_told_the_same(
    clients: dict[str, SessionClient], operation: str, path: str
) -> None:
    answers = {name: by_graphql(client, operation) for name, client in clients.items()}
    assert answers == {name: by_rest(client, path) for name, client in clients.items()}
    assert len({str(answer) for answer in answers.values()}) > 2  # they are not all alike


def test_the_streaks_are_those_of_the_three_routes(clients: dict[str, SessionClient]) -> None:
    longest = set()
    for client in clients.values():
        found = by_graphql(client, "streaks")
        assert {"daily_streak": found["daily_streak"]} == by_rest(client, "/daily_streak")
        practised = {one["code"]: one.pop("practiced_today") for one in found["languages"]}
        assert found["languages"] == by_rest(client, "/language_streak_history")
        current = by_rest(client, "/all_language_streaks")
        assert current
        for one in current:
            assert one["practiced_today"] == practised[one["code"]]
        longest |= {one["max_streak"] for one in found["languages"]}
    assert len(longest) > 5


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_any_part_of_a_board_is_the_same(
    clients: dict[str, SessionClient], part: dict[str, Any]
) -> None:
    for name in ("ada", "chi", "vera"):
        found = board(clients[name], part)
        assert found == by_rest(clients[name], "/leaderboards/exp", **part)


def board(client: SessionClient, part: dict[str, Any]) -> Any:
    given = {"board": "exp", **part}
    arguments = ", ".join(f"{name}: {json.dumps(value)}" for name, value in given.items())
    return snake(ask(client, f"{{leaderboard({arguments}){BOARD}}}"))["leaderboard"]


def test_the_cursor_of_one_goes_on_in_the_other(clients: dict[str, SessionClient]) -> None:
    ada, part = clients["ada"], {"period": "all", "limit": 5}
    cursor = board(ada, part)["next_cursor"]
    following = board(ada, {**part, "cursor": cursor})
    assert following == by_rest(ada, "/leaderboards/exp", **part, cursor=cursor)
    assert following["entries"]


def test_a_class_is_the_same_to_teacher_and_student(
    seeded: Flask, clients: dict[str, SessionClient]
) -> None:
    ((cohort,),) = sql(seeded, "SELECT id FROM cohort")
    part = {"scope": "cohort", "cohort": cohort, "period": "all"}
    for name in ("vera", "ben"):
        assert board(clients[name], part) == by_rest(clients[name], "/leaderboards/exp", **part)


def test_a_purchase_by_one_is_the_purchase_of_the_other(clients: dict[str, SessionClient]) -> None:
    for name in ("ada", "jin"):
        client = clients[name]
        query = f'mutation{{redeemReward(code: "freezes", idempotencyKey: "k"){REDEMPTION}}}'
        bought = snake(ask(client, query))["redeem_reward"]
        again = client.post("/gamify/rewards/freezes/redeem", json={"idempotency_key": "k"})
        assert again.get_json() == {**bought, "replayed": True}


@pytest.mark.parametrize(
    ("method", "path", "query", "code"),
    [
        ("GET", "/leaderboards/exp?limit=0", "{leaderboard(limit: 0){limit}}", "BAD_INPUT"),
        (
            "GET", "/leaderboards/exp?period=year&date=x",
            '{leaderboard(period: "year", date: "x"){limit}}', "BAD_INPUT",
        ),
        (
            "GET", "/leaderboards/exp?scope=cohort&cohort=99",
            '{leaderboard(scope: "cohort", cohort: 99){limit}}', "FORBIDDEN",
        ),
        ("GET", "/leaderboards/exq", '{leaderboard(board: "exq"){limit}}', "UNKNOWN_BOARD"),
        (
            "POST", "/gamify/rewards/cap/redeem", 'mutation{redeemReward(code: "cap"){id}}',
            "INSUFFICIENT_COINS",
        ),
        (
            "POST", "/gamify/rewards/cap/redeem?cost=1",
            'mutation{redeemReward(code: "cap", cost: 1){id}}', "PRICE_CHANGED",
        ),
        (
            "POST", "/gamify/rewards/haz/redeem", 'mutation{redeemReward(code: "haz"){id}}',
            "UNKNOWN_REWARD",
        ),
    ],
)  # fmt: skip
def test_an_error_says_the_same(
    clients: dict[str, SessionClient], method: str, path: str, query: str, code: str
) -> None:
    path, _, arguments = path.partition("?")
    pairs = dict(pair.split("=") for pair in arguments.split("&") if pair)
    where = "query_string" if method == "GET" else "data"
    answer = clients["ada"].call(method, path, **{where: pairs})
    assert answer.status_code >= 400
    assert refused(clients["ada"], query) == (code, answer.get_json()["message"])
