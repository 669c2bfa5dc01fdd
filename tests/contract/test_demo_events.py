"""What the demo's activities earn together, on every backend."""

import pytest
from flask import Flask

from tests.contract.demo_acts import complete, progress, report, scroll, todays_lesson, translate
from tests.contract.people import sign_up, sql


@pytest.mark.core
def test_signals_reach_the_badges_on_every_backend(demo_anywhere: Flask) -> None:
    learner = sign_up(demo_anywhere, "ada")

    for word in ("Markt", "Samstag", "Brot", "Brot", "Käse"):
        translate(learner, word)
    for number in range(5):
        scroll(learner, article=number + 1, value="1")
    for _ in range(2):
        report(learner, key="once")
        complete(learner, todays_lesson(learner))
        scroll(learner, article=1, value="1")

    metrics = ("Translated words", "Read articles", "Correct exercises", "Audio lessons")
    assert [progress(learner, metric) for metric in metrics] == [4, 5, 1, 2]
    families = learner.get("/my_badges").get_json()
    held = {each["name"] for family in families for each in family["badges"] if each["achieved"]}
    assert held == {"First article", "Page Turner", "First Listen", "First XP", "50 XP"}


def test_an_account_goes_with_all_that_it_did_on_every_backend(demo_anywhere: Flask) -> None:
    learner = sign_up(demo_anywhere, "ada")
    session = learner.post("/exercise_session_start").get_json()["id"]
    lesson = todays_lesson(learner)
    translate(learner, "Markt")
    for answer in (
        report(learner, key="once", session_id=session),
        complete(learner, lesson),
        scroll(learner, value="1"),
        learner.post("/listening_session_start", data={"lesson_id": lesson}),
    ):
        assert answer.status_code == 200

    sql(demo_anywhere, "DELETE FROM user")

    theirs = ("session", "user_word", "bookmark", "exercise", "user_badge_progress", "user_badge")
    for table in theirs:
        assert sql(demo_anywhere, f"SELECT COUNT(*) FROM {table}") == [(0,)], table
