"""The flows that answer with `new_badges`: quizzes and flashcards."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.contract.conftest import demo_app
from tests.contract.people import sign_up
from zeeguu_gamify import Catalog, one_off
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.demo.seed import make_tables

QUIZ, CARDS = "/api/v1/quiz/result", "/api/v1/flashcards/session-complete"
each_route = pytest.mark.parametrize("route", [QUIZ, CARDS])

GETTING_STARTED = one_off(
    "getting_started", name="Getting started", trigger="quiz.completed",
    unachieved="Finish a quiz.", achieved="You finished a quiz.",
)  # fmt: skip
PERFECT = one_off(
    "perfect", name="Perfect", trigger="quiz.completed",
    when=lambda quiz: quiz.context["score"] == quiz.context["total"],
    unachieved="Make no mistake.", achieved="You made no mistake.",
)  # fmt: skip


@pytest.fixture
def with_badges(database_url: str) -> Iterator[Flask]:
    """The demo host with two badges for quizzes."""
    app = demo_app(database_url, Catalog((GETTING_STARTED, PERFECT)))
    with app.app_context():
        make_tables()
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_quiz_answers_with_the_badges_it_brought(with_badges: Flask) -> None:
    learner = sign_up(with_badges, "ada")

    first = learner.post(QUIZ, json={"id": "q1", "score": 8, "total": 10})
    again = learner.post(QUIZ, json={"id": "q1", "score": 8, "total": 10})
    better = learner.post(QUIZ, json={"id": "q2", "score": 10, "total": 10})

    answer = {"new_badges": [], "exp": 0, "level": None, "streak": None, "replayed": False}
    assert first.get_json() == {**answer, "exp": 50, "new_badges": ["getting_started"]}
    assert again.get_json() == {**answer, "replayed": True}
    assert better.get_json() == {**answer, "exp": 50, "level": 2, "new_badges": ["perfect"]}


def test_flashcards_bring_no_badge_of_quizzes(with_badges: Flask) -> None:
    learner = sign_up(with_badges, "ada")

    assert learner.post(CARDS, json={"id": "c1", "cards": 20}).get_json()["new_badges"] == []


@each_route
def test_the_same_idempotency_key_is_a_replay(demo: Flask, route: str) -> None:
    ada, ben = sign_up(demo, "ada"), sign_up(demo, "ben")
    key = {"Idempotency-Key": "quiz-1"}

    answers = [client.post(route, json={}, headers=key).get_json() for client in (ada, ada, ben)]

    assert [answer["replayed"] for answer in answers] == [False, True, False]


@each_route
def test_without_id_or_key_every_one_counts(demo: Flask, route: str) -> None:
    learner = sign_up(demo, "ada")

    assert [learner.post(route, json={}).get_json()["replayed"] for _ in range(2)] == [False, False]


@each_route
@pytest.mark.parametrize("body", [[], "text", None, {"id": "x" * 101}, {"id": 3}])
def test_a_wrong_body_is_refused(demo: Flask, route: str, body: Any) -> None:
    answer = sign_up(demo, "ada").post(route, json=body)

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]


@each_route
def test_a_key_too_long_to_keep_is_refused(demo: Flask, route: str) -> None:
    answer = sign_up(demo, "ada").post(route, json={}, headers={"Idempotency-Key": "x" * 200})

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]
