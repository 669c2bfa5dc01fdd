"""A change of rules, told before it is made: who would gain, and whose badges no longer pass."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tests.activity import made_log
from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    User,
    change,
    close,
    db_of,
    engine_of,
    make_host,
    mount_on,
    send,
)
from tests.integration.played import Held, everything, held, play
from zeeguu_gamify import AllOf, AnyOf, AtLeast, Catalog, EventWas, composite, emit, ladder, one_off
from zeeguu_gamify.badges import backfill, sync
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.badges.definitions import FamilyDefinition
from zeeguu_gamify.badges.loading import load_live
from zeeguu_gamify.badges.rules import BadgeTest
from zeeguu_gamify.badges.simulate.change import GAIN, LOSE, Effect, RuleChange
from zeeguu_gamify.badges.simulate.supposed import suppose
from zeeguu_gamify.errors import ConfigError
from zeeguu_gamify.events import EventType
from zeeguu_gamify.models import Mechanism, UserBadge
from zeeguu_gamify.read_only import read_only
from zeeguu_gamify.testing import statements

NOW = datetime(2026, 3, 28, 12, 0)


def steps(metric: str, trigger: str, *levels: int, **options: Any) -> FamilyDefinition:
    """A ladder."""
    return ladder(
        metric, levels, name=metric.title(), trigger=trigger,
        describe=lambda level: (f"Reach {level}.", f"{level} reached."), **options,
    )  # fmt: skip


def mixed(code: str, test: BadgeTest) -> FamilyDefinition:
    """A composite."""
    return composite(code, test=test, name=code, unachieved="Do it.", achieved="Done.")


def once(code: str, trigger: str, **options: Any) -> FamilyDefinition:
    """A one-off."""
    return one_off(
        code, name=code, trigger=trigger, unachieved="Do it.", achieved="Done.", **options
    )


def catalog(chance: random.Random) -> Catalog:
    """Ladders, one-offs and composites, here so and there so."""
    words = sorted(chance.sample(range(5, 400), 3))
    families = [
        steps("TRANSLATED_WORDS", "word.translated", *words),
        steps("CORRECT_EXERCISES", "exercise.correct", *sorted(chance.sample(range(5, 400), 2))),
        mixed("both", AllOf(AtLeast("TRANSLATED_WORDS", chance.randrange(1, 200)),
                            AtLeast("CORRECT_EXERCISES", chance.randrange(1, 200)))),
        mixed("either", AnyOf(AtLeast("TRANSLATED_WORDS", chance.randrange(100, 400)),
                              AtLeast("CORRECT_EXERCISES", chance.randrange(100, 400)))),
        steps("READ_ARTICLES", "article.read", 30, chance.randrange(31, 300)),
    ]  # fmt: skip
    if chance.random() < 0.5:
        families.append(once("heard", "audio_lesson.completed"))
    return Catalog(families)


#: Waits for others: what a user has done by the old rules counts for it.
SUMMIT = mixed("summit", AllOf(AtLeast("ONE:both", 1), AtLeast("ONE:either", 1)))


def effects(app: Flask, new: Catalog, since: datetime | None = None, **options: Any) -> set[Effect]:
    """What the change does, none of it twice."""
    mount = mount_on(app)
    with read_only(engine_of(app)) as session:
        mount.refresh(session)
        change_ = RuleChange(session, mount, suppose(mount, new), NOW, since, **options)
        found = list(change_.effects())
    assert len(set(found)) == len(found)
    return set(found)


def of(found: Iterable[Effect], kind: str) -> set[Held]:
    """Who gains, or loses, what."""
    return {(effect.username, effect.badge) for effect in found if effect.change == kind}


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Any]:
    """Make a host of another database."""
    made = []

    def make(name: str, **options: Any) -> Flask:
        made.append(make_host(f"sqlite:///{tmp_path / name}.db", **options))
        return made[-1]

    yield make
    for app in made:
        close(app)


@pytest.mark.parametrize("seed", range(3))
def test_a_change_simulated_on_a_log_equals_the_log_played_by_the_new_rules(
    new_host: MakeHost, stranger: Any, seed: int
) -> None:
    chance = random.Random(seed)
    old, new = catalog(chance), catalog(chance)
    log = made_log(seed, size=200, learners=9)
    host = new_host(catalog=old)
    play(host, log)
    before = everything(host)
    found = effects(host, new, batch_size=4)
    assert everything(host) == before
    other = stranger("new", catalog=new)
    with other.app_context():
        play(other, log)
        then = held(other)
    # What the code no longer defines stays with those who have it.
    orphans = {it for it in held(host) if it[1] not in new.by_code}
    assert of(found, GAIN) == then - held(host)
    assert of(found, LOSE) == held(host) - then - orphans
    assert found


@pytest.mark.core
@pytest.mark.parametrize("seed", [7, 8])
def test_a_change_simulated_equals_the_change_applied_and_backfilled(
    new_host: MakeHost, seed: int
) -> None:
    chance = random.Random(seed)
    old = catalog(chance)
    new = Catalog([*(it for it in catalog(chance).families if it.metric in old.by_metric), SUMMIT])
    host = new_host(catalog=old)
    play(host, made_log(seed, size=200, learners=9))
    had, found = held(host), effects(host, new, batch_size=4)
    mount = mount_on(host)
    mount.catalog = new
    with Session(engine_of(host)) as session:
        sync.apply(session, new)
        session.commit()
        mount.forget()
        mount.refresh(session)
        users = list(session.scalars(select(User.id)))
        badges = backfill.badges_of(mount)
        backfill.give_earned(session, mount, users, badges, NOW, backfill.Manner("backfill"))
        session.commit()
    assert of(found, GAIN) == held(host) - had
    assert "summit" in {effect.badge for effect in found}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_supposed_is_what_applying_makes(new_sqlite_host: MakeHost, seed: int) -> None:
    chance = random.Random(seed)
    host, new = new_sqlite_host(catalog=catalog(chance)), catalog(chance)
    first, *rest = new.families
    changed = (replace(first.badges[0], hidden=True), replace(first.badges[1], deprecated=True))
    new = Catalog([replace(first, badges=(*changed, *first.badges[2:])), *rest])
    mount = mount_on(host)
    with time_machine.travel(NOW, tick=False), Session(engine_of(host)) as session:
        mount.refresh(session)
        supposed = suppose(mount, new).live
        sync.apply(session, new)
        session.commit()
        applied = load_live(session, replace(mount, catalog=new, _live=None))
    for one, other in zip(supposed.by_id.values(), applied.by_id.values(), strict=True):
        assert shape(one) == shape(other)
    assert {it.metric: it.mechanism for it in supposed.families} == {
        it.metric: it.mechanism for it in applied.families
    }


def shape(badge: Any) -> Any:
    """A badge without what only the database gives it."""
    return replace(badge, id=0, rule_version=0, created_at=None, users_with_badge=0)


# Single changes


WORDS = steps("TRANSLATED_WORDS", "word.translated", 10, 100)


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """Ada has translated 12 words, Ben 3; Ada had three friends once."""
    host = new_host(catalog=Catalog([WORDS, FAMILIES[-1]]))
    with time_machine.travel(NOW, tick=False):
        send(host, "word_translated", times=12)
        send(host, "word_translated", user_id=BEN, times=3)
        session = db_of(host).session()
        for friends in (3, 0):
            emit_friends(session, friends)
        session.commit()
    return host


def emit_friends(session: Session, count: int) -> None:
    """Ada's number of friends moves."""
    emit(session, "friendship.changed", user_id=ADA, value=count, at=NOW)


