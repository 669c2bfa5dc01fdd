"""EXP in simulations: what events, windows and changes of rules would pay, without a write."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from tests.hosts import ADA, BEN, MakeHost, User, db_of, engine_of, grants, mount_on
from tests.integration.played import everything
from zeeguu_gamify import (
    AllOf,
    AtLeast,
    Below,
    Boost,
    Catalog,
    Event,
    Levels,
    composite,
    emit,
    ladder,
    one_off,
)
from zeeguu_gamify.badges.default_catalog import EXAMPLES, FAMILIES
from zeeguu_gamify.badges.explain import badges_listening, explain
from zeeguu_gamify.badges.simulate import timeline
from zeeguu_gamify.badges.simulate.steps import Step
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.economy import profile
from zeeguu_gamify.economy.supposed import books_of
from zeeguu_gamify.events import EventType, Metric
from zeeguu_gamify.models import UserProfile
from zeeguu_gamify.read_only import read_only
from zeeguu_gamify.testing import frozen, statements

NOON = datetime(2026, 3, 10, 12)
HOUR = timedelta(hours=1)


def once(code: str, trigger: str) -> Any:
    return one_off(code, name=code, trigger=trigger, unachieved="Do it.", achieved="Done.")


def mixed(code: str, *tests: Any) -> Any:
    return composite(code, test=AllOf(*tests), name=code, unachieved="Do it.", achieved="Done.")


CATALOG = Catalog(
    (
        *FAMILIES,
        *EXAMPLES,
        once("levelled", "level.up"),
        once("paid", "badge.granted"),
        mixed("both", AtLeast("EXP", 120), AtLeast("READ_ARTICLES", 2)),
        mixed("poor", Below("EXP", 40), AtLeast("ONE:getting_started", 1)),
    )
)
PAYING = (
    EventType("word.translated", "a word", Metric.TRANSLATED_WORDS, exp=1),
    EventType("lesson.completed", "a lesson", exp=40, coins=5),
    EventType("lesson.reopened", "a lesson is open again", undoes="lesson.completed"),
    EventType("quiz.completed", "a quiz", exp=15, most_exp=20, most_exp_a_day=50),
    EventType("badge.granted", "a badge", exp=25, most_exp_a_day=60),
)
OPTIONS: dict[str, Any] = {
    "catalog": CATALOG,
    "events": PAYING,
    "levels": Levels((0, 100, 250, 1000), reward=lambda level: level),
    "boosts": [Boost(NOON + 9 * HOUR, NOON + 14 * HOUR, causes={"quiz.completed"})],
}


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host where events, badges and levels pay."""
    return new_host(**OPTIONS)


def happens(host: Flask, events: Iterable[Event]) -> None:
    """Let the events happen for real, each at its instant."""
    session = db_of(host).session()
    for event in events:
        fields = {name: getattr(event, name) for name in FIELDS}
        with frozen(event.at or NOON):
            emit(session, event.name, user_id=event.user_id, **fields)
            session.commit()
            deliver(mount_on(host))


FIELDS = ("amount", "value", "event_id", "object_id", "context", "at")


def supposed(
    host: Flask, events: Sequence[Event], facts: timeline.Facts | None = None
) -> list[Step]:
    """What the events would bring to Ada."""
    mount = mount_on(host)
    with read_only(engine_of(host)) as session:
        mount.refresh(session)
        books = partial(books_of, session, mount)
        return list(timeline.of_events(session, mount, ADA, events, facts or {}, NOON, books))


def standing(host: Flask, user_id: int = ADA) -> profile.Balance:
    with engine_of(host).connect() as connection:
        return profile.read(connection, user_id)


def won(steps: Iterable[Step]) -> list[tuple[str, datetime]]:
    return [(step.badge, step.at) for step in steps if step.badge]


def made_up(seed: int, size: int) -> list[Event]:
    """A history of Ada's: objects completed, undone and again, ids sent twice, hours and days."""
    chance = Random(seed)
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("word.translated", {"amount": 12}),
        ("article.read", {}),
        ("friendship.changed", {"value": 3}),
        ("exp.gained", {"amount": 9, "context": {"cause": "a bonus"}}),
        ("exp.gained", {"amount": 9, "object_id": "a"}),
        ("exp.lost", {"amount": 14}),
        ("exp.lost", {"object_id": "a"}),
        ("quiz.completed", {}),
        ("quiz.completed", {"amount": 2, "event_id": f"q{seed}"}),
        *[("lesson.completed", {"object_id": it}) for it in "ab"],
        *[("lesson.reopened", {"object_id": it}) for it in "ab"],
    ]
    told = [chance.choice(kinds) for _ in range(size)]
    return [
        Event(name=name, user_id=ADA, at=NOON + number * HOUR, **fields)
        for number, (name, fields) in enumerate(told)
    ]


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_what_is_supposed_is_what_happens_then(host: Flask, seed: int) -> None:
    """Caps, boosts, first completions, what is undone, levels, what badges pay, and who waits."""
    events = made_up(seed, 44)
    happens(host, events[:16])
    before, held = standing(host), len(grants(host))
    tables = everything(host)
    steps = supposed(host, events[16:])
    assert everything(host) == tables
    happens(host, events[16:])
    assert sum(step.exp for step in steps) == standing(host).exp - before.exp
    assert [step.exp_sum for step in steps if step.badge is None][-1] == standing(host).exp
    assert (
        max([before.best_level, *(step.level or 0 for step in steps)]) == standing(host).best_level
    )
    granted = [(grant.code, grant.achieved_at) for grant in grants(host)[held:]]
    assert sorted(won(steps)) == sorted(granted)
    paying = {step.event for step in steps if step.exp}
    assert paying >= {"lesson.completed", "quiz.completed", "badge.granted"}


