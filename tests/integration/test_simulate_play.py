"""What other facts, another time and other events would bring, told without writing anything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, update

from tests.activity import made_log
from tests.hosts import ADA, BEN, MakeHost, User, change, db_of, engine_of, grants, mount_on, send
from tests.integration.played import everything, held, play
from zeeguu_gamify import (
    AllOf,
    AnyOf,
    AtLeast,
    Catalog,
    EventWas,
    Not,
    composite,
    emit,
    one_off,
)
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.badges.rules import BadgeTest, Before, Below, LocalHours
from zeeguu_gamify.badges.simulate import timeline
from zeeguu_gamify.badges.simulate.steps import Step
from zeeguu_gamify.events import Event
from zeeguu_gamify.models import UserBadge
from zeeguu_gamify.read_only import read_only

NOW = datetime(2026, 3, 28, 12, 0)


def mixed(code: str, test: BadgeTest, **options: Any) -> Any:
    """A composite."""
    return composite(code, test=test, name=code, unachieved="Do it.", achieved="Done.", **options)


def once(code: str, trigger: str, **options: Any) -> Any:
    """A one-off."""
    return one_off(
        code, name=code, trigger=trigger, unachieved="Do it.", achieved="Done.", **options
    )


CATALOG = Catalog(
    (
        *FAMILIES,
        once("quizzed", "quiz.completed"),
        once("perfect", "quiz.completed", when=lambda event: event.context.get("score") == 10),
        once("slugs", "quiz.completed", repeatable=lambda event: event.object_id),
        mixed(
            "owl",
            AllOf(EventWas("article.read"), LocalHours(22, 4)),
        ),
        mixed("both", AllOf(AtLeast("TRANSLATED_WORDS", 20), AtLeast("READ_ARTICLES", 6))),
        mixed("lean", AllOf(AtLeast("TRANSLATED_WORDS", 5), Below("READ_ARTICLES", 40))),
        mixed("either", AnyOf(AtLeast("FRIENDS", 2), AtLeast("CORRECT_EXERCISES", 30))),
        mixed("summit", AllOf(AtLeast("ONE:both", 1), AtLeast("ONE:either", 1))),
        mixed("veteran", AllOf(Before("joined", date(2020, 1, 1)), AtLeast("FRIENDS", 1))),
        mixed("alone", AllOf(AtLeast("ONE:quizzed", 1), Below("FRIENDS", 1))),
        mixed("not_yet", AllOf(AtLeast("FRIENDS", 1), Not(AtLeast("LEARNED_WORDS", 1)))),
    )
)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """Ada has translated 12 words and joined in 2019."""
    host = new_host(catalog=CATALOG)
    change(host, update(User).where(User.id == ADA).values(created_at=datetime(2019, 1, 1)))
    with time_machine.travel(NOW, tick=False):
        send(host, "word_translated", times=12)
        db_of(host).session.commit()
    return host


def cli(app: Flask, *command: str, fails: bool = False) -> str:
    """What `flask gamify simulate …` prints."""
    result = app.test_cli_runner().invoke(args=["gamify", "simulate", *command])
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


def told(app: Flask, *command: str) -> list[dict[str, Any]]:
    """The same as JSON."""
    steps: list[dict[str, Any]] = json.loads(cli(app, *command, "--json"))
    return steps


def codes(steps: Iterable[dict[str, Any]]) -> list[str]:
    """The badges of a timeline."""
    return [step["badge"] for step in steps]


# Facts and times


@pytest.mark.core
def test_supposed_facts_bring_the_badges_they_would_and_write_nothing(host: Flask) -> None:
    before = everything(host)
    steps = told(host, "ada", "--set", "TRANSLATED_WORDS=100", "--set", "READ_ARTICLES=6")
    assert codes(steps) == ["translated_words_2", "read_articles_1", "both"]
    assert everything(host) == before


@pytest.mark.sqlite_only
def test_the_reasons_are_told(host: Flask) -> None:
    with time_machine.travel(NOW, tick=False):
        lines = cli(host, "ada", "--set", "TRANSLATED_WORDS=100", "--set", "READ_ARTICLES=50")
    assert lines.splitlines()[0] == (
        f"{NOW}  user {ADA}  translated_words_2: TRANSLATED_WORDS is at least 100 (100)"
    )
    assert lines.splitlines()[-1] == "Nothing was written."


@pytest.mark.sqlite_only
def test_a_badge_made_by_another_is_brought_too(host: Flask) -> None:
    facts = ("FRIENDS=2", "READ_ARTICLES=50", "TRANSLATED_WORDS=20")
    steps = told(host, "ada", *(it for fact in facts for it in ("--set", fact)))
    assert codes(steps)[-1] == "summit"


@pytest.mark.sqlite_only
def test_a_date_is_supposed_too(host: Flask) -> None:
    assert "veteran" in codes(told(host, "ada", "--set", "FRIENDS=1"))
    steps = told(host, "ada", "--set", "FRIENDS=1", "--set", "joined=2020-01-01")
    assert "veteran" not in codes(steps)


@pytest.mark.parametrize(
    ("at", "brings"), [("2026-03-28T21:30", True), ("2026-03-28T03:30", False)]
)
@pytest.mark.sqlite_only
def test_at_another_time_other_badges_are_earned(
    host: Flask, tmp_path: Path, at: str, brings: bool
) -> None:
    file = write(tmp_path, {"event": "article.read"})
    steps = told(host, "ada", "--events", file, "--at", at)
    assert ("owl" in codes(steps)) is brings  # Ada is in Berlin


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("ada", "--set", "TRANSLATED_WORD=3"), "did you mean 'TRANSLATED_WORDS'?"),
        (("ada", "--set", "FRIENDS=many"), "FRIENDS: 'many' is not a whole number"),
        (("ada", "--set", "FRIENDS"), "FRIENDS: '' is not a whole number"),
        (("ada", "--set", "joined=today"), "joined: 'today' is not a date"),
        ((), "Name a USER, --window FROM TO, or --catalog FILE."),
        (("ada", "--since", "2026-01-01"), "--since goes with --catalog"),
        (("ada", "--window", "2026-01-01", "2026-02-01", "--at", "2026-01-01"), "--window goes"),
        (("--window", "2026-02-01", "2026-01-01"), "--window: FROM must be before TO."),
        (("adda",), "Unknown user: 'adda'"),
    ],
)
@pytest.mark.sqlite_only
def test_what_cannot_be_simulated_is_refused(
    host: Flask, options: tuple[str, ...], message: str
) -> None:
    assert message in cli(host, *options, fails=True)


# Events of a file


def write(directory: Path, *events: Any) -> str:
    """A file of events."""
    path = directory / "events.jsonl"
    path.write_text("\n".join(json.dumps(event) for event in events) + "\n")
    return str(path)


@pytest.mark.core
def test_events_of_a_file_bring_badges_one_by_one_and_write_nothing(
    host: Flask, tmp_path: Path
) -> None:
    before = everything(host)
    file = write(
        tmp_path,
        {"event": "quiz.completed", "object_id": "verbs", "context": {"score": 3}},
        {"event": "word.translated", "amount": 88, "at": "2026-04-01T12:00+02:00"},
        {"event": "quiz.completed", "object_id": "nouns", "context": {"score": 10}},
        {"event": "quiz.completed", "object_id": "nouns", "context": {"score": 10}},
        {"event": "friendship.changed", "value": 3, "at": "2027-01-01"},
    )
    steps = told(host, "ada", "--events", file, "--at", "2026-03-28")
    assert [(it["event"], it["badge"], it["context"]) for it in steps] == [
        ("quiz.completed", "quizzed", ""),
        ("quiz.completed", "slugs", "verbs"),
        ("quiz.completed", "alone", ""),
        ("word.translated", "translated_words_2", ""),
        ("quiz.completed", "perfect", ""),
        ("quiz.completed", "slugs", "nouns"),
        ("friendship.changed", "friends_1", ""),
        ("friendship.changed", "friends_2", ""),
        ("friendship.changed", "veteran", ""),
        ("friendship.changed", "not_yet", ""),
        ("friendship.changed", "either", ""),
    ]
    assert [it["at"] for it in steps][2:4] == ["2026-03-28 00:00:00", "2026-04-01 10:00:00"]
    assert everything(host) == before


@pytest.mark.parametrize(("other", "brought"), [("a", []), ("b", ["translated_words_2"])])
@pytest.mark.sqlite_only
def test_an_event_counts_once(host: Flask, tmp_path: Path, other: str, brought: list[str]) -> None:
    for key in ("event_id", "object_id"):
        ids = ({key: id_, "event": "word.translated", "amount": 50} for id_ in ("a", other))
        assert codes(told(host, "ada", "--events", write(tmp_path, *ids))) == brought


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"event": "quiz.complete"}, "line 1: Unknown event: 'quiz.complete'; did you mean"),
        ({"evnt": "quiz.completed"}, "line 1: 'evnt' is no key of an event; did you mean 'event'?"),
        ({"event": "word.translated", "amount": 0}, "line 1: amount must be"),
        ({"event": "friendship.changed"}, "line 1: value: friendship.changed sets a gauge"),
        ({"event": "word.translated", "at": "soon"}, "line 1: at: 'soon' is not an ISO instant"),
        ({"event": "word.translated", "context": 3}, "line 1: context: 3 is not an object"),
        (
            {"event": "quiz.completed", "context": {"scor": 3}},
            "line 1: context: quiz.completed has no 'scor'; did you mean 'score'?",
        ),
        ([], "line 1: an event is an object"),
    ],
)
@pytest.mark.sqlite_only
def test_a_wrong_event_is_named_by_its_line(
    host: Flask, tmp_path: Path, event: Any, message: str
) -> None:
    assert message in cli(host, "ada", "--events", write(tmp_path, event), fails=True)


@pytest.mark.sqlite_only
def test_a_line_that_is_not_json_is_named(host: Flask, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('\n{"event"\n')
    assert "line 2: this is not JSON" in cli(host, "ada", "--events", str(path), fails=True)


@pytest.mark.parametrize("line", ['{"event": "Zoë"}'.encode("latin-1"), b"9" * 4301])
@pytest.mark.sqlite_only
def test_a_line_that_nobody_can_read_is_named(host: Flask, tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n" + line)
    assert "line 2: this is not JSON" in cli(host, "ada", "--events", str(path), fails=True)


@pytest.mark.sqlite_only
def test_a_revoked_badge_is_not_brought_again(host: Flask, tmp_path: Path) -> None:
    file = write(tmp_path, {"event": "word.translated", "amount": 10})
    start = ("ada", "--set", "TRANSLATED_WORDS=0", "--events", file)
    change(host, delete(UserBadge))
    assert codes(told(host, *start)) == ["translated_words_1"]
    send(host, "word_translated", times=90)
    db_of(host).session.commit()
    change(host, update(UserBadge).values(revoked_at=NOW))
    assert codes(told(host, *start)) == ["translated_words_1"]  # it is the second that is barred
    start = ("ada", "--set", "TRANSLATED_WORDS=99", "--events", file)
    assert told(host, *start) == []


# Events that were stored


def steps_of(app: Flask, since: datetime, until: datetime) -> list[Step]:
    """The timeline of a window, of everybody."""
    with read_only(engine_of(app)) as session:
        return list(timeline.of_window(session, mount_on(app), since, until, batch_size=3))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_window_over_all_that_was_stored_brings_what_the_granter_granted(
    new_host: MakeHost, seed: int
) -> None:
    host = new_host(catalog=CATALOG)
    names = {
        id_: name for name, id_ in play(host, made_log(seed, size=90, learners=4), batch=1).items()
    }
    before = everything(host)
    steps = steps_of(host, datetime(2011, 1, 1), datetime(2030, 1, 1))
    assert {(names[step.user_id], step.badge) for step in steps} == held(host)
    granted = {(id_, grant.code): grant.achieved_at for id_ in names for grant in grants(host, id_)}
    assert {(step.user_id, step.badge): step.at for step in steps} == granted
    assert everything(host) == before
    assert {"both", "lean", "either", "summit", "translated_words_2"} <= {it.badge for it in steps}


def test_a_window_in_between_brings_what_was_granted_then(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG)
    log = made_log(5, size=120, learners=4)
    names = {id_: name for name, id_ in play(host, log, batch=1).items()}
    since, until = (datetime.fromisoformat(log[at].occurred_at_utc) for at in (40, 90))
    then = {
        (names[id_], grant.code)
        for id_ in names
        for grant in grants(host, id_)
        if since <= grant.achieved_at < until
    }
    found = steps_of(host, since, until)
    assert {(names[step.user_id], step.badge) for step in found} == then
    assert then


@pytest.mark.sqlite_only
def test_a_window_of_one_user_is_played_by_the_command(host: Flask) -> None:
    emit(db_of(host).session, "article.read", user_id=ADA, event_id="a", amount=5, at=NOW)
    emit(db_of(host).session, "article.read", user_id=BEN, event_id="b", amount=5, at=NOW)
    db_of(host).session.commit()
    window = ("--window", "2026-03-28", "2026-03-29")
    assert [(it["user_id"], it["badge"]) for it in told(host, "ada", *window)] == [
        (ADA, "read_articles_1")
    ]
    assert {it["user_id"] for it in told(host, *window)} == {ADA, BEN}
    table = cli(host, *window, "--csv").splitlines()
    assert table[0] == "at,user_id,event,badge,context,exp,reason"
    assert table[1] == (
        f"{NOW},{ADA},article.read,read_articles_1,,0,READ_ARTICLES is at least 5 (5)"
    )


SCORED = EventWas("quiz.completed", lambda event: event.context["score"] > 3, "with a score")


@pytest.mark.parametrize(
    "family",
    [
        once("scored", "quiz.completed", when=SCORED.condition),
        once("scored", "quiz.completed", repeatable=lambda event: str(event.context["score"])),
        mixed("scored", AllOf(SCORED)),
        mixed("scored", AnyOf(AtLeast("FRIENDS", 9), SCORED), trigger="quiz.completed"),
    ],
    ids=["one-off", "repeatable", "composite", "listening composite"],
)
@pytest.mark.sqlite_only
def test_what_asks_for_a_context_that_was_not_stored_is_not_brought(
    new_host: MakeHost, tmp_path: Path, family: Any
) -> None:
    host = new_host(catalog=Catalog((*FAMILIES, once("quizzed", "quiz.completed"), family)))
    session, scored = db_of(host).session, {"score": 7}
    emit(session, "quiz.completed", user_id=ADA, event_id="a", context=scored, at=NOW)
    session.commit()
    assert {"quizzed", "scored"} == {grant.code for grant in grants(host)}
    steps = told(host, "ada", "--window", "2026-03-28", "2026-03-29")
    assert codes(steps) == ["quizzed"]
    change(host, delete(UserBadge))
    file = write(tmp_path, {"event": "quiz.completed", "context": scored})
    zeros = [it for code in ("quizzed", "scored") for it in ("--set", f"{code}=0")]
    assert codes(told(host, "ada", *zeros, "--events", file)) == ["quizzed", "scored"]


def test_one_event_after_another_is_played_as_it_is_granted(new_host: MakeHost) -> None:
    """Gauges that fall, one-offs, repeatables and composites: the player against the product."""
    host = new_host(catalog=CATALOG)
    events = [
        Event(name=name, user_id=ADA, at=NOW + timedelta(hours=number), **fields)
        for number, (name, fields) in enumerate(MANY)
    ]
    session, mount = db_of(host).session(), mount_on(host)
    with read_only(engine_of(host)) as reading:
        mount.refresh(reading)
        steps = list(timeline.of_events(reading, mount, ADA, events, {}, NOW))
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        for event in events:
            fields = {key: getattr(event, key) for key in ("value", "amount", "at", "object_id")}
            emit(session, event.name, user_id=ADA, context=event.context, **fields)
            session.commit()
    played = sorted((step.badge, step.context, step.at) for step in steps)
    assert played == sorted((it.code, it.context, it.achieved_at) for it in grants(host))
    assert len(played) > 12


MANY: list[tuple[str, dict[str, Any]]] = [
    ("friendship.changed", {"value": 4}),
    ("friendship.changed", {"value": 0}),
    ("friendship.changed", {"value": 5}),
    ("quiz.completed", {"object_id": "a", "context": {"score": 10}}),
    ("quiz.completed", {"object_id": "a"}),
    ("quiz.completed", {"object_id": "b"}),
    ("quiz.completed", {}),
    ("word.learned", {"amount": 60}),
    ("article.read", {"amount": 41}),
    ("article.read", {}),
    ("word.translated", {"amount": 600}),
    *[("article.read", {})] * 4,
    ("exercise.correct", {"amount": 30}),
    ("friendship.changed", {"value": 0}),
]
