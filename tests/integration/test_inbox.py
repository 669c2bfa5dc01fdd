"""The inbox: what users are told in the app, once; written after the commit that caused it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, insert, select, update

from tests.hosts import ADA, BEN, MakeHost, User, change, db_of, engine_of, mount_on
from tests.integration.boards import put_scores
from tests.integration.test_seasons import CLOSED, WEDNESDAY
from tests.integration.test_seasons import run as run_seasons
from zeeguu_gamify import Levels, emit, settings
from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.badges import moderation
from zeeguu_gamify.badges.backfill import Manner, Round, badges_of
from zeeguu_gamify.batch import Work
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.delivery.topics import SEASON_SETTLED, season_settled
from zeeguu_gamify.events import EventType
from zeeguu_gamify.friends import blocking, blocks, requests
from zeeguu_gamify.inbox import messages, preferences, seasons, words
from zeeguu_gamify.jobs.runner import run
from zeeguu_gamify.jobs.schedule import job_called
from zeeguu_gamify.jobs.sweep import Telling
from zeeguu_gamify.models import (
    Base,
    InboxMessage,
    Period,
    Season,
    SeasonStanding,
    SeasonState,
    UserBadgeProgress,
)
from zeeguu_gamify.testing import deliver, statements

EVE = 3
NOON, TODAY = datetime(2026, 3, 20, 12), date(2026, 3, 20)
PAYING = (EventType("lesson.completed", "a lesson", exp=60),)
LEVELS = Levels((0, 100, 200), reward=lambda level: 5 * (level == 3))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(new_host: MakeHost) -> Flask:
    """Ada, Ben and Eve; lessons pay."""
    return with_eve(new_host(events=PAYING, levels=LEVELS))


def with_eve(app: Flask) -> Flask:
    change(app, insert(User).values(id=EVE, username="eve", name="Eve"))
    return app


def happen(app: Flask, name: str, user_id: int = ADA, **fields: Any) -> None:
    """Let it happen, and what it owes be delivered."""
    session = db_of(app).session()
    emit(session, name, user_id=user_id, **fields)
    session.commit()
    deliver(app)


def at_risk(app: Flask, on: date = TODAY, **context: Any) -> None:
    ends_at = datetime(on.year, on.month, on.day, 23)
    told = {"streak": 4, "freezes": 0, "local_date": on, "ends_at": ends_at, **context}
    happen(app, "streak.at_risk", context=told)


def ask(app: Flask, sender: int, receiver: int) -> None:
    session = db_of(app).session()
    requests.send(session, mount_on(app), sender, receiver)
    session.commit()


def accept(app: Flask, user_id: int, sender: int) -> None:
    session = db_of(app).session()
    requests.accept(session, mount_on(app), user_id, sender)
    session.commit()


def stored(app: Flask, user_id: int = ADA) -> list[Any]:
    """All rows of the user, those that are not shown too."""
    table: Any = InboxMessage.__table__
    with engine_of(app).connect() as connection:
        mine = select(table).where(table.c.user_id == user_id)
        return list(connection.execute(mine.order_by(table.c.id)))


def page(app: Flask, user_id: int = ADA, **which: Any) -> list[Any]:
    session = db_of(app).session()
    found = messages.page(session, mount_on(app), user_id, limit=50, **which)
    session.commit()
    return found


def texts(app: Flask, user_id: int = ADA, language: str = "en") -> list[str]:
    """What the user reads, the newest first."""
    known = mount_on(app).texts
    return [
        words.text_of(known, language, row.kind, words.data_of(known, language, row))
        for row in page(app, user_id)
    ]


def wish(app: Flask, user_id: int = ADA, **changes: dict[str, bool]) -> None:
    session = db_of(app).session()
    preferences.write(session, user_id, changes)
    session.commit()


# What is told


@pytest.mark.core
def test_a_badge_is_found_in_the_inbox_of_its_holder(app: Flask) -> None:
    happen(app, "word.translated", amount=10)
    [row] = page(app)
    assert (row.kind, row.payload["code"], row.created_at) == ("badge", "translated_words_1", NOON)
    assert texts(app) == ["New badge: Word Curious"]
    assert texts(app, language="de") == ["Neues Abzeichen: Wortneugierig"]
    assert page(app, BEN) == []


def test_a_level_is_told_with_its_coins(app: Flask) -> None:
    happen(app, "lesson.completed")
    happen(app, "lesson.completed")
    happen(app, "lesson.completed")
    happen(app, "lesson.completed")
    assert texts(app) == [
        "You have reached level 3 and got 5 coins.", "You have reached level 2.",
    ]  # fmt: skip
    assert texts(app, language="de")[0] == "Du hast Level 3 erreicht und 5 Münzen bekommen."


@pytest.mark.core
def test_a_request_is_told_to_whom_it_asks_and_accepting_to_whoever_asked(app: Flask) -> None:
    ask(app, BEN, ADA)
    deliver(app)
    assert (texts(app), texts(app, BEN)) == (["ben wants to be friends with you."], [])
    accept(app, ADA, BEN)
    deliver(app)
    friendly = [row for row in page(app, BEN) if row.kind == "friend"]
    assert [(row.about_id, row.payload) for row in friendly] == [
        (ADA, {"event": "friend.accepted"})
    ]
    assert "ada has accepted your friend request." in texts(app, BEN)
    assert "ada" not in str(texts(app))


def test_a_friend_is_called_as_they_are_called_when_it_is_read(app: Flask) -> None:
    ask(app, BEN, ADA)
    deliver(app)
    change(app, update(User).where(User.id == BEN).values(username="benno"))
    assert texts(app) == ["benno wants to be friends with you."]


def test_a_streak_at_risk_is_told_as_long_as_it_can_be_saved(app: Flask) -> None:
    at_risk(app)
    assert texts(app) == ["Your streak of 4 days ends tonight unless you practise."]
    assert texts(app, language="de") == [
        "Deine Serie von 4 Tagen endet heute Nacht, wenn du nicht übst."
    ]
    at_risk(app, date(2026, 3, 19))
    assert len(page(app)) == 1


@pytest.mark.core
def test_everybody_who_stood_in_a_season_is_told_once_it_is_settled(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seasons, "PAGE", 1)
    session = db_of(app).session()
    week = {
        "board": "exp", "period": Period.WEEK, "starts": date(2026, 3, 9),
        "ends": date(2026, 3, 15), "state": SeasonState.SETTLED, "closes_at": NOON,
    }  # fmt: skip
    season_id = session.connection().execute(insert(Season), week).lastrowid
    prize = {BEN: "friends_1"}
    for place, user_id in enumerate((BEN, ADA, EVE), start=1):
        standing = {"season_id": season_id, "user_id": user_id, "place": place, "score": 9}
        session.execute(insert(SeasonStanding), {**standing, "prize": prize.get(user_id)})
    for _ in range(2):
        put(session, mount_on(app), SEASON_SETTLED, season_settled(season_id), user_id=None)
    session.commit()
    deliver(app)
    over = "The season of 2026-03-09 to 2026-03-15 is over. Your place: "
    assert (texts(app), texts(app, EVE)) == ([f"{over}2"], [f"{over}3"])
    assert texts(app, BEN) == [f"{over}1. You win: Better Together"]
    [row] = page(app, EVE, kind="season")
    assert row.payload == {
        "board": "exp", "period": "week", "starts": "2026-03-09", "ends": "2026-03-15",
        "season_id": season_id, "place": 3, "score": 9, "prize": None, "prize_name": None,
    }  # fmt: skip


def test_settling_a_season_is_what_tells_of_it(app: Flask, clock: time_machine.Traveller) -> None:
    run_seasons(app, WEDNESDAY)
    put_scores(app, {ADA: 5, BEN: 3})
    clock.move_to(CLOSED)
    for _ in range(2):
        run_seasons(app, CLOSED)
        deliver(app)
    over = "The season of 2026-11-16 to 2026-11-22 is over. Your place:"
    assert (texts(app), texts(app, BEN), texts(app, EVE)) == ([f"{over} 1"], [f"{over} 2"], [])


def test_what_a_backfill_grants_is_in_nobodys_inbox(app: Flask) -> None:
    mount, session = mount_on(app), db_of(app).session()
    mount.refresh(session)
    family = mount.live.by_metric["TRANSLATED_WORDS"].id
    row = {"user_id": ADA, "badge_category_id": family, "value": 10, "updated_at": NOON}
    session.execute(insert(UserBadgeProgress), row)
    session.commit()
    done = Round(badges_of(mount), Manner("backfill"))(Work(session, mount, NOON), 0)
    session.commit()
    deliver(app)
    assert (done.counts["badges granted"], page(app)) == (1, [])


def test_what_was_told_of_a_badge_goes_when_it_is_revoked_and_a_new_grant_is_told_again(
    app: Flask, clock: time_machine.Traveller
) -> None:
    happen(app, "word.translated", amount=10)
    session, mount = db_of(app).session(), mount_on(app)
    wrong = moderation.order(session, mount, ADA, "translated_words_1", by=BEN, reason="a bot")
    moderation.revoke(session, wrong)
    assert page(app) == []
    moderation.lift(session, wrong, reopen=True)
    clock.shift(timedelta(days=1))
    moderation.grant(session, mount, wrong)
    session.commit()
    deliver(app)
    assert [(row.payload["code"], row.shown) for row in stored(app)] == [
        ("translated_words_1", False), ("translated_words_1", True),
    ]  # fmt: skip


def test_of_a_badge_that_was_revoked_before_it_was_told_nothing_is_told(app: Flask) -> None:
    session, mount = db_of(app).session(), mount_on(app)
    for name in ("word.translated", "article.read"):
        emit(session, name, user_id=ADA, amount=10)
    wrong = moderation.order(session, mount, ADA, "translated_words_1", by=BEN, reason="a bot")
    moderation.revoke(session, wrong)
    session.commit()
    deliver(app)
    assert [row.payload["code"] for row in stored(app)] == ["read_articles_1"]


# Once


@pytest.mark.core
def test_what_is_delivered_twice_is_told_once(app: Flask) -> None:
    session, mount = db_of(app).session(), mount_on(app)
    told: dict[str, Any] = {"level": 3, "reward": 0}
    for _ in range(2):
        put(session, mount, "level.up", told, user_id=ADA)
    put(session, mount, "level.up", told, user_id=BEN)
    session.commit()
    deliver(app)
    put(session, mount, "level.up", told, user_id=ADA)
    session.commit()
    deliver(app)
    assert (len(stored(app)), len(stored(app, BEN))) == (1, 1)


def test_who_asks_again_and_again_is_told_of_once_a_day(
    app: Flask, clock: time_machine.Traveller
) -> None:
    session = db_of(app).session()
    for hours in (0, 1, 24):
        clock.move_to(NOON + timedelta(hours=hours))
        ask(app, BEN, ADA)
        deliver(app)
        requests.withdraw(session, BEN, ADA)
        session.commit()
    assert len(page(app)) == 2


# Who does not want it, and whom it does not concern


def test_a_kind_that_is_not_wanted_in_the_app_is_not_shown(app: Flask) -> None:
    wish(app, badge={"in_app": False})
    wish(app, level={"in_app": False, "by_host": False})
    happen(app, "word.translated", amount=10)
    happen(app, "lesson.completed")
    happen(app, "lesson.completed")
    at_risk(app)
    assert [row.kind for row in page(app)] == ["streak"]
    assert [(row.kind, row.shown) for row in stored(app)] == [("badge", False), ("streak", True)]


def test_for_whom_gamification_is_off_there_is_nothing(new_host: MakeHost) -> None:
    app = new_host(is_enabled_for=lambda user_id: user_id != ADA)
    session, mount = db_of(app).session(), mount_on(app)
    put(session, mount, "level.up", {"level": 2, "reward": 0}, user_id=ADA)
    session.commit()
    deliver(app)
    assert stored(app) == []


@pytest.mark.core
def test_whom_a_block_keeps_apart_are_not_told_of_each_other(app: Flask) -> None:
    session, mount = db_of(app).session(), mount_on(app)
    ask(app, BEN, ADA)
    ask(app, EVE, ADA)
    blocking.block(session, mount, ADA, EVE)
    session.commit()
    deliver(app)
    assert [row.about_id for row in stored(app)] == [BEN]
    for blocker, blocked in ((BEN, ADA), (ADA, BEN)):
        blocks.add(session, blocker, blocked)
        session.commit()
        assert (page(app), messages.count_unseen(session, ADA)) == ([], 0)
        blocks.remove(session, blocker, blocked)
        session.commit()
    assert (len(page(app)), messages.count_unseen(session, ADA)) == (1, 1)


def test_nothing_is_told_of_somebody_who_is_gone_by_then(app: Flask) -> None:
    session, mount = db_of(app).session(), mount_on(app)
    put(session, mount, "friend.requested", {"user_id": 99, "friend_id": ADA}, user_id=ADA)
    put(session, mount, "level.up", {"level": 2, "reward": 0}, user_id=ADA)
    session.commit()
    deliver(app)
    assert [row.kind for row in stored(app)] == ["level"]


def test_what_is_rolled_back_is_told_to_nobody(app: Flask) -> None:
    session = db_of(app).session()
    emit(session, "word.translated", user_id=ADA, amount=10)
    session.rollback()
    deliver(app)
    assert stored(app) == []


# Seeing and dismissing


@pytest.mark.core
def test_messages_are_seen_by_their_ids_or_up_to_one(app: Flask) -> None:
    for amount in (10, 90, 400, 500):
        happen(app, "word.translated", amount=amount)
    session = db_of(app).session()
    first, second, third, _ = (row.id for row in stored(app))
    assert messages.see(session, BEN, ids=[first, second]) == 0
    assert messages.see(session, ADA, ids=[second]) == 1
    assert messages.see(session, ADA, up_to=third) == 2
    assert messages.see(session, ADA, up_to=third) == 0
    session.commit()
    assert (len(page(app, unseen=True)), messages.count_unseen(session, ADA)) == (1, 1)
    assert {row.seen_at for row in stored(app)} == {NOON, None}


def test_what_was_dismissed_does_not_come_back(app: Flask) -> None:
    session, mount = db_of(app).session(), mount_on(app)
    told: dict[str, Any] = {"level": 3, "reward": 0}
    for _ in range(2):
        put(session, mount, "level.up", told, user_id=ADA)
        session.commit()
        deliver(app)
        if found := page(app):
            assert not messages.dismiss(session, BEN, found[0].id)
            assert messages.dismiss(session, ADA, found[0].id)
            assert not messages.dismiss(session, ADA, found[0].id)
            session.commit()
    assert (page(app), messages.count_unseen(session, ADA)) == ([], 0)


# Upkeep


def housekeep(app: Flask, at: datetime) -> str:
    done = run(mount_on(app), job_called("housekeeping"), at, at.isoformat())
    assert done is not None
    return done.summary


@pytest.mark.core
def test_what_was_seen_or_dismissed_long_ago_goes(app: Flask) -> None:
    for amount in (10, 90, 400):
        happen(app, "word.translated", amount=amount)
    session = db_of(app).session()
    seen, dismissed, unseen = (row.id for row in stored(app))
    messages.see(session, ADA, ids=[seen])
    messages.dismiss(session, ADA, dismissed)
    session.commit()
    assert "0 notices forgotten" in housekeep(app, NOON + timedelta(days=90))
    assert "2 notices forgotten" in housekeep(app, NOON + timedelta(days=91))
    assert [row.id for row in stored(app)] == [unseen]


@pytest.mark.core
def test_of_too_many_the_oldest_go(new_host: MakeHost) -> None:
    app = new_host(config={"GAMIFY_INBOX_LIMIT": 2})
    for user_id in (ADA, BEN):
        for amount in (10, 90, 400):
            happen(app, "word.translated", user_id, amount=amount)
    change(app, Base.metadata.tables["inbox_message"].delete().where(InboxMessage.id == 6))
    assert "1 notices forgotten" in housekeep(app, NOON)
    assert [row.payload["level"] for row in stored(app)] == [2, 3]
    assert len(stored(app, BEN)) == 2


# Accounts that end


@pytest.mark.core
def test_an_erased_user_is_in_nobodys_inbox(app: Flask) -> None:
    happen(app, "word.translated", BEN, amount=10)
    happen(app, "word.translated", amount=10)
    wish(app, BEN, badge={"in_app": False})
    ask(app, BEN, ADA)
    deliver(app)
    session = db_of(app).session()
    gone = erase(session, BEN)
    session.commit()
    assert (gone["inbox_message"], gone["inbox_preference"]) == (2, 1)
    assert [row.kind for row in stored(app)] == ["badge"]


@pytest.mark.core
def test_messages_and_wishes_move_with_a_merged_account(app: Flask) -> None:
    happen(app, "word.translated", BEN, amount=10)
    at_risk(app)
    session, mount = db_of(app).session(), mount_on(app)
    for user_id in (ADA, BEN):
        put(session, mount, "level.up", {"level": 2, "reward": 0}, user_id=user_id)
    session.commit()
    ask(app, BEN, ADA)
    put(session, mount, "friend.accepted", {"user_id": ADA, "friend_id": BEN}, user_id=BEN)
    session.commit()
    deliver(app)
    assert {row.about_id for row in stored(app, BEN)} == {ADA, None}
    ask(app, BEN, EVE)
    deliver(app)
    wish(app, BEN, badge={"in_app": False}, level={"in_app": False})
    wish(app, ADA, badge={"by_host": False})
    session.commit()
    merge(session, BEN, ADA)
    session.commit()
    assert sorted(row.kind for row in stored(app)) == ["badge", "level", "streak"]
    assert stored(app, BEN) == []
    [asked] = stored(app, EVE)
    assert asked.about_id == ADA
    wishes = preferences.read(session, ADA)
    assert wishes["badge"] == (True, False)
    assert wishes["level"] == (False, True)


# Nothing is counted while paused, and shadow mode tells nobody


def test_while_paused_nothing_comes_and_what_is_there_can_be_read_and_seen(app: Flask) -> None:
    happen(app, "word.translated", amount=10)
    session, mount = db_of(app).session(), mount_on(app)
    settings.write(session, settings.PAUSED, "trouble")
    session.commit()
    mount.forget()
    happen(app, "word.translated", amount=90)
    assert messages.see(session, ADA, ids=[row.id for row in page(app)]) == 1
    session.commit()
    assert (len(stored(app)), messages.count_unseen(session, ADA)) == (1, 0)


def test_in_shadow_mode_nobody_is_told(new_host: MakeHost) -> None:
    app = new_host(config={"GAMIFY_SHADOW": True})
    happen(app, "word.translated", amount=10)
    assert (stored(app), Telling().run(mount_on(app))) == ([], 0)


# Cost


def test_an_event_pays_nothing_for_the_inbox(app: Flask) -> None:
    """All is done after the commit: neither table is named in the event's transaction."""
    session = db_of(app).session()
    happen(app, "word.translated")
    with statements(engine_of(app)) as ran:
        emit(session, "word.translated", user_id=ADA, amount=9)
        session.commit()
        ask(app, BEN, ADA)
    assert [one for one in ran if "inbox" in one] == []


