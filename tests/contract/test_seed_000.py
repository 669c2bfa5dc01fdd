"""The document "Badge trigger system": its three manual tests, by the routes of the demo.

Which test stands for which bullet is listed in docs/badges.md.
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.contract.people import sign_up, user_id
from zeeguu_gamify.testing import SessionClient

QUIZ, CARDS = "/api/v1/quiz/result", "/api/v1/flashcards/session-complete"
EARNED = ["getting_started", "first_xp", "50_xp"]


def finish(learner: SessionClient, route: str, id_: str) -> dict[str, Any]:
    """What the route answers to a result with this id."""
    answer: dict[str, Any] = learner.post(route, json={"id": id_}).get_json()
    return answer


def kept(demo: Flask, learner: SessionClient) -> dict[str, Any]:
    """What the database has of the learner: the codes of badges, sorted, and the EXP."""
    unlocked = learner.get(f"/api/v2/users/{user_id(demo, learner)}/badges").get_json()
    profile = learner.get("/gamify/profile").get_json()
    return {"badges": sorted(badge["code"] for badge in unlocked), "exp": profile["exp"]}


def test_the_exp_of_a_quiz_bring_new_badges_which_are_kept(demo_anywhere: Flask) -> None:
    learner = sign_up(demo_anywhere, "ada")
    assert finish(learner, QUIZ, "q1")["new_badges"] == EARNED
    assert kept(demo_anywhere, learner) == {"badges": sorted(EARNED), "exp": 50}


def test_the_same_event_again_awards_nothing_twice(demo_anywhere: Flask) -> None:
    learner = sign_up(demo_anywhere, "ada")
    first, again = (finish(learner, QUIZ, "q1") for _ in range(2))
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert (again["new_badges"], again["exp"]) == ([], 0)
    assert kept(demo_anywhere, learner) == {"badges": sorted(EARNED), "exp": 50}


def test_the_exp_of_flashcards_bring_no_badge_that_nobody_expects(demo_anywhere: Flask) -> None:
    learner = sign_up(demo_anywhere, "ada")
    finish(learner, QUIZ, "q1")
    cards = finish(learner, CARDS, "c1")
    assert (cards["new_badges"], cards["exp"]) == ([], 10)
    assert kept(demo_anywhere, learner) == {"badges": sorted(EARNED), "exp": 60}


def test_badges_are_evaluated_once_the_exp_are_counted(demo_anywhere: Flask) -> None:
    """Five sessions of flashcards come to the fifty that the badge asks for."""
    learner = sign_up(demo_anywhere, "ada")
    new = [finish(learner, CARDS, f"c{number}")["new_badges"] for number in range(5)]
    assert new == [["getting_started", "first_xp"], [], [], [], ["50_xp"]]