def short(found: Iterable[Effect]) -> set[tuple[str, str, str, str]]:
    """The effects, in short."""
    return {(it.username, it.badge, it.change, it.reason) for it in found}


def test_the_reasons_are_told(host: Flask) -> None:
    new = Catalog([steps("TRANSLATED_WORDS", "word.translated", 3, 100), FAMILIES[-1]])
    assert short(effects(host, new)) == {
        ("ben", "translated_words_1", GAIN, "TRANSLATED_WORDS is at least 3 (3)")
    }
    new = Catalog([steps("TRANSLATED_WORDS", "word.translated", 20, 100), FAMILIES[-1]])
    assert short(effects(host, new)) == {
        ("ada", "translated_words_1", LOSE, "8 more of TRANSLATED_WORDS: it is 12 of 20")
    }


def test_a_gauge_that_has_fallen_counts_as_certified(host: Flask) -> None:
    friends = steps("FRIENDS", "friendship.changed", 1, 2, 4, 5, 6, mechanism=Mechanism.GAUGE)
    assert short(effects(host, Catalog([WORDS, friends]))) == set()
    higher = steps("FRIENDS", "friendship.changed", 1, 4, 5, 6, 7, mechanism=Mechanism.GAUGE)
    assert short(effects(host, Catalog([WORDS, higher]))) == {
        ("ada", "friends_2", LOSE, "4 more of FRIENDS: it is 0 of 4")
    }


