"""The demo host's streak step: one session of two minutes is practice (docs/contract.md §5)."""

from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.contract.people import sign_up, sql, user_id
from tests.contract.test_demo_activity_sessions import each_kind, start
from tests.contract.test_demo_races import AT_ONCE, post, together
from zeeguu_gamify.testing import SessionClient

TWO_MINUTES = 120_000


def lasts(learner: SessionClient, kind: str, session: int, duration: int, step: str) -> None:
    form = {"id": session, "duration": duration}
    answer = learner.post(f"/{kind}_session_{step}", data=form)
    assert answer.status_code == 200, answer.text


def practise(learner: SessionClient, kind: str = "browsing", **form: Any) -> None:
    lasts(learner, kind, start(learner, kind, **form), TWO_MINUTES, "update")


def streak(learner: SessionClient) -> int:
    return int(learner.get("/daily_streak").get_json()["daily_streak"])


def practised(app: Flask, learner: SessionClient) -> list[str]:
    """The codes of the languages of the practice days."""
    rows = sql(
        app,
        "SELECT l.code FROM practice_day p JOIN language l ON l.id = p.language_id "
        "WHERE p.user_id = :user ORDER BY l.code",
        user=user_id(app, learner),
    )
    return [code for (code,) in rows]


def learn(learner: SessionClient, code: str) -> None:
    assert learner.post("/user_settings", data={"learned_language": code}).status_code == 200


@each_kind
@pytest.mark.parametrize("step", ["update", "end"])
def test_two_minutes_of_anything_are_practice(
    demo: Flask, learner: SessionClient, kind: str, step: str
) -> None:
    session = start(learner, kind)

    lasts(learner, kind, session, TWO_MINUTES - 1, step)
    assert streak(learner) == 0
    assert practised(demo, learner) == []

    if step == "end" and kind == "exercise":  # one without an exercise is gone
        session = start(learner, kind)
    lasts(learner, kind, session, TWO_MINUTES, step)
    assert streak(learner) == 1
    assert practised(demo, learner) == ["de"]


def test_many_short_sessions_are_none(demo: Flask, learner: SessionClient) -> None:
    for _ in range(3):
        lasts(learner, "reading", start(learner, "reading"), 60_000, "end")
    assert streak(learner) == 0


def test_pings_of_a_long_session_count_once(demo: Flask, learner: SessionClient) -> None:
    session = start(learner, "exercise")
    for seconds in (120, 130, 140, 150):
        lasts(learner, "exercise", session, seconds * 1000, "update")
    assert streak(learner) == 1
    assert practised(demo, learner) == ["de"]


def test_a_session_of_exercises_without_an_exercise_is_practice_all_the_same(
    demo: Flask, learner: SessionClient
) -> None:
    lasts(learner, "exercise", start(learner, "exercise"), TWO_MINUTES, "end")
    assert sql(demo, "SELECT * FROM user_exercise_session") == []
    assert streak(learner) == 1


@pytest.mark.parametrize("kind", ["exercise", "browsing"])
def test_a_late_ping_credits_the_language_in_which_the_session_began(
    demo: Flask, learner: SessionClient, kind: str
) -> None:
    session = start(learner, kind)
    learn(learner, "es")
    lasts(learner, kind, session, TWO_MINUTES, "update")
    assert practised(demo, learner) == ["de"]
    assert streak(learner) == 0


def test_reading_credits_the_language_of_the_article(demo: Flask, learner: SessionClient) -> None:
    sql(
        demo,
        "INSERT INTO article (id, title, content, language_id) "
        "SELECT 7, 'Fiskene', 'Der er fisk.', id FROM language WHERE code = 'da'",
    )
    practise(learner, "reading", article_id=7)
    assert practised(demo, learner) == ["da"]


def test_hearing_credits_the_language_of_the_lesson(demo: Flask, learner: SessionClient) -> None:
    lesson = learner.get("/get_todays_lesson").get_json()["lesson_id"]
    learn(learner, "es")
    practise(learner, "listening", lesson_id=lesson)
    assert practised(demo, learner) == ["de"]


@pytest.mark.parametrize(
    ("kind", "form"),
    [("reading", {"article_id": 999}), ("reading", {}), ("listening", {}), ("watching", {})],
)
def test_what_has_no_language_credits_the_one_that_is_learned(
    demo: Flask, learner: SessionClient, kind: str, form: dict[str, Any]
) -> None:
    learn(learner, "es")
    practise(learner, kind, **form)
    assert practised(demo, learner) == ["es"]
    assert streak(learner) == 1


def test_a_refused_ping_is_no_practice(
    demo: Flask, learner: SessionClient, stranger: SessionClient
) -> None:
    form = {"id": start(learner, "reading"), "duration": TWO_MINUTES}
    assert stranger.post("/reading_session_update", data=form).status_code == 403
    assert sql(demo, "SELECT * FROM practice_day") == []


def test_practice_moves_the_gauge_and_grants_no_badge_on_the_first_day(
    demo: Flask, learner: SessionClient
) -> None:
    practise(learner)
    shelf = {family["name"]: family for family in learner.get("/my_badges").get_json()}
    assert shelf["Streak"]["current_value"] == 1
    assert not any(badge["achieved"] for badge in shelf["Streak"]["badges"])


def test_a_ping_from_many_devices_at_once_counts_once(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    form = {"id": start(ada, "browsing"), "duration": TWO_MINUTES}
    ping = partial(post, demo_anywhere, ada, "/browsing_session_update", data=form)

    answers = together([ping] * AT_ONCE)

    assert {status for status, _ in answers} == {200}
    assert streak(ada) == 1
    assert practised(demo_anywhere, ada) == ["de"]


def test_two_who_practise_are_friends_for_a_day(demo_anywhere: Flask) -> None:
    ada, ben = sign_up(demo_anywhere, "ada"), sign_up(demo_anywhere, "ben")
    name_of_ben = ben.get("/get_user_details").get_json()["username"]
    name_of_ada = ada.get("/get_user_details").get_json()["username"]
    ada.post("/send_friend_request", json={"receiver_username": name_of_ben})
    assert (
        ben.post("/accept_friend_request", json={"sender_username": name_of_ada}).status_code == 200
    )
    for learner in (ada, ben):
        practise(learner, "exercise")
    (friend,) = ada.get("/my_friends").get_json()
    assert friend["friendship"]["friend_streak"] == 1
