"""What the real web client needs of the demo host (docs/contract.md §0, §8)."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import create_environ, run_wsgi_app

from tests.contract.people import sql, user_id
from zeeguu_gamify.testing import SessionClient


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/user_preferences", {}),
        ("/articles_shared_with_me", []),
        ("/all_scheduled_user_words", []),
        ("/user_articles/recommended", []),
        ("/subscribed_topics", []),
        ("/get_onboarding_message_status?onboarding_message_id=3", {"shown": True}),
        ("/activity_by_day", {"reading": [], "exercises": []}),
        ("/exercises_completed_this_week", 0),
        ("/count_of_user_words_recommended_for_practice", 0),
    ],
)
def test_what_the_demo_does_not_have_is_answered_so_that_the_client_goes_on(
    demo: Flask, learner: SessionClient, path: str, answer: Any
) -> None:
    joined = "&" if "?" in path else "?"

    response = demo.test_client().get(f"{path}{joined}session={learner.uuid}")

    assert response.status_code == 200
    assert response.get_json() == answer


def test_some_answers_need_no_session(demo: Flask) -> None:
    client = demo.test_client()

    assert client.get("/ping").text == "OK"
    languages = client.get("/system_languages").get_json()
    assert {"code": "de", "name": "German"} in languages["learnable_languages"]
    assert {"code": "zh-CN", "name": "Chinese"} in languages["native_languages"]


def test_the_languages_of_a_learner_are_listed(learner: SessionClient) -> None:
    (german,) = learner.get("/user_languages").get_json()

    assert isinstance(german.pop("id"), int)
    assert german == {"code": "de", "language": "German"}


def test_a_student_sees_the_classes(demo: Flask, learner: SessionClient) -> None:
    info = {"name": "Ada", "email": "ada@example.com"}
    assert learner.get("/student_info").get_json() == {**info, "cohorts": []}

    sql(demo, "INSERT INTO cohort (id, name, language_id) VALUES (7, 'A class', 1)")
    sql(
        demo,
        "INSERT INTO user_cohort_map (user_id, cohort_id) VALUES (:id, 7)",
        id=user_id(demo, learner),
    )

    cohorts = [{"id": 7, "name": "A class", "language_id": 1}]
    assert learner.get("/student_info").get_json() == {**info, "cohorts": cohorts}


def test_browsers_of_other_origins_may_read_every_answer(
    demo: Flask, learner: SessionClient
) -> None:
    client = demo.test_client()
    answers = [
        client.get("/ping"),
        learner.get("/validate"),
        learner.get("/my_badges"),
        client.get("/validate"),
        client.get("/no_such_page"),
        learner.post("/user_timezone"),
        learner.post("/update_lesson_state/1", json={"action": "complete"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 401, 404, 400, 404]
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} == {"*"}


@pytest.mark.parametrize(
    "path",
    [
        "/update_lesson_state/1",
        "/api/v1/quiz/result",
        "/user_settings",
        "/reading_session_update",
        "/badges/mark_all_seen",
    ],
)
def test_a_preflight_is_answered(demo: Flask, path: str) -> None:
    asked = {"Access-Control-Request-Headers": "content-type"}

    answer = demo.test_client().options(path, headers=asked)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_browser_may_send_an_idempotency_key(demo: Flask) -> None:
    asked = {"Access-Control-Request-Headers": "content-type,idempotency-key"}

    answer = demo.test_client().options("/report_exercise_outcome", headers=asked)

    assert answer.headers["Access-Control-Allow-Headers"] == "content-type,idempotency-key"


@pytest.mark.parametrize("path", ["//my_badges", "//badges/count_unseen", "//student_info"])
def test_paths_that_arrive_with_a_double_slash_are_served(
    demo: Flask, learner: SessionClient, path: str
) -> None:
    environ = create_environ(query_string=f"session={learner.uuid}")
    environ["PATH_INFO"] = path

    body, status, headers = run_wsgi_app(demo, environ, buffered=True)

    assert status == "200 OK", headers
    assert b"".join(body).strip()


def test_the_page_at_the_root_offers_three_learners(demo: Flask) -> None:
    answer = demo.test_client().get("/")

    assert answer.status_code == 200
    assert answer.text.count("data-email=") == 3
    assert "://" not in answer.text  # nothing is loaded from elsewhere


def test_the_page_at_the_root_says_what_to_do_without_tables(demo: Flask) -> None:
    sql(demo, "DROP TABLE article")

    answer = demo.test_client().get("/")

    assert answer.status_code == 503
    assert "demo init" in answer.text
