"""Which activity fires which signal of the host (docs/contract.md §5), and what it then earns."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.contract.people import sign_up, sql, user_id
from zeeguu_gamify.testing import SessionClient, signals_sent

CONTEXT = "Am Samstag gehe ich auf den Markt."
Sent = list[dict[str, Any]]
GoTo = Callable[[int], None]


@pytest.fixture
def words() -> Iterator[Sent]:
    """The `word_translated` that are sent."""
    with signals_sent("word_translated") as sent:
        yield sent


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


@pytest.fixture
def read() -> Iterator[Sent]:
    """The `article_read` that are sent."""
    with signals_sent("article_read") as sent:
        yield sent


@pytest.fixture
def heard() -> Iterator[Sent]:
    """The `audio_lesson_completed` that are sent."""
    with signals_sent("audio_lesson_completed") as sent:
        yield sent


def progress(learner: SessionClient, family: str) -> int:
    """The learner's value of a family's metric, as `/my_badges` shows it."""
    values = {each["name"]: each["current_value"] for each in learner.get("/my_badges").get_json()}
    return int(values[family])


def translate(learner: SessionClient, word: str, context: str = CONTEXT, to: str = "en") -> Any:
    form = {"word": word, "context": context}
    return learner.post(f"/translate_word/de/{to}", data=form).get_json()


# --- words


@pytest.mark.parametrize("route", ["/translate_word/de/en", "/get_one_translation/de/en"])
@pytest.mark.parametrize("kind", ["data", "json"])
def test_a_translated_word_is_told(
    demo: Flask, learner: SessionClient, words: Sent, route: str, kind: str
) -> None:
    answer = learner.post(route, **{kind: {"word": "Markt", "context": CONTEXT}})

    assert answer.status_code == 200
    assert answer.get_json()["translation"] == "market"
    (sent,) = words
    assert sent["user_id"] == user_id(demo, learner)
    assert progress(learner, "Translated words") == 1


def test_the_same_word_in_the_same_sentence_is_told_once(
    learner: SessionClient, words: Sent
) -> None:
    first, second = translate(learner, "Markt"), translate(learner, "Markt")

    assert first == second
    assert len(words) == 1
    assert progress(learner, "Translated words") == 1


def test_another_sentence_word_case_or_language_is_told_again(
    learner: SessionClient, words: Sent
) -> None:
    translate(learner, "Markt")
    translate(learner, "Markt", context="Der Markt ist schön.")
    translate(learner, "Samstag")
    translate(learner, "markt")
    translate(learner, "Markt", to="da")

    assert len(words) == 5


def test_each_user_has_bookmarks_of_their_own(
    learner: SessionClient, stranger: SessionClient, words: Sent
) -> None:
    translate(learner, "Markt")
    translate(stranger, "Markt")

    assert len({sent["user_id"] for sent in words}) == 2


def test_a_word_that_the_toy_dictionary_lacks_counts_too(
    learner: SessionClient, words: Sent
) -> None:
    answer = translate(learner, "Quastenflosser")

    assert (answer["translation"], answer["likelihood"]) == ("Quastenflosser", 0.0)
    assert len(words) == 1


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/translate_word/de/en", {}),
        ("/translate_word/de/en", {"word": ""}),
        ("/translate_word/de/en", {"word": "a" * 256}),
        ("/translate_word/xx/en", {"word": "Markt"}),
        ("/translate_word/de/xx", {"word": "Markt"}),
    ],
)
def test_a_wrong_translation_request_is_refused(
    demo: Flask, learner: SessionClient, words: Sent, path: str, form: dict[str, str]
) -> None:
    answer = learner.post(path, data=form)

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]
    assert not words
    assert sql(demo, "SELECT COUNT(*) FROM user_word") == [(0,)]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"3", b"null", b'{"word": 3}', b'{"word": "\\ud800"}']
)
def test_broken_json_is_refused(learner: SessionClient, words: Sent, body: bytes) -> None:
    answer = learner.post("/translate_word/de/en", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]
    assert not words


# --- exercises


def report(learner: SessionClient, key: str | None = None, **fields: Any) -> Any:
    form = {"word": "Haus", "outcome": "C", "source": "Recognize", **fields}
    headers = {"Idempotency-Key": key} if key else {}
    return learner.post("/report_exercise_outcome", data=form, headers=headers)


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


# --- learned words


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


# --- articles


def scroll(learner: SessionClient, article: int = 1, **fields: Any) -> Any:
    form = {"event": "SCROLL", "article_id": article, **fields}
    return learner.post("/upload_user_activity_data", data=form)


def test_an_article_is_told_as_read_once_per_user(
    demo: Flask, learner: SessionClient, stranger: SessionClient, read: Sent
) -> None:
    for client in (learner, learner, stranger):
        assert scroll(client, value="0.95").text == "OK"

    assert [sent["user_id"] for sent in read] == [user_id(demo, learner), user_id(demo, stranger)]
    assert progress(learner, "Read articles") == 1
    assert progress(learner, "First article") == 1

    scroll(learner, article=2, value="1")
    assert len(read) == 3


@pytest.mark.parametrize("value", ["0.91", "1", "91", "100"])
def test_the_part_that_was_scrolled_may_be_a_fraction_or_percent(
    learner: SessionClient, read: Sent, value: str
) -> None:
    scroll(learner, value=value)

    assert len(read) == 1


@pytest.mark.parametrize("value", ["0.9", "90", "0", "-3", "nan", "inf", "", "far"])
def test_an_article_scrolled_less_far_is_not_read(
    learner: SessionClient, read: Sent, value: str
) -> None:
    assert scroll(learner, value=value).status_code == 200
    assert not read


@pytest.mark.parametrize(
    ("record", "is_read"),
    [
        ("[[0,1],[12,55],[30,97]]", True),
        ("[[0, 1, 20], [12, 97.5, 20], [30, 3, 20]]", True),
        ("[[0,1],[12,91],[30,5", True),  # cut off by the client
        ("[[0,1],[12,90],[95,14]]", False),
        ("[]", False),
        ("nonsense", False),
    ],
)
def test_the_web_clients_record_of_scrolling_is_understood(
    learner: SessionClient, read: Sent, record: str, is_read: bool
) -> None:
    scroll(learner, value='{"scrollHeight": 1000}', extra_data=record)

    assert len(read) == int(is_read)


def test_the_furthest_point_is_kept(demo: Flask, learner: SessionClient, read: Sent) -> None:
    for value in ("0.5", "0.7", "0.2"):
        scroll(learner, value=value)

    assert sql(demo, "SELECT reading_completion, completed_at FROM user_article") == [(0.7, None)]


def test_other_activities_change_nothing(demo: Flask, learner: SessionClient, read: Sent) -> None:
    for form in (
        {"event": "LIKE ARTICLE", "article_id": "1", "value": "1"},
        {"event": "SCROLL", "value": "1"},
    ):
        answer = learner.post("/upload_user_activity_data", data=form)
        assert (answer.status_code, answer.text) == (200, "OK")

    assert not read
    assert sql(demo, "SELECT COUNT(*) FROM user_article") == [(0,)]


@pytest.mark.parametrize("form", [{}, {"event": ""}, {"event": "SCROLL", "article_id": "first"}])
def test_a_wrong_upload_is_refused(learner: SessionClient, form: dict[str, str]) -> None:
    answer = learner.post("/upload_user_activity_data", data=form)

    assert answer.status_code == 400
    assert list(answer.get_json()) == ["message"]


# --- lessons


def complete(learner: SessionClient, lesson: int, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return learner.post(
        f"/update_lesson_state/{lesson}", json={"action": "complete"}, headers=headers
    )


def todays_lesson(learner: SessionClient) -> int:
    return int(learner.get("/get_todays_lesson").get_json()["lesson_id"])


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


# --- on every backend


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
