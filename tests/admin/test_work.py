"""The plain lists: seasons, rewards, purchases, webhooks, clients, jobs, parked mail, amnesties."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.admin.conftest import NewWorld
from tests.admin.people import PanelClient, enter, field, words
from tests.admin.test_pages import SCRIPT, column, rows
from tests.admin.test_users import earn, practise
from tests.contract.hosts import LONG_AGO, NOW, World
from zeeguu_gamify.admin import background
from zeeguu_gamify.delivery import claims
from zeeguu_gamify.economy.redeem import redeem
from zeeguu_gamify.economy.rewards import save
from zeeguu_gamify.jobs import orders
from zeeguu_gamify.models import (
    AdminAudit,
    Amnesty,
    Asset,
    EventClient,
    JobRun,
    OutboxMessage,
    Period,
    Reward,
    Season,
    SeasonStanding,
    SeasonState,
    StreakBridge,
    WebhookDelivery,
    WebhookEndpoint,
)
from zeeguu_gamify.mount import current_mount

URL = "https://example.org/hook"
LISTS = ("seasons", "rewards", "purchases", "webhooks", "clients", "jobs", "parked", "amnesties",
         "backfills", "users")  # fmt: skip


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    """Does what was ordered, which waits for that."""
    monkeypatch.setattr(background, "start", lambda _app: None)

    def run(world: World) -> None:
        with world.app.app_context():
            orders.run_waiting(current_mount())

    return run


def actions(world: World) -> list[str]:
    with world.app.app_context(), world.db.engine.connect() as connection:
        return list(connection.execute(select(AdminAudit.action).order_by(AdminAudit.id)).scalars())


#: What lists say in which there is nothing.
EMPTY = (
    ("rewards", "There is nothing to be had for coins."),
    ("purchases", "Nothing has been bought."),
    ("webhooks", "Nobody hears of us by HTTP."),
    ("clients", "No other service sends events."),
    ("parked", "Nothing is parked."),
    ("amnesties", "No amnesty has been declared."),
    ("backfills", "Nobody has asked for a backfill here."),
)


def test_each_list_says_when_there_is_nothing(panel_world: World) -> None:
    panel = enter(panel_world)
    for path, said in (("seasons", "No season has been opened."), *EMPTY):
        assert said in words(panel.page(path))
        assert rows(panel, path) == []


# --- seasons -----------------------------------------------------------------------------------


def season(world: World, state: SeasonState = SeasonState.SETTLED, **columns: Any) -> int:
    row = {
        "board": "exp", "period": Period.WEEK, "starts": date(2026, 11, 2),
        "ends": date(2026, 11, 8), "state": state, "closes_at": LONG_AGO, "settled_at": NOW,
    }  # fmt: skip
    return world.add(Season.__table__, row | columns)


@pytest.mark.core
def test_a_season_shows_who_stood_where_place_by_place(panel_world: World) -> None:
    panel, season_id = enter(panel_world), season(panel_world)
    people = [panel_world.person(f"user{number}") for number in range(60)]
    for number, person in enumerate(people):
        row = {
            "season_id": season_id, "user_id": person.id, "place": 1 + number // 2,
            "score": 100 - number // 2, "prize": "friends_1" if number < 2 else None,
        }  # fmt: skip
        panel_world.add(SeasonStanding.__table__, row)
    path = f"seasons/{season_id}"
    first = words(panel.page(path))
    assert "exp, week" in first
    assert "user49" in first
    assert "user50" not in first
    found = rows(panel, path)
    assert [(row["Place"], row["User"]) for row in found[:3]] == [
        ("1", "user0"), ("1", "user1"), ("2", "user2"),
    ]  # fmt: skip
    assert len(found) == 60
    assert panel.get("seasons/99").status_code == 404
    assert len(rows(panel, "seasons", state="OPEN")) == 0
    assert len(rows(panel, "seasons", state="SETTLED")) == 1


def test_what_is_over_is_closed_now(
    world: World, panel: PanelClient, work: Callable[[World], None]
) -> None:
    season_id = season(world, SeasonState.OPEN, settled_at=None)
    asked = words(panel.ask("seasons.close"))
    assert "These are over, and close: exp" in asked
    panel.do("seasons.close")
    work(world)
    state = select(Season.state).where(Season.id == season_id)
    assert world.scalar(state) is SeasonState.SETTLED
    assert actions(world) == ["seasons.close"]


# --- rewards -----------------------------------------------------------------------------------

TEA = {
    "code": "tea", "title": "Tea", "description": "Hot", "kind": "tea", "amount": "1",
    "cost": "20", "stock": "3", "per_user": "", "starts_at": "", "ends_at": "",
}  # fmt: skip


def test_a_reward_is_made_changed_and_switched_off_and_on(panel_world: World) -> None:
    panel = enter(panel_world)
    assert "tea is new: 1 tea for 20 coins." in words(panel.ask("reward.save", **TEA))
    assert rows(panel, "rewards") == []
    panel.do("reward.save", **TEA)
    [row] = rows(panel, "rewards")
    assert (row["Left"], row["For each"], row["State"]) == ("3", "", "on sale")

    page = panel.page("rewards")
    change = page[page.index("/gamify/admin/change/reward.save?code=tea") :].split('"')[0]
    form = panel.page(change.replace("&amp;", "&"))
    assert field(form, "title") == "Tea" if 'type="hidden" name="title"' in form else "Tea" in form
    asked = words(panel.ask("reward.save", **TEA | {"cost": "25", "stock": ""}))
    assert "Cost of tea becomes 25; it is 20." in asked
    assert "Stock of tea becomes none; it is 3." in asked
    assert "Name of tea" not in asked
    panel.do("reward.save", **TEA | {"cost": "25", "stock": "0"})
    assert column(panel, "rewards", "State") == ["sold out"]
    panel.do("reward.off", code="tea")
    assert column(panel, "rewards", "State") == ["off"]
    panel.do("reward.on", code="tea")
    assert panel_world.scalar(select(Reward.ends_at)) is None
    assert actions(panel_world) == ["reward.save", "reward.save", "reward.off", "reward.on"]


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        ("reward.save", TEA | {"cost": "-1"}, "between 0 and"),
        ("reward.save", TEA | {"title": ""}, "required"),
        (
            "reward.save",
            TEA | {"starts_at": "2026-12-01T00:00", "ends_at": "2026-11-01T00:00"},
            "ends_at",
        ),
        ("reward.save", TEA | {"code": "tea/hot"}, "code: 1 to 60 letters, digits and underscores"),
        ("reward.off", {"code": "te"}, "te"),
    ],
)
def test_a_reward_that_makes_no_sense_is_refused(
    panel: PanelClient, change: str, values: dict[str, str], said: str
) -> None:
    assert said in words(panel.ask(change, **values))
    assert rows(panel, "rewards") == []


@pytest.mark.parametrize(
    ("amount", "kind", "said"),
    [(1, "freezes", "1 freeze"), (2, "freezes", "2 freezes"), (1, "glass", "1 glass")],
)
def test_what_a_reward_gives_is_told_in_the_right_number(
    world: World, panel: PanelClient, amount: int, kind: str, said: str
) -> None:
    form = {"code": "one", "title": "One", "kind": kind, "amount": str(amount), "cost": "3"}
    assert f"one is new: {said} for 3 coins." in words(panel.ask("reward.save", **form))
    panel.do("reward.save", **form)
    assert column(panel, "rewards", "Gives") == [said]


def test_purchases_are_listed_newest_first_with_the_way_to_refund(panel_world: World) -> None:
    panel, ada = enter(panel_world), panel_world.person("ada")
    earn(panel_world, ada, Asset.COINS, 50)
    with panel_world.app.app_context():
        session = panel_world.db.session()
        save(session, "tea", name="Tea", kind="tea", cost=20)
        session.commit()
        bought = [redeem(session, ada.id, "tea").id for _ in range(2)]
        session.commit()
    found = rows(panel, "purchases")
    assert [(row["User"], row["Coins"], row["State"]) for row in found] == [
        ("ada", "20", "granted"), ("ada", "20", "granted"),
    ]  # fmt: skip
    assert f"redemption.refund?redemption={bought[0]}" in panel.page("purchases")
    panel.do("redemption.refund", redemption=bought[0])
    assert len(rows(panel, "purchases", state="REFUNDED")) == 1


# --- webhooks ----------------------------------------------------------------------------------


def endpoint(world: World, **columns: Any) -> int:
    row = {
        "url": URL,
        "topics": ["badge.earned"],
        "secrets": [{"key": "whsec_the-old-one", "until": None}],
    }
    return world.add(WebhookEndpoint.__table__, row | {"created_at": NOW} | columns)


def delivery(world: World, endpoint_id: int, **columns: Any) -> int:
    row = {
        "endpoint_id": endpoint_id, "message_id": "msg_1", "topic": "badge.earned", "payload": {},
        "created_at": NOW, "due_at": None, "attempts": 1,
    }  # fmt: skip
    return world.add(WebhookDelivery.__table__, row | columns)


def test_a_new_endpoints_secret_is_shown_once_and_kept_nowhere(
    new_panel: NewWorld,
) -> None:
    world = new_panel(config={"GAMIFY_WEBHOOK_ALLOW": "127.0.0.0/8"})
    panel, url = enter(world), "http://127.0.0.1:1/hook"
    form = {"url": url, "topics": "badge.earned, level.up"}
    assert "hears of badge.earned, level.up from now on" in words(panel.ask("webhook.add", **form))
    assert rows(panel, "webhooks") == []
    agreed = panel.agree("webhook.add", **form)
    answer = panel.post("change/webhook.add", reason="for the school", **agreed)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    with world.app.app_context(), world.db.engine.connect() as connection:
        [secrets] = connection.execute(select(WebhookEndpoint.secrets)).scalars()
    secret = secrets[0]["key"]
    assert secret in answer.text
    again = panel.post("change/webhook.add", reason="for the school", **agreed)
    assert again.status_code == 302
    for page in ("webhooks", "webhooks/1", "audit", "audit/1", "webhooks.csv"):
        assert secret not in panel.get(page).text
    assert column(panel, "webhooks", "Topics") == ["badge.earned, level.up"]


def test_an_endpoint_is_switched_rotated_and_removed(panel_world: World) -> None:
    panel, id_ = enter(panel_world), endpoint(panel_world)
    panel.do("webhook.disable", reason="it is down", id=id_)
    [row] = rows(panel, "webhooks")
    assert (row["State"], row["Why"]) == ("off", "it is down")
    panel.do("webhook.enable", id=id_)
    assert column(panel, "webhooks", "State") == ["on"]
    answer = panel.do("webhook.rotate", id=id_, hours="1.5")
    assert "whsec_" in answer.text
    assert "whsec_the-old-one" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    panel.do("webhook.remove", id=id_)
    assert rows(panel, "webhooks") == []
    assert panel.get(f"webhooks/{id_}").status_code == 404
    assert actions(panel_world) == [
        "webhook.disable", "webhook.enable", "webhook.rotate", "webhook.remove",
    ]  # fmt: skip


@pytest.mark.core
def test_the_log_of_deliveries_says_what_became_of_each_and_sends_again(
    panel_world: World,
) -> None:
    panel, id_, other = enter(panel_world), endpoint(panel_world), endpoint(panel_world)
    delivery(panel_world, id_, delivered_at=NOW, status=200)
    lost = delivery(panel_world, id_, error="refused", created_at=NOW - timedelta(days=2))
    delivery(panel_world, id_, due_at=NOW, attempts=0)
    delivery(panel_world, other)
    path = f"webhooks/{id_}"
    assert column(panel, path, "Outcome") == ["waiting", "given up", "received"]
    assert column(panel, path, "Error", outcome="given up") == ["refused"]
    assert "it was given up" in words(panel.ask("delivery.replay", id=lost))
    assert column(panel, path, "Outcome") == ["waiting", "given up", "received"]
    panel.do("delivery.replay", id=lost)
    assert column(panel, path, "Outcome") == ["waiting", "waiting", "received"]
    since: dict[str, Any] = {"id": id_, "since": "2026-11-20T00:00"}
    assert "Messages 2" in words(panel.ask("webhook.replay", **since))
    assert "Messages 1" in words(panel.ask("webhook.replay", failed="y", **since))
    panel.do("webhook.replay", **since)
    assert set(column(panel, path, "Outcome")) == {"waiting"}


# --- clients -----------------------------------------------------------------------------------


def test_a_client_is_added_allowed_rotated_and_switched_off(panel_world: World) -> None:
    panel = enter(panel_world)
    form = {"client": "reader", "events": "article.read"}
    assert "reader may tell article.read, and nothing else." in words(
        panel.ask("client.add", **form)
    )
    secret = panel.do("client.add", **form).text
    with panel_world.app.app_context(), panel_world.db.engine.connect() as connection:
        [secrets] = connection.execute(select(EventClient.secrets)).scalars()
    assert secrets[0]["key"] in secret
    more = {"client": "reader", "events": "word.translated"}
    asked = words(panel.ask("client.allow", **more))
    assert "reader may tell word.translated now." in asked
    assert "reader may not tell article.read any more." in asked
    panel.do("client.allow", **more)
    panel.do("client.rotate", client="reader", hours="0")
    panel.do("client.disable", client="reader")
    [row] = rows(panel, "clients")
    assert (row["May tell"], row["State"]) == ("word.translated", "off")
    panel.do("client.enable", client="reader")
    assert column(panel, "clients", "State") == ["on"]
    assert "article.read" in words(panel.ask("client.add", client="x", events="articel.read"))
    assert "reader" in words(panel.ask("client.disable", client="readr"))


# --- jobs --------------------------------------------------------------------------------------


def test_a_job_tells_its_period_and_that_there_was_nothing_to_do(
    world: World, panel: PanelClient
) -> None:
    run = {"period": "x", "holder": "x", "started_at": NOW, "lease_until": NOW, "cursor": 0}
    world.add(JobRun.__table__, run | {"job": "holders", "state": "DONE", "finished_at": NOW})
    world.add(JobRun.__table__, run | {"job": "at_risk", "state": "RUNNING"})
    assert "Every 1 day" in words(panel.page("jobs/holders"))
    assert "0:00:00" not in panel.page("jobs/holders")
    assert "Every 15 minutes" in words(panel.page("jobs/at_risk"))
    did = {row["Job"]: row["Did"] for row in rows(panel, "jobs")}
    assert (did["holders"], did["at_risk"], did["freezes"]) == ("nothing to do", "", "")
    assert column(panel, "jobs/holders", "Did") == ["nothing to do"]


@pytest.mark.core
def test_a_job_is_run_now_and_its_runs_are_paged(
    panel_world: World, work: Callable[[World], None]
) -> None:
    panel = enter(panel_world)
    for number in range(60):
        at = NOW - timedelta(minutes=15 * number)
        row = {
            "job": "at_risk", "period": at.isoformat(), "state": "DONE", "holder": "x",
            "lease_until": at, "cursor": 0, "started_at": at, "finished_at": at,
            "summary": f"run {number}.",
        }  # fmt: skip
        panel_world.add(JobRun.__table__, row)
    page = panel.page("jobs/at_risk")
    assert "run 49." in page
    assert "run 50." not in page
    follow = page[page.index("?after=") :].split('"')[0]
    assert "run 50." in panel.page(f"jobs/at_risk{follow}")
    assert len(rows(panel, "jobs/at_risk")) == 60
    states = {row["Job"]: row["State"] for row in rows(panel, "jobs")}
    assert (states["at_risk"], states["holders"]) == ("done", "not yet")
    panel.do("job.run", job="holders")
    work(panel_world)
    states = {row["Job"]: row["State"] for row in rows(panel, "jobs")}
    assert states["holders"] == "done"
    assert "holders" in words(panel.ask("job.run", job="holder"))
    assert panel.get("jobs/nothing").status_code in (400, 404)


# --- parked messages ---------------------------------------------------------------------------


def test_parked_messages_are_tried_again_one_by_one(panel_world: World) -> None:
    panel, ada = enter(panel_world), panel_world.person("ada")
    row = {
        "topic": "badge.earned", "payload": {}, "created_at": NOW, "due_at": claims.NEVER,
        "attempts": 9, "error": "it is too long",
    }  # fmt: skip
    ids = [panel_world.add(OutboxMessage.__table__, row | {"user_id": ada.id}) for _ in range(2)]
    panel_world.add(OutboxMessage.__table__, row | {"due_at": NOW})
    assert column(panel, "parked", "Error") == ["it is too long"] * 2
    assert "it failed with: it is too long" in words(panel.ask("message.retry", id=ids[0]))
    panel.do("message.retry", id=ids[0])
    due = dict.fromkeys(ids)
    for one in ids:
        due[one] = panel_world.scalar(select(OutboxMessage.due_at).where(OutboxMessage.id == one))
    assert due == {ids[0]: NOW, ids[1]: claims.NEVER}
    assert "is not parked" in words(panel.ask("message.retry", id=ids[0]))


# --- amnesties ---------------------------------------------------------------------------------


@pytest.mark.core
def test_an_amnesty_bridges_what_an_outage_touched_and_is_taken_back(
    panel_world: World, work: Callable[[World], None]
) -> None:
    panel, ada = enter(panel_world), panel_world.person("ada")
    practise(panel_world, ada, date(2026, 11, 17), date(2026, 11, 18))
    window = {"since": "2026-11-19T00:00", "until": "2026-11-20T00:00"}
    assert "No streak ends for 2026-11-19 00:00 UTC" in words(
        panel.ask("amnesty.declare", **window)
    )
    assert panel_world.scalar(select(Amnesty.id)) is None
    panel.do("amnesty.declare", reason="the fire", **window)
    work(panel_world)
    assert panel_world.scalar(select(StreakBridge.local_date)) == date(2026, 11, 19)
    [row] = rows(panel, "amnesties")
    assert (row["Why"], row["Who"]) == ("the fire", "root")
    amnesty_id = panel_world.scalar(select(Amnesty.id))
    panel.do("amnesty.undo", id=amnesty_id)
    work(panel_world)
    assert panel_world.scalar(select(StreakBridge.local_date)) is None
    assert "that stands" in words(panel.ask("amnesty.undo", id=amnesty_id))
    later = {"since": "2026-11-20T00:00", "until": "2026-11-21T00:00"}
    assert "future" in words(panel.ask("amnesty.declare", **later))


# --- what people call themselves ---------------------------------------------------------------


@pytest.mark.parametrize("note", [SCRIPT, "=1+1"])
def test_notes_stay_text_in_every_list(world: World, panel: PanelClient, note: str) -> None:
    ada = world.person(note)
    earn(world, ada, Asset.COINS, 50)
    with world.app.app_context(), Session(world.db.engine) as session:
        save(session, "tea", name=note, description=note, kind=note, cost=20)
        session.commit()
        redeem(session, ada.id, "tea")
        session.commit()
    id_ = endpoint(world, url=note, topics=[note], disabled_why=note, disabled_at=NOW)
    delivery(world, id_, topic=note, error=note, message_id=note, user_id=ada.id)
    world.add(EventClient.__table__,
              {"name": note, "events": [note], "secrets": [], "created_at": NOW})  # fmt: skip
    row = {"topic": note, "payload": {}, "created_at": NOW, "due_at": claims.NEVER, "error": note}
    world.add(OutboxMessage.__table__, row | {"user_id": ada.id})
    world.add(
        Amnesty.__table__,
        {"from_utc": NOW, "to_utc": NOW, "reason": note, "actor": note, "created_at": NOW},
    )
    sid = season(world, board=note)
    world.add(
        SeasonStanding.__table__,
        {"season_id": sid, "user_id": ada.id, "place": 1, "score": 1, "prize": note},
    )
    for path in (*LISTS, f"webhooks/{id_}", f"seasons/{sid}"):
        shown = panel.page(path)
        assert SCRIPT not in shown
        for inline in ("<style", "style=", "onclick", "javascript:"):
            assert inline not in shown
        for line in rows(panel, path):
            assert not any(cell.startswith("=") for cell in line.values()), path
    with world.app.app_context(), world.db.engine.begin() as connection:
        connection.execute(update(Reward).values(ends_at=NOW))
    assert "off" in column(panel, "rewards", "State")