@pytest.mark.sqlite_only
def test_each_event_tells_its_exp_before_the_badges(host: Flask) -> None:
    events = [Event(name="lesson.completed", user_id=ADA, object_id=it, at=NOON) for it in "aba"]
    steps = supposed(host, events)
    assert [(step.event, step.badge, step.exp, step.exp_sum) for step in steps] == [
        ("lesson.completed", None, 40, 40),
        ("lesson.completed", "first_xp", 0, None),
        ("badge.granted", None, 25, 65),
        ("badge.granted", "50_xp", 0, None),
        ("badge.granted", "paid", 0, None),
        ("badge.granted", None, 25, 90),
        ("badge.granted", None, 10, 100),
        ("level.up", "levelled", 0, None),
        ("lesson.completed", None, 40, 140),
    ]
    assert [step.level for step in steps if step.level] == [2]


@pytest.mark.sqlite_only
def test_exp_that_are_supposed_are_what_events_add_to(host: Flask) -> None:
    [event] = [Event(name="exp.gained", user_id=ADA, amount=10, at=NOON)]
    steps = supposed(host, [event], {"EXP": 495})
    assert "XP_500" in dict(won(steps))
    assert "first_xp" not in dict(won(steps))
    assert steps[0].exp_sum == 505


# Windows


@pytest.mark.core
def test_a_window_tells_the_exp_of_the_ledger_also_of_events_without_an_id(host: Flask) -> None:
    events = made_up(2, 44)
    happens(host, events)
    mount = mount_on(host)
    for since, until in ((0, 44), (16, 30)):
        start, end = NOON + since * HOUR, NOON + until * HOUR
        with read_only(engine_of(host)) as session:
            steps = list(timeline.of_window(session, mount, start, end, ADA))
        earned = sum(step.exp for step in steps)
        assert earned == exp_by(host, end) - exp_by(host, start)
        of_exp = {"first_xp", "50_xp", "XP_500"}
        granted = {
            (it.code, it.achieved_at) for it in grants(host) if start <= it.achieved_at < end
        }
        assert {it for it in won(steps) if it[0] in of_exp} == {
            it for it in granted if it[0] in of_exp
        }


def exp_by(host: Flask, at: datetime) -> int:
    """Ada's EXP just before an instant, counted in Python."""
    from_ledger = "SELECT amount, at FROM ledger_entry WHERE asset = 'EXP' AND user_id = 1"
    with engine_of(host).connect() as connection:
        rows = connection.exec_driver_sql(from_ledger).all()
    return sum(amount for amount, then in rows if datetime.fromisoformat(str(then)) < at)


@pytest.mark.sqlite_only
def test_in_a_window_exp_are_added_up_by_event_between_two_badges(host: Flask) -> None:
    words = [Event(name="word.translated", user_id=ADA, at=NOON + n * HOUR) for n in range(1, 5)]
    happens(host, [*words, Event(name="exp.gained", user_id=ADA, amount=9, at=NOON + 6 * HOUR)])
    printed = cli(host, "ada", "--window", "2026-03-10", "2026-03-12", "--csv")
    rows = [(it["event"], it["badge"], it["exp"]) for it in csv.DictReader(printed.splitlines())]
    assert rows[:2] == [("word.translated", "", "1"), ("word.translated", "first_xp", "0")]
    assert ("word.translated", "", "3") in rows
    assert rows[-1] == ("exp.gained", "", "9")


# The command


def cli(app: Flask, *command: str) -> str:
    """What `flask gamify simulate …` prints."""
    with frozen(NOON):
        result = app.test_cli_runner().invoke(args=["gamify", "simulate", *command])
    assert result.exit_code == 0, result.output
    return str(result.output)


@pytest.mark.sqlite_only
def test_the_command_tells_exp_in_words_and_as_json(host: Flask, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"event": "exp.gained", "amount": 100}\n')
    lines = cli(host, "ada", "--events", str(file)).splitlines()
    assert lines[0] == f"{NOON}  user {ADA}  100 EXP by exp.gained: EXP is 100, level 2"
    [first, *_] = json.loads(cli(host, "ada", "--events", str(file), "--json"))
    assert (first["badge"], first["exp"], first["exp_sum"], first["level"]) == (None, 100, 100, 2)


