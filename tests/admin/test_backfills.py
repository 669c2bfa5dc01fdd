"""Backfills from the panel: asked for, done beside the requests, followed, cancelled, survived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.admin.people import PanelClient, words
from tests.admin.test_pages import rows
from tests.contract.hosts import NOW, Person, World
from zeeguu_gamify.admin import background
from zeeguu_gamify.badges import backfill
from zeeguu_gamify.jobs import fence, orders
from zeeguu_gamify.jobs.fence import LostLease
from zeeguu_gamify.jobs.orders import BACKFILL, Order
from zeeguu_gamify.models import AdminAudit, JobRun, UserBadge, UserBadgeProgress
from zeeguu_gamify.mount import current_mount

START, CANCEL = "backfill.start", "backfill.cancel"
NOTHING = {"user": "", "badge": "", "trigger": ""}


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    """Nothing is done beside requests until this is called."""
    monkeypatch.setattr(background, "start", lambda _app: None)

    def work(world: World) -> None:
        with world.app.app_context():
            orders.run_waiting(current_mount())

    return work


@pytest.fixture
def learners(world: World) -> list[Person]:
    """Three who have a friend each, and no badge for it."""
    people = [world.person(name) for name in ("ada", "ben", "cyd")]
    for person in people:
        world.progress(person, "FRIENDS", 1)
    return people


def granted(world: World) -> int:
    return int(world.scalar(select(func.count()).select_from(UserBadge)))


def begin(panel: PanelClient, **values: str) -> str:
    """The path of a new backfill's page."""
    answer = panel.do(START, **(NOTHING | values))
    assert answer.status_code == 302, words(answer.text)
    return str(answer.headers["Location"])


def test_a_backfill_of_a_badge_asks_runs_and_is_on_record(
    world: World, panel: PanelClient, learners: list[Person], held_back: Callable[[World], None]
) -> None:
    asked = words(panel.ask(START, **NOTHING | {"badge": "friends_1"}))
    assert "Everybody gets what is earned and lacking of 1 badge." in asked
    assert "Nobody is told." in asked
    assert "Users 4" in asked
    assert "Badges for the first 4 3" in asked

    page = begin(panel, badge="friends_1")
    assert "waiting" in words(panel.page(page))
    assert granted(world) == 0
    held_back(world)
    assert granted(world) == len(learners)
    shown = words(panel.page(page))
    for said in ("done", "100 %", "4 users looked at, 3 badges granted"):
        assert said in shown
    data = panel.get(f"{page}/progress").json
    assert data == {
        "state": "done", "summary": "4 users looked at, 3 badges granted", "percent": 100,
        "is_over": True,
    }  # fmt: skip
    [row] = rows(panel, "backfills")
    assert row["Of"].startswith("badge friends_1 ")
    assert (row["Who"], row["State"], row["Did"]) == (
        "root", "done", "4 users looked at, 3 badges granted",
    )  # fmt: skip
    assert world.scalar(select(AdminAudit.new_values)) == {"badge": "friends_1"}
    with world.app.app_context(), Session(world.db.engine) as session:
        assert orders.waiting(session) == []


def test_one_user_is_done_at_once_and_only_that_one(
    world: World, panel: PanelClient, learners: list[Person]
) -> None:
    asked = words(panel.ask(START, **NOTHING | {"user": "ada"}))
    assert "badges granted 1" in asked
    assert granted(world) == 0
    answer = panel.do(START, **NOTHING | {"user": "ada"})
    assert answer.headers["Location"] == f"/gamify/admin/users/{learners[0].id}"
    assert granted(world) == 1
    assert world.scalar(select(AdminAudit.user_id)) == learners[0].id
    [row] = rows(panel, "backfills")
    assert row["State"] == "done"


@pytest.mark.parametrize(
    ("values", "count"), [({"trigger": "friendship.changed"}, 3), ({"notify": "y"}, 3)]
)
def test_triggers_and_all_badges_are_backfilled_too(
    world: World,
    panel: PanelClient,
    learners: list[Person],
    held_back: Callable[[World], None],
    values: dict[str, str],
    count: int,
) -> None:
    begin(panel, **values)
    held_back(world)
    assert granted(world) == count
    seen = select(func.count()).select_from(UserBadge).where(UserBadge.is_shown)
    assert world.scalar(seen) == (0 if "notify" in values else len(learners))


