"""`gamify.after`: a host that fires nothing gets the same badges by three lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask, Response, g, request
from flask.testing import FlaskClient

from tests.hosts import (
    ADA,
    HostRow,
    MakeHost,
    badges,
    db_of,
    host_rows,
    progress,
    send,
)
from zeeguu_gamify import Event, Gamify
from zeeguu_gamify.events import ToEvent

STATUSES = [200, 201, 204, 301, 400, 404, 500]


def routes(app: Flask) -> FlaskClient:
    """A host with a view that writes a row and answers as it is asked to."""
    session = db_of(app).session

    @app.post("/translate")
    def translate() -> Response:
        g.user_id = ADA
        session.add(HostRow(user_id=ADA, note="word"))
        if request.args.get("commits", "yes") == "yes":
            session.commit()
        else:
            session.flush()
        return Response("done", status=request.args.get("status", 200, int))

    @app.get("/read")
    def read() -> str:
        return "read"

    return app.test_client()


def after(app: Flask, endpoint: str, to_event: ToEvent) -> None:
    """`gamify.after(…)` of the host."""
    gamify: Gamify = app.extensions["mounted"]
    gamify.after(endpoint, to_event)


def a_word(_response: Response) -> Event:
    """What most hosts write."""
    return Event(name="word.translated", user_id=g.user_id)


@pytest.mark.core
def test_three_lines_give_the_same_as_the_signal(host: Flask) -> None:
    client = routes(host)
    gamify: Gamify = host.extensions["mounted"]
    gamify.after("translate", lambda _: Event(name="word.translated", user_id=g.user_id))
    for _ in range(11):
        assert client.post("/translate").status_code == 200
    by_after = progress(host), badges(host)
    for _ in range(11):
        send(host, "word_translated", user_id=2)
    db_of(host).session.commit()
    assert by_after == (progress(host, 2), badges(host, 2))
    assert by_after == ({"TRANSLATED_WORDS": 11}, ["translated_words_1"])


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_went_well_counts(sqlite_host: Flask, status: int) -> None:
    client = routes(sqlite_host)
    after(sqlite_host, "translate", a_word)
    client.post(f"/translate?status={status}")
    assert progress(sqlite_host) == ({"TRANSLATED_WORDS": 1} if status < 300 else {})


def test_only_the_endpoint_that_was_named_counts(sqlite_host: Flask) -> None:
    client = routes(sqlite_host)
    after(sqlite_host, "translate", lambda _: Event(name="word.translated", user_id=ADA))
    client.get("/read")
    client.get("/nowhere")
    assert progress(sqlite_host) == {}


RESULTS: dict[str, Callable[[Response], Any]] = {
    "nothing": lambda _: None,
    "one": lambda _: Event(name="word.translated", user_id=ADA),
    "several": lambda _: [Event(name="word.translated", user_id=ADA) for _ in range(3)],
    "a generator": lambda _: (Event(name="word.translated", user_id=ADA) for _ in range(3)),
    "none of several": lambda _: [],
}


@pytest.mark.parametrize(
    ("result", "words"), list(zip(RESULTS, (0, 1, 3, 3, 0), strict=True)), ids=list(RESULTS)
)
def test_a_response_may_be_nothing_one_event_or_several(
    sqlite_host: Flask, result: str, words: int
) -> None:
    client = routes(sqlite_host)
    after(sqlite_host, "translate", RESULTS[result])
    client.post("/translate")
    assert progress(sqlite_host).get("TRANSLATED_WORDS", 0) == words


def test_an_endpoint_may_have_several_rules(sqlite_host: Flask) -> None:
    client = routes(sqlite_host)
    after(sqlite_host, "translate", a_word)
    after(sqlite_host, "translate", lambda _: Event(name="word.learned", user_id=ADA))
    client.post("/translate")
    assert progress(sqlite_host) == {"TRANSLATED_WORDS": 1, "LEARNED_WORDS": 1}


def test_rules_may_be_given_before_the_app(new_sqlite_host: MakeHost) -> None:
    gamify = Gamify()
    gamify.after("translate", a_word)
    host = new_sqlite_host(gamify=gamify)
    routes(host).post("/translate")
    assert progress(host) == {"TRANSLATED_WORDS": 1}


def raise_key_error(_response: Response) -> Event:
    raise KeyError("word")


BROKEN: dict[str, ToEvent] = {
    "raises": raise_key_error,
    "an unknown event": lambda _: Event(name="word.eaten", user_id=ADA),
    "an unknown user": lambda _: Event(name="word.translated", user_id=999),
    "not an event": lambda _: [1],  # type: ignore[list-item]
}


@pytest.mark.parametrize("to_event", BROKEN.values(), ids=BROKEN)
def test_what_fails_is_logged_and_not_seen(
    sqlite_host: Flask, caplog: pytest.LogCaptureFixture, to_event: ToEvent
) -> None:
    client = routes(sqlite_host)
    after(sqlite_host, "translate", to_event)
    after(sqlite_host, "translate", a_word)
    response = client.post("/translate")
    assert (response.status_code, response.text) == (200, "done")
    assert "The events of translate are lost" in caplog.text
    assert host_rows(sqlite_host) == 1
    assert progress(sqlite_host) == {"TRANSLATED_WORDS": 1}


def test_of_several_events_with_one_that_fails_none_counts(sqlite_host: Flask) -> None:
    def to_events(_response: Response) -> Iterable[Event]:
        yield Event(name="word.translated", user_id=ADA)
        yield Event(name="word.translated", user_id=999)

    client = routes(sqlite_host)
    after(sqlite_host, "translate", to_events)
    client.post("/translate")
    assert progress(sqlite_host) == {}


@pytest.mark.core
def test_what_the_host_did_not_commit_stays_so(server_host: Flask) -> None:
    client = routes(server_host)
    after(server_host, "translate", a_word)
    client.post("/translate?commits=no")
    assert host_rows(server_host) == 0
    assert progress(server_host) == {"TRANSLATED_WORDS": 1}
