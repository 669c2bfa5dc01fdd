"""Texts in the reader's language: on our own routes always, on Zeeguu's only when switched on."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import Catalog, DailyGoal
from zeeguu_gamify.badges.default_catalog import EXAMPLES, FAMILIES, ONE_OFFS, PRIZES
from zeeguu_gamify.models import Badge, UserBadge
from zeeguu_gamify.texts import SHIPPED


def ask(person: Person, path: str, languages: str | None = None, **query: str) -> TestResponse:
    headers = {"Accept-Language": languages} if languages else {}
    return person.call("GET", path, headers=headers, query_string=query)


def friends(person: Person, languages: str | None = None) -> TestResponse:
    """The badges of having friends."""
    return ask(person, "/api/v2/badges", languages, family="FRIENDS")


def first(answer: TestResponse) -> tuple[str, str]:
    """Name and description of the first badge."""
    assert answer.json is not None
    return answer.json[0]["name"], answer.json[0]["description"]


ENGLISH = ("Better Together", "Have 1 friend.")
GERMAN = ("Zusammen ist es besser", "Schließe 1 Freundschaft.")


@pytest.mark.parametrize(
    ("languages", "texts", "named"),
    [
        ("de", GERMAN, "de"),
        ("de-CH,de;q=0.9,en;q=0.8", GERMAN, "de"),
        ("fr,de;q=0.5,en;q=0.4", GERMAN, "de"),
        ("en,de;q=0.5", ENGLISH, "en"),
        ("en-GB,de;q=0.5", ENGLISH, "en"),
        ("fr", ENGLISH, "en"),
        ("???", ENGLISH, "en"),
        (None, ENGLISH, "en"),
    ],
)
def test_our_own_routes_answer_in_the_language_that_the_client_asks_for(
    sqlite_world: World, languages: str | None, texts: tuple[str, str], named: str
) -> None:
    answer = friends(sqlite_world.person("Ada"), languages)
    assert first(answer) == texts
    assert answer.headers["Content-Language"] == named
    assert "Accept-Language" in answer.headers["Vary"]


def test_what_browsers_say_of_their_language_changes_nothing_on_zeeguus_routes(
    sqlite_world: World,
) -> None:
    ada = sqlite_world.person("Ada")
    sqlite_world.hold(ada, "friends_1")
    for path in ("/my_badges", "/friend_badges/Ada"):
        plain, german = ask(ada, path), ask(ada, path, "de")
        assert plain.data == german.data
        assert plain.headers == german.headers


def test_a_host_may_switch_zeeguus_routes_over(build: Callable[..., World]) -> None:
    world = build(config={"GAMIFY_TRANSLATE": True})
    ada = world.person("Ada")
    answer = ask(ada, "/my_badges", "de")
    assert answer.json is not None
    family = next(family for family in answer.json if family["name"] == "Freundschaften")
    badge = family["badges"][0]
    assert (badge["name"], badge["unachieved_description"]) == GERMAN
    assert badge["description"] == "Du hast 1 Freundschaft geschlossen."
    assert ask(ada, "/my_badges").json != answer.json


def test_the_users_own_language_comes_before_that_of_the_client(
    build: Callable[..., World],
) -> None:
    world = build(language_of={1: "de", 2: "xx"}.get)
    ada, bob = world.person("Ada"), world.person("Bob")
    assert first(friends(ada, "en")) == GERMAN
    assert first(friends(bob, "de")) == GERMAN  # xx: none of ours
    assert first(friends(bob)) == ENGLISH


def test_conditions_are_translated_also_those_of_a_certificate(
    build: Callable[..., World],
) -> None:
    world = build(catalog=Catalog([*FAMILIES, *PRIZES]))
    ada = world.person("Ada")
    condition = {
        "text": "won by a place in a season", "metric": None, "value": 1, "wanted": 2,
        "passed": False,
    }  # fmt: skip
    world.hold(ada, "friends_1", evidence={"conditions": [condition]})
    [grant] = ask(ada, "/badges/friends_1/explain", "de").get_json()["grants"]
    german = "durch einen Platz in einer Saison gewonnen"
    assert grant["certificate"] == {"conditions": [condition | {"text": german}]}
    [asked] = ask(ada, "/badges/week_gold/explain", "de").get_json()["conditions"]
    assert asked["text"] == german


def test_tooltips_have_the_plural_of_their_language(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    sqlite_world.hold(ada, "friends_1")
    sqlite_world.hold(ada, "friends_2")
    answer = ask(ada, f"/api/v2/users/{ada.id}/profile_badges", "de")
    assert answer.json is not None
    assert [badge["tooltip"] for badge in answer.json] == ["3 Freundschaften", "1 Freundschaft"]


def test_goals_are_translated_too_by_the_hosts_own_catalogs_before_ours(
    build: Callable[..., World], tmp_path: Path
) -> None:
    goal = DailyGoal(
        code="words", name="Words", description="Read.", event="word.translated", count=3
    )
    write_catalog(tmp_path / "de", {"Words": "Vokabeln", "Better Together": "Gemeinsam"})
    write_catalog(tmp_path / "da", {"Words": "Gloser"})
    world = build(daily_goals=[goal], translations=tmp_path)
    ada = world.person("Ada")
    goals = {language: ask(ada, "/daily_goals", language).json for language in ("de", "da", "en")}
    names = {language: answer["goals"][0]["name"] for language, answer in goals.items()}  # type: ignore[index]
    assert names == {"de": "Vokabeln", "da": "Gloser", "en": "Words"}
    badge = first(friends(ada, "de"))
    assert badge == ("Gemeinsam", "Schließe 1 Freundschaft.")  # ours, where the host says nothing


def write_catalog(directory: Path, texts: dict[str, str]) -> None:
    """A compiled catalog, as Babel makes it."""
    entries = "".join(f'msgid "{one}"\nmsgstr "{other}"\n\n' for one, other in texts.items())
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    where = directory / "LC_MESSAGES"
    where.mkdir(parents=True)
    with (where / "gamify.mo").open("wb") as file:
        write_mo(file, read_po(BytesIO((head + entries).encode())))


def test_a_text_that_was_changed_in_the_database_is_shown_as_it_is(sqlite_world: World) -> None:
    sqlite_world.change_badge("friends_1", name="One pal")
    ada = sqlite_world.person("Ada")
    assert first(friends(ada, "de")) == ("One pal", GERMAN[1])


def test_nothing_of_a_translation_is_stored(sqlite_world: World) -> None:
    ada = sqlite_world.person("Ada")
    sqlite_world.hold(ada, "friends_1", NOW)
    ask(ada, f"/api/v2/users/{ada.id}/profile_badges", "de")
    assert sqlite_world.scalar(select(Badge.name).where(Badge.code == "friends_1")) == ENGLISH[0]
    assert sqlite_world.scalar(select(UserBadge.evidence)) is None


# What is shipped, and the commands


@pytest.mark.parametrize("language", sorted(path.name for path in SHIPPED.iterdir()))
def test_a_shipped_catalog_is_compiled(language: str) -> None:
    """When it is not: `pybabel compile -D gamify -d zeeguu_gamify/translations`."""
    path = SHIPPED / language / "LC_MESSAGES" / "gamify.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(path.read_bytes())))
    shipped = BytesIO(path.with_suffix(".mo").read_bytes())
    assert texts_of(shipped) == texts_of(BytesIO(compiled.getvalue()))


def texts_of(compiled: BytesIO) -> dict[str, Any]:
    """The texts, without the head, which says when it was made."""
    return {str(message.id): message.string for message in read_mo(compiled) if message.id}


def run(world: World, *command: str, fails: bool = False) -> str:
    result = world.app.test_cli_runner().invoke(args=["gamify", "texts", *command])
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


def test_no_text_that_ships_lacks_a_translation(build: Callable[..., World]) -> None:
    world = build(catalog=Catalog([*FAMILIES, *ONE_OFFS, *PRIZES, *EXAMPLES]))
    assert run(world, "missing") == "de: 0 texts are not translated.\n"


def test_the_command_lists_what_lacks_a_translation(build: Callable[..., World]) -> None:
    goal = DailyGoal(
        code="words", name="High Five", description='Say "hi".', event="word.translated", count=3
    )
    world = build(daily_goals=[goal])
    printed = run(world, "missing", "de", fails=True)
    assert printed == 'de: Say "hi".\nde: 1 texts are not translated.\n'
    assert json.loads(run(world, "missing", "--json", fails=True)) == {"de": ['Say "hi".']}
    assert "'fr' has no catalog; there are de" in run(world, "missing", "fr", fails=True)


def test_the_template_has_every_text_once_for_the_tools_of_gettext(
    build: Callable[..., World],
) -> None:
    goal = DailyGoal(
        code="words", name="High Five", description='A "b"\n\\c', event="word.translated", count=3
    )
    world = build(daily_goals=[goal])
    template = read_po(BytesIO(run(world, "template").encode()))
    ids: list[Any] = [message.id for message in template if message.id]
    assert ids.count("High Five") == 1
    assert 'A "b"\n\\c' in ids
    assert ("{n} friend", "{n} friends") in ids
