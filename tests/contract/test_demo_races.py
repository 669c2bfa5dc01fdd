"""Two requests at the same moment: what counts once counts once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from flask import Flask

from tests.contract.people import post_sign_up, sign_up, sql
from tests.servers import SECONDS
from zeeguu_gamify.testing import SessionClient, signals_sent

AT_ONCE = 6
Act = Callable[[], Any]


def together(acts: list[Act]) -> list[Any]:
    """What the acts returned, each in a thread of its own, at the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Act) -> Any:
        barrier.wait(SECONDS)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def post(app: Flask, learner: SessionClient, path: str, **request: Any) -> tuple[int, str]:
    """What a device of the learner is answered; each has a client of its own."""
    answer = SessionClient(app, learner.uuid).post(path, **request)
    return answer.status_code, answer.text


def test_a_word_tapped_twice_at_once_is_one_bookmark(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    form = {"word": "Markt", "context": "Auf dem Markt."}
    tap = partial(post, demo_anywhere, ada, "/translate_word/de/en", data=form)

    with signals_sent("word_translated") as sent:
        answers = together([tap] * AT_ONCE)

    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert len(sent) == 1
    assert sql(demo_anywhere, "SELECT COUNT(*) FROM bookmark") == [(1,)]


def test_a_report_sent_twice_at_once_is_one_exercise(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    form = {"word": "Haus", "outcome": "C", "source": "Match"}
    key = {"Idempotency-Key": "tap-1"}
    report = partial(post, demo_anywhere, ada, "/report_exercise_outcome", data=form, headers=key)

    with signals_sent("exercise_correct") as sent:
        answers = together([report] * AT_ONCE)

    assert answers == [(200, "OK")] * AT_ONCE
    assert len(sent) == 1
    assert sql(demo_anywhere, "SELECT COUNT(*) FROM exercise") == [(1,)]


def test_an_article_finished_on_two_devices_at_once_is_read_once(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    form = {"event": "SCROLL", "article_id": 1, "value": "1"}
    scroll = partial(post, demo_anywhere, ada, "/upload_user_activity_data", data=form)

    with signals_sent("article_read") as sent:
        answers = together([scroll] * AT_ONCE)

    assert answers == [(200, "OK")] * AT_ONCE
    assert len(sent) == 1


def test_a_lesson_completed_many_times_at_once_counts_each_time(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    lesson = ada.get("/get_todays_lesson").get_json()["lesson_id"]
    done = {"action": "complete"}
    complete = partial(post, demo_anywhere, ada, f"/update_lesson_state/{lesson}", json=done)

    with signals_sent("audio_lesson_completed") as sent:
        answers = together([complete] * AT_ONCE)

    assert {status for status, _ in answers} == {200}
    assert len(sent) == AT_ONCE
    assert sql(demo_anywhere, "SELECT listened_count FROM daily_audio_lesson") == [(AT_ONCE,)]


def test_a_language_taken_up_on_two_devices_at_once_is_studied_once(demo_anywhere: Flask) -> None:
    ada = sign_up(demo_anywhere, "ada")
    switch = partial(post, demo_anywhere, ada, "/user_settings", data={"learned_language": "es"})

    answers = together([switch] * AT_ONCE)

    assert answers == [(200, "OK")] * AT_ONCE
    assert sql(demo_anywhere, "SELECT COUNT(*) FROM user_language") == [(2,)]


def test_the_same_address_signed_up_twice_at_once_has_one_account(demo_anywhere: Flask) -> None:
    answers = together([partial(post_sign_up, demo_anywhere, "ada@example.com")] * AT_ONCE)

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (AT_ONCE - 1)
    assert sql(demo_anywhere, "SELECT COUNT(*) FROM user") == [(1,)]


def test_users_who_meet_a_word_at_the_same_moment_do_not_disturb_each_other(
    demo_anywhere: Flask,
) -> None:
    learners = [sign_up(demo_anywhere, f"learner{number}") for number in range(AT_ONCE)]
    word = {"word": "Markt", "context": "Auf dem Markt."}
    done = {"word": "Haus", "outcome": "C", "source": "Match"}

    def practise(learner: SessionClient) -> list[int]:
        paths = [("/translate_word/de/en", word), ("/report_exercise_outcome", done)]
        return [post(demo_anywhere, learner, path, data=form)[0] for path, form in paths]

    answers = together([partial(practise, learner) for learner in learners])

    assert answers == [[200, 200]] * AT_ONCE
    assert sql(demo_anywhere, "SELECT COUNT(*) FROM meaning") == [(2,)]
    assert sql(demo_anywhere, "SELECT COUNT(*) FROM user_word") == [(2 * AT_ONCE,)]
