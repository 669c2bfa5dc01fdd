"""Tournaments are another service's: it tells who won and lost, and that earns EXP and badges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.hosts import Person, World
from tests.contract.test_commands import lines
from tests.contract.test_incoming_events import ARENA, CONFIG, Sender
from zeeguu_gamify import Catalog, EventType, ladder, one_off
from zeeguu_gamify.badges.generators import describe_count
from zeeguu_gamify.testing import deliver

EVENTS = (
    EventType("tournament.won", "a tournament was won", "TOURNAMENTS_WON", exp=50, coins=5),
    EventType("tournament.lost", "a tournament was lost", exp=10),
)
CATALOG = Catalog(
    (
        ladder(
            "TOURNAMENTS_WON", (1, 2), name="Champion", trigger="tournament.won",
            describe=describe_count("Win", "You won", "tournament", "tournaments"),
        ),
        one_off(
            "good_loser", name="Good loser", trigger="tournament.lost",
            unachieved="Lose a tournament.", achieved="You lost a tournament.",
        ),
    )
)  # fmt: skip


@pytest.fixture
def taking(build: Callable[..., World], database_url: str) -> World:
    return build(database_url, config=CONFIG, events=EVENTS, catalog=CATALOG)


@pytest.fixture
def arena(taking: World) -> Sender:
    sender = Sender(taking)
    lines(taking, f"clients allow {ARENA} --event tournament.won --event tournament.lost")
    return sender


def ended(game: int, *, won_by: Person, lost_by: Person) -> dict[str, Any]:
    """What the service tells of a tournament."""
    told = (("won", won_by), ("lost", lost_by))
    return {
        "events": [
            {"event": f"tournament.{how}", "event_id": f"{game}-{how}", "user_id": who.id,
             "object_id": f"game-{game}"}
            for how, who in told
        ]
    }  # fmt: skip


def held(person: Person) -> list[str]:
    """The names of the user's badges."""
    families = person.get("/my_badges").get_json()
    return [badge["name"] for one in families for badge in one["badges"] if badge["achieved"]]


def balance(person: Person) -> tuple[int, int, int]:
    """EXP, level and coins."""
    found = person.get("/gamify/profile").get_json()
    return found["exp"], found["level"], found["coins"]


def test_tournaments_won_and_lost_earn_exp_coins_levels_and_badges_once(
    taking: World, arena: Sender
) -> None:
    ada, bob = taking.person("Ada"), taking.person("Bob")
    for told in (
        ended(1, won_by=ada, lost_by=bob), ended(1, won_by=ada, lost_by=bob),
        ended(2, won_by=ada, lost_by=bob), ended(3, won_by=bob, lost_by=ada),
    ):  # fmt: skip
        assert arena.send(told).get_json() == {"accepted": 2, "errors": []}
        deliver(taking.app)
    assert balance(ada) == (50 + 50 + 10, 2, 10)
    assert balance(bob) == (10 + 10 + 50, 1, 5)
    assert held(ada) == ["Champion I", "Champion II", "Good loser"]
    assert held(bob) == ["Champion I", "Good loser"]
