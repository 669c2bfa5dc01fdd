"""A host with production's database mounts us: our routes say what its own code said, then go on.

What the contract marks as latent is not kept: a language listed twice, a friend listed twice,
oneself as a friend, and the gauge of a streak that has lapsed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import Connection, text

from tests.contract.hosts import NOW, Person, World
from tests.migrations.databases import PRODUCTION, rows
from tests.servers import Server
from zeeguu_gamify import practice
from zeeguu_gamify.migrations.files import statements
from zeeguu_gamify.testing import prepare

DAY = timedelta(days=1)
USERS = range(1, 10)
GERMAN = 1

#: What production.sql lacks: who lives where, learns what, and practised each day with a friend.
MORE = """
UPDATE language SET name = CASE id WHEN 1 THEN 'German' ELSE 'Danish' END;
UPDATE user SET learned_language_id = 1, name = username;
UPDATE user SET timezone = 'Pacific/Auckland' WHERE id IN (3, 8);
UPDATE user SET timezone = 'America/Los_Angeles' WHERE id = 4;
UPDATE user SET timezone = 'Mars/Base' WHERE id = 5;
INSERT INTO session (user_id, uuid, last_use) SELECT id, CONCAT('uuid-of-', username), '{now}'
    FROM user;
INSERT INTO user_language (
    user_id, language_id, last_practiced, daily_streak, max_streak, max_streak_date
) VALUES
    (3, 1, '2026-11-20 11:30:00', 9, 20, '2026-01-31 23:30:00'),
    (4, 1, '2026-11-19 09:00:00', 6, 6, '2026-11-19 09:00:00'),
    (4, 2, NULL, 0, 0, NULL),
    (5, 1, '2026-11-19 23:00:00', 2, 11, '2026-02-03 10:00:00'),
    (5, 1, '2026-09-01 23:00:00', 30, 30, '2026-09-01 23:00:00'),
    (8, 1, '2026-11-19 10:30:00', 5, 5, NULL);
INSERT INTO user_badge_progress (user_id, badge_category_id, value) VALUES
    (1, 4, 3), (3, 4, 9), (4, 4, 6), (5, 4, 2);
"""


@dataclass(frozen=True)
class Streak:
    """A language as the history shows it."""

    daily: int
    longest: int
    longest_end: str | None
    today: bool


@dataclass(frozen=True)
class Seen:
    """The numbers that a user sees."""

    streaks: dict[str, Streak]
    friends: dict[str, int]
    badges: dict[str, int]
    unseen: int


@pytest.fixture
def production(sql_server: Server) -> Iterator[World]:
    """Production's database under a host that is about to mount us."""
    with time_machine.travel(NOW.isoformat() + "Z", tick=False):
        world = World(sql_server.new_database(), prepared=False, languages=True)
        script = PRODUCTION.replace("UTC_TIMESTAMP()", f"'{NOW}'") + MORE.format(now=NOW)
        hosts = tuple(f"CREATE TABLE {name}" for name in ("`user`", "language", "user_language"))
        with world.app.app_context(), world.db.engine.begin() as connection:
            for statement in statements(script):
                if not statement.startswith(hosts):
                    connection.execute(text(statement.replace(":", r"\:")))
        yield world
        world.close()


def by_its_own_code(world: World) -> dict[str, Seen]:
    """What production's code tells each user, by its rules (docs/contract.md §3)."""
    with world.app.app_context(), world.db.engine.connect() as connection:
        users = rows(connection, "SELECT id, username, timezone FROM user ORDER BY id")
        names = {user_id: name for user_id, name, _ in users}
        return {
            name: Seen(
                streaks=_streaks(connection, user_id, zone),
                friends=_friends(connection, user_id, names),
                badges={row[0]: row[1] for row in rows(connection, VALUES, user=user_id)},
                unseen=rows(connection, UNSEEN, user=user_id)[0][0],
            )
            for user_id, name, zone in users
        }


LANGUAGES = """
    SELECT code, daily_streak, last_practiced, max_streak, max_streak_date
    FROM user_language JOIN language ON language.id = language_id WHERE user_id = :user
"""
FRIENDS = """
    SELECT CASE WHEN user_a_id = :user THEN user_b_id ELSE user_a_id END,
        COALESCE(friend_streak, 0), friend_streak_last_updated
    FROM friendship
    WHERE :user IN (user_a_id, user_b_id) AND deleted_at IS NULL AND user_a_id <> user_b_id
"""
VALUES = """
    SELECT category.name, COALESCE(progress.value, 0)
    FROM badge_category AS category LEFT JOIN user_badge_progress AS progress
        ON progress.badge_category_id = category.id AND progress.user_id = :user
    WHERE category.metric NOT LIKE 'ONE%'
"""
UNSEEN = "SELECT COUNT(*) FROM user_badge WHERE user_id = :user AND NOT is_shown"


