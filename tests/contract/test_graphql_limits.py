"""What a GraphQL request may not be: too large, too often or curious; nothing is then read."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import hypothesis_graphql
import pytest
from graphql import build_schema, get_introspection_query
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.contract.graphql import BOARD, CONFIG, EVERYTHING, PATH, SMALL, ask, refused, send
from tests.contract.hosts import Person, World
from tests.moving import Later
from zeeguu_gamify.config import RATE_LIMITS
from zeeguu_gamify.endpoints.graphql.limits import MOST_BYTES
from zeeguu_gamify.endpoints.graphql.schema import schema
from zeeguu_gamify.models import Reward, RewardRedemption
from zeeguu_gamify.testing import statements

TOOLS = CONFIG | {"GAMIFY_GRAPHQL_INTROSPECTION": True}
#: Operation → the REST routes that have its budget.
ROUTES = {
    "userProfile": ["GET /gamify/profile"],
    "badges": ["GET /my_badges", "GET /badges"],
    "leaderboard": ["GET /leaderboards/exp"],
    "rewards": ["GET /gamify/rewards"],
    "redeemReward": ["POST /gamify/rewards/hat/redeem"],
    "streaks": ["GET /daily_streak", "GET /all_language_streaks", "GET /language_streak_history"],
}
#: 2^18 times the same field, if each fragment were followed as often as it is spread.
BOMB = (
    "{userProfile{...F0}}"
    + "".join(f"fragment F{n} on UserProfile{{...F{n + 1} ...F{n + 1}}}" for n in range(18))
    + "fragment F18 on UserProfile{exp}"
)


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    """A host that offers GraphQL."""
    return build(config=CONFIG, languages=True)


@pytest.fixture
def ada(world: World) -> Person:
    return world.person("Ada")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("{" + "a{" * 7 + "b" + "}" * 8, "depth of the operation is 8; at most 6"),
        ("{" + "a{" * 130 + "b" + "}" * 131, "depth of the operation is 131"),
        ("{" + "...{" * 130 + "b" + "}" * 131, "Cannot query field 'b'"),
        ("{userProfile(a: " + "[" * 190 + "]" * 190 + "){exp}}", "Unknown argument 'a'"),
        ("{" + "a{" * 250 + "b" + "}" * 251, "more than 400 tokens"),
        (
            "{" + " ".join(f"a{n}: rewards{{coins}}" for n in range(11)) + "}",
            "number of aliases of the operation is 11; at most 10",
        ),
        (
            "{" + " ".join(f"a{n}: leaderboard(limit: 100){BOARD}" for n in range(3)) + "}",
            "cost of the operation is 3045; at most 3000",
        ),
        (
            "query($n: Int){"
            + " ".join(f"a{n}: leaderboard(limit: $n){BOARD}" for n in range(3)) + "}",
            "cost of the operation is 3045; at most 3000",
        ),
        (
            "{a: leaderboard(limit: -100000){entries{rank}} "
            + " ".join(f"a{n}: leaderboard(limit: 100){BOARD}" for n in range(3)) + "}",
            "cost of the operation is 3147; at most 3000",
        ),
        ("{leaderboard(limit: " + "9" * 5000 + "){entries{rank}}}", "Exceeds the limit"),
        ("{userProfile{" + "exp " * 700 + "}}", "more than 400 tokens"),
        (
            "{userProfile{...F}}fragment F on UserProfile{...G}fragment G on UserProfile{...F}",
            "Cannot spread fragment",
        ),
        ("{__schema{types{name}}}", "introspection has been disabled"),
        ('{__type(name: "Query"){name}}', "introspection has been disabled"),
        ("{userProfil{exp}}", "Cannot query field 'userProfil' on type 'Query'."),
    ],
)  # fmt: skip
def test_what_is_too_large_or_curious_is_refused_before_anything_is_read(
    world: World, ada: Person, query: str, says: str
) -> None:
    ask(ada, "{__typename}")
    with world.app.app_context(), statements(world.db.engine) as ran:
        answer = send(ada, query)
    assert len(ran) == 1  # the session
    assert (answer.status_code, answer.get_json()["data"]) == (400, None)
    assert says in messages(answer)
    assert "did you mean" not in messages(answer).lower()


def messages(answer: TestResponse) -> str:
    return "\n".join(error["message"] for error in answer.get_json()["errors"])


def test_a_fragment_is_measured_once_however_often_it_is_spread(ada: Person) -> None:
    began = time.process_time()
    assert "cost of the operation" in messages(send(ada, BOMB))
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "query",
    [
        "{" + "userProfile{exp}" * 79 + "}",
        "{userProfile{" + "exp " * 390 + "}}",
        "".join(f"query A{n}{{userProfile{{exp}}}}" for n in range(55)),
        "{userProfile{" + "...F " * 90 + "}}fragment F on UserProfile{exp level coins}",
    ],
)
def test_the_worst_that_is_short_enough_costs_no_second(ada: Person, query: str) -> None:
    began = time.process_time()
    assert send(ada, query).status_code in (200, 400)
    assert time.process_time() - began < 1


def test_everything_at_once_is_not_too_much(ada: Person) -> None:
    ask(ada, EVERYTHING)


def test_a_long_board_is_cut_as_by_rest(ada: Person) -> None:
    found = ask(ada, "{leaderboard(limit: 1000000){limit limitCapped}}")["leaderboard"]
    assert found == {"limit": 100, "limitCapped": True}


class Unread(BytesIO):
    """A body that nobody may read."""

    def read(self, *_args: Any) -> bytes:
        raise AssertionError("it was read")


@pytest.mark.parametrize(
    "length", [{"CONTENT_LENGTH": str(MOST_BYTES + 1)}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
)
def test_a_body_that_is_too_long_or_has_no_length_is_never_read(
    ada: Person, length: dict[str, str]
) -> None:
    answer = ada.post(
        PATH, input_stream=Unread(), content_type="application/json",
        environ_overrides={**length, "wsgi.input_terminated": True},
    )  # fmt: skip
    assert answer.status_code == 413
    assert str(MOST_BYTES) in answer.get_json()["message"]


def test_tools_may_ask_for_the_schema_where_that_is_allowed(build: Callable[..., World]) -> None:
    ada = build(config=TOOLS).person("Ada")
    types = ask(ada, get_introspection_query())["__schema"]["types"]
    assert {"UserProfile", "Redemption"} <= {one["name"] for one in types}
    assert "Did you mean 'userProfile'?" in refused(ada, "{userProfil{exp}}")[1]
    deep = "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}"
    assert "introspection depth" in messages(send(ada, deep))


@pytest.fixture
def limited(build: Callable[..., World]) -> World:
    """A host where everything may be asked for twice a minute; there is a hat for nothing."""
    limits = dict.fromkeys(RATE_LIMITS, "2/minute")
    world = build(config=CONFIG | {"GAMIFY_RATE_LIMITS": limits}, languages=True)
    world.add(world.tables["language"], {"code": "de", "name": "German"})
    world.add(Reward.__table__, {"code": "hat", "name": "A hat", "kind": "hat", "cost": 0})
    return world


def calls(person: Person, operation: str) -> list[Callable[[], Any]]:
    """The ways to ask for an operation."""
    rest = [route.split() for route in ROUTES[operation]]
    return [
        partial(send, person, SMALL[operation]),
        *(partial(person.call, method, path, json={}) if method == "POST"
          else partial(person.call, method, path) for method, path in rest),
    ]  # fmt: skip


@pytest.mark.parametrize("operation", SMALL)
def test_all_ways_to_an_operation_have_one_budget_which_comes_back(
    limited: World, later: Later, operation: str
) -> None:
    ada, bob = limited.person("Ada"), limited.person("Bob")
    ways = calls(ada, operation)
    assert [ways[n]().status_code for n in (0, 1)] == [200, 200]
    for way in ways:
        with limited.app.app_context(), statements(limited.db.engine) as ran:
            answer = way()
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        assert f"{operation}: at most 2/minute; try again in 60 s." in answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert len(ran) == 1  # the session
    assert calls(bob, operation)[0]().status_code == 200
    later.seconds += 59
    assert ways[0]().status_code == 429
    later.seconds += 1
    assert ways[-1]().status_code == 200


@pytest.mark.usefixtures("later")
def test_each_alias_counts(limited: World) -> None:
    ada = limited.person("Ada")
    four = " ".join(f'n{n}: redeemReward(code: "hat"){{id}}' for n in range(4))
    answer = send(ada, f"mutation{{{four}}}")
    body = answer.get_json()
    assert (answer.status_code, "Retry-After" in answer.headers) == (200, False)
    assert [bought and bought["id"] for bought in body["data"].values()] == [1, 2, None, None]
    assert [error["extensions"] for error in body["errors"]] == [
        {"code": "TOO_OFTEN", "retryAfter": 60}
    ] * 2
    assert limited.scalar(select(func.count(RewardRedemption.id))) == 2
    assert send(ada, f"mutation{{{four}}}").status_code == 429


@pytest.mark.usefixtures("later")
def test_an_operation_that_is_refused_leaves_the_others_alone(limited: World) -> None:
    ada = limited.person("Ada")
    for _ in range(2):
        ask(ada, "{badges{name}}")
    answer = send(ada, "{badges{name} rewards{coins}}")
    assert answer.status_code == 200
    assert answer.get_json()["data"] == {"badges": None, "rewards": {"coins": 0}}


def test_limits_can_be_switched_off(build: Callable[..., World]) -> None:
    ada = build(config=CONFIG | {"GAMIFY_RATE_LIMITS": {}}).person("Ada")
    assert {ada.get("/gamify/profile").status_code for _ in range(205)} == {200}


@pytest.mark.usefixtures("later")
def test_the_hosts_own_limiter_and_pages_are_left_alone(limited: World) -> None:
    limited.app.register_error_handler(429, lambda _error: ("theirs", 429))
    assert "limiter" not in limited.app.extensions
    ada = limited.person("Ada")
    answers = [ada.get("/gamify/profile") for _ in range(3)]
    assert answers[-1].get_json() == {
        "message": "userProfile: at most 2/minute; try again in 60 s."
    }


@pytest.mark.usefixtures("later")
def test_other_routes_have_no_limit(limited: World) -> None:
    ada = limited.person("Ada")
    assert {ada.get("/badges/count_unseen").status_code for _ in range(5)} == {200}


FEW = settings(
    max_examples=40, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_no_question_that_the_schema_allows_ends_in_an_error_of_ours(
    build: Callable[..., World],
) -> None:
    ada = build(config=CONFIG | {"GAMIFY_RATE_LIMITS": {}}, languages=True).person("Ada")
    statuses = set()

    @FEW
    @given(hypothesis_graphql.from_schema(build_schema(schema(introspection=True).as_str())))
    def call(query: str) -> None:
        statuses.add(send(ada, query).status_code)

    call()
    assert statuses == {200, 400} or statuses == {200}
