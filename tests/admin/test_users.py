"""The pages about a user: who is found, and what is there."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from tests.admin.conftest import NewWorld
from tests.admin.people import PanelClient, enter, words
from tests.admin.test_pages import SCRIPT, awarded, column, rows
from tests.contract.hosts import LONG_AGO, NOW, Person, World
from zeeguu_gamify import practice
from zeeguu_gamify.economy import profile
from zeeguu_gamify.host import Group, HostMap
from zeeguu_gamify.models import (
    Asset,
    AwardAction,
    FriendRequest,
    InboxMessage,
    LedgerEntry,
    StreakBridge,
    UserProfile,
)
from zeeguu_gamify.testing import statements

TABS = ("", "/log", "/changes", "/progress", "/streaks", "/ledger", "/friends", "/purchases",
        "/inbox")  # fmt: skip
FILES = (
    "badges",
    "log",
    "changes",
    "progress",
    "streak-list",
    "days",
    "ledger",
    "friends",
    "purchases",
    "inbox",
)


def practise(world: World, person: Person, *days: date) -> None:
    """Let the person practise on these dates, in their order."""
    with world.app.app_context():
        for day in days:
            practice(world.db.session, person.id, at=NOW.replace(day=day.day, month=day.month))
        world.db.session.commit()


def earn(world: World, person: Person, asset: Asset, amount: int, reason: str = "gift") -> None:
    """Let the person have coins, by the ledger."""
    row = {"user_id": person.id, "asset": asset, "amount": amount, "at": NOW, "reason": reason}
    world.add(LedgerEntry.__table__, row | {"local_date": NOW.date()})
    with world.app.app_context(), world.db.engine.begin() as connection:
        profile.add(connection, person.id, 0, amount)


# --- finding one -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["root", "adam", "ada", "ben"]), ("ad", ["ada", "adam"]), ("BEN", ["ben"]), ("%", [])],
)
def test_users_are_found_by_how_their_names_begin(
    panel_world: World, query: str, found: list[str]
) -> None:
    for name in ("ben", "ada", "adam"):
        panel_world.person(name)
    assert column(enter(panel_world), "users", "User", q=query) == found


@pytest.mark.core
def test_users_found_by_name_are_paged_in_the_order_of_names(panel_world: World) -> None:
    for number in range(52):
        panel_world.person(f"user{number:02}")
    panel = enter(panel_world)
    first = panel.page("users", q="user")
    follow = unescape(first[first.index("users?") :].split('"')[0])
    for path, there, gone in (("users?q=user", "user49", "user50"), (follow, "user50", "user49")):
        shown = panel.page(path)
        assert f">{there}</a>" in shown
        assert f">{gone}</a>" not in shown


def test_a_user_is_found_by_id_and_no_list_tells_their_mail(panel_world: World) -> None:
    ada = panel_world.person("ada")
    panel = enter(panel_world)
    assert column(panel, "users", "User", q=str(ada.id)) == ["ada"]
    for page in ("users", *(f"users/{ada.id}{tab}" for tab in TABS)):
        assert "@example.org" not in panel.page(page)


@pytest.mark.parametrize("tab", TABS)
def test_every_page_about_a_user_has_the_full_name(
    world: World, panel: PanelClient, tab: str
) -> None:
    ada = world.person("ada", name="Ada Lovelace")
    nameless = world.person("ben", name=None)
    with world.app.app_context(), statements(world.db.engine) as ran:
        assert "ada id 2 Ada Lovelace" in words(panel.page(f"users/{ada.id}{tab}"))
    assert len([one for one in ran if "full_name" in one]) == 1
    assert "None" not in words(panel.page(f"users/{nameless.id}{tab}"))


def test_a_full_name_stays_text(world: World, panel: PanelClient) -> None:
    ada = world.person("ada", name=SCRIPT)
    for path in (f"users/{ada.id}", "users"):
        page = panel.page(path)
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page


def test_a_host_without_full_names_shows_the_username_alone(new_panel: NewWorld) -> None:
    groups = frozenset({Group.SESSION, Group.NAMES, Group.ROLES})
    world = new_panel(host_map=HostMap(groups=groups))
    ada = world.person("ada", name="Ada Lovelace")
    assert "Lovelace" not in enter(world).page(f"users/{ada.id}")


def test_nobody_is_said_to_be_nobody(panel: PanelClient) -> None:
    assert panel.get("users/4711").status_code == 404
    assert panel.get("users/4711/ledger").status_code == 404


def test_an_id_that_no_database_can_keep_is_nobodys(panel: PanelClient) -> None:
    for page in ("users/{}", "users/{}/ledger.csv", "audit/{}", "seasons/{}", "webhooks/{}"):
        assert panel.get(page.format(2**63 - 1)).status_code in (200, 404), page
        assert panel.get(page.format(2**63)).status_code == 404, page


# --- what is there -----------------------------------------------------------------------------


def test_every_page_about_a_user_with_nothing_says_so(root_panel: PanelClient, ada: Person) -> None:
    for tab, said in zip(
        TABS,
        (
            "holds no badge", "Nothing was granted", "Nobody has changed anything",
            "has begun nothing", "has not practised yet", "Nothing was given or spent",
            "has no friends yet", "has bought nothing", "was told nothing",
        ),
        strict=True,
    ):  # fmt: skip
        assert said in words(root_panel.page(f"users/{ada.id}{tab}"))
    for name in FILES:
        assert rows(root_panel, f"users/{ada.id}/{name}") == [] or name == "progress"


def test_badges_are_shown_with_certificate_state_and_source(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    proof = {"value": 12, "threshold": 10, "event": "friendship.changed", "rule_version": 3}
    panel_world.hold(ada, "friends_1", evidence=proof, source="auto")
    panel_world.hold(ada, "friends_2", revoked_at=NOW, is_shown=True, source="manual")
    panel_world.hold(ada, "friends_3", evidence=proof | {"value": 583, "threshold": 1})
    found = {row["Code"]: row for row in rows(root_panel, f"users/{ada.id}/badges")}
    assert found["friends_1"]["Certificate"] == "12 of 10, by friendship.changed, rule 3"
    assert found["friends_3"]["Certificate"] == "by friendship.changed, rule 3"
    assert (found["friends_1"]["State"], found["friends_2"]["State"]) == (
        "held, not seen", "revoked",
    )  # fmt: skip
    page = root_panel.page(f"users/{ada.id}")
    assert "Badges 2" in words(page)
    assert f"/change/award.revoke?user={ada.id}&amp;badge=friends_1&amp;context=" in page
    assert f"/change/award.lift?user={ada.id}&amp;badge=friends_2&amp;context=" in page
    assert column(root_panel, f"users/{ada.id}/badges", "Code", state="revoked") == ["friends_2"]


def test_the_award_log_is_of_this_user_with_moderator_and_reason(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    ben = panel_world.person("ben")
    awarded(panel_world, ada, "friends_1", LONG_AGO, event="friendship.changed")
    awarded(
        panel_world, ada, "friends_1", NOW, action=AwardAction.REVOKED, reason="oops",
        actor_id=ben.id,
    )  # fmt: skip
    awarded(panel_world, ben, "friends_2", NOW)
    found = rows(root_panel, f"users/{ada.id}/log")
    assert [(row["What"], row["By"], row["Why"]) for row in found] == [
        ("revoked", "ben", "oops"), ("granted", "", ""),
    ]  # fmt: skip
    assert len(rows(root_panel, f"users/{ada.id}/log", action="GRANTED")) == 1


def test_the_award_log_is_the_newest_first_by_time_on_every_page(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    awarded(panel_world, ada, "friends_1", NOW - timedelta(hours=1), context="first")
    for minutes in range(60, 2, -1):  # written later, of what was done before
        at = NOW - timedelta(days=1, minutes=minutes % 30)
        awarded(panel_world, ada, "friends_2", at, context=str(minutes))
    awarded(panel_world, ada, "friends_3", NOW - timedelta(days=9), context="last")
    path = f"users/{ada.id}/log"
    found = column(root_panel, path, "When")
    assert found == sorted(found, reverse=True)
    contexts = column(root_panel, path, "For")
    assert (len(contexts), contexts[0], contexts[-1]) == (60, "first", "last")
    assert contexts[1:3] == ["30", "60"]  # of one instant, the one written last
    page = root_panel.page(path)
    follow = unescape(page[page.index(f"{path}?after") :].split('"')[0])
    assert ">last<" not in page
    assert ">last<" in root_panel.page(follow)


def test_progress_says_what_is_lacking_for_the_next(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    panel_world.progress(ada, "FRIENDS", 4)
    for code in ("friends_1", "friends_2"):
        panel_world.hold(ada, code)
    [row] = rows(root_panel, f"users/{ada.id}/progress")
    assert (row["Metric"], row["Value"], row["Levels"]) == ("FRIENDS", "4", "2 of 5")
    assert row["Next"].startswith("1 more for")
    assert len(rows(root_panel, f"users/{ada.id}/progress", show="all")) > 5


def test_progress_counts_exp_and_says_of_a_held_prize_that_it_is_held(gamer: World) -> None:
    panel = enter(gamer)
    path = f"users/{gamer.scalar(select(UserProfile.user_id))}/progress"
    found = {row["Metric"]: row for row in rows(panel, path)}
    exp, gold = found["EXP"], found["ONE:week_gold"]
    assert (exp["Value"], exp["Levels"], exp["Next"]) == ("15376", "3 of 3", "all held")
    assert (gold["Value"], gold["Levels"], gold["Next"]) == ("", "1 of 1", "all held")
    silver = {row["Metric"]: row for row in rows(panel, path, show="all")}["ONE:week_silver"]
    assert silver["Next"] == "Silver medal of the week: by a place in a season"


def test_pages_about_a_prize_say_that_it_is_won_in_a_season(gamer: World) -> None:
    panel = enter(gamer)
    why = words(panel.page("explain", user="ada", badge="week_gold"))
    badge = words(panel.page("badges/week_gold"))
    assert "won by a place in the season exp:week:2026-11-02 passed" in why
    assert "not passed" not in why
    assert "Test won by a place in a season" in badge
    assert "Triggers a season that is settled" in badge
    for page in (why, badge):
        assert "ONE:week_gold is at least" not in page
        assert "no event brings it about" not in page


def test_progress_shows_the_badges_that_the_user_sees_and_those_reached_but_not_held(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    panel_world.progress(ada, "FRIENDS", 4)
    panel_world.hold(ada, "friends_1")
    panel_world.hold(ada, "friends_2", revoked_at=NOW)
    panel_world.change_badge("friends_5", hidden=True)
    [row] = rows(root_panel, f"users/{ada.id}/progress")
    assert row["Levels"] == "1 of 4"
    assert row["Next"].endswith(": reached, but not held")


def test_progress_costs_the_same_whatever_the_user_holds(gamer: World) -> None:
    panel = enter(gamer)

    def cost(person_id: int) -> int:
        panel.page(f"users/{person_id}/progress")
        with gamer.app.app_context(), statements(gamer.db.engine) as ran:
            panel.page(f"users/{person_id}/progress")
        return len(ran)

    ada = gamer.scalar(select(UserProfile.user_id))
    assert cost(ada) == cost(gamer.person("ben").id)


def test_the_ledger_is_paged_and_filtered(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    for number in range(52):
        earn(panel_world, ada, Asset.COINS, 1, f"entry {number}")
    earn(panel_world, ada, Asset.FREEZES, 1, "a freeze")
    path = f"users/{ada.id}/ledger"
    first = root_panel.page(path)
    assert "a freeze" in first
    assert "entry 3<" in first
    assert "entry 2<" not in first
    assert len(rows(root_panel, path)) == 53
    assert column(root_panel, path, "Why", asset="FREEZES") == ["a freeze"]


@pytest.mark.core
def test_friends_requests_and_what_ended(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    people = [panel_world.person(name) for name in ("ben", "cyd", "dan", "eva")]
    ben, cyd, dan, eva = people
    panel_world.befriend(ada, ben)
    panel_world.befriend(cyd, ada, ended=True)
    for sender, receiver in ((ada, dan), (eva, ada)):
        panel_world.add(
            FriendRequest.__table__, {"sender_id": sender.id, "receiver_id": receiver.id}
        )
    path = f"users/{ada.id}/friends"
    shown = {
        what: column(root_panel, path, "User", what=what)
        for what in ("", "ended", "sent", "received")
    }
    assert shown == {"": ["ben"], "ended": ["cyd"], "sent": ["dan"], "received": ["eva"]}
    assert "ben" in words(root_panel.page(path))


def test_the_calendar_shows_practice_and_bridges_by_month(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    practise(panel_world, ada, date(2026, 11, 16), date(2026, 11, 17))
    bridge = {"user_id": ada.id, "local_date": date(2026, 11, 18), "created_at": NOW}
    panel_world.add(StreakBridge.__table__, bridge | {"kind": "TRAVEL"})
    page = root_panel.page(f"users/{ada.id}/streaks")
    for month in ("September 2026", "October 2026", "November 2026"):
        assert month in page
    for said in ("2026-11-17: practised", "2026-11-18: travel", "2026-11-19: missed",
                 "2026-11-15: before practice began", "2026-11-21: to come"):  # fmt: skip
        assert f'title="{said}">' in page
    assert page.count('title="2026-11-20: to come" aria-current="date">') == 1
    assert page.count('aria-current="date"') == 1
    assert "until=2026-08" in page
    assert ">Later<" not in page
    assert "May 2026" in root_panel.page(f"users/{ada.id}/streaks", until="2026-07")
    for until in ("soon", "1999-12", "2026-13", "99999999999-1"):
        assert root_panel.get(f"users/{ada.id}/streaks", until=until).status_code == 400
    days = [row["Date"] for row in rows(root_panel, f"users/{ada.id}/days")]
    assert days == ["2026-11-18", "2026-11-17", "2026-11-16"]


def test_a_streak_that_ended_says_which_day_was_missed_and_how_to_repair_it(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    repair = f"change/streak.repair?user={ada.id}"
    assert f'{repair}"' in root_panel.page(f"users/{ada.id}/streaks")
    practise(panel_world, ada, date(2026, 11, 17), date(2026, 11, 18))
    [ended] = rows(root_panel, f"users/{ada.id}/streak-list")
    assert ended["Missed"] == "2026-11-19"
    shown = unescape(root_panel.page(f"users/{ada.id}/streaks"))
    assert f"{repair}&day=2026-11-19" in shown
    assert f"change/streak.recompute?user={ada.id}" in shown
    practise(panel_world, ada, date(2026, 11, 20))
    [new] = rows(root_panel, f"users/{ada.id}/streak-list")
    assert new["Missed"] == ""


def test_a_streak_that_ended_is_since_never(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    practise(panel_world, ada, date(2026, 11, 16), date(2026, 11, 17))
    [ended] = rows(root_panel, f"users/{ada.id}/streak-list")
    assert (ended["Current"], ended["Since"], ended["Longest"]) == ("0", "", "2")
    practise(panel_world, ada, date(2026, 11, 20))
    [new] = rows(root_panel, f"users/{ada.id}/streak-list")
    assert (new["Current"], new["Since"]) == ("1", "2026-11-20")


def test_the_calendar_is_of_one_language_where_wanted(new_panel: NewWorld) -> None:
    world = new_panel(languages=True)
    ada = world.person("ada")
    ids = {
        code: world.add(world.tables["language"], {"code": code, "name": code})
        for code in ("da", "de")
    }
    with world.app.app_context():
        for code, hours in (("da", 48), ("de", 24)):
            at = NOW - timedelta(hours=hours)
            practice(world.db.session, ada.id, language_id=ids[code], at=at)
        world.db.session.commit()
    panel = enter(world)
    both = panel.page(f"users/{ada.id}/streaks")
    danish = panel.page(f"users/{ada.id}/streaks", language="da")
    assert 'title="2026-11-19: practised: de"' in both
    assert 'title="2026-11-19: missed"' in danish
    assert 'title="2026-11-18: practised: da"' in danish
    assert column(panel, f"users/{ada.id}/streak-list", "Language") == ["all", "da", "de"]


@pytest.mark.parametrize("name", ["=1+1", "@SUM(A1)", SCRIPT])
def test_names_and_notes_stay_text_about_a_user(
    world: World, panel: PanelClient, name: str
) -> None:
    ada, ben = world.person(name), world.person(f"{name}2", email="ben@example.org")
    world.befriend(ada, ben)
    world.hold(ada, "friends_1", context=name, evidence={"event": name, "value": name})
    awarded(world, ada, "friends_1", NOW, reason=name, event=name, context=name)
    earn(world, ada, Asset.COINS, 1, name)
    for tab in (*TABS, "/log", "/ledger", "/friends"):
        shown = panel.page(f"users/{ada.id}{tab}")
        assert SCRIPT not in shown
    assert SCRIPT not in panel.page("users", q=name)
    for file in FILES:
        for row in rows(panel, f"users/{ada.id}/{file}"):
            assert not any(cell.startswith(("=", "@")) for cell in row.values())


def test_the_inbox_shows_what_was_told_seen_or_not(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    ben = panel_world.person("ben")
    row = {"user_id": ada.id, "created_at": NOW, "kind": "friend", "about_id": ben.id}
    told = {"event": "friend.requested"}
    panel_world.add(InboxMessage.__table__, row | {"dedupe_key": "1", "payload": told})
    more = {"dedupe_key": "2", "payload": {"level": 2, "reward": 5}, "shown": False}
    panel_world.add(InboxMessage.__table__, row | more | {"kind": "level", "about_id": None})
    found = rows(root_panel, f"users/{ada.id}/inbox")
    assert [(row["Kind"], row["State"], row["About"]) for row in found] == [
        ("level", "not shown", ""), ("friend", "new", "ben"),
    ]  # fmt: skip
    assert "ben" in found[1]["Text"]
    assert "2" in found[0]["Text"]
    assert len(rows(root_panel, f"users/{ada.id}/inbox", kind="level")) == 1
