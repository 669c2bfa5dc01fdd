"""What a moderator does to a user's badges, purchases and days, with a reason on record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.admin.people import PanelClient, enter, words
from tests.admin.test_pages import rows
from tests.admin.test_users import earn, practise
from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.economy.redeem import redeem
from zeeguu_gamify.economy.rewards import save
from zeeguu_gamify.models import (
    AdminAudit,
    Asset,
    BadgeAwardLog,
    RewardRedemption,
    StreakBridge,
    UserBadge,
    UserProfile,
)


def audited(world: World) -> Any:
    with world.app.app_context(), world.db.engine.connect() as connection:
        return connection.execute(select(AdminAudit.__table__)).all()


def held(world: World, person: Person, code: str) -> Any:
    grant = UserBadge.__table__.c
    wanted = select(grant.revoked_at).where(
        grant.user_id == person.id, grant.badge_id == world.badge_id(code)
    )
    with world.app.app_context(), world.db.engine.connect() as connection:
        return connection.execute(wanted).all()


def count(world: World, model: Any) -> int:
    return int(world.scalar(select(func.count()).select_from(model)))


@pytest.mark.core
def test_a_badge_is_granted_revoked_and_lifted_each_with_reason_on_record(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    whose = {"user": "ada", "badge": "friends_1", "context": ""}
    asked = words(root_panel.ask("award.grant", **whose))
    assert "ada gets" in asked
    assert "By its rule it is not earned: 1 more of FRIENDS: it is 0 of 1" in asked
    assert (held(panel_world, ada, "friends_1"), count(panel_world, BadgeAwardLog)) == ([], 0)

    answer = root_panel.do("award.grant", reason="a gift", **whose)
    assert answer.headers["Location"] == f"/gamify/admin/users/{ada.id}"
    assert held(panel_world, ada, "friends_1") == [(None,)]
    assert "What it has paid is taken back" in words(root_panel.ask("award.revoke", **whose))
    root_panel.do("award.revoke", reason="a mistake", **whose)
    assert held(panel_world, ada, "friends_1") == [(NOW,)]
    root_panel.do("award.lift", reason="no mistake", **whose)
    assert held(panel_world, ada, "friends_1") == [(None,)]

    found = audited(panel_world)
    assert [(it.action, it.reason, it.user_id) for it in found] == [
        ("award.grant", "a gift", ada.id),
        ("award.revoke", "a mistake", ada.id),
        ("award.lift", "no mistake", ada.id),
    ]
    assert found[1].old_values["revoked_at"] is None
    assert found[1].new_values["revoked_at"] == "2026-11-20 12:00:00"
    log = rows(root_panel, f"users/{ada.id}/log")
    assert [(row["What"], row["By"]) for row in log] == [
        ("lifted", "root"), ("revoked", "root"), ("granted", "root"),
    ]  # fmt: skip


@pytest.mark.parametrize("tick", [{}, {"reopen": "y"}])
def test_a_box_that_is_not_ticked_stays_so(
    world: World, panel: PanelClient, tick: dict[str, str]
) -> None:
    ada = world.person("ada")
    world.hold(ada, "friends_1", revoked_at=NOW)
    panel.do("award.lift", user="ada", badge="friends_1", context="", **tick)
    assert held(world, ada, "friends_1") == ([] if tick else [(None,)])


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        ("award.grant", {"user": "nobody", "badge": "friends_1"}, "nobody"),
        ("award.grant", {"user": "ada", "badge": "friend_1"}, "friends_1"),
        ("award.revoke", {"user": "ada", "badge": "friends_1"}, "does not hold friends_1"),
        ("award.lift", {"user": "ada", "badge": "friends_1"}, "was not revoked"),
        ("streak.repair", {"user": "ada", "day": "2026-11-21"}, "is not over"),
        ("redemption.refund", {"redemption": "7"}, "There is no purchase 7."),
    ],
)
def test_what_cannot_be_done_is_said_at_the_form(
    world: World, panel: PanelClient, change: str, values: dict[str, str], said: str
) -> None:
    world.person("ada")
    assert said in words(panel.ask(change, **values))
    assert "Show what it would do" in panel.ask(change, **values)
    assert audited(world) == []


def test_of_what_is_granted_several_times_the_form_asks_by_its_own_label_with_an_example(
    gamer: World,
) -> None:
    panel = enter(gamer)
    example = "such as exp:week:2026-11-02"
    assert example in words(panel.page("change/award.grant"))
    whose = {"user": "ada", "badge": "week_silver"}
    said = words(panel.ask("award.grant", **whose))
    assert f"For what: week_silver is granted once for each; say which, {example}." in said
    once = words(panel.ask("award.grant", user="ada", badge="friends_1", context="spring"))
    assert "For what: friends_1 is granted only once; leave this empty." in once
    for page in (said, once):
        assert "context:" not in page
    given = words(panel.ask("award.grant", context="exp:week:2026-11-09", **whose))
    assert "ada gets Silver medal of the week (week_silver) for exp:week:2026-11-09." in given


@pytest.mark.parametrize("page", ["explain", "change/backfill.start"])
def test_whoever_leaves_the_badge_empty_means_all(panel: PanelClient, page: str) -> None:
    said = words(panel.page(page))
    assert "or all" not in said
    assert "Its code. Empty: all" in said


@pytest.mark.core
def test_a_purchase_is_refunded_once(
    panel_world: World, root_panel: PanelClient, ada: Person
) -> None:
    earn(panel_world, ada, Asset.COINS, 30)
    with panel_world.app.app_context():
        session = panel_world.db.session()
        save(session, "tea", name="Tea", kind="tea", cost=20, stock=3)
        session.commit()
        bought = redeem(session, ada.id, "tea")
        session.commit()
    assert f"/change/redemption.refund?redemption={bought.id}" in root_panel.page(
        f"users/{ada.id}/purchases"
    )
    asked = words(root_panel.ask("redemption.refund", redemption=bought.id))
    assert "ada gets 20 coins back for tea." in asked
    assert "Coins 20" in asked
    root_panel.do("redemption.refund", redemption=bought.id)
    coins = select(UserProfile.coins).where(UserProfile.user_id == ada.id)
    assert panel_world.scalar(coins) == 30
    again = words(root_panel.ask("redemption.refund", redemption=bought.id))
    assert "is refunded already" in again
    assert panel_world.scalar(select(RewardRedemption.refunded_at)) == NOW


def test_a_missed_day_is_repaired(panel_world: World, root_panel: PanelClient, ada: Person) -> None:
    practise(panel_world, ada, date(2026, 11, 17), date(2026, 11, 18))
    asked = words(root_panel.ask("streak.repair", user="ada", day="2026-11-19"))
    assert "2026-11-19 is bridged for ada" in asked
    assert "The streak is 3 then." in asked
    assert count(panel_world, StreakBridge) == 0
    root_panel.do("streak.repair", reason="we were down", user="ada", day="2026-11-19")
    assert panel_world.scalar(select(StreakBridge.reason)) == "we were down"
    [line] = audited(panel_world)
    assert line.new_values == {"streak": 3, "date": "2026-11-19"}
    root_panel.do("streak.recompute", user="ada")
    assert [it.action for it in audited(panel_world)] == ["streak.repair", "streak.recompute"]


def test_a_link_fills_the_form_in_and_nonsense_does_no_harm(panel: PanelClient) -> None:
    page = panel.page("change/award.grant", user="ada", badge="friends_1")
    assert 'value="ada"' in page
    assert 'value="friends_1"' in page
    panel.page("change/streak.repair", user="ada", day="soon")