@pytest.mark.sqlite_only
def test_what_waits_for_a_changed_badge_is_looked_at_too(new_host: MakeHost) -> None:
    def catalog_at(threshold: int) -> Catalog:
        both = mixed("both", AllOf(AtLeast("TRANSLATED_WORDS", threshold)))
        return Catalog([WORDS, both, mixed("top", AllOf(AtLeast("ONE:both", 1)))])

    host = new_host(catalog=catalog_at(50))
    send(host, "word_translated", times=12)
    db_of(host).session.commit()
    assert of(effects(host, catalog_at(12)), GAIN) == {("ada", "both"), ("ada", "top")}


@pytest.mark.sqlite_only
def test_what_is_deprecated_hidden_or_left_out_is_not_lost(host: Flask) -> None:
    first, second = WORDS.badges
    for changed in (replace(first, deprecated=True), replace(first, hidden=True)):
        badges = (changed, second)
        assert effects(host, Catalog([replace(WORDS, badges=badges), FAMILIES[-1]])) == set()
    assert effects(host, Catalog([FAMILIES[-1]])) == set()


@pytest.mark.sqlite_only
def test_a_revoked_badge_is_neither_gained_nor_lost(host: Flask) -> None:
    change(host, update(UserBadge).values(revoked_at=NOW))
    for level in (3, 20):
        words = steps("TRANSLATED_WORDS", "word.translated", level, 100)
        found = effects(host, Catalog([words, FAMILIES[-1]]))
        assert all(effect.user_id != ADA for effect in found)


@pytest.mark.sqlite_only
def test_of_a_limited_badge_no_more_are_gained_than_there_are(host: Flask) -> None:
    rows = [{"id": id_, "username": f"u{id_}", "name": ""} for id_ in range(10, 15)]
    with engine_of(host).begin() as connection:
        connection.execute(insert(User), rows)
    for row in rows:
        send(host, "word_translated", user_id=int(str(row["id"])), times=5)
    db_of(host).session.commit()
    first, second = steps("TRANSLATED_WORDS", "word.translated", 5, 100).badges
    limited = replace(WORDS, badges=(replace(first, max_holders=3), second))
    found = effects(host, Catalog([limited, FAMILIES[-1]]), batch_size=2)
    assert sorted(effect.user_id for effect in found) == [10, 11]  # Ada has the first of three


#: Something that no badge has asked for so far.
REVIEWS = (
    EventType("review.approved", "a review was approved", "REVIEWS"),
    EventType("shelf.changed", "a collection grew or shrank", "OWNED", Mechanism.GAUGE),
)


def test_what_nothing_has_counted_is_counted_from_what_was_stored(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog([WORDS]), events=REVIEWS)
    session = db_of(host).session()
    for number, user_id in enumerate([ADA, ADA, BEN, ADA]):
        at, key = datetime(2026, 1, 1 + number), f"review-{number}"
        emit(session, "review.approved", user_id=user_id, amount=2, event_id=key, at=at)
        emit(session, "quiz.completed", user_id=user_id, event_id=f"quiz-{number}", at=at)
    session.commit()
    reviews = steps("REVIEWS", "review.approved", 2, 6)
    new = Catalog([WORDS, reviews, once("quizzed", "quiz.completed")])
    ada, ben = (
        {("ada", "reviews_1"), ("ada", "quizzed")},
        {("ben", "reviews_1"), ("ben", "quizzed")},
    )
    assert of(effects(host, new), GAIN) == ada | ben | {("ada", "reviews_2")}
    assert of(effects(host, new, datetime(2026, 1, 2)), GAIN) == ada | ben
    assert of(effects(host, new, datetime(2026, 1, 4)), GAIN) == ada
    assert effects(host, new, datetime(2026, 1, 5)) == set()


@pytest.mark.sqlite_only
def test_what_nothing_stored_tells_is_named(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog([WORDS, FAMILIES[-1]]), events=REVIEWS)
    new = Catalog(
        [
            WORDS,
            FAMILIES[-1],
            once("perfect", "quiz.completed", when=lambda event: True),
            once("slugs", "quiz.completed", repeatable=lambda event: event.object_id),
            mixed("now", AllOf(EventWas("article.read"), AtLeast("TRANSLATED_WORDS", 1))),
            steps("OWNED", "shelf.changed", 7, mechanism=Mechanism.GAUGE),
        ]
    )
    mount = mount_on(host)
    with read_only(engine_of(host)) as session:
        mount.refresh(session)
        untold = RuleChange(session, mount, suppose(mount, new), NOW).untold
    assert set(untold) == {"perfect", "slugs", "now", "owned_1"}


def test_an_unsound_catalog_is_refused(host: Flask) -> None:
    with pytest.raises(ConfigError, match="does not rise"):
        suppose(mount_on(host), Catalog([steps("FRIENDS", "friendship.changed", 3, 1)]))


