"""What a user has, where it came from and what it buys, as clients read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.hosts import NOW, Person, World
from tests.contract.test_openapi import check, operation_of
from zeeguu_gamify import Levels, emit
from zeeguu_gamify.economy import rewards
from zeeguu_gamify.events import EventType

PAYING = (EventType("lesson.completed", "a lesson", exp=40, coins=5),)
LEVELS = Levels((0, 100, 250), reward=lambda level: 10 * level)


@pytest.fixture
def shop(build: Callable[..., World], database_url: str) -> World:
    """Lessons pay 40 EXP and 5 coins; two freezes cost 20 coins."""
    world = build(database_url, events=PAYING, levels=LEVELS)
    offer(world, "freezes", name="Two freezes", kind="freezes", amount=2, cost=20)
    return world


@pytest.fixture
def ada(shop: World) -> Person:
    """Ada, who has done three lessons."""
    person = shop.person("Ada")
    earn(shop, person, 3)
    return person


def offer(world: World, code: str, **columns: Any) -> None:
    with world.app.app_context():
        session = world.mount.db.session()
        rewards.save(session, code, **columns)
        session.commit()


def earn(world: World, person: Person, lessons: int) -> None:
    with world.app.app_context():
        session = world.mount.db.session()
        for _ in range(lessons):
            emit(session, "lesson.completed", user_id=person.id)
        session.commit()


def buy(person: Person, code: str = "freezes", **body: Any) -> Any:
    return person.post(f"/gamify/rewards/{code}/redeem", json=body)


@pytest.mark.core
def test_a_profile_says_what_the_user_has_and_how_far_the_next_level_is(ada: Person) -> None:
    assert ada.get("/gamify/profile").get_json() == {
        "user_id": ada.id, "exp": 120, "level": 2, "level_at": 100, "next_level_at": 250,
        "coins": 35, "freezes": 0,
    }  # fmt: skip


def test_who_has_done_nothing_is_on_the_first_level(shop: World) -> None:
    found = shop.person("Bob").get("/gamify/profile").get_json()
    assert (found["exp"], found["level"], found["coins"], found["next_level_at"]) == (0, 1, 0, 100)


def test_on_the_last_level_there_is_no_next(shop: World, ada: Person) -> None:
    earn(shop, ada, 4)
    found = ada.get("/gamify/profile").get_json()
    assert (found["level"], found["next_level_at"]) == (3, None)


def test_rewards_are_listed_with_what_the_user_can_spend(ada: Person) -> None:
    assert ada.get("/gamify/rewards").get_json() == {
        "coins": 35,
        "rewards": [
            {
                "code": "freezes", "name": "Two freezes", "description": "", "kind": "freezes",
                "amount": 2, "cost": 20, "stock": None, "per_user": None, "bought": 0,
                "starts_at": None, "ends_at": None,
            }
        ],
    }  # fmt: skip


@pytest.mark.core
def test_a_reward_is_bought(ada: Person) -> None:
    assert buy(ada).get_json() == {
        "id": 1, "reward": "freezes", "kind": "freezes", "amount": 2, "cost": 20,
        "status": "granted", "redeemed_at": NOW.isoformat(), "refunded_at": None,
        "replayed": False,
    }  # fmt: skip
    found = ada.get("/gamify/profile").get_json()
    assert (found["coins"], found["freezes"]) == (15, 2)


def test_the_same_key_answers_the_same_purchase(ada: Person) -> None:
    first, again = (buy(ada, idempotency_key="k").get_json() for _ in range(2))
    assert again == {**first, "replayed": True}
    assert ada.get("/gamify/profile").get_json()["coins"] == 15


@pytest.mark.core
@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"cost": 36}, "costs 36 coins; you have 35"),
        ({"stock": 0}, "none is left"),
        ({"ends_at": NOW}, "not to be had now"),
    ],
)
def test_what_cannot_be_had_is_409_and_costs_nothing(
    shop: World, ada: Person, columns: dict[str, Any], says: str
) -> None:
    offer(shop, "freezes", **columns)
    answer = buy(ada)
    assert (answer.status_code, says in answer.get_json()["message"]) == (409, True)
    check(shop, operation_of(shop, "/gamify/rewards/freezes/redeem", "POST"), answer)
    found = ada.get("/gamify/profile").get_json()
    assert (found["coins"], found["freezes"]) == (35, 0)


@pytest.mark.core
def test_at_another_cost_than_was_seen_it_is_409_and_nothing_is_paid(
    shop: World, ada: Person
) -> None:
    offer(shop, "freezes", cost=21)
    answer = buy(ada, idempotency_key="k", cost=20)
    assert answer.status_code == 409
    assert answer.get_json()["message"] == "freezes costs 21 coins now, not 20."
    check(shop, operation_of(shop, "/gamify/rewards/freezes/redeem", "POST"), answer)
    assert ada.get("/gamify/profile").get_json()["coins"] == 35
    bought = buy(ada, idempotency_key="k", cost=21).get_json()
    assert (bought["cost"], bought["replayed"]) == (21, False)
    again = buy(ada, idempotency_key="k", cost=20)
    assert (again.status_code, again.get_json()) == (200, {**bought, "replayed": True})


def test_a_form_says_the_cost_too(ada: Person) -> None:
    path = "/gamify/rewards/freezes/redeem"
    assert ada.post(path, data={"cost": "19"}).status_code == 409
    assert ada.post(path, data={"cost": "20"}).status_code == 200


@pytest.mark.parametrize("cost", [-1, "dear", None, True])
def test_a_wrong_cost_is_400_and_named(ada: Person, cost: Any) -> None:
    answer = buy(ada, cost=cost)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("cost")


def test_a_reward_that_there_is_not_is_404(ada: Person) -> None:
    answer = buy(ada, "freeze")
    assert answer.status_code == 404
    assert "did you mean 'freezes'" in answer.get_json()["message"]


def test_a_wrong_key_is_400_and_named(ada: Person) -> None:
    answer = buy(ada, idempotency_key=7)
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("idempotency_key")


def test_the_ledger_is_the_users_own_newest_first_in_pages(shop: World, ada: Person) -> None:
    earn(shop, shop.person("Bob"), 1)
    buy(ada)
    page = ada.get("/gamify/ledger", asset="coins", limit=3).get_json()
    assert [(one["amount"], one["reason"]) for one in page["entries"]] == [
        (-20, "paid for freezes"), (20, "level.up"), (5, "lesson.completed"),
    ]  # fmt: skip
    rest = ada.get("/gamify/ledger", asset="coins", limit=3, cursor=page["next_cursor"])
    assert [one["amount"] for one in rest.get_json()["entries"]] == [5, 5]
    assert rest.get_json()["next_cursor"] is None
    every = ada.get("/gamify/ledger").get_json()["entries"]
    assert {one["asset"] for one in every} == {"exp", "coins", "freezes"}


def test_a_cursor_of_another_list_is_refused(ada: Person) -> None:
    cursor = ada.get("/gamify/ledger", asset="coins", limit=1).get_json()["next_cursor"]
    assert ada.get("/gamify/ledger", asset="exp", cursor=cursor).status_code == 400


def test_rewards_are_made_listed_and_refunded_by_command(sqlite_shop: World) -> None:
    run = sqlite_shop.app.test_cli_runner().invoke
    made = run(args=[
        "gamify", "rewards", "set", "hat", "--name", "A hat", "--kind", "hat", "--cost", "5",
        "--stock", "3",
    ])  # fmt: skip
    assert made.output == "hat is new.\n"
    assert run(args=["gamify", "rewards", "set", "hat", "--stock", "unlimited"]).exit_code == 0
    assert (
        "hat: 1 hat for 5 coins, unlimited, bought 0 times"
        in run(args=["gamify", "rewards", "list"]).output
    )
    failed = run(args=["gamify", "rewards", "set", "cap", "--cost", "5"])
    assert (failed.exit_code, "kind, name" in failed.output) == (1, True)
    named = run(args=[
        "gamify", "rewards", "set", "a/hat", "--name", "A hat", "--kind", "hat", "--cost", "5",
    ])  # fmt: skip
    assert (named.exit_code, "letters, digits and underscores" in named.output) == (1, True)
    ada = sqlite_shop.person("Ada")
    earn(sqlite_shop, ada, 1)
    assert buy(ada, "hat").status_code == 200
    assert run(args=["gamify", "rewards", "refund", "1"]).output == (
        "5 coins are given back for hat.\n"
    )
    assert ada.get("/gamify/profile").get_json()["coins"] == 5


@pytest.fixture
def sqlite_shop(build: Callable[..., World]) -> World:
    """The same on SQLite."""
    return build(events=PAYING, levels=LEVELS)
