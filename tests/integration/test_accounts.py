"""Accounts that end: erased without a trace, or merged so that nothing is lost or counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tests.hosts import ADA, BEN, User, badges, change, db_of, engine_of, mount_on, progress
from tests.integration.learners import GERMAN, Learners, NewLearners, UserLanguage
from zeeguu_gamify import clock
from zeeguu_gamify.accounts import erase as erasing
from zeeguu_gamify.accounts.erase import erase
from zeeguu_gamify.accounts.merge import STEPS, merge
from zeeguu_gamify.accounts.tables import columns_naming_users
from zeeguu_gamify.badges.by_hand import increment_badge_progress
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import emit
from zeeguu_gamify.friends import blocks, friendships, requests
from zeeguu_gamify.models import (
    ActivityDay,
    Asset,
    AwardAction,
    Badge,
    BadgeAwardLog,
    Base,
    BridgeKind,
    Friendship,
    LedgerEntry,
    PracticeDay,
    Streak,
    StreakBridge,
    UserAvatar,
    UserBadge,
)
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.streaks.bridges import give_freezes
from zeeguu_gamify.streaks.daily import current
from zeeguu_gamify.streaks.practice import practice
from zeeguu_gamify.testing import frozen

EVE, DAN = 3, 4
NOON = datetime(2026, 3, 10, 12)


@pytest.fixture
def world(host: Flask) -> Flask:
    """Ada, Ben, Eve and Dan; each has something in every table."""
    change(
        host,
        insert(User).values(
            [
                {"id": EVE, "username": "eve", "name": "Eve"},
                {"id": DAN, "username": "dan", "name": "Dan"},
            ]
        ),
    )
    session, mount = db_of(host).session(), mount_on(host)
    with frozen(NOON):
        befriend(host, ADA, BEN)
        befriend(host, ADA, EVE)
        befriend(host, BEN, EVE)
        requests.send(session, mount, DAN, ADA)
        session.commit()
        requests.send(session, mount, BEN, DAN)
        session.commit()
        blocks.add(session, EVE, DAN)
        blocks.add(session, DAN, ADA)
        blocks.add(session, ADA, DAN)
        for user_id in (ADA, BEN, EVE):
            emit(session, "article.read", user_id=user_id, amount=3, object_id="the same article")
            emit(session, "word.translated", user_id=user_id, amount=60, event_id=f"tap {user_id}")
            give_freezes(session, user_id, 2, "a present")
            session.execute(insert(UserAvatar), {"user_id": user_id, "image_name": f"a{user_id}"})
            bridge = {"user_id": user_id, "local_date": date(2026, 3, user_id), "created_at": NOON}
            session.execute(insert(StreakBridge), {**bridge, "kind": BridgeKind.AMNESTY})
        session.commit()
    return host


def test_sums_of_days_are_united_by_a_merge_and_go_with_an_erased_user(world: Flask) -> None:
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    did = [(ADA, monday, 5), (ADA, tuesday, 1), (BEN, monday, 7), (EVE, monday, 9)]
    for user_id, day, value in did:
        row = {"user_id": user_id, "metric": "read_articles", "utc_day": day, "value": value}
        change(world, insert(ActivityDay).values(row))
    session = db_of(world).session()
    merge(session, ADA, BEN)
    erase(session, EVE)
    session.commit()
    table = ActivityDay.__table__.c
    with engine_of(world).connect() as connection:
        found = connection.execute(select(table.user_id, table.utc_day, table.value)).all()
    assert sorted(map(tuple, found)) == [(BEN, monday, 12), (BEN, tuesday, 1)]


def befriend(host: Flask, one: int, other: int) -> None:
    session, mount = db_of(host).session(), mount_on(host)
    requests.send(session, mount, one, other)
    session.commit()
    requests.accept(session, mount, other, one)
    session.commit()


def practise(host: Flask, user_id: int, *days: int) -> None:
    """Practise at noon on days of March 2026."""
    session = db_of(host).session()
    for day in days:
        with frozen(NOON.replace(day=day)):
            practice(session, user_id)
            session.commit()


def rows_naming(host: Flask, user_id: int) -> dict[str, int]:
    """Table → how many rows name the user, over every table of ours."""
    found = {}
    with engine_of(host).connect() as connection:
        for table, column, _ in columns_naming_users():
            count = select(func.count()).select_from(table).where(column == user_id)
            found[f"{table.name}.{column.name}"] = connection.execute(count).scalar_one()
    return {name: count for name, count in found.items() if count}


def test_every_table_that_names_a_user_has_its_step_in_a_merge() -> None:
    named = {table.name for table, _, _ in columns_naming_users()}
    assert {model.__tablename__ for model in STEPS} == named


def test_no_column_that_could_name_a_user_lacks_its_foreign_key() -> None:
    keyed = {(table.name, column.name) for table, column, _ in columns_naming_users()}
    suspects = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.c
        if column.name == "actor_id" or column.name.endswith(("user_id", "revoked_by"))
    }
    assert suspects <= keyed


def test_erasing_leaves_no_row_that_names_the_user(world: Flask) -> None:
    practise(world, ADA, 9, 10)
    change(world, log_row_by(ADA, of=BEN))
    session = db_of(world).session()
    gone = erase(session, ADA)
    session.commit()
    assert rows_naming(world, ADA) == {}
    assert gone["friendship"] == 2
    assert gone["practice_day"] == 2
    assert rows_naming(world, BEN)["badge_award_log.user_id"] >= 1  # what Ada did for Ben stays


def log_row_by(actor_id: int, *, of: int) -> Any:
    return insert(BadgeAwardLog).values(
        user_id=of, badge_id=1, action=AwardAction.GRANTED, at=NOON, actor_id=actor_id
    )


def test_erasing_sets_the_friends_gauges_of_friends_right(world: Flask) -> None:
    assert progress(world, BEN)["FRIENDS"] == 2
    session = db_of(world).session()
    erase(session, ADA)
    session.commit()
    assert progress(world, BEN)["FRIENDS"] == 1
    assert progress(world, EVE)["FRIENDS"] == 1


def test_after_an_erasure_the_next_event_of_a_user_of_that_id_begins_at_one(world: Flask) -> None:
    session = db_of(world).session()
    erase(session, ADA)
    session.commit()
    increment_badge_progress(session, "TRANSLATED_WORDS", ADA)
    session.commit()
    assert progress(world)["TRANSLATED_WORDS"] == 1


def test_erasing_somebody_unknown_changes_nothing(world: Flask) -> None:
    assert erase(db_of(world).session(), 999) == {}


def test_merging_leaves_nothing_of_the_one_and_all_of_it_with_the_other(world: Flask) -> None:
    session = db_of(world).session()
    counted = merge(session, ADA, BEN)
    session.commit()
    assert rows_naming(world, ADA) == {}
    assert (counted["user_avatar"], counted["friendship"], counted["friend_request"]) == (1, 2, 1)


def test_counters_add_up_but_the_same_object_counts_once(world: Flask) -> None:
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    assert progress(world, BEN)["TRANSLATED_WORDS"] == 120
    assert progress(world, BEN)["READ_ARTICLES"] == 3


def test_what_the_sum_reaches_is_granted_and_nothing_twice(world: Flask) -> None:
    assert badges(world, BEN) == ["friends_1", "translated_words_1"]
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    assert badges(world, BEN) == ["friends_1", "translated_words_1", "translated_words_2"]


def test_of_a_badge_that_both_hold_the_earlier_instant_stays(world: Flask) -> None:
    earlier = NOON - timedelta(days=300)
    word = select(Badge.id).where(Badge.code == "translated_words_1").scalar_subquery()
    mine = UserBadge.__table__.c
    change(
        world,
        UserBadge.__table__.update()  # type: ignore[attr-defined]
        .where(mine.user_id == ADA, mine.badge_id == word)
        .values(achieved_at=earlier, is_shown=True),
    )
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    with engine_of(world).connect() as connection:
        row = connection.execute(
            select(mine.achieved_at, mine.is_shown).where(
                mine.user_id == BEN, mine.badge_id == word
            )
        ).one()  # fmt: skip
    assert (row.achieved_at, bool(row.is_shown)) == (earlier, True)


def test_practice_days_are_united_and_the_streak_is_that_of_all(world: Flask) -> None:
    practise(world, ADA, 8, 10)
    practise(world, BEN, 7, 9)
    session = db_of(world).session()
    with frozen(NOON):
        merge(session, ADA, BEN)
        session.commit()
        assert current(session, BEN) == 4


def test_what_users_see_of_a_united_streak_follows(learners: Learners) -> None:
    ada, ben = learners.learner(), learners.learner()
    for one, days in ((ada, (8, 10)), (ben, (7, 9))):
        learners.study(one)
        learners.practise(one, *(NOON.replace(day=day) for day in days))
    merge_at(learners, ada, ben)
    assert learners.daily(ben) == {GERMAN: 4}
    assert learners.gauge(ben) == 4


def test_of_two_streaks_that_were_taken_over_the_longer_stays_the_longest(
    learners: Learners,
) -> None:
    ada, ben = learners.learner(), learners.learner()
    for one, longest in ((ada, 30), (ben, 20)):
        learners.practise(one, NOON)
        learners.change(update(Streak).where(Streak.user_id == one).values(floor=longest))
    merge_at(learners, ada, ben)
    assert learners.streak(ben).longest == 30


def test_a_date_that_both_practised_began_with_the_first_of_them(learners: Learners) -> None:
    ada, ben = learners.learner(), learners.learner()
    learners.practise(ada, NOON)
    learners.practise(ben, NOON + timedelta(hours=6))
    merge_at(learners, ada, ben)
    [day] = learners.rows(select(PracticeDay.user_id, PracticeDay.first_at))
    assert tuple(day) == (ben, NOON)


def test_a_friend_streak_goes_on_with_the_other_account(learners: Learners) -> None:
    ada, friend, ben = (
        learners.learner("Pacific/Kiritimati"),
        learners.learner(),
        learners.learner(),
    )
    met = datetime(2026, 3, 7, 11)  # in Kiritimati it is the 8th
    friendship = learners.befriend(ada, friend, met)
    learners.practise(ada, *(NOON.replace(day=day - 1) for day in (8, 9)))
    learners.practise(friend, *(NOON.replace(day=day) for day in (8, 9, 10)))
    learners.practise(ben, NOON)
    merge_at(learners, ada, ben)
    row = learners.friendship(friendship)
    assert (row.user_a_id, row.user_b_id) == (friend, ben)
    assert (row.a_since.day, row.a_from.day, row.a_last.day) == (7, 8, 10)
    assert (row.b_since.day, row.b_from.day, row.b_last.day) == (8, 8, 10)
    assert row.friend_streak == 3


def merge_at(learners: Learners, from_id: int, into_id: int) -> None:
    """Merge on the evening of the tenth."""
    with frozen(NOON + timedelta(hours=8)), learners.transaction() as session:
        merge(session, from_id, into_id)


def test_friends_are_united_and_both_gauges_are_right(world: Flask) -> None:
    befriend_dan = friendships.make
    change(world, Base.metadata.tables["user_block"].delete())
    session, mount = db_of(world).session(), mount_on(world)
    befriend_dan(session, mount, ADA, DAN)
    session.commit()
    merge(session, ADA, BEN)
    session.commit()
    assert progress(world, BEN)["FRIENDS"] == 2  # Eve, whom both had, and Dan
    assert progress(world, EVE)["FRIENDS"] == 1
    assert progress(world, DAN)["FRIENDS"] == 1
    with engine_of(world).connect() as connection:
        active = select(Friendship.user_a_id, Friendship.user_b_id).where(Friendship.active == 1)
        assert sorted(map(tuple, connection.execute(active))) == [(BEN, EVE), (BEN, DAN)]


def test_requests_move_but_none_points_at_oneself(world: Flask) -> None:
    change(world, Base.metadata.tables["user_block"].delete())
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    named = rows_naming(world, BEN)
    assert named["friend_request.sender_id"] == 1  # to Dan; Dan's to Ada would be the same pair
    assert "friend_request.receiver_id" not in named


def test_blocks_move_and_end_what_the_other_account_had_with_the_blocked(world: Flask) -> None:
    session = db_of(world).session()
    blocks.add(session, ADA, EVE)  # Ben's friend; Dan, whom Ben has asked, has blocked Ada
    blocks.add(session, ADA, BEN)
    session.commit()
    merge(session, ADA, BEN)
    session.commit()
    named = rows_naming(world, BEN)
    assert (named["user_block.blocker_id"], named["user_block.blocked_id"]) == (2, 1)
    assert not {name for name in named if name.startswith("friend_request")}
    assert progress(world, BEN)["FRIENDS"] == 0
    assert progress(world, EVE)["FRIENDS"] == 0


def test_freezes_and_their_entries_add_up_and_the_own_avatar_stays(world: Flask) -> None:
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.commit()
    with engine_of(world).connect() as connection:
        entries = connection.execute(
            select(func.sum(LedgerEntry.amount)).where(
                LedgerEntry.user_id == BEN, LedgerEntry.asset == Asset.FREEZES
            )
        ).scalar_one()  # fmt: skip
        freezes = Base.metadata.tables["user_profile"].c.freezes
        owned = connection.execute(
            select(freezes).where(Base.metadata.tables["user_profile"].c.user_id == BEN)
        ).scalar_one()  # fmt: skip
        avatar = connection.execute(
            select(UserAvatar.image_name).where(UserAvatar.user_id == BEN)
        ).scalar_one()  # fmt: skip
    assert (entries, owned, avatar) == (4, 4, f"a{BEN}")


@contextmanager
def before_the_users_are_locked(
    app: Flask, monkeypatch: pytest.MonkeyPatch, act: Callable[[Session], object]
) -> Iterator[set[int]]:
    """Let somebody else `act`, and commit, after friends were looked up; gives who was locked."""
    lock = erasing._lock
    locked: set[int] = set()

    def lock_too_late(session: Session, mount: Mount, user_ids: set[int]) -> None:
        if not locked:
            with Session(engine_of(app)) as other:
                act(other)
                other.commit()
        locked.update(user_ids)
        lock(session, mount, user_ids)

    monkeypatch.setattr(erasing, "_lock", lock_too_late)
    yield locked
    assert locked


def test_friends_who_come_while_an_erasure_waits_are_counted_right(
    server_host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, mount = server_host, mount_on(server_host)
    change(app, insert(User).values([{"id": EVE, "username": "eve", "name": "Eve"}]))
    befriend(app, ADA, BEN)

    def meet_eve(session: Session) -> None:
        for one in (ADA, BEN):
            friendships.make(session, mount, one, EVE)

    session = db_of(app).session()
    with before_the_users_are_locked(app, monkeypatch, meet_eve) as locked:
        erase(session, ADA)
        session.commit()
    assert locked == {ADA, BEN, EVE}
    assert progress(app, BEN)["FRIENDS"] == 1
    assert progress(app, EVE)["FRIENDS"] == 1


def test_what_is_counted_while_a_merge_waits_is_merged_too(
    server_host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = server_host
    session = db_of(app).session()
    increment_badge_progress(session, "TRANSLATED_WORDS", ADA)
    practice(session, ADA, at=clock.now() - timedelta(days=1))
    session.commit()

    def go_on(session: Session) -> None:
        increment_badge_progress(session, "TRANSLATED_WORDS", ADA)
        practice(session, ADA)
        give_freezes(session, ADA, 2, "a present")

    with before_the_users_are_locked(app, monkeypatch, go_on):
        merge(session, ADA, BEN)
        session.commit()
    assert progress(app, BEN)["TRANSLATED_WORDS"] == 2
    assert current(session, BEN) == 2
    assert rows_naming(app, BEN)["user_profile.user_id"] == 1


def test_where_the_host_owns_the_streaks_a_merge_leaves_its_columns_alone(
    new_learners: NewLearners,
) -> None:
    learners = new_learners(GAMIFY_STREAK_OWNER="host")
    ada, ben = learners.learner(), learners.learner()
    learners.study(ada, daily_streak=3, last_practiced=NOON)
    learners.study(ben, daily_streak=7, max_streak=9, last_practiced=NOON)
    learners.practise(ada, NOON)
    learners.practise(ben, NOON)
    before = learners.rows(select(UserLanguage))
    with learners.transaction() as session:
        merge(session, ada, ben)
    assert learners.rows(select(UserLanguage)) == before
    assert learners.gauge(ben) is None


def test_a_merge_that_the_host_rolls_back_has_changed_nothing(world: Flask) -> None:
    before = rows_naming(world, ADA), rows_naming(world, BEN), progress(world, BEN)
    session = db_of(world).session()
    merge(session, ADA, BEN)
    session.rollback()
    assert (rows_naming(world, ADA), rows_naming(world, BEN), progress(world, BEN)) == before


@pytest.mark.parametrize(
    ("pair", "error"),
    [((ADA, ADA), BadInput), ((ADA, 999), UnknownUser), ((999, ADA), UnknownUser)],
)
def test_a_merge_with_oneself_or_nobody_is_refused(
    world: Flask, pair: tuple[int, int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        merge(db_of(world).session(), *pair)


def test_the_commands_say_what_they_would_do_and_do_it_when_asked(world: Flask) -> None:
    run = world.test_cli_runner().invoke
    tried = run(args=["gamify", "accounts", "merge", str(ADA), str(BEN), "--dry-run"])
    count = sum(rows_naming(world, ADA).values())
    assert f"\n{count} rows would be moved or dropped.\n" in tried.output
    assert rows_naming(world, ADA)
    asked = run(args=["gamify", "accounts", "erase", str(ADA)], input="n\n")
    assert asked.exit_code == 1
    assert rows_naming(world, ADA)
    done = run(args=["gamify", "accounts", "erase", str(ADA), "--yes"])
    assert done.exit_code == 0
    assert rows_naming(world, ADA) == {}