def _streaks(connection: Connection, user_id: int, zone: str | None) -> dict[str, Streak]:
    """Of a doubled language the better number each."""
    try:
        place = ZoneInfo(zone or "UTC")
    except KeyError:
        place = ZoneInfo("UTC")

    def local(at: datetime | None) -> date | None:
        return at and at.replace(tzinfo=ZoneInfo("UTC")).astimezone(place).date()

    today = local(NOW)
    assert today is not None
    found: dict[str, Streak] = {}
    for code, daily, practised, longest, end in rows(connection, LANGUAGES, user=user_id):
        last = local(practised)
        alive = last is not None and last >= today - DAY
        ended = local(end)
        this = Streak(
            daily if alive else 0, longest, ended.isoformat() if ended else None, last == today
        )
        known = found.setdefault(code, this)
        longer = max(known, this, key=lambda streak: streak.longest)
        found[code] = replace(
            longer, daily=max(known.daily, this.daily), today=known.today or this.today
        )
    return found


def _friends(connection: Connection, user_id: int, names: dict[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for friend, streak, updated in rows(connection, FRIENDS, user=user_id):
        alive = updated is not None and updated.date() >= NOW.date() - DAY
        found[names[friend]] = max(found.get(names[friend], 0), streak if alive else 0)
    return found


def by_our_routes(world: World) -> dict[str, Seen]:
    """What our routes tell each user."""
    return {person.username: _seen(person) for person in _people(world)}


def _people(world: World) -> list[Person]:
    names = ["ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "ivy"]
    people = [Person(world.app, number, name) for number, name in enumerate(names, start=1)]
    for person in people:
        person.uuid = f"uuid-of-{person.username}"
    return people


def _seen(person: Person) -> Seen:
    today = {row["code"]: row for row in _get(person, "/all_language_streaks")}
    history = _get(person, "/language_streak_history")
    assert {row["code"]: row["daily_streak"] for row in history} == {
        code: row["daily_streak"] for code, row in today.items()
    }
    german = today.get("de", {"daily_streak": 0})["daily_streak"]
    assert _get(person, "/daily_streak") == {"daily_streak": german}
    return Seen(
        streaks={
            row["code"]: Streak(
                row["daily_streak"], row["max_streak"], row["max_streak_date"],
                today[row["code"]]["practiced_today"],
            )
            for row in history
        },
        friends={
            row["username"]: row["friendship"]["friend_streak"]
            for row in _get(person, "/my_friends")
        },
        badges={row["name"]: row["current_value"] for row in _get(person, "/my_badges")},
        unseen=_get(person, "/badges/count_unseen"),
    )  # fmt: skip


def _get(person: Person, path: str) -> Any:
    answer = person.get(path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def command(world: World, *args: str) -> None:
    done = world.app.test_cli_runner().invoke(args=["gamify", *args])
    assert done.exit_code == 0, done.output


def all_practise(world: World) -> None:
    with world.app.app_context():
        for user_id in USERS:
            practice(world.db.session, user_id, GERMAN)
            world.db.session.commit()


def test_every_number_is_as_it_was_then_one_more(production: World) -> None:
    before = by_its_own_code(production)
    assert before["cyd"].friends == {"ada": 9, "dan": 0}
    assert before["eve"].streaks == {"de": Streak(2, 30, "2026-09-01", False)}

    prepare(production.app)
    assert by_our_routes(production) == before
    command(production, "streaks", "open")
    assert by_our_routes(production) == before
    command(production, "streaks", "recompute", *map(str, USERS))
    before["bob"].badges["Production streak"] = 0
    before["fay"].badges["Production streak"] = 1  # practised with Eve, and learns no language
    assert by_our_routes(production) == before

    all_practise(production)
    after = by_our_routes(production)
    one_more(before, after, already=[("ada", "cyd"), ("eve", "fay"), ("eve", "hal")])
    assert after["ada"].streaks["da"] == before["ada"].streaks["da"]
    with time_machine.travel((NOW + DAY).isoformat() + "Z", tick=False):
        all_practise(production)
        one_more(after, by_our_routes(production), already=[])


def one_more(
    before: dict[str, Seen], after: dict[str, Seen], already: Sequence[tuple[str, str]]
) -> None:
    """All have practised German; those of `already` had done so before on that date, both."""
    for name, was in before.items():
        if (german := was.streaks.get("de")) is not None:
            daily = german.daily + (not (already and german.today))
            assert after[name].streaks["de"].daily == daily
            assert after[name].streaks["de"].longest == max(german.longest, daily)
        for friend, streak in was.friends.items():
            more = (name, friend) not in already and (friend, name) not in already
            assert after[name].friends[friend] == streak + more, (name, friend)