def test_counters_are_brought_in_line_where_that_is_wanted(
    world: World, panel: PanelClient, held_back: Callable[[World], None]
) -> None:
    ada, ben = world.person("ada"), world.person("ben")
    world.befriend(ada, ben)
    asked = panel.ask(START, **NOTHING | {"badge": "friends_1", "recompute": "y"})
    assert "Counters are brought in line" in asked
    begin(panel, badge="friends_1", recompute="y")
    held_back(world)
    assert world.scalar(select(func.sum(UserBadgeProgress.value))) == 2
    assert granted(world) == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"user": "ada", "badge": "friends_1"}, "Name one of"),
        ({"user": "nobody"}, "nobody"),
        ({"badge": "friend_1"}, "friends_1"),
        ({"trigger": "articel.read"}, "article.read"),
    ],
)
def test_what_cannot_be_backfilled_says_why(
    panel: PanelClient, values: dict[str, str], said: str
) -> None:
    assert said in words(panel.ask(START, **NOTHING | values))


def test_while_events_are_paused_nothing_is_begun(panel: PanelClient) -> None:
    panel.do("events.pause")
    assert "Events are paused" in words(panel.ask(START, **NOTHING))


def order_of(page: str) -> Order:
    return Order(BACKFILL, page.rsplit("/", 1)[1].replace("%20", " "))


def test_a_cancelled_backfill_grants_no_more_and_keeps_what_it_did(
    world: World,
    panel: PanelClient,
    learners: list[Person],
    held_back: Callable[[World], None],
) -> None:
    page = begin(panel, badge="friends_1")
    order = order_of(page)
    with world.app.app_context():
        lease = fence.claim(world.db.engine, order.job, order.period)
        assert lease is not None
        assert "running" in words(panel.page(page))
        answer = panel.do(CANCEL, period=order.period)
        assert answer.headers["Location"] == "/gamify/admin/backfills"
        with Session(world.db.engine) as session, pytest.raises(LostLease):
            lease.renew(session, 2)
    held_back(world)
    assert granted(world) == 0
    assert panel.get(f"{page}/progress").get_json()["state"] == "cancelled"
    assert "That is done, or was cancelled." in words(panel.ask(CANCEL, period=order.period))
    assert [row["State"] for row in rows(panel, "backfills")] == ["cancelled"]


def test_when_its_process_is_gone_another_goes_on_where_it_was(
    world: World,
    panel: PanelClient,
    learners: list[Person],
    held_back: Callable[[World], None],
) -> None:
    order = order_of(begin(panel, badge="friends_1"))
    with world.app.app_context(), Session(world.db.engine) as session:
        lease = fence.claim(world.db.engine, order.job, order.period)
        assert lease is not None
        lease.counts.update({"users looked at": 2})
        lease.renew(session, learners[0].id)
        session.commit()
    held_back(world)
    assert granted(world) == 0
    with time_machine.travel(NOW + fence.LEASE + timedelta(seconds=1), tick=False):
        held_back(world)
    assert granted(world) == 2
    summary = str(world.scalar(select(JobRun.summary)))
    assert summary.startswith("4 users looked at")


def test_an_order_that_cannot_be_done_any_more_is_given_up(
    world: World, held_back: Callable[[World], None]
) -> None:
    with world.app.app_context(), Session(world.db.engine) as session:
        orders.place(session, Order(BACKFILL, "badge gone", {"badge": "gone"}))
        session.commit()
        held_back(world)
        assert orders.waiting(session) == []


def test_a_failing_order_stays_and_bars_no_other(
    world: World,
    learners: list[Person],
    held_back: Callable[[World], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = (Order(BACKFILL, f"badge friends_{n}", {"badge": f"friends_{n}"}) for n in (2, 1))

    def fail(self: backfill.Round, *args: Any, **more: Any) -> dict[str, int]:
        if self.badges[0].code == "friends_2":
            raise RuntimeError("the disk is full")
        return of_users(self, *args, **more)

    of_users = backfill.Round.of_users
    monkeypatch.setattr(backfill.Round, "of_users", fail)
    with world.app.app_context(), Session(world.db.engine) as session:
        for order in (bad, good):
            orders.place(session, order)
        session.commit()
        held_back(world)
        assert [one.period for one in orders.waiting(session)] == [bad.period]
    assert granted(world) == len(learners)


def test_it_is_really_done_beside_the_request(
    world: World, panel: PanelClient, learners: list[Person]
) -> None:
    app: Flask = world.app
    page = begin(panel, badge="friends_1")
    background.start(app).join(timeout=20)
    assert panel.get(f"{page}/progress").get_json()["state"] == "done"
    assert granted(world) == len(learners)


def test_there_is_no_backfill_that_nobody_asked_for(panel: PanelClient) -> None:
    assert panel.get("backfills/all 1234").status_code == 404
