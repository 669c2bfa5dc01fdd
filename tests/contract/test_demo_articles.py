"""When the demo tells that an article was read (docs/contract.md §5)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.contract.demo_acts import Sent, progress, scroll
from tests.contract.people import sql, user_id
from zeeguu_gamify.testing import SessionClient, signals_sent


@pytest.fixture
def read() -> Iterator[Sent]:
    """The `article_read` that are sent."""
    with signals_sent("article_read") as sent:
        yield sent


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
