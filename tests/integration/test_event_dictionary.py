"""The event dictionary: what an event tells is checked, and the page shows what there is."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.hosts import ADA, MakeHost, db_of
from zeeguu_gamify import ContextField, EventType, emit
from zeeguu_gamify.errors import BadInput, ConfigError
from zeeguu_gamify.events import dictionary

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

SONG = EventType(
    "song.sung", "a song was sung",
    context=(
        ContextField("title", str, "what it is called", required=True),
        ContextField("verses", int),
        ContextField("minutes", float),
        ContextField("alone", bool),
        ContextField("day", date),
        ContextField("began", datetime),
    ),
)  # fmt: skip


@pytest.fixture
def singers(new_sqlite_host: MakeHost) -> Flask:
    return new_sqlite_host(events=[SONG, EventType("song.heard", "a song was heard")])


def sing(host: Flask, **context: Any) -> None:
    emit(db_of(host).session, "song.sung", user_id=ADA, context=context)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"titel": "Ode"}, "context: song.sung has no 'titel'; did you mean 'title'?"),
        ({"title": "Ode", "xyz": 1}, "context: song.sung has no 'xyz'; it has title, verses, "),
        ({}, "context: song.sung needs 'title'"),
        ({"title": None}, "context: 'title' of song.sung must be a text, not None"),
        ({"title": 5}, "context: 'title' of song.sung must be a text, not 5"),
        ({"title": "Ode", "verses": "two"}, "'verses' of song.sung must be a whole number"),
        ({"title": "Ode", "verses": True}, "'verses' of song.sung must be a whole number"),
        ({"title": "Ode", "minutes": True}, "'minutes' of song.sung must be a number"),
        ({"title": "Ode", "alone": 1}, "'alone' of song.sung must be a truth"),
        ({"title": "Ode", "day": datetime(2026, 3, 1)}, "'day' of song.sung must be a date"),
        (
            {"title": "Ode", "began": date(2026, 3, 1)},
            "'began' of song.sung must be a point in time",
        ),
    ],
)
def test_a_wrong_context_is_refused_naming_event_and_fact(
    singers: Flask, context: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput) as error:
        sing(singers, **context)
    assert message in error.value.message


def test_a_context_as_declared_is_taken(singers: Flask) -> None:
    sing(singers, title="Ode")
    sing(singers, title="Ode", verses=3, minutes=4, alone=False)
    sing(singers, title="Ode", verses=None, minutes=2.5, day=date(2026, 3, 1))
    sing(singers, title="Ode", began=datetime(2026, 3, 1, 12))


def test_an_event_that_declares_no_context_takes_any(singers: Flask) -> None:
    emit(db_of(singers).session, "song.heard", user_id=ADA, context={"where": "at home"})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((ContextField("a", str), ContextField("a", int)), "song.sung: two facts"),
        ((ContextField("a", list),), "song.sung: a of its context must be one of str, int"),
    ],
)
def test_a_context_that_cannot_be_checked_is_refused_at_start_up(
    fields: tuple[ContextField, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        dictionary([EventType("song.sung", "-", context=fields)])


def test_the_page_of_events_is_what_the_command_prints(sqlite_host: Flask) -> None:
    """When it is not: `flask gamify events --markdown > docs/events.md`."""
    assert run(sqlite_host, "--markdown") == PAGE.read_text()


def test_the_command_shows_the_events_of_the_host_too(singers: Flask) -> None:
    told = {event["name"]: event for event in json.loads(run(singers, "--json"))}
    assert told["word.translated"]["badges"] == 5
    assert told["song.sung"]["context"][0] == {
        "name": "title", "kind": "text", "required": True, "meaning": "what it is called",
    }  # fmt: skip
    assert "title (text): what it is called" in run(singers)


def run(host: Flask, *options: str) -> str:
    result = host.test_cli_runner().invoke(args=["gamify", "events", *options])
    assert result.exit_code == 0, result.output
    return str(result.output)
