"""When the demo tells that an audio lesson was heard (docs/contract.md §5)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.contract.demo_acts import Sent, complete, progress, todays_lesson
from tests.contract.people import sign_up, sql, user_id
from zeeguu_gamify.testing import SessionClient, signals_sent


@pytest.fixture
def heard() -> Iterator[Sent]:
    """The `audio_lesson_completed` that are sent."""
    with signals_sent("audio_lesson_completed") as sent:
        yield sent


def test_a_lesson_is_told_every_time_it_is_heard_to_its_end(
    demo: Flask, learner: SessionClient, heard: Sent
) -> None:
    lesson = todays_lesson(learner)
    assert learner.get("/get_user_details").get_json()["daily_audio_status"] == "ready"

    answers = [complete(learner, lesson).get_json() for _ in range(2)]

    assert [answer["listened_count"] for answer in answers] == [1, 2]
    assert [sent["user_id"] for sent in heard] == [user_id(demo, learner)] * 2
    assert progress(learner, "Audio lessons") == 2
    assert learner.get("/get_user_details").get_json()["daily_audio_status"] == "completed"


def test_the_same_completion_under_the_same_key_counts_once(
    learner: SessionClient, heard: Sent
) -> None:
    lesson = todays_lesson(learner)

    first, second = (complete(learner, lesson, key="end-1") for _ in range(2))

    assert first.get_json() == second.get_json()
    assert second.mimetype == "application/json"
    assert len(heard) == 1


@pytest.mark.parametrize("action", ["play", "pause", "resume"])
def test_other_actions_of_the_player_are_not_told(
    learner: SessionClient, heard: Sent, action: str
) -> None:
    answer = learner.post(f"/update_lesson_state/{todays_lesson(learner)}", json={"action": action})

    assert answer.status_code == 200
    assert not heard


def test_somebody_elses_lesson_is_refused(
    demo: Flask, learner: SessionClient, stranger: SessionClient, heard: Sent
) -> None:
    answer = complete(stranger, todays_lesson(learner))

    assert answer.status_code == 403
    assert not heard
    assert sql(demo, "SELECT listened_count FROM daily_audio_lesson") == [(0,)]


def test_a_lesson_that_is_not_there_or_a_strange_action_is_refused(
    learner: SessionClient, heard: Sent
) -> None:
    lesson = todays_lesson(learner)

    assert complete(learner, 99).status_code == 404
    assert learner.post("/update_lesson_state/first", json={}).status_code == 404
    for body in ({}, {"action": "finish"}, {"action": None}):
        assert learner.post(f"/update_lesson_state/{lesson}", json=body).status_code == 400
    assert learner.post(f"/update_lesson_state/{lesson}").status_code == 400
    assert not heard


def test_tomorrow_has_a_lesson_of_its_own_in_the_learners_zone(demo: Flask) -> None:
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=UTC), tick=False) as now:
        learner = sign_up(demo, "ada", timezone="Pacific/Honolulu")  # 23:00 the day before
        first = todays_lesson(learner)
        assert todays_lesson(learner) == first
        now.move_to(datetime(2026, 12, 1, 11, tzinfo=UTC))
        assert todays_lesson(learner) != first