@pytest.mark.sqlite_only
def test_exp_can_be_supposed(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog([*FAMILIES, mixed("rich", AtLeast("EXP", 9))]))
    assert "rich: EXP is at least 9 (500)" in cli(host, "ada", "--set", "EXP=500")


# A change of rules


LADDER = ladder(
    "TRANSLATED_WORDS", (3, 4, 5, 100), name="Words", trigger="word.translated",
    describe=lambda n: (str(n), str(n)),
)  # fmt: skip


@pytest.fixture
def new_catalog(tmp_path: Path) -> str:
    """A file with words that are easier to reach, and a ladder of EXP."""
    path = tmp_path / "new_catalog.py"
    path.write_text(
        "from zeeguu_gamify import Catalog\n"
        "from zeeguu_gamify.badges.default_catalog import EXAMPLES\n"
        "from tests.integration.test_simulate_exp import LADDER\n"
        "CATALOG = Catalog([LADDER, EXAMPLES[1]])\n"
    )
    return str(path)


def of_change(host: Flask, new_catalog: str) -> dict[str, Any]:
    """What `simulate --catalog` prints as JSON."""
    found: dict[str, Any] = json.loads(cli(host, "--catalog", new_catalog, "--json"))
    return found


def words_of(host: Flask, user_id: int, amount: int) -> None:
    event = Event(name="word.translated", user_id=user_id, amount=amount, at=NOON)
    happens(host, [event])


@pytest.mark.core
def test_a_change_of_rules_tells_what_its_badges_would_pay(
    new_host: MakeHost, new_catalog: str
) -> None:
    host = new_host(**{**OPTIONS, "catalog": Catalog(FAMILIES[:1])})
    for user_id, amount in ((ADA, 9), (BEN, 3)):
        words_of(host, user_id, amount)
    tables = everything(host)
    found = of_change(host, new_catalog)
    paid = {(it["username"], it["badge"]): it["exp"] for it in found["effects"]}
    assert paid == {
        ("ada", "translated_words_1"): 25, ("ada", "translated_words_2"): 25,
        ("ada", "translated_words_3"): 10, ("ada", "first_xp"): 0,  # 60 a day at most
        ("ben", "translated_words_1"): 25, ("ben", "first_xp"): 25,
    }  # fmt: skip
    assert found["badges"]["translated_words_1"] == {"gain": 2, "lose": 0, "exp": 50, "notices": 2}
    assert found["untold"] == {}
    assert everything(host) == tables


def test_where_badges_pay_nothing_a_change_of_rules_pays_nothing(
    new_host: MakeHost, new_catalog: str
) -> None:
    host = new_host(catalog=Catalog(FAMILIES[:1]), events=PAYING[:-1])
    words_of(host, ADA, 9)
    assert {it["exp"] for it in of_change(host, new_catalog)["effects"]} == {0}


@pytest.mark.sqlite_only
def test_what_badges_would_pay_costs_a_batch_no_statement(
    new_sqlite_host: MakeHost, new_catalog: str
) -> None:
    flat = (*PAYING[:-1], EventType("badge.granted", "a badge", exp=25))
    host = new_sqlite_host(catalog=Catalog(FAMILIES[:1]), events=flat)
    rows = [{"id": id_, "username": f"u{id_}", "name": ""} for id_ in range(10, 30)]
    with engine_of(host).begin() as connection:
        connection.execute(insert(User), rows)
    for row in rows[:10]:
        words_of(host, int(str(row["id"])), 5)
    with statements(engine_of(host)) as few:
        of_change(host, new_catalog)
    for row in rows[10:]:
        words_of(host, int(str(row["id"])), 5)
    with statements(engine_of(host)) as many:
        assert sum(it["exp"] for it in of_change(host, new_catalog)["effects"]) > 0
    assert len(many) == len(few)


# Explain


def test_a_badge_of_exp_is_explained_by_the_profile(host: Flask) -> None:
    happens(host, [Event(name="exp.gained", user_id=ADA, amount=20, at=NOON)])
    mount, session = mount_on(host), db_of(host).session()
    badges = [mount.live.by_code[code] for code in ("first_xp", "XP_500")]
    held, lacking = explain(session, mount, ADA, badges)
    exp = session.execute(select(UserProfile.exp)).scalar_one()
    session.rollback()
    assert [grant.certificate["event"] for grant in held.grants if grant.certificate] == [
        "exp.gained"
    ]
    assert lacking.missing == (f"{500 - exp} more of EXP: it is {exp} of 500",)


def test_a_badge_of_exp_listens_to_every_event_that_pays(host: Flask) -> None:
    mount_on(host).refresh(db_of(host).session())
    for event in ("quiz.completed", "lesson.completed", "badge.granted", "exp.gained"):
        assert "XP_500" in {badge.code for badge in badges_listening(mount_on(host), event)}
    assert "XP_500" not in {it.code for it in badges_listening(mount_on(host), "article.read")}
