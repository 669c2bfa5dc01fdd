"""When the demo tells that an exercise was solved and a word learned (docs/contract.md §5)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.contract.demo_acts import Sent, progress, report, translate
from tests.contract.people import sign_up, sql, user_id
from zeeguu_gamify.testing import SessionClient, signals_sent

GoTo = Callable[[int], None]


@pytest.fixture
def solved() -> Iterator[Sent]:
    """The `exercise_correct` that are sent."""
    with signals_sent("exercise_correct") as sent:
        yield sent


@pytest.fixture
def learned() -> Iterator[Sent]:
    """The `word_learned` that are sent."""
    with signals_sent("word_learned") as sent:
        yield sent


@pytest.mark.parametrize("outcome", ["C", "TC", "TTC", "TTTC", "HC"])
def test_a_correct_outcome_is_told(
    demo: Flask, learner: SessionClient, solved: Sent, outcome: str
) -> None:
    answer = report(learner, outcome=outcome)

    assert (answer.status_code, answer.text) == (200, "OK")
    assert [sent["user_id"] for sent in solved] == [user_id(demo, learner)]
    assert progress(learner, "Correct exercises") == 1


@pytest.mark.parametrize(
    "fields",
    [{"outcome": "W"}, {"outcome": "c"}, {"outcome": "TTTTC"}, {"source": "DAILY_AUDIO_LESSON"}],
)
def test_other_outcomes_and_audio_lessons_are_noted_but_not_told(
    demo: Flask, learner: SessionClient, solved: Sent, fields: dict[str, str]
) -> None:
    assert report(learner, **fields).status_code == 200

    assert not solved
    assert sql(demo, "SELECT COUNT(*) FROM exercise") == [(1,)]


def test_the_words_of_bookmarks_are_practised_by_their_id(
    demo: Flask, learner: SessionClient, solved: Sent
) -> None:
    word = translate(learner, "Markt")["user_word_id"]

    assert report(learner, word="", user_word_id=word).status_code == 200

    assert len(solved) == 1
    assert sql(demo, "SELECT user_word_id FROM exercise") == [(word,)]


def test_every_report_without_a_key_counts(learner: SessionClient, solved: Sent) -> None:
    report(learner)
    report(learner)

    assert len(solved) == 2


def test_the_same_report_under_the_same_key_is_answered_again_and_counted_once(
    demo: Flask, learner: SessionClient, solved: Sent
) -> None:
    answers = [report(learner, key="tap-1") for _ in range(3)]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "OK")}
    assert len(solved) == 1
    assert sql(demo, "SELECT COUNT(*) FROM exercise") == [(1,)]
    assert progress(learner, "Correct exercises") == 1


def test_a_key_belongs_to_its_user(
    learner: SessionClient, stranger: SessionClient, solved: Sent
) -> None:
    report(learner, key="tap-1")
    report(stranger, key="tap-1")

    assert len(solved) == 2


def test_another_report_under_a_used_key_is_refused(learner: SessionClient, solved: Sent) -> None:
    report(learner, key="tap-1")

    answer = report(learner, key="tap-1", word="Hund")

    assert answer.status_code == 400
    assert answer.get_json() == {"message": "This Idempotency-Key was used for another request"}
    assert len(solved) == 1


def test_a_report_that_failed_leaves_its_key_free(learner: SessionClient, solved: Sent) -> None:
    assert report(learner, key="tap-1", outcome="").status_code == 400
    assert report(learner, key="tap-1").status_code == 200
    assert len(solved) == 1


def test_somebody_elses_word_earns_nothing(
    demo: Flask, learner: SessionClient, stranger: SessionClient, solved: Sent
) -> None:
    theirs = translate(learner, "Markt")["user_word_id"]

    answer = report(stranger, user_word_id=theirs)

    assert answer.status_code == 403
    assert not solved
    assert sql(demo, "SELECT COUNT(*) FROM exercise") == [(0,)]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"outcome": ""}, 400),
        ({"source": ""}, 400),
        ({"word": ""}, 400),
        ({"user_word_id": "many"}, 400),
        ({"user_word_id": "-1"}, 400),
        ({"user_word_id": "99"}, 404),
        ({"from_lang": "xx"}, 400),
        ({"solving_speed": "-5"}, 400),
        ({"session_id": "99"}, 403),
    ],
)
def test_a_wrong_report_is_refused_whole(
    demo: Flask, learner: SessionClient, solved: Sent, fields: dict[str, str], status: int
) -> None:
    answer = report(learner, **fields)

    assert answer.status_code == status
    assert list(answer.get_json()) == ["message"]
    assert not solved
    assert sql(demo, "SELECT COUNT(*) FROM user_word") == [(0,)]


# Learned words


def practise(learner: SessionClient, go_to: GoTo, days: Iterable[int], outcome: str = "C") -> None:
    """Report the word "Markt" on these days of December."""
    word = translate(learner, "Markt")["user_word_id"]
    for day in days:
        go_to(day)
        assert report(learner, user_word_id=word, outcome=outcome).status_code == 200


@pytest.fixture
def go_to() -> Iterator[GoTo]:
    """Moves the clock, which stands still at the first of December, to another day of it."""
    first = datetime(2026, 12, 1, 8, tzinfo=UTC)
    with time_machine.travel(first, tick=False) as now:
        yield lambda day: now.move_to(first.replace(day=day))


def test_a_word_is_learned_on_the_last_level_after_two_days_of_rest(
    demo: Flask, go_to: GoTo, learned: Sent
) -> None:
    learner = sign_up(demo, "ada")
    translate(learner, "Markt")
    sql(demo, "UPDATE user_word SET level = 4")

    practise(learner, go_to, (1, 2))
    assert not learned

    practise(learner, go_to, (4,))
    assert len(learned) == 1
    assert sql(demo, "SELECT learned_time FROM user_word") == [("2026-12-04 08:00:00.000000",)]
    assert progress(learner, "Learned words") == 1


def test_a_word_is_learned_once(demo: Flask, go_to: GoTo, learned: Sent) -> None:
    learner = sign_up(demo, "ada")
    translate(learner, "Markt")
    sql(demo, "UPDATE user_word SET level = 4")

    practise(learner, go_to, (1, 2, 4, 5, 6, 8, 9))

    assert len(learned) == 1


@pytest.mark.parametrize("level", [1, 2, 3])
def test_below_the_last_level_the_word_only_rises(
    demo: Flask, go_to: GoTo, learned: Sent, level: int
) -> None:
    learner = sign_up(demo, "ada")
    translate(learner, "Markt")
    sql(demo, "UPDATE user_word SET level = :level", level=level)

    practise(learner, go_to, (1, 2, 4))

    assert not learned
    assert sql(demo, "SELECT level FROM user_word") == [(level + 1,)]


def test_a_word_that_is_not_due_is_not_learned(demo: Flask, go_to: GoTo, learned: Sent) -> None:
    learner = sign_up(demo, "ada")
    translate(learner, "Markt")
    sql(demo, "UPDATE user_word SET level = 4")

    practise(learner, go_to, (1, 1, 1, 2, 2, 3, 3))

    assert not learned


def test_a_mistake_puts_the_word_back_to_the_start(demo: Flask, go_to: GoTo, learned: Sent) -> None:
    learner = sign_up(demo, "ada")
    translate(learner, "Markt")
    sql(demo, "UPDATE user_word SET level = 4")

    practise(learner, go_to, (1, 2))
    practise(learner, go_to, (4,), outcome="W")
    practise(learner, go_to, (5, 6))

    assert not learned
    assert sql(demo, "SELECT level, learned_time FROM user_word") == [(4, None)]