def test_what_is_unseen_is_counted_in_an_index_and_a_page_read_along_one(app: Flask) -> None:
    """MySQL 9 sorts the user's messages instead, of which GAMIFY_INBOX_LIMIT is the most."""
    rows = [
        {
            "user_id": user_id, "kind": "level", "payload": {"level": level, "reward": 0},
            "dedupe_key": f"level:{level}", "created_at": NOON,
        }
        for user_id in (ADA, BEN, EVE)
        for level in range(200)
    ]  # fmt: skip
    change(app, insert(InboxMessage).values(rows))
    session, mount = db_of(app).session(), mount_on(app)
    with executed(app) as ran:
        messages.page(session, mount, ADA, limit=26)
        messages.count_unseen(session, ADA)
    session.commit()
    page_plan, count_plan = (plan(app, *one) for one in ran)
    assert "ix_inbox_message_page" in page_plan
    assert "filesort" not in page_plan
    assert "TEMP B-TREE" not in page_plan
    assert "ix_inbox_message_unseen" in count_plan
    assert "COVERING" in count_plan or "Using index" in count_plan


@contextmanager
def executed(app: Flask) -> Iterator[list[tuple[str, Any]]]:
    """The statements, with what they were given."""
    ran: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, sql: str, parameters: Any, *_more: Any) -> None:
        ran.append((sql, parameters))

    event.listen(engine_of(app), "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(engine_of(app), "before_cursor_execute", note)


def plan(app: Flask, sql: str, parameters: Any) -> str:
    """How the server goes about it, as far as our table is concerned."""
    explain = "EXPLAIN QUERY PLAN" if is_sqlite(app) else "EXPLAIN FORMAT=TRADITIONAL"
    with engine_of(app).connect() as connection:
        if not is_sqlite(app):
            connection.exec_driver_sql("ANALYZE TABLE inbox_message").all()
        cursor: Any = connection.connection.cursor()
        cursor.execute(f"{explain} {sql}", parameters)
        lines = [str(row) for row in cursor.fetchall()]
        cursor.close()
    return "\n".join(line for line in lines if "inbox_message" in line or "B-TREE" in line)


def is_sqlite(app: Flask) -> bool:
    return engine_of(app).dialect.name == "sqlite"


def test_a_batch_costs_the_same_whatever_is_in_it(app: Flask) -> None:
    def cost(levels: range) -> int:
        session, mount = db_of(app).session(), mount_on(app)
        for level in levels:
            put(session, mount, "level.up", {"level": level, "reward": 0}, user_id=ADA)
        session.commit()
        with statements(engine_of(app)) as ran:
            deliver(app)
        return len([one for one in ran if "inbox_message" in one and "tell_at" not in one])

    assert cost(range(2, 4)) == cost(range(4, 44))
