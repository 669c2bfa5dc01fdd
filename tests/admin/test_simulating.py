"""Explain and simulate: what an admin asks, and that asking changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from tests.admin.people import PanelClient, enter, words
from tests.admin.test_pages import SCRIPT, awarded
from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import emit
from zeeguu_gamify.admin.pages import rule_change
from zeeguu_gamify.models import Base

PROOF = {"event": "friendship.changed", "metric": "FRIENDS", "value": 1}


def everything(world: World) -> dict[str, Any]:
    """Every row of every table, ours and the host's."""
    metadata: list[MetaData] = [Base.metadata, world.db.metadata]
    with world.app.app_context(), world.db.engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for one in metadata
            for table in one.sorted_tables
        }


@pytest.fixture
def ada(panel_world: World) -> Person:
    """A learner with 9 articles read, one friend, and a badge that was revoked."""
    ada = panel_world.person("ada")
    panel_world.progress(ada, "READ_ARTICLES", 9)
    panel_world.progress(ada, "FRIENDS", 1)
    panel_world.hold(ada, "friends_1", evidence=PROOF)
    awarded(panel_world, ada, "friends_1", NOW, event="friendship.changed")
    panel_world.hold(ada, "read_articles_1", revoked_at=NOW)
    return ada


@pytest.fixture
def asked(panel_world: World, ada: Person) -> Iterator[PanelClient]:
    """An admin's browser; whatever is asked by it, no row may differ afterwards."""
    panel = enter(panel_world)
    before = everything(panel_world)
    yield panel
    assert everything(panel_world) == before
    assert len(before) > len(Base.metadata.tables)


def result(panel: PanelClient, page: str, **form: Any) -> str:
    answer = panel.post(page, csrf=panel.token(), **form)
    assert answer.status_code == 200, answer.text
    return words(answer.text)


# --- explain -----------------------------------------------------------------------------------


def test_why_a_badge_is_not_held_says_what_is_missing(asked: PanelClient) -> None:
    page = words(asked.page("explain", user="ada", badge="friends_2"))
    assert "not earned" in page
    assert "more of FRIENDS: it is 1 of" in page
    assert "Grant it by hand" in page


def test_why_a_badge_is_held_shows_certificate_and_history(asked: PanelClient) -> None:
    page = words(asked.page("explain", user="ada", badge="friends_1"))
    for said in ("held", '"event": "friendship.changed"', "granted on 2026-11-20", "Revoke"):
        assert said in page


def test_a_revoked_badge_says_so(asked: PanelClient) -> None:
    page = words(asked.page("explain", user="ada", badge="read_articles_1"))
    assert "stays so until that is lifted" in page
    assert "Lift" in page


def test_all_badges_are_explained_at_once(asked: PanelClient) -> None:
    page = asked.page("explain", user="ada")
    for code in ("friends_1", "friends_5", "read_articles_2"):
        assert f"<code>{code}</code>" in page


def test_an_event_is_tried_without_happening(asked: PanelClient) -> None:
    page = words(asked.page("explain", user="ada", event="article.read", amount=50))
    assert "If article.read happened now" in page
    assert "read_articles_2" in page
    none = words(asked.page("explain", user="ada", event="tournament.won"))
    assert "It would bring no badge." in none
    assert "No badge listens to that." in none


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"user": "nobody"}, "nobody"),
        ({"user": ""}, "Name a user."),
        ({"user": "ada", "badge": "friend_1"}, "friends_1"),
        ({"user": "ada", "event": "articel.read"}, "article.read"),
        ({"user": "ada", "event": "friendship.changed"}, "needs its value"),
        ({"user": "ada", "event": "article.read", "amount": "-1"}, "between 1 and"),
    ],
)
def test_a_question_that_makes_no_sense_says_why(
    asked: PanelClient, query: dict[str, str], said: str
) -> None:
    assert said in words(asked.page("explain", **query))


# --- simulator ---------------------------------------------------------------------------------


@pytest.mark.core
def test_other_numbers_are_supposed(asked: PanelClient) -> None:
    page = result(asked, "simulate", user="ada", facts="FRIENDS=5\nREAD_ARTICLES = 50")
    assert "friends_2" in page
    assert "FRIENDS is at least 3: it is 5" in page or "FRIENDS" in page
    assert "Nothing was written." in page
    nothing = result(asked, "simulate", user="ada", facts="FRIENDS=1")
    assert "Nothing would be granted." in nothing


def test_another_time_is_supposed(asked: PanelClient) -> None:
    page = result(asked, "simulate", user="ada", facts="FRIENDS=5", at="2027-02-03T04:05")
    assert "2027-02-03 04:05 UTC" in page


LIST = json.dumps([{"event": "article.read", "amount": 500, "at": "2026-11-20T13:00"}])