@pytest.mark.core
def test_a_batch_costs_as_many_statements_whatever_its_size(new_host: MakeHost) -> None:
    host = new_host(catalog=Catalog([WORDS]), events=REVIEWS)
    play(host, made_log(1, size=60, learners=12))
    many = [steps("TRANSLATED_WORDS", "word.translated", *range(2, 200, 3))]
    new = Catalog([*many, steps("REVIEWS", "review.approved", 1, 2, 3)])
    effects(host, new)
    count = {}
    for size in (7, 14):
        with statements(engine_of(host)) as ran:
            effects(host, new, batch_size=size)
        count[size] = sum(statement.startswith("SELECT") for statement in ran)
        assert not any(it.startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")) for it in ran)
    assert count == {14: 1 + 4, 7: 2 * 4 + 1}  # 14 users; and one look that finds no more


# The command


@pytest.fixture
def new_catalog(tmp_path: Path) -> str:
    """A file with a new catalog."""
    path = tmp_path / "new_catalog.py"
    path.write_text(
        "from zeeguu_gamify import Catalog, ladder\n"
        "from zeeguu_gamify.badges.default_catalog import FAMILIES\n"
        "WORDS = ladder('TRANSLATED_WORDS', [3, 100], name='Words', trigger='word.translated',\n"
        "               describe=lambda n: (str(n), str(n)))\n"
        "CATALOG = Catalog([WORDS, FAMILIES[-1]])\n"
    )
    return str(path)


def cli(app: Flask, *command: str, fails: bool = False) -> str:
    """What `flask gamify simulate …` prints."""
    result = app.test_cli_runner().invoke(args=["gamify", "simulate", *command])
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


@pytest.mark.core
def test_the_command_prints_a_table_json_and_csv_and_writes_nothing(
    host: Flask, new_catalog: str
) -> None:
    before = everything(host)
    lines = cli(host, "--catalog", new_catalog, "--since", "2020-01-01").splitlines()
    assert lines[0].split() == ["badge", "gain", "lose", "EXP", "notices"]
    assert lines[1].split() == ["translated_words_1", "1", "0", "0", "1"]
    assert lines[2:] == ["2 users; nothing was written."]
    found = json.loads(cli(host, "--catalog", new_catalog, "--json"))
    effect = {
        "user_id": BEN, "username": "ben", "badge": "translated_words_1", "change": "gain",
        "reason": "TRANSLATED_WORDS is at least 3 (3)", "exp": 0,
    }  # fmt: skip
    assert found["effects"] == [effect]
    assert (found["users"], found["untold"]) == (2, {})
    assert found["badges"]["translated_words_1"] == {"gain": 1, "lose": 0, "exp": 0, "notices": 1}
    rows = list(csv.DictReader(cli(host, "--catalog", new_catalog, "--csv").splitlines()))
    assert rows == [{key: str(value) for key, value in effect.items()}]
    assert everything(host) == before


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
@pytest.mark.sqlite_only
def test_no_name_is_a_formula_in_a_spreadsheet(host: Flask, new_catalog: str, name: str) -> None:
    change(host, update(User).where(User.id == BEN).values(username=name))
    [row] = csv.DictReader(cli(host, "--catalog", new_catalog, "--csv").splitlines())
    assert row["username"].startswith("'")


@pytest.mark.sqlite_only
def test_nothing_that_changes_prints_an_empty_list(host: Flask, tmp_path: Path) -> None:
    path = tmp_path / "same.py"
    path.write_text(
        "from zeeguu_gamify import Catalog\n"
        "from tests.integration.test_simulate_change import WORDS, FAMILIES\n"
        "ours = Catalog([WORDS, FAMILIES[-1]])\n"
    )
    found = json.loads(cli(host, "--catalog", str(path), "--json"))
    assert found == {"effects": [], "users": 2, "badges": {}, "untold": {}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "makes 0 catalogs; call the one you mean CATALOG"),
        (
            "from zeeguu_gamify import Catalog\na, b = Catalog([]), Catalog([])\n",
            "makes 2 catalogs",
        ),
    ],
)
@pytest.mark.sqlite_only
def test_a_file_without_one_catalog_is_refused(
    host: Flask, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "none.py"
    path.write_text(text)
    assert message in cli(host, "--catalog", str(path), fails=True)


@pytest.mark.sqlite_only
def test_the_new_rules_can_be_played_for_one_user(host: Flask, new_catalog: str) -> None:
    found = json.loads(cli(host, "ben", "--catalog", new_catalog, "--json"))
    assert [step["badge"] for step in found] == ["translated_words_1"]
