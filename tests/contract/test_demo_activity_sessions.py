"""`{exercise,reading,listening,browsing,watching}_session_{start,update,end}` of the demo host."""

from typing import Any

import pytest
from flask import Flask

from tests.contract.people import sql, user_id
from zeeguu_gamify.testing import SessionClient

KINDS = ("exercise", "reading", "listening", "browsing", "watching")
each_kind = pytest.mark.parametrize("kind", KINDS)


def start(learner: SessionClient, kind: str, **form: Any) -> int:
    answer = learner.post(f"/{kind}_session_start", data=form)
    assert answer.status_code == 200, answer.text
    return int(answer.get_json()["id"])


def stored(app: Flask, kind: str) -> list[tuple[Any, ...]]:
    return sql(app, f"SELECT id, user_id, duration FROM user_{kind}_session")


@each_kind
def test_the_duration_of_a_session_is_kept_in_milliseconds(
    demo: Flask, learner: SessionClient, kind: str
) -> None:
    session = start(learner, kind)

    for duration in (10_000, 120_000):
        form = {"id": session, "duration": duration}
        answer = learner.post(f"/{kind}_session_update", data=form)
        assert answer.status_code == 200
        assert answer.get_json() == form
        assert stored(demo, kind) == [(session, user_id(demo, learner), duration)]


@each_kind
def test_the_end_of_a_session_keeps_the_duration_too(
    demo: Flask, learner: SessionClient, kind: str
) -> None:
    session = start(learner, kind)
    if kind == "exercise":
        form = {"word": "Haus", "outcome": "C", "source": "Match", "session_id": session}
        assert learner.post("/report_exercise_outcome", data=form).status_code == 200

    answer = learner.post(f"/{kind}_session_end", data={"id": session, "duration": 130_000})

    assert answer.status_code == 200
    if kind == "watching":
        assert answer.get_json() == {"id": session, "duration": 130_000}
    else:
        assert answer.text == "OK"
    assert stored(demo, kind) == [(session, user_id(demo, learner), 130_000)]


def test_a_session_of_exercises_without_an_exercise_is_forgotten(
    demo: Flask, learner: SessionClient
) -> None:
    session = start(learner, "exercise")

    answer = learner.post("/exercise_session_end", data={"id": session, "duration": 1000})

    assert answer.text == "OK"
    assert stored(demo, "exercise") == []


@each_kind
@pytest.mark.parametrize("step", ["update", "end"])
def test_somebody_elses_session_is_refused(
    demo: Flask, learner: SessionClient, stranger: SessionClient, kind: str, step: str
) -> None:
    session = start(learner, kind)

    answer = stranger.post(f"/{kind}_session_{step}", data={"id": session, "duration": 120_000})

    assert answer.status_code == 403
    assert stored(demo, kind) == [(session, user_id(demo, learner), 0)]


@each_kind
@pytest.mark.parametrize("step", ["update", "end"])
def test_a_session_that_is_not_there_is_404(learner: SessionClient, kind: str, step: str) -> None:
    answer = learner.post(f"/{kind}_session_{step}", data={"id": 99, "duration": 1})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"id": 1},
        {"duration": 1},
        {"id": "one", "duration": 1},
        {"id": 1, "duration": -1},
        {"id": 1, "duration": "long"},
        {"id": 1, "duration": 2**31},
    ],
)
def test_a_wrong_update_is_refused(
    demo: Flask, learner: SessionClient, form: dict[str, Any]
) -> None:
    start(learner, "reading")

    answer = learner.post("/reading_session_update", data=form)

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]
    assert [row[-1] for row in stored(demo, "reading")] == [0]


def test_a_session_remembers_what_was_done(demo: Flask, learner: SessionClient) -> None:
    lesson = learner.get("/get_todays_lesson").get_json()["lesson_id"]
    start(learner, "reading", article_id=12, reading_source="web")
    start(learner, "listening", lesson_id=lesson)
    start(learner, "watching", video_id=34)
    start(learner, "browsing", platform=3)
    start(learner, "exercise")

    def only(columns: str, kind: str) -> tuple[Any, ...]:
        (row,) = sql(demo, f"SELECT {columns} FROM user_{kind}_session")
        return row

    ((german,),) = sql(demo, "SELECT id FROM language WHERE code = 'de'")
    assert only("article_id, reading_source", "reading") == (12, "web")
    assert only("daily_audio_lesson_id", "listening") == (lesson,)
    assert only("video_id", "watching") == (34,)
    assert only("language_id, platform", "browsing") == (german, 3)
    assert only("language_id", "exercise") == (german,)


def test_a_session_cannot_be_of_somebody_elses_lesson(
    learner: SessionClient, stranger: SessionClient
) -> None:
    lesson = learner.get("/get_todays_lesson").get_json()["lesson_id"]

    answer = stranger.post("/listening_session_start", data={"lesson_id": lesson})

    assert answer.status_code == 403


def test_there_are_no_other_kinds(learner: SessionClient) -> None:
    assert learner.post("/sleeping_session_start").status_code == 404