@pytest.mark.parametrize("events", [LIST, LIST[1:-1], f"\n{LIST[1:-1]}\n"])
def test_events_are_played_from_json(asked: PanelClient, events: str) -> None:
    page = result(asked, "simulate", user="ada", events=events)
    assert "article.read" in page
    assert "2026-11-20 13:00 UTC" in page
    assert "read_articles_2" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"user": "nobody"}, "nobody"),
        ({"user": "ada", "facts": "FRIEND=2"}, "FRIENDS"),
        ({"user": "ada", "facts": "FRIENDS=many"}, "not a whole number"),
        ({"user": "ada", "events": "[1"}, "this is not JSON"),
        ({"user": "ada", "events": "{"}, "line 1: this is not JSON"),
        ({"user": "ada", "events": '{"event": "x"}'}, "line 1"),
        ({"user": "ada", "since": "2026-01-01T00:00"}, "a window of a year"),
        (
            {"user": "ada", "since": "0001-01-01T00:00", "until": "9999-12-31T00:00"},
            "a window of a year",
        ),
        (
            {"user": "ada", "since": "2026-01-01T00:00", "until": "2026-02-01T00:00",
             "facts": "FRIENDS=1"},
            "goes with nothing else",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_supposed_says_why(
    asked: PanelClient, form: dict[str, str], said: str
) -> None:
    assert said in result(asked, "simulate", **form)


def test_the_last_window_there_is_has_nothing_in_it(asked: PanelClient) -> None:
    form = {"user": "ada", "since": "9999-06-01T00:00", "until": "9999-12-31T23:59"}
    assert "Nothing would be granted." in result(asked, "simulate", **form)


def test_a_form_of_another_session_is_refused(asked: PanelClient) -> None:
    for page in ("simulate", "rule-change"):
        assert "This form is too old" in asked.post(page, user="ada", badge="friends_1").text


def test_what_was_stored_is_played_again(panel_world: World) -> None:
    ben = panel_world.person("ben")
    with panel_world.app.app_context():
        for number in range(12):
            at = NOW - timedelta(hours=12 - number)
            emit(
                panel_world.db.session, "article.read", user_id=ben.id, event_id=f"e{number}",
                at=at,
            )  # fmt: skip
        panel_world.db.session.commit()
    panel = enter(panel_world)
    before = everything(panel_world)
    page = result(panel, "simulate", user="ben", since="2026-11-19T12:00", until="2026-11-21T12:00")
    assert "read_articles_1" in page
    assert everything(panel_world) == before


# --- rule change -------------------------------------------------------------------------------


@pytest.mark.core
def test_a_lower_threshold_says_who_gains(asked: PanelClient) -> None:
    page = result(asked, "rule-change", badge="read_articles_2", threshold="9", span="everybody")
    assert "gain it 1" in page
    assert "ada gains read_articles_2" in page


def test_a_higher_threshold_says_who_holds_it_unearned(asked: PanelClient) -> None:
    page = result(
        asked, "rule-change", badge="friends_1", threshold="2", span="the first 5,000 users"
    )
    assert "hold it unearned 1" in page
    assert "ada holds without having earned friends_1" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"badge": "friend_1", "threshold": "2"}, "friends_1"),
        ({"badge": "friends_1"}, "Say what would be different."),
        ({"badge": "friends_1", "threshold": "0"}, "between 1 and"),
        (
            {"badge": "friends_2", "threshold": "1"},
            "Threshold: the levels of Friends would ask for 1, 1, 5, 7, 10, which does not rise.",
        ),
        (
            {"badge": "friends_2", "starts_at": "2026-12-02T00:00", "ends_at": "2026-12-01T00:00"},
            "That rule cannot be: friends_2: ",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_says_why(
    asked: PanelClient, form: dict[str, str], said: str
) -> None:
    page = result(asked, "rule-change", span="everybody", **form)
    assert said in page
    assert "catalog" not in page


def test_no_more_users_are_looked_at_than_wanted(
    world: World, panel: PanelClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(501):
        world.progress(world.person(f"user{number}"), "FRIENDS", 2)
    monkeypatch.setitem(rule_change.SPANS, "the first 5,000 users", 100)
    for span, users, gain in (("the first 5,000 users", 500, 499), ("everybody", 502, 501)):
        page = result(panel, "rule-change", badge="friends_2", threshold="2", span=span)
        assert f"Of {users} users" in page
        assert f"gain it {gain}" in page
    assert "Only the first 200 are named." in page


def test_names_stay_text_in_simulations(world: World, panel: PanelClient) -> None:
    villain = world.person(SCRIPT)
    world.progress(villain, "FRIENDS", 1)
    awarded(world, villain, "friends_1", NOW, reason=SCRIPT)
    world.hold(villain, "friends_1", evidence={"event": SCRIPT}, context="")
    for page in (
        panel.page("explain", user=SCRIPT),
        panel.page("explain", user=f"{SCRIPT}2"),
        panel.page("explain", user=SCRIPT, badge=SCRIPT, event=SCRIPT),
        panel.post("simulate", csrf=panel.token(), user=SCRIPT, facts=SCRIPT).text,
        panel.post(
            "rule-change", csrf=panel.token(), badge=SCRIPT, threshold="1", span="everybody"
        ).text,
    ):
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
