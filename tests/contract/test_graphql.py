"""GraphQL: the operations of the economy's document, for the user of the session."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from marshmallow import Schema, fields
from openapi_spec_validator import validate
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError, ProgrammingError

from tests.contract.graphql import (
    CONFIG,
    EVERYTHING,
    PATH,
    REDEMPTION,
    SMALL,
    WHOLE,
    ask,
    refused,
    send,
)
from tests.contract.hosts import LONG_AGO, NOW, Person, World
from tests.contract.test_commands import lines
from tests.contract.test_economy import LEVELS, PAYING, earn, offer
from tests.contract.test_openapi import check, operation_of
from zeeguu_gamify.economy import statement
from zeeguu_gamify.endpoints.graphql.schema import schema
from zeeguu_gamify.endpoints.schemas import badges, economy, leaderboards, streaks
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.models import RewardRedemption
from zeeguu_gamify.testing import deliver, statements

every_operation = pytest.mark.parametrize("operation", SMALL)
BUY = "mutation($code: String!, $key: String)" + (
    "{redeemReward(code: $code, idempotencyKey: $key)" + REDEMPTION + "}"
)


@pytest.fixture
def shop(build: Callable[..., World], database_url: str) -> World:
    """Lessons pay 40 EXP and 5 coins; two freezes cost 20 coins, a hat nothing."""
    return shop_on(build, database_url)


@pytest.fixture
def small_shop(build: Callable[..., World]) -> World:
    """The same, where the database makes no difference."""
    return shop_on(build)


def shop_on(build: Callable[..., World], url: str | None = None, **config: Any) -> World:
    given = {"events": PAYING, "levels": LEVELS, "languages": True, "config": CONFIG | config}
    world = build(url, **given)
    offer(world, "freezes", name="Two freezes", kind="freezes", amount=2, cost=20)
    offer(world, "hat", name="A hat", kind="hat", cost=0)
    return world


def person(world: World, name: str) -> Person:
    """Somebody who has done three lessons."""
    found = world.person(name)
    earn(world, found, 3)
    deliver(world.app)
    return found


@pytest.mark.core
def test_one_request_asks_for_everything(shop: World) -> None:
    ada = person(shop, "Ada")
    found = ask(ada, EVERYTHING)
    assert list(found) == ["userProfile", "badges", "leaderboard", "rewards", "streaks"]
    assert found["userProfile"] == {
        "userId": ada.id, "exp": 120, "level": 2, "levelAt": 100, "nextLevelAt": 250,
        "coins": 35, "freezes": 0,
    }  # fmt: skip
    assert found["leaderboard"]["me"] == {"rank": 1, "score": 120}
    assert [one["code"] for one in found["rewards"]["rewards"]] == ["hat", "freezes"]
    assert found["streaks"] == {"dailyStreak": 0, "languages": []}


@pytest.mark.core
def test_a_reward_is_bought_once_under_a_key(shop: World) -> None:
    ada = person(shop, "Ada")
    bought = ask(ada, BUY, code="freezes", key="k")["redeemReward"]
    assert bought == {
        "id": 1, "reward": "freezes", "kind": "freezes", "amount": 2, "cost": 20,
        "status": "granted", "redeemedAt": NOW.isoformat(), "refundedAt": None, "replayed": False,
    }  # fmt: skip
    assert ask(ada, BUY, code="freezes", key="k")["redeemReward"] == {**bought, "replayed": True}
    found = ask(ada, "{userProfile{coins freezes}}")["userProfile"]
    assert found == {"coins": 15, "freezes": 2}


def commits(world: World) -> list[object]:
    """What the engine commits from now on."""
    noted: list[object] = []
    with world.app.app_context():
        event.listen(world.db.engine, "commit", noted.append)
    return noted


@pytest.mark.parametrize("way", ["rest", "graphql"])
def test_a_purchase_is_committed_once_as_by_rest(small_shop: World, way: str) -> None:
    ada = person(small_shop, "Ada")
    noted = commits(small_shop)
    if way == "rest":
        ada.post("/gamify/rewards/freezes/redeem")
    else:
        ask(ada, BUY, code="freezes")
    with small_shop.app.app_context(), statements(small_shop.db.engine) as ran:
        ask(ada, "{rewards{coins}}")
    assert not [sql for sql in ran if not sql.startswith("SELECT")]
    assert len(noted) == 2  # what was read before, and the purchase


def test_of_two_purchases_one_may_fail(small_shop: World) -> None:
    ada = person(small_shop, "Ada")
    answer = send(
        ada,
        'mutation{one: redeemReward(code: "freezes"){id} two: redeemReward(code: "freezes"){id}}',
    )
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["data"] == {"one": {"id": 1}, "two": None}
    [error] = body["errors"]
    assert (error["path"], error["extensions"]) == (["two"], {"code": "INSUFFICIENT_COINS"})
    assert ask(ada, "{userProfile{coins}}") == {"userProfile": {"coins": 15}}


@pytest.mark.parametrize(
    ("columns", "code", "says"),
    [
        ({"cost": 36}, "INSUFFICIENT_COINS", "freezes costs 36 coins; you have 35."),
        ({"stock": 0}, "OUT_OF_STOCK", "freezes: none is left."),
        ({"ends_at": NOW}, "NOT_ON_SALE", "freezes is not to be had now."),
    ],
)
def test_what_cannot_be_had_has_a_code_and_costs_nothing(
    small_shop: World, columns: dict[str, Any], code: str, says: str
) -> None:
    ada = person(small_shop, "Ada")
    offer(small_shop, "freezes", **columns)
    assert refused(ada, BUY, code="freezes") == (code, says)
    assert ask(ada, "{userProfile{coins freezes}}")["userProfile"] == {"coins": 35, "freezes": 0}
    assert small_shop.scalar(RewardRedemption.__table__.select()) is None


def test_at_another_cost_than_was_seen_nothing_is_paid(small_shop: World) -> None:
    ada = person(small_shop, "Ada")
    buy = 'mutation($cost: Int){redeemReward(code: "freezes", cost: $cost){cost}}'
    assert refused(ada, buy, cost=19) == ("PRICE_CHANGED", "freezes costs 20 coins now, not 19.")
    assert ask(ada, "{userProfile{coins}}") == {"userProfile": {"coins": 35}}
    assert ask(ada, buy, cost=20)["redeemReward"] == {"cost": 20}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("{leaderboard(limit: 0){board}}", "limit: "),
        ('{leaderboard(period: "year"){board}}', "period: "),
        ('{leaderboard(scope: "all"){board}}', "scope: "),
        ('{leaderboard(scope: "cohort"){board}}', "cohort: "),
        ('{leaderboard(date: "soon"){board}}', "date: "),
        ('{leaderboard(cursor: "junk"){board}}', "cursor: "),
        ('{leaderboard(language: "xx", scope: "language"){board}}', "language: "),
        ("{leaderboard(limit: 3000000000){board}}", "Int cannot represent"),
        ('{leaderboard(limit: "3"){board}}', "Int cannot represent"),
        ('mutation{redeemReward(code: "hat", idempotencyKey: ""){id}}', "idempotency_key: "),
        ('mutation{redeemReward(code: "hat", cost: -1){id}}', "cost: "),
        ("mutation{redeemReward{id}}", "of type 'String!' is required"),
        ("{userProfile{xp}}", "Cannot query field 'xp' on type 'UserProfile'."),
        ("{userProfile", "Syntax Error"),
        ("{userProfile{...Unknown}}", "Unknown fragment 'Unknown'"),
        ("subscription{userProfile{exp}}", "not supported by the schema"),
        ('mutation A{redeemReward(code: "hat"){id}} query B{userProfile{exp}}', "operationName: "),
    ],
)
def test_wrong_input_is_named_and_nothing_is_done(
    small_shop: World, query: str, names: str
) -> None:
    ada = small_shop.person("Ada")
    answer = send(ada, query)
    messages = [error["message"] for error in answer.get_json()["errors"]]
    assert [text for text in messages if names in text]
    assert {error["extensions"]["code"] for error in answer.get_json()["errors"]} == {"BAD_INPUT"}
    assert small_shop.scalar(RewardRedemption.__table__.select()) is None


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ([{"query": "{userProfile{exp}}"}] * 2, "must be an object of JSON"),
        ({}, "query: "),
        ({"query": 7}, "query: "),
        ({"query": ""}, "query: "),
        ({"query": "{a}", "variables": []}, "variables: "),
        ({"query": "{userProfile{exp}}", "operationName": "Other"}, "operationName: "),
        ({"query": "fragment F on UserProfile{exp}"}, "operationName: "),
        ({"query": "{a}", "variables": {"x": "\ud800"}}, "not valid Unicode"),
    ],
)
def test_what_is_no_request_is_400_and_named(small_shop: World, body: Any, names: str) -> None:
    answer = small_shop.person("Ada").post(PATH, json=body)
    assert answer.status_code == 400
    assert names in answer.get_json()["message"]


@pytest.mark.parametrize("mimetype", ["text/plain", "application/x-www-form-urlencoded"])
def test_only_json_is_taken_so_no_other_site_can_send_it(small_shop: World, mimetype: str) -> None:
    data = '{"query": "{userProfile{exp}}"}'
    answer = small_shop.person("Ada").post(PATH, data=data, content_type=mimetype)
    assert answer.status_code == 400


@every_operation
def test_without_a_session_it_is_401(small_shop: World, operation: str) -> None:
    body = {"query": SMALL[operation]}
    assert small_shop.app.test_client().post(PATH, json=body).status_code == 401


def test_an_expired_session_is_401(small_shop: World) -> None:
    ada = small_shop.person("Ada")
    with small_shop.app.app_context(), small_shop.db.engine.begin() as connection:
        connection.execute(update(small_shop.tables["session"]).values(last_use=LONG_AGO))
    assert send(ada, "{userProfile{exp}}").status_code == 401


def test_whoever_must_verify_an_address_first_is_403(small_shop: World) -> None:
    new = small_shop.person("Eve", email_verified=False, created_at=NOW)
    assert send(new, "{userProfile{exp}}").status_code == 403


def test_for_whom_it_is_off_it_is_404(build: Callable[..., World]) -> None:
    world = build(config=CONFIG, is_enabled_for=lambda _user_id: False)
    assert send(world.person("Ada"), "{userProfile{exp}}").status_code == 404


def test_while_the_tables_are_not_there_it_is_503(build: Callable[..., World]) -> None:
    world = build(config=CONFIG, prepared=False)
    answer = send(world.person("Ada"), "{userProfile{exp}}")
    assert (answer.status_code, "tables" in answer.get_json()["message"]) == (503, True)


def failing(error: Exception) -> Any:
    """Let reading profiles end in `error`."""

    def fail(*_args: Any) -> None:
        raise error

    return patch.object(statement, "standing", fail)


def test_when_the_database_goes_away_all_that_failed_is_503(small_shop: World) -> None:
    ada = small_shop.person("Ada")
    with failing(OperationalError("SELECT secret", {}, Exception("gone"))):
        answer = send(ada, "{userProfile{exp}}")
        in_part = send(ada, "{userProfile{exp} rewards{coins}}")
    assert answer.status_code == 503
    [error] = answer.get_json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "secret" not in answer.text
    assert (in_part.status_code, in_part.get_json()["data"]["rewards"]) == (200, {"coins": 0})


def test_a_connection_that_is_lost_costs_one_operation_only(small_shop: World) -> None:
    def lose(session: Any, *_args: Any) -> None:
        connection = session.connection()
        connection.execute(select(1))
        connection.invalidate()
        raise OperationalError("SELECT", {}, Exception("gone"), connection_invalidated=True)

    with patch.object(statement, "standing", lose):
        answer = send(small_shop.person("Ada"), "{userProfile{exp} rewards{coins}}")
    assert answer.get_json()["data"] == {"userProfile": None, "rewards": {"coins": 0}}


def test_while_events_are_paused_nothing_is_sold(small_shop: World) -> None:
    ada = person(small_shop, "Ada")
    lines(small_shop, "pause")
    assert refused(ada, BUY, code="freezes")[0] == "NOT_READY"
    assert send(ada, BUY, code="freezes").status_code == 503


def test_a_database_that_does_not_fit_is_503(small_shop: World) -> None:
    with failing(ProgrammingError("SELECT", {}, Exception("no such column"))):
        answer = send(small_shop.person("Ada"), "{userProfile{exp}}")
    assert (answer.status_code, "does not fit" in answer.text) == (503, True)


def test_what_nobody_foresaw_is_the_hosts_to_answer(small_shop: World) -> None:
    small_shop.app.register_error_handler(KeyError, lambda _error: ("theirs", 500))
    with failing(KeyError("x")):
        answer = send(small_shop.person("Ada"), "{userProfile{exp} rewards{coins}}")
    assert (answer.status_code, answer.text) == (500, "theirs")


def test_there_is_no_other_verb_and_no_page(small_shop: World) -> None:
    ada = small_shop.person("Ada")
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert ada.call(method, PATH, headers={"Accept": "text/html"}).status_code == 405


def test_browsers_of_any_origin_may_ask(small_shop: World) -> None:
    preflight = small_shop.app.test_client().options(PATH)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    answer = send(small_shop.person("Ada"), "{userProfile{exp}}")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_route_is_there_only_if_it_is_asked_for(build: Callable[..., World]) -> None:
    assert send(build().person("Ada"), "{userProfile{exp}}").status_code == 404


def test_without_the_package_the_start_says_what_to_install(build: Callable[..., World]) -> None:
    with (
        patch.dict(sys.modules, {"strawberry": None}),
        pytest.raises(ConfigError, match=r"pip install 'zeeguu-gamify\[graphql\]'"),
    ):
        build(config=CONFIG)
    with patch.dict(sys.modules, {"strawberry": None}):
        build()


def test_the_openapi_document_describes_it(small_shop: World) -> None:
    ada = small_shop.person("Ada")
    validate(small_shop.app.test_client().get("/gamify/openapi.json").get_json())
    operation = operation_of(small_shop, PATH, "POST")
    for answer in (
        send(ada, EVERYTHING), send(ada, "{x}"), send(ada, "{leaderboard(limit: 0){board}}"),
        ada.post(PATH, json={}), ada.post(PATH, json={"query": " " * 40_000}),
    ):  # fmt: skip
        check(small_shop, operation, answer)


@pytest.mark.parametrize(
    ("name", "described"),
    [
        ("UserProfile", economy.GameProfileSchema), ("BadgeFamily", badges.CategorySchema),
        ("BoardPage", leaderboards.BoardPageSchema), ("Rewards", economy.RewardsSchema),
        ("Redemption", economy.RedemptionSchema), ("Streaks", streaks.StreaksSchema),
    ],
)  # fmt: skip
def test_a_type_has_the_fields_of_the_rest_schema_and_no_others(
    name: str, described: type[Schema]
) -> None:
    compare(schema(introspection=True)._schema.type_map[name], described())


def compare(graphql_type: Any, described: Schema) -> None:
    found = {field.extensions["strawberry-definition"].python_name: field
             for field in graphql_type.fields.values()}  # fmt: skip
    assert found.keys() == described.fields.keys()
    for name, field in described.fields.items():
        kind = found[name].type
        assert field.allow_none == (not str(kind).endswith("!")), f"{graphql_type}.{name}"
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            while hasattr(kind, "of_type"):
                kind = kind.of_type
            compare(kind, inner.schema)


def learners(world: World, number: int) -> Person:
    """So many people who have practised, are friends of the first, and hold badges."""
    ada, *others = [person(world, f"u{n}") for n in range(number)]
    for other in others:
        world.befriend(ada, other)
        world.hold(other, "friends_1")
    world.hold(ada, "friends_1")
    for n in range(number):
        offer(world, f"hat{n}", name="A hat", kind="hat", cost=0)
    return ada


@pytest.mark.parametrize(
    ("operation", "most"),
    [("userProfile", 1), ("badges", 2), ("leaderboard", 3), ("rewards", 2), ("streaks", 2)],
)
def test_an_operation_takes_as_many_statements_however_much_it_answers(
    build: Callable[..., World], operation: str, most: int
) -> None:
    query, counts = f"{{{WHOLE[operation]}}}", []
    for number in (2, 9):
        world = shop_on(build)
        ada = learners(world, number)
        ask(ada, query)
        with world.app.app_context(), statements(world.db.engine) as ran:
            ask(ada, query)
        counts.append(len(ran) - 1)  # but the session's
    assert counts == [most, most]


def test_a_user_who_is_blocked_is_on_no_page(small_shop: World) -> None:
    ada, eve = person(small_shop, "Ada"), person(small_shop, "Eve")
    ada.post("/block_user", json={"username": eve.username})
    found = ask(ada, "{leaderboard{entries{user{username}}}}")["leaderboard"]["entries"]
    assert [entry["user"]["username"] for entry in found] == ["Ada"]
