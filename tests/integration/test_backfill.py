"""What events missed is granted afterwards, by the same tests: in batches, silently, resumable."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import datetime, timedelta
from multiprocessing.connection import Connection as Pipe
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from tests.activity import made_log
from tests.hosts import (
    ADA,
    BEN,
    MakeHost,
    User,
    award_log,
    badges,
    change,
    db_of,
    engine_of,
    grants,
    mount_host,
    mount_on,
    progress,
)
from tests.integration.played import held, play
from tests.processes import FORKS, SECONDS
from zeeguu_gamify import AllOf, AtLeast, Catalog, LocalHours, composite, emit, one_off
from zeeguu_gamify.badges import backfill
from zeeguu_gamify.badges.backfill import Manner, Round
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.batch import Batch, Work
from zeeguu_gamify.cli.backfill import Pace
from zeeguu_gamify.jobs import runner, schedule
from zeeguu_gamify.models import (
    BadgeCategory,
    JobRun,
    Mechanism,
    OutboxMessage,
    UserBadge,
    UserBadgeProgress,
)
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.testing import statements

NOW = datetime(2026, 3, 4, 12, 7)
BOTH = composite(
    "both", test=AllOf(AtLeast("TRANSLATED_WORDS", 10), AtLeast("READ_ARTICLES", 5)),
    name="Both", unachieved="-", achieved="+",
)  # fmt: skip
AFTER_BOTH = composite(
    "after_both", test=AllOf(AtLeast("ONE:both", 1), AtLeast("CORRECT_EXERCISES", 10)),
    name="After", unachieved="-", achieved="+",
)  # fmt: skip
READER = one_off("reader", name="Reader", trigger="article.read", unachieved="-", achieved="+")
NIGHTLY = composite(
    "nightly", test=AllOf(AtLeast("TRANSLATED_WORDS", 10), LocalHours(0, 24)),
    name="Night", unachieved="-", achieved="+",
)  # fmt: skip
CATALOG = Catalog((*FAMILIES, BOTH, AFTER_BOTH, READER, NIGHTLY))


@pytest.fixture
def host(new_host: MakeHost) -> Flask:
    """A host with composites and a one-off."""
    return new_host(catalog=CATALOG)


def run(app: Flask, *command: str, fails: bool = False) -> str:
    """What `flask gamify …` prints."""
    result = app.test_cli_runner().invoke(args=["gamify", *command])
    assert bool(result.exit_code) is fails, result.output
    return str(result.output)


def forget_grants(app: Flask, *, counters: bool = False) -> None:
    """As if no event had ever granted a badge; `counters`: nor counted anything."""
    families = select(BadgeCategory.id).where(
        BadgeCategory.metric.in_(["ONE:both", "ONE:after_both"])
    )
    change(app, delete(UserBadge))
    change(app, delete(UserBadgeProgress).where(UserBadgeProgress.badge_category_id.in_(families)))
    if counters:
        counted = select(BadgeCategory.id).where(BadgeCategory.award_mechanism == Mechanism.COUNTER)
        moved = UserBadgeProgress.badge_category_id.in_(counted)
        change(app, delete(UserBadgeProgress).where(moved, UserBadgeProgress.user_id % 2 == 0))
        change(app, update(UserBadgeProgress).where(moved).values(value=1))


def fresh_mount(app: Flask) -> Mount:
    """What Gamify keeps of the host, once it has read the catalog."""
    mount = mount_on(app)
    with Session(engine_of(app)) as session:
        mount.refresh(session)
    return mount


def words(app: Flask, count: int, first: int = 100, value: int = 10) -> None:
    """Learners who have translated words, before there was a badge for it."""
    family = fresh_mount(app).live.by_metric["TRANSLATED_WORDS"].id
    ids = range(first, first + count)
    with engine_of(app).begin() as connection:
        connection.execute(insert(User), [{"id": n, "username": f"u{n}", "name": "x"} for n in ids])
        connection.execute(
            insert(UserBadgeProgress),
            [{"user_id": n, "badge_category_id": family, "value": value} for n in ids],
        )


def messages(app: Flask) -> list[Any]:
    """(topic, user id, code) of all that the outbox holds."""
    with engine_of(app).connect() as connection:
        rows = connection.execute(select(OutboxMessage.__table__)).all()
    return [(row.topic, row.user_id, row.payload["code"]) for row in rows]


@pytest.mark.core
@time_machine.travel(NOW, tick=False)
def test_event_backfill_and_sweep_give_the_same_holders(host: Flask) -> None:
    play(host, made_log(3, size=600))
    by_event = {(name, code) for name, code in held(host) if code != "nightly"}
    assert {"both", "after_both", "reader", "translated_words_1"} <= {code for _, code in by_event}
    forget_grants(host)
    run(host, "backfill", "--all")
    assert held(host) == by_event
    forget_grants(host, counters=True)
    for night in range(7):
        at = datetime(2026, 3, 1) + timedelta(days=night)
        runner.run(mount_on(host), schedule.job_called("badges_sweep"), at, f"night {night}")
    assert held(host) == by_event


@time_machine.travel(NOW, tick=False)
def test_a_backfilled_badge_is_silent_seen_and_certified(host: Flask) -> None:
    words(host, 1, value=60)
    told = run(host, "backfill", "--badge", "translated_words_1")
    assert told.splitlines()[-2:] == [
        "       1  translated_words_1",
        "backfill: 3 users looked at, 1 badges granted",
    ]
    (row,) = grants(host, 100)
    assert (row.source, row.achieved_at, bool(row.is_shown)) == ("backfill", NOW, True)
    found = [row.evidence[key] for key in ("event", "value", "threshold", "rule_version")]
    assert found == ["backfill", 60, 10, 1]
    assert award_log(host, 100) == ["translated_words_1"]
    assert messages(host) == []


def test_when_asked_it_tells_each_user_once(host: Flask) -> None:
    words(host, 2)
    for _ in range(2):
        run(host, "backfill", "--all", "--notify")
    told = [("badge.earned", user, "translated_words_1") for user in (100, 101)]
    assert messages(host) == told
    assert [bool(row.is_shown) for row in grants(host, 100)] == [False]


def test_a_dry_run_counts_and_writes_nothing(host: Flask) -> None:
    words(host, 3)
    told = json.loads(run(host, "backfill", "--all", "--dry-run", "--json"))
    assert told["granted"] == {"translated_words_1": 3}
    assert (badges(host, 100), award_log(host, 100), messages(host)) == ([], [], [])
    assert _count(host, JobRun) == 0
    run(host, "backfill", "--all")
    assert json.loads(run(host, "backfill", "--all", "--dry-run", "--json"))["granted"] == {}


def test_a_composite_granted_afterwards_counts_as_done(host: Flask) -> None:
    """So that those who wait for it find it, in this backfill or in a later one."""
    play(host, made_log(3, size=600))
    by_event = held(host)
    forget_grants(host)
    for code in ("both", "after_both"):
        run(host, "backfill", "--badge", code)
    composites = {(name, code) for name, code in by_event if code in ("both", "after_both")}
    assert held(host) == composites
    for user_id in range(100, 112):
        codes, counted = badges(host, user_id), progress(host, user_id)
        assert sorted(code for code in codes if f"ONE:{code}" in counted) == codes


def test_of_one_user_only_that_user_is_looked_at(host: Flask) -> None:
    words(host, 2)
    assert "1 users looked at, 1 badges granted" in run(host, "backfill", "--user", "u101")
    assert (badges(host, 100), badges(host, 101)) == ([], ["translated_words_1"])


def test_of_a_trigger_only_its_badges_are_granted(host: Flask) -> None:
    words(host, 1)
    run(host, "backfill", "--trigger", "exercise.correct")
    assert badges(host, 100) == []
    run(host, "backfill", "--trigger", "word.translated")
    assert badges(host, 100) == ["translated_words_1"]


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ((), "Name one of --user, --badge, --trigger and --all."),
        (("--all", "--badge", "both"), "Name one of --user, --badge, --trigger and --all."),
        (("--badge", "bth"), "Unknown badge code or metric: 'bth'; did you mean 'both'?"),
        (("--trigger", "word.translatd"), "did you mean 'word.translated'?"),
        (("--user", "nobody"), "Unknown user: 'nobody'"),
        (("--badge", "nightly"), "asks at what time something was done"),
    ],
)
@pytest.mark.sqlite_only
def test_a_wrong_scope_is_refused(host: Flask, scope: tuple[str, ...], message: str) -> None:
    assert message in run(host, "backfill", *scope, fails=True)


@pytest.mark.sqlite_only
def test_hidden_deprecated_and_repeatable_badges_are_left_out(new_host: MakeHost) -> None:
    by_quiz = one_off(
        "by_quiz", name="Q", trigger="quiz.completed", unachieved="-", achieved="+",
        repeatable=lambda event: str(event.context.get("score")),
    )  # fmt: skip
    old = one_off(
        "old", name="O", trigger="quiz.completed", unachieved="-", achieved="+", deprecated=True
    )
    host = new_host(catalog=Catalog((*FAMILIES, by_quiz, old)))
    emit(db_of(host).session, "quiz.completed", user_id=ADA, context={"score": 1})
    db_of(host).session.commit()
    forget_grants(host)
    run(host, "backfill", "--all")
    assert badges(host) == []
    assert "only an event can tell" in run(host, "backfill", "--badge", "by_quiz", fails=True)


@pytest.mark.core
def test_a_batch_costs_the_same_statements_whatever_the_users_and_badges(host: Flask) -> None:
    words(host, 60, value=10_000)
    mount = mount_on(host)
    counts = []
    for users, codes in ((1, 1), (2, 5), (50, 5)):
        family = mount.live.by_metric["TRANSLATED_WORDS"]
        what = Round(family.badges[:codes], Manner("backfill", notify=True))
        with db_of(host).session() as session, statements(engine_of(host)) as ran:
            ids = list(range(100, 100 + users))
            what.of_users(session, mount, ids, NOW)
            session.rollback()
        counts.append(len(ran))
        assert what.granted.total() == users * codes
    assert len(set(counts)) == 1
    assert counts[0] <= 11  # facts, rows, two savepoints there and back, grants, log, messages


def test_who_is_granted_by_somebody_else_meanwhile_is_granted_once(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    words(host, 3)
    run(host, "backfill", "--user", "u101")
    monkeypatch.setattr(backfill, "_rows", lambda *_: set())
    told = json.loads(run(host, "backfill", "--all", "--notify", "--json"))
    assert told["granted"] == {"translated_words_1": 2}
    assert [badges(host, user) for user in (100, 101, 102)] == [["translated_words_1"]] * 3
    assert [user for _, user, _ in messages(host)] == [100, 102]


def test_of_a_limited_badge_no_more_are_granted_than_there_are(new_host: MakeHost) -> None:
    few = one_off(
        "few", name="F", trigger="quiz.completed", unachieved="-", achieved="+", max_holders=2
    )
    host = new_host(catalog=Catalog((*FAMILIES, few)))
    for user in (ADA, BEN):
        emit(db_of(host).session, "quiz.completed", user_id=user)
    db_of(host).session.commit()
    words(host, 3)
    done = mount_on(host).live.by_metric["ONE:few"].id
    change(host, delete(UserBadge).where(UserBadge.user_id == BEN))
    change(host, text("UPDATE badge SET grants_made = 1 WHERE code = 'few'"))
    rows = [{"user_id": n, "badge_category_id": done, "value": 1} for n in (100, 101, 102)]
    change(host, insert(UserBadgeProgress).values(rows))
    for _ in range(2):
        run(host, "backfill", "--badge", "few")
    assert [badges(host, user) for user in (ADA, BEN, 100)] == [["few"], ["few"], []]


@pytest.mark.sqlite_only
def test_users_for_whom_it_is_switched_off_get_nothing(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG, is_enabled_for=lambda user_id: user_id != 101)
    words(host, 3)
    run(host, "backfill", "--all")
    assert [bool(badges(host, user)) for user in (100, 101, 102)] == [True, False, True]


@pytest.mark.sqlite_only
def test_while_paused_or_in_shadow_mode_nothing_is_granted(new_host: MakeHost) -> None:
    host = new_host(catalog=CATALOG)
    words(host, 1)
    run(host, "pause")
    assert "Events are paused" in run(host, "backfill", "--all", fails=True)
    assert badges(host, 100) == []


def test_not_more_users_a_second_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with time_machine.travel(NOW, tick=False):
        pace = Pace(users=50, rate=100)
        monkeypatch.setattr("zeeguu_gamify.clock.monotonic", lambda: pace._since + 0.2)
        pace.keep()
        Pace(users=50, rate=None).keep()
    assert slept == [pytest.approx(0.3)]


def backfill_and_hang(url: str, batches: int, pipe: Pipe) -> None:
    """A backfill that stops in the middle of a batch, for ever."""
    with time_machine.travel(NOW, tick=False):
        app = mount_host(url, catalog=CATALOG)
        with app.app_context():
            original, done = Round.__call__, 0

            def hang_later(self: Round, work: Work, after: int) -> Batch:
                nonlocal done
                batch = original(self, work, after)
                done += 1
                if done > batches:
                    pipe.send(after)
                    signal.pause()
                return batch

            Round.__call__ = hang_later  # type: ignore[method-assign]
            run(app, "backfill", "--all", "--notify", "--rate", "10")


@pytest.mark.core
def test_killed_half_way_it_goes_on_where_it_stopped(host: Flask) -> None:
    words(host, 48)
    url = str(engine_of(host).url.render_as_string(hide_password=False))
    here, there = FORKS.Pipe()
    process = FORKS.Process(target=backfill_and_hang, args=(url, 2, there))
    process.start()
    assert here.poll(SECONDS)
    cursor = here.recv()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    granted = [user for _, user, _ in messages(host)]
    assert granted == list(range(100, cursor + 1))
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        told = run(host, "backfill", "--all", "--notify", fails=True)
        assert "Another process does this backfill" in told
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        told = run(host, "backfill", "--all", "--notify")
    assert "backfill: 50 users looked at, 48 badges granted" in told
    assert sorted(user for _, user, _ in messages(host)) == list(range(100, 148))


def test_done_it_can_be_done_again(host: Flask) -> None:
    words(host, 1)
    run(host, "backfill", "--all")
    words(host, 1, first=200)
    assert "1 badges granted" in run(host, "backfill", "--all")


@pytest.mark.sqlite_only
def test_a_night_has_its_slice_of_the_users(host: Flask) -> None:
    words(host, 14)
    mount = mount_on(host)
    turns = []
    for night in range(7):
        at = datetime(2026, 3, 1) + timedelta(days=night)
        found = runner.run(mount, schedule.job_called("badges_sweep"), at, f"night {night}")
        assert found is not None
        turns.append(int(found.summary.split()[0]))
    assert (sum(turns), sorted(turns)) == (16, [2, 2, 2, 2, 2, 3, 3])
    assert {tuple(badges(host, user)) for user in range(100, 114)} == {("translated_words_1",)}


def _count(app: Flask, model: Any) -> int:
    with engine_of(app).connect() as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())
