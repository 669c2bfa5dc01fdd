"""`flask gamify catalog lint`: what mounting does not refuse, broken once each, and the dry run.

What mounting refuses is broken in tests/unit/test_catalog.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text, update

from tests.hosts import ADA, MakeHost, User, change, db_of, engine_of, mount_on
from zeeguu_gamify import Catalog, EventType, ladder, one_off, update_badge_progress
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.badges.definitions import FamilyDefinition
from zeeguu_gamify.badges.generators import composite
from zeeguu_gamify.badges.rules import AtLeast
from zeeguu_gamify.badges.trees import AllOf, Not
from zeeguu_gamify.events import dictionary
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.testing import statements

SONGS = EventType("song.sung", "a song was sung", "SONGS")
SINGER = ladder(
    "SONGS", (1, 10), name="Singer", trigger="song.sung", icon="song.svg",
    describe=lambda n: (f"Sing {n}.", f"You sang {n}."),
)  # fmt: skip
LONELY = composite(
    "lonely", test=AllOf(AtLeast("SONGS", 3), Not(AtLeast("FRIENDS", 1))), name="Lonely",
    unachieved="-", achieved="-", icon="-",
)  # fmt: skip
SOUND = (*FAMILIES, SINGER, LONELY)


def changed(family: FamilyDefinition, level: int = 1, **changes: Any) -> FamilyDefinition:
    """`family` with something of one badge replaced: what no generator would make."""
    badges = [
        replace(badge, **changes) if badge.level == level else badge for badge in family.badges
    ]
    return replace(family, badges=tuple(badges))


def once(**options: Any) -> FamilyDefinition:
    defaults = {"name": "-", "trigger": "song.sung", "unachieved": "-", "achieved": "-"}
    return one_off("once", **{**defaults, **options})


@pytest.mark.parametrize(
    ("family", "subject", "message"),
    [
        (changed(SINGER, name=" "), "songs_1", "its name is empty; say something"),
        (
            changed(SINGER, name="S" * 101),
            "songs_1",
            "its name has 101 letters, its column 100; shorten it",
        ),
        (
            changed(SINGER, achieved_description=""),
            "songs_1",
            "its achieved_description is empty; say something",
        ),
        (
            changed(SINGER, icon_name="s" * 256),
            "songs_1",
            "its icon has 256 letters, its column 255; shorten it",
        ),
        (replace(SINGER, name=""), "SONGS", "its name is empty; say something"),
        (
            changed(SINGER, color="green"),
            "songs_1",
            "the color 'green' is not like #2FA56B; write six hexadecimal digits",
        ),
    ],
)
def test_lint_finds_what_clients_cannot_show(
    new_sqlite_host: MakeHost, family: FamilyDefinition, subject: str, message: str
) -> None:
    host = new_sqlite_host()
    mount_on(host).catalog = Catalog([family])
    mount_on(host).events = dictionary([SONGS])
    assert {"severity": "error", "subject": subject, "message": message} in remarks(
        host, fails=True
    )


def test_lint_warns_of_a_badge_without_icon_and_of_texts_that_are_not_translated(
    new_sqlite_host: MakeHost,
) -> None:
    host = new_sqlite_host(catalog=Catalog([*FAMILIES, once()]), events=[SONGS])
    found = remarks(host)
    assert {remark["severity"] for remark in found} == {"warning"}
    assert [(remark["subject"], remark["message"]) for remark in found] == [
        ("once", "no icon, so clients show a blank; name one"),
        ("de", "1 texts are not translated; see `flask gamify texts missing`"),
    ]


def test_lint_of_what_ships_has_nothing_to_say(new_sqlite_host: MakeHost) -> None:
    assert remarks(new_sqlite_host(), "--sample", "5") == []


@pytest.fixture
def singers(new_host: MakeHost) -> Flask:
    """Ada and Ben, and eight more who were all there before the badge for it was."""
    host = new_host(catalog=Catalog(SOUND), events=[SONGS])
    rows = [{"id": n, "username": f"user{n}", "name": "-"} for n in range(3, 11)]
    with engine_of(host).begin() as connection:
        connection.execute(insert(User), rows)
    return host


def test_lint_says_what_differs_in_the_database(singers: Flask) -> None:
    change(singers, update(Badge).where(Badge.code == "songs_2").values(threshold=12))
    change(singers, update(Badge).where(Badge.code == "friends_5").values(code="friends_9"))
    mount_on(singers).catalog = Catalog([SINGER])
    found = {remark["subject"]: remark["message"] for remark in remarks(singers, "--sample", "1")}
    assert found["songs_2"] == (
        "not so in the database: threshold: 12 → 10; run `flask gamify catalog apply`"
    )
    assert found["friends_9"].startswith("in the database, but not in the code; `catalog apply --d")


@pytest.mark.core
def test_the_dry_run_shows_a_rule_by_which_everybody_would_get_a_badge(singers: Flask) -> None:
    session = db_of(singers).session
    for user_id in range(1, 11):
        update_badge_progress(session, "SONGS", user_id, 9)
    session.commit()
    assert dry_run(singers)["new"].get("songs_2", 0) == 0
    easier = changed(SINGER, 2, test=AtLeast("SONGS", 9))
    mount_on(singers).catalog = Catalog([*FAMILIES, easier, LONELY, once(icon="-")])
    run = lint(singers, "--sample", "10")
    assert run["dry_run"]["users"] == 10
    assert run["dry_run"]["earned"]["songs_2"] == run["dry_run"]["new"]["songs_2"] == 10
    assert "once" not in run["dry_run"]["new"]  # it is not in the database yet
    assert {
        "severity": "warning",
        "subject": "songs_2",
        "message": "10 of 10 users of the sample would get it at once; look at its test, or run "
        "`flask gamify backfill` if that is meant",
    } in run["remarks"]


def test_who_holds_a_badge_or_lost_it_to_a_moderator_would_not_get_it_anew(singers: Flask) -> None:
    session = db_of(singers).session
    update_badge_progress(session, "SONGS", ADA, 10)
    session.commit()
    assert (dry_run(singers)["earned"]["songs_2"], dry_run(singers)["new"]) == (1, {})
    change(singers, update(UserBadge).values(revoked_at=datetime(2026, 1, 1)))
    assert dry_run(singers)["new"] == {}


def test_the_sample_has_old_and_new_users(singers: Flask) -> None:
    session = db_of(singers).session
    for user_id in (1, 10):
        update_badge_progress(session, "SONGS", user_id, 1)
    session.commit()
    run = lint(singers, "--sample", "4")["dry_run"]
    assert (run["users"], run["earned"]) == (4, {"songs_1": 2})


def test_the_dry_run_writes_nothing_and_costs_the_same_for_any_sample(singers: Flask) -> None:
    lint(singers, "--sample", "1")  # the catalog is read now
    counts = []
    for size in ("2", "10"):
        with statements(engine_of(singers)) as ran:
            lint(singers, "--sample", size)
        verbs = {statement.split(maxsplit=1)[0].upper() for statement in ran}
        assert verbs <= {"SELECT", "PRAGMA", "DESCRIBE", "SHOW", "SET"}
        counts.append(len(ran))
    assert counts[0] == counts[1]


def test_a_fact_of_the_host_that_the_database_refuses_is_named_with_its_badges(
    new_host: MakeHost,
) -> None:
    hits = composite(
        "hits", test=AllOf(AtLeast("HITS", 3)), name="Hits", trigger="song.sung", unachieved="-",
        achieved="-", icon="-",
    )  # fmt: skip
    host = new_host(
        catalog=Catalog([*SOUND, hits]),
        events=[SONGS],
        snapshot_fields={
            "HITS": lambda _user: select(func.count(text("nope.x"))).scalar_subquery()
        },
    )
    [found] = [
        remark
        for remark in remarks(host, "--sample", "1", fails=True)
        if remark["severity"] == "error"
    ]
    assert found["subject"] == "HITS"
    assert "for which hits badge asks" in found["message"]
    assert found["message"].endswith("; mend its SQL")


def test_a_catalog_that_is_not_mounted_yet_is_linted_from_its_file(
    singers: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "next.py"
    file.write_text(
        "from zeeguu_gamify import Catalog\n"
        "from zeeguu_gamify.badges.default_catalog import FAMILIES\n"
        "CATALOG = Catalog([*FAMILIES, FAMILIES[0]])\n"
    )
    codes = {remark["subject"] for remark in remarks(singers, str(file), fails=True)}
    assert {"translated_words_1", "TRANSLATED_WORDS"} <= codes


def test_lint_prints_for_people_what_it_tells_programs(singers: Flask) -> None:
    printed = run_lint(singers, "--sample", "3").splitlines()
    assert "   3  song.sung" in printed
    assert "   -  quiz.completed (no badge listens)" in printed
    assert "Dry run over 3 users: earned, and new among them" in printed
    assert printed[-1] == "The catalog is sound."


def run_lint(host: Flask, *options: str, fails: bool = False) -> str:
    result = host.test_cli_runner().invoke(args=["gamify", "catalog", "lint", *options])
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


def lint(host: Flask, *options: str, fails: bool = False) -> dict[str, Any]:
    return dict(json.loads(run_lint(host, "--json", *options, fails=fails)))


def remarks(host: Flask, *options: str, fails: bool = False) -> list[dict[str, str]]:
    return list(lint(host, *options, fails=fails)["remarks"])


def dry_run(host: Flask) -> dict[str, Any]:
    return dict(lint(host, "--sample", "10")["dry_run"])
