"""When the demo tells that a word was translated (docs/contract.md §5)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.contract.demo_acts import CONTEXT, Sent, progress, translate
from tests.contract.people import sql, user_id
from zeeguu_gamify.testing import SessionClient, signals_sent


@pytest.fixture
def words() -> Iterator[Sent]:
    """The `word_translated` that are sent."""
    with signals_sent("word_translated") as sent:
        yield sent


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
