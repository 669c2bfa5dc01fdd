"""What an admin reads on the pages of the panel."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from tests.admin.conftest import NewWorld
from tests.admin.people import PanelClient, enter, words
from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify import Catalog, EventType, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.models import AwardAction, BadgeAwardLog, JobRun, OutboxMessage
from zeeguu_gamify.testing import statements

SCRIPT = "<script>alert(1)</script>"


def awarded(
    world: World, person: Person, code: str, at: datetime, times: int = 1, **more: Any
) -> None:
    """Lines of the award log."""
    row = {
        "user_id": person.id, "badge_id": world.badge_id(code), "action": AwardAction.GRANTED,
        "at": at, "context": "", **more,
    }  # fmt: skip
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(insert(BadgeAwardLog), [row] * times)


def rows(panel: PanelClient, path: str, **query: str) -> list[dict[str, str]]:
    """A list as its CSV has it."""
    answer = panel.get(f"{path}.csv", **query)
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def column(panel: PanelClient, path: str, label: str, **query: str) -> list[str]:
    return [row[label] for row in rows(panel, path, **query)]


# --- overview ----------------------------------------------------------------------------------


def test_the_overview_says_that_all_is_well(panel_world: World) -> None:
    page = words(enter(panel_world).page())
    for said in ("all is well", "Events counted", "Waiting to be delivered 0", "at_risk"):
        assert said in page


def test_the_overview_says_what_is_wrong_and_what_to_do(world: World, panel: PanelClient) -> None:
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM badge WHERE code = 'friends_5'"))
    page = words(panel.page())
    assert "1 to look at" in page
    assert "flask gamify catalog apply" in page
    assert "Events" not in page  # what comes after builds on what is broken


def test_before_the_tables_are_there_the_overview_answers_and_the_rest_says_why(
    new_panel: NewWorld,
) -> None:
    world = new_panel(prepared=False)
    panel = enter(world)
    assert "flask gamify db upgrade" in words(panel.page())
    for page in ("catalog", "awards", "holders", "audit", "triggers", "catalog.csv"):
        answer = panel.get(page)
        assert answer.status_code == 503
        assert "flask gamify db upgrade" in words(answer.text)


def test_the_overview_shows_what_waits_and_what_failed(world: World, panel: PanelClient) -> None:
    row = {"topic": "badge.earned", "payload": {}, "created_at": NOW - timedelta(hours=2)}
    world.add(OutboxMessage.__table__, row | {"due_at": NOW})
    world.add(
        OutboxMessage.__table__,
        row | {"due_at": datetime(9999, 1, 1), "error": f"Broken: {SCRIPT}"},
    )
    shown = panel.page()
    page = words(shown)
    assert "Waiting to be delivered 1 the oldest 2 h ago" in page
    assert "Failed too often 1 Try again" in page
    assert SCRIPT not in shown
    assert "&lt;script&gt;" in shown


def test_the_overview_writes_nothing(world: World, panel: PanelClient) -> None:
    with world.app.app_context(), statements(world.db.engine) as ran:
        panel.page()
    assert not [one for one in ran if one.startswith(("INSERT", "UPDATE", "DELETE"))]


# --- catalog -----------------------------------------------------------------------------------


def test_the_catalog_says_of_each_badge_what_brings_it_and_what_it_asks(
    panel_world: World,
) -> None:
    panel_world.change_badge("friends_1", users_with_badge=7, share_active=0.125)
    [row] = rows(enter(panel_world), "catalog", q="friends_1")
    assert row == {
        "Badge": "Better Together",
        "Code": "friends_1",
        "Family": "Friends",
        "Test": "FRIENDS is at least 1",
        "Triggers": "friendship.changed",
        "Threshold": "1",
        "Holders": "7",
        "Rarity": "0.125",
        "State": "visible",
    }


def test_holders_that_nobody_has_counted_are_not_said_to_be_none(
    world: World, panel: PanelClient
) -> None:
    assert set(column(panel, "catalog", "Holders")) == {""}
    world.change_badge("friends_1", share_active=0)
    assert column(panel, "catalog", "Holders", q="friends_1") == ["0"]


def test_badges_that_nobody_holds_are_shown_when_asked_for(
    world: World, panel: PanelClient
) -> None:
    world.change_badge("friends_1", share_active=0)
    world.change_badge("friends_2", share_active=0.5, users_with_badge=1)
    world.change_badge("friends_3", share_active=0)
    awarded(world, world.person("ada"), "friends_3", NOW)  # not counted yet
    assert column(panel, "holders", "Code", only="nobody") == ["friends_1"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"q": "better TOGETHER"}, ["friends_1"]),
        ({"q": "friends nothing"}, []),
        ({"family": "FRIENDS", "q": "social"}, ["friends_5"]),
        ({"trigger": "friendship.changed"}, [f"friends_{n}" for n in range(1, 6)]),
        ({"visibility": "hidden"}, ["friends_2"]),
        ({"visibility": "deprecated"}, ["friends_3"]),
        ({"visibility": "limited"}, ["friends_4"]),
        ({"visibility": "not open now"}, ["friends_5"]),
        ({"family": "NOTHING"}, []),
    ],
)
def test_the_catalog_is_searched_and_filtered(
    world: World, panel: PanelClient, query: dict[str, str], codes: Sequence[str]
) -> None:
    world.change_badge("friends_2", hidden=True)
    world.change_badge("friends_3", deprecated_at=NOW)
    world.change_badge("friends_4", max_holders=3)
    world.change_badge("friends_5", starts_at=NOW + timedelta(days=1))
    assert column(panel, "catalog", "Code", **query) == codes
    page = words(panel.page("catalog", **query))
    assert ("Nothing is left when it is filtered like that." in page) is not bool(codes)


def test_a_search_field_stands_on_every_page(panel: PanelClient) -> None:
    for page in ("", "awards", "holders", "triggers", "audit"):
        assert 'action="/gamify/admin/catalog"' in panel.page(page)
    assert 'type="search"' in panel.page("catalog")


# --- a badge -----------------------------------------------------------------------------------


def test_a_badge_has_a_page_with_its_rule_its_texts_and_its_holders(panel_world: World) -> None:
    for name in ("ada", "ben"):
        panel_world.hold(panel_world.person(name), "friends_1")
    panel_world.hold(panel_world.person("gone"), "friends_1", revoked_at=NOW)
    panel_world.hold(panel_world.person("other"), "friends_2")
    panel = enter(panel_world)
    page = words(panel.page("badges/friends_1"))
    for said in ("Better Together", "FRIENDS is at least 1", "friendship.changed", "No grants in"):
        assert said in page
    assert column(panel, "badges/friends_1/holders", "User") == ["ben", "ada"]


def test_a_badge_that_is_not_there_has_no_page(panel: PanelClient) -> None:
    for path in ("badges/nothing", "badges/nothing/holders.csv"):
        answer = panel.get(path)
        assert answer.status_code == 404
        assert "no badge with the code nothing" in words(answer.text)


def test_a_badge_that_nobody_holds_says_so(panel: PanelClient) -> None:
    assert "Nobody holds it yet." in words(panel.page("badges/friends_1"))


# --- triggers ----------------------------------------------------------------------------------


def test_each_event_shows_the_badges_that_listen_and_empty_ones_are_marked(
    panel: PanelClient,
) -> None:
    found = {row["Event"]: row for row in rows(panel, "triggers")}
    assert found["friendship.changed"]["Which"] == ", ".join(f"friends_{n}" for n in range(1, 6))
    assert found["friendship.changed"]["Moves"] == "FRIENDS"
    assert found["tournament.won"]["Which"] == "no badge listens"
    page = panel.page("triggers")
    assert 'class="tag warn">no badge listens' in page
    assert 'href="/gamify/admin/badges/friends_1">friends_1' in page


def test_only_empty_triggers_are_shown_when_asked_for(panel: PanelClient) -> None:
    empty = column(panel, "triggers", "Event", badges="none")
    some = column(panel, "triggers", "Event", badges="some")
    assert "tournament.won" in empty
    assert "article.read" in some
    assert sorted([*empty, *some]) == column(panel, "triggers", "Event")


def test_what_the_lint_says_stands_below_the_triggers(new_panel: NewWorld) -> None:
    badge = one_off(
        "bare", name="Bare", trigger="article.read", unachieved="Do it.", achieved="Done."
    )
    panel = enter(new_panel(catalog=Catalog((*FAMILIES, badge))))
    assert "no icon, so clients show a blank" in words(panel.page("triggers"))


# --- awards ------------------------------------------------------------------------------------


@pytest.fixture
def awards(panel_world: World) -> PanelClient:
    """The panel over some awards of yesterday and today."""
    ada, ben = panel_world.person("ada"), panel_world.person("ben")
    hours = timedelta(hours=1)
    awarded(panel_world, ada, "friends_1", NOW - 25 * hours, event="friendship.changed")
    awarded(panel_world, ada, "read_articles_1", NOW - 23 * hours, event="article.read")
    awarded(panel_world, ben, "friends_1", NOW - 2 * hours, event="friendship.changed")
    awarded(
        panel_world, ben, "friends_1", NOW - hours, action=AwardAction.REVOKED, reason="by mistake"
    )
    return enter(panel_world)


def test_the_feed_is_of_24_hours_the_newest_first(awards: PanelClient) -> None:
    found = [(row["User"], row["Code"], row["What"]) for row in rows(awards, "awards")]
    assert found == [
        ("ben", "friends_1", "revoked"),
        ("ben", "friends_1", "granted"),
        ("ada", "read_articles_1", "granted"),
    ]
    assert "by mistake" in words(awards.page("awards"))


@pytest.mark.parametrize(
    ("query", "users"),
    [
        ({"trigger": "article.read"}, ["ada"]),
        ({"trigger": "word.learned"}, []),
        ({"badge": "friends_1"}, ["ben", "ben"]),
        ({"badge": "friends_1", "action": "GRANTED"}, ["ben"]),
        ({"action": "NOTHING"}, ["ben", "ben", "ada"]),
    ],
)
def test_the_feed_is_filtered(awards: PanelClient, query: dict[str, str], users: list[str]) -> None:
    assert column(awards, "awards", "User", **query) == users


def test_a_day_without_awards_says_so(panel: PanelClient) -> None:
    assert "Nothing was granted or revoked" in words(panel.page("awards"))


# --- holders -----------------------------------------------------------------------------------


def test_a_sudden_rush_for_a_badge_is_marked_and_comes_first(panel_world: World) -> None:
    ada = panel_world.person("ada")
    for days in range(1, 20):
        awarded(panel_world, ada, "friends_1", NOW - timedelta(days=days), 3)
        awarded(panel_world, ada, "friends_2", NOW - timedelta(days=days), 3)
    awarded(panel_world, ada, "friends_2", NOW, 10)
    awarded(panel_world, ada, "friends_1", NOW, 9)
    panel = enter(panel_world)
    found = {row["Code"]: row for row in rows(panel, "holders")}
    assert next(iter(found)) == "friends_2"
    assert found["friends_2"]["Spikes"] == "2026-11-20: 10"
    assert found["friends_2"]["New in 28 days"] == "67"
    assert found["friends_1"]["Spikes"] == ""
    assert found["friends_3"]["New in 28 days"] == "0"
    assert column(panel, "holders", "Code", only="spikes") == ["friends_2"]
    shown = panel.page("holders")
    assert "a day with at least 10 grants, and more than 3 times the median" in words(shown)
    label = "67 grants in 28 days, most on 2026-11-20: 10. Spikes: 2026-11-20: 10."
    assert f'role="img" aria-label="{label}"' in shown


def test_days_are_utc_and_revocations_are_no_grants(panel_world: World) -> None:
    ada = panel_world.person("ada")
    midnight = datetime(2026, 11, 20)
    awarded(panel_world, ada, "friends_1", midnight, 2)
    awarded(panel_world, ada, "friends_1", midnight - timedelta(seconds=1))
    awarded(panel_world, ada, "friends_1", midnight, action=AwardAction.REVOKED)
    awarded(panel_world, ada, "friends_1", midnight - timedelta(days=27))
    awarded(panel_world, ada, "friends_1", midnight - timedelta(days=27, seconds=1))
    [row] = [row for row in rows(enter(panel_world), "holders") if row["Code"] == "friends_1"]
    days = list(map(int, row["By day"].split()))
    assert (days[0], days[-2:], sum(days)) == (1, [1, 2], 4)


# --- what people call themselves ----------------------------------------------------------------


def test_names_and_notes_stay_text_on_every_page(new_panel: NewWorld) -> None:
    event = EventType("nasty.done", SCRIPT)
    badge = one_off("nasty", name=SCRIPT, trigger="nasty.done", unachieved=SCRIPT, achieved=SCRIPT)
    world = new_panel(catalog=Catalog((*FAMILIES, badge)), events=(event,))
    villain = world.person(SCRIPT, is_admin=True)
    world.hold(villain, "nasty", context="", source="auto")
    awarded(world, villain, "nasty", NOW, reason=SCRIPT)
    job = {"job": "at_risk", "period": "now", "state": "DONE", "holder": "x", "summary": SCRIPT}
    times = dict.fromkeys(("lease_until", "started_at", "finished_at"), NOW)
    world.add(JobRun.__table__, job | times | {"cursor": 0})
    panel = PanelClient(world, villain.uuid)
    panel.do("events.pause", reason=SCRIPT)
    for page in ("", "catalog", "badges/nasty", "triggers", "awards", "holders", "audit",
                 "audit/1", "change/events.resume"):  # fmt: skip
        for query in ({}, {"q": SCRIPT}, {"trigger": SCRIPT}):
            shown = panel.page(page, **query)
            assert SCRIPT not in shown
            assert "&lt;script&gt;" in shown, page


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_csv_has_a_formula(world: World, panel: PanelClient, name: str) -> None:
    ada = world.person(name, email="ada@example.org")
    world.hold(ada, "friends_1", context=name)
    awarded(world, ada, "friends_1", NOW, reason=name, context=name)
    panel.do("events.pause", reason=f"={name}")
    for path in ("awards", "badges/friends_1/holders", "audit"):
        for row in rows(panel, path):
            for cell in row.values():
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", " ")), cell
    [line] = rows(panel, "awards")
    assert line["User"].startswith("'")


def test_a_badge_of_the_database_that_the_code_has_lost_is_shown(
    world: World, panel: PanelClient
) -> None:
    world.mount.catalog = Catalog(FAMILIES[1:])
    world.change_badge("translated_words_1", hidden=True)
    [row] = rows(panel, "catalog", q="translated_words_1")
    assert (row["Triggers"], row["State"]) == ("", "hidden")
    assert "no event brings it about" in words(panel.page("badges/translated_words_1"))
