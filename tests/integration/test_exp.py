"""EXP are earned once per object, within caps, and taken back whole; boards are owed a message."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.hosts import ADA, BEN, NOBODY, MakeHost, db_of, engine_of, mount_on, receipts
from zeeguu_gamify import Event, emit
from zeeguu_gamify.badges.progress import ProgressSubscriber
from zeeguu_gamify.economy.exp import ExpSubscriber
from zeeguu_gamify.errors import BadInput, GamifyError, UnknownUser
from zeeguu_gamify.events import EventType, Outcome, emit_batch
from zeeguu_gamify.jobs import housekeeping
from zeeguu_gamify.jobs.runner import run
from zeeguu_gamify.jobs.schedule import job_called
from zeeguu_gamify.models import Asset, ExpAllowance, LedgerEntry, OutboxMessage, UserProfile
from zeeguu_gamify.testing import frozen, statements

#: Ada lives in Berlin, where it is the 11th already; Ben's zone is not known: UTC.
LATE = datetime(2026, 3, 10, 23, 30)

CAPPED = (
    EventType("quiz.completed", "a quiz", most_exp=30, most_exp_a_day=50),
    EventType("flashcards.completed", "flashcards", most_exp=30),
)


def act(app: Flask, name: str = "exp.gained", user_id: int = ADA, **fields: Any) -> Outcome:
    """Emit and commit, late in the evening; ten EXP unless told otherwise."""
    with frozen(LATE):
        outcome = emit(db_of(app).session, name, user_id=user_id, **{"amount": 10, **fields})
        db_of(app).session.commit()
    return outcome


def quiz(**fields: Any) -> dict[str, Any]:
    return {"context": {"cause": "quiz.completed", **fields}}


def rows(app: Flask, statement: Any) -> list[tuple[Any, ...]]:
    with engine_of(app).connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def entries(app: Flask, user_id: int = ADA) -> list[tuple[Any, ...]]:
    """Amount, cause, local date and language of each entry."""
    entry = LedgerEntry.__table__.c
    return rows(
        app,
        select(entry.amount, entry.reason, entry.local_date, entry.language_id)
        .where(entry.user_id == user_id, entry.asset == Asset.EXP)
        .order_by(entry.id),
    )


def amounts(app: Flask, user_id: int = ADA) -> list[int]:
    return [entry[0] for entry in entries(app, user_id)]


def owed(app: Flask) -> list[tuple[Any, ...]]:
    """Topic, user and payload of what waits in the outbox."""
    message = OutboxMessage.__table__.c
    wanted = select(message.topic, message.user_id, message.payload).order_by(message.id)
    return rows(app, wanted)


def used(app: Flask) -> list[tuple[Any, ...]]:
    row = ExpAllowance.__table__.c
    return rows(app, select(row.user_id, row.cause, row.local_date, row.used))


def moved(amount: int, day: str = "2026-03-11", language_id: int = 0) -> dict[str, Any]:
    return {"amount": amount, "local_date": day, "language_id": language_id}


@pytest.mark.core
def test_what_is_earned_is_an_entry_on_the_users_own_date_and_a_message(host: Flask) -> None:
    outcome = act(host, context={"language_id": 7, "cause": "exercise.correct"})
    act(host, user_id=BEN)
    assert outcome.exp == 10
    assert entries(host) == [(10, "exercise.correct", date(2026, 3, 11), 7)]
    assert entries(host, BEN) == [(10, "exp.gained", date(2026, 3, 10), 0)]
    assert owed(host) == [
        ("exp.moved", ADA, moved(10, language_id=7)),
        ("exp.moved", BEN, moved(10, "2026-03-10")),
    ]


def test_it_counts_on_the_date_of_its_instant_not_of_its_arrival(host: Flask) -> None:
    act(host, at=LATE - timedelta(days=3))
    assert entries(host)[0][2] == date(2026, 3, 8)


@pytest.mark.core
@pytest.mark.parametrize(
    ("fields", "limit"), [({}, 3), ({"event_id": "e"}, 4), ({"object_id": "o"}, 4)]
)
def test_exp_cost_three_statements_and_one_for_an_id(
    host: Flask, fields: dict[str, Any], limit: int
) -> None:
    act(host)
    with statements(engine_of(host)) as ran:
        act(host, **fields)
    assert len(ran) == limit


def test_other_events_cost_nothing_more(host: Flask) -> None:
    act(host, "word.translated")
    with statements(engine_of(host)) as ran:
        act(host, "word.translated")
    assert len(ran) == 1


def test_an_event_or_object_earns_once(host: Flask) -> None:
    act(host, event_id="e", object_id="o")
    assert act(host, event_id="e").replayed
    assert act(host, object_id="o").exp == 0
    assert (amounts(host), len(owed(host))) == ([10], 1)


@pytest.mark.core
def test_taking_back_an_object_takes_all_it_earned_in_its_language(host: Flask) -> None:
    act(host, object_id="o", context={"language_id": 7, "cause": "quiz.completed"})
    outcome = act(host, "exp.lost", object_id="o", amount=99)
    assert outcome.exp == -10
    assert entries(host)[1] == (-10, "quiz.completed", date(2026, 3, 11), 7)
    assert owed(host)[1] == ("exp.moved", ADA, moved(-10, language_id=7))


@pytest.mark.core
def test_ticking_and_unticking_nets_one_completion_at_most(host: Flask) -> None:
    for amount in (10, 20, 30):
        assert act(host, object_id="o", amount=amount).exp == amount
        assert act(host, object_id="o", amount=amount).replayed
        assert act(host, "exp.lost", object_id="o").exp == -amount
        assert act(host, "exp.lost", object_id="o").replayed
    act(host, object_id="o", amount=40)
    assert sum(amounts(host)) == 40


def test_what_was_never_earned_cannot_be_taken_back(host: Flask) -> None:
    act(host, object_id="mine", user_id=BEN)
    assert act(host, "exp.lost", object_id="mine").replayed
    assert amounts(host) == []


def test_without_an_object_as_much_is_lost_as_is_said_and_once_per_id(host: Flask) -> None:
    act(host)
    assert act(host, "exp.lost", amount=4, event_id="refund").exp == -4
    assert act(host, "exp.lost", amount=4, event_id="refund").replayed
    assert amounts(host) == [10, -4]


@pytest.mark.core
def test_an_event_sent_again_after_its_object_was_undone_does_not_count_again(host: Flask) -> None:
    act(host, event_id="tick", object_id="o")
    assert act(host, "exp.lost", event_id="untick", object_id="o").exp == -10
    assert act(host, event_id="tick", object_id="o").replayed
    assert act(host, "exp.lost", event_id="untick", object_id="o").replayed
    assert act(host, event_id="tick again", object_id="o").exp == 10
    assert sum(amounts(host)) == 10


def test_it_is_taken_back_on_the_date_on_which_it_is_undone(host: Flask) -> None:
    """Earned before a week ends, taken back and earned again in the next one: earned once."""
    act(host, object_id="o", at=LATE - timedelta(days=7))
    act(host, "exp.lost", object_id="o")
    act(host, object_id="o")
    assert [(entry[0], entry[2].day) for entry in entries(host)] == [(10, 4), (-10, 11), (10, 11)]


@pytest.mark.core
def test_caps_cut_what_one_event_carries_and_what_a_day_gives(new_host: MakeHost) -> None:
    host = new_host(events=CAPPED)
    assert [act(host, amount=40, **quiz()).exp for _ in range(3)] == [30, 20, 0]
    assert act(host, amount=40, user_id=BEN, **quiz()).exp == 30
    assert act(host, amount=40, context={"cause": "flashcards.completed"}).exp == 30
    assert act(host, amount=40).exp == 40
    assert amounts(host) == [30, 20, 30, 40]
    assert len([one for one in owed(host) if one[0] == "exp.moved"]) == 5
    tomorrow = LATE + timedelta(hours=24)
    with frozen(tomorrow):
        assert emit(db_of(host).session, "exp.gained", user_id=ADA, amount=40, **quiz()).exp == 30


def test_the_allowance_of_a_day_is_what_its_entries_sum_up_to(new_host: MakeHost) -> None:
    host = new_host(events=CAPPED)
    act(host, amount=30, object_id="a", **quiz())
    act(host, amount=30, object_id="b", **quiz())
    assert used(host) == [(ADA, "quiz.completed", date(2026, 3, 11), 50)]
    act(host, "exp.lost", object_id="b")
    assert used(host)[0][3] == 30
    assert act(host, amount=30, object_id="b", **quiz()).exp == 20
    assert sum(amounts(host)) == used(host)[0][3] == 50


def test_a_completion_that_a_cap_cut_to_nothing_stays_a_completion(new_host: MakeHost) -> None:
    host = new_host(events=CAPPED)
    act(host, amount=30, **quiz())
    act(host, amount=30, **quiz())
    assert act(host, object_id="o", **quiz()).exp == 0
    assert act(host, object_id="o", at=LATE, **quiz()).replayed
    assert act(host, "exp.lost", object_id="o").exp == 0
    assert sum(amounts(host)) == 50


def test_only_a_daily_cap_costs_statements(new_host: MakeHost) -> None:
    host = new_host(events=CAPPED)
    act(host)
    with statements(engine_of(host)) as ran:
        act(host, context={"cause": "flashcards.completed"})
    assert len(ran) == 3
    with statements(engine_of(host)) as ran:
        act(host, **quiz())
    assert len(ran) == 6


def test_the_profile_is_held_before_entries_and_caps_are_looked_at(
    new_server_host: MakeHost,
) -> None:
    """Also by who does not see these yet; else two might wait for each other."""
    host = new_server_host(events=CAPPED)
    with Session(engine_of(host)) as late:
        assert late.execute(select(LedgerEntry.__table__)).all() == []  # its snapshot
        act(host, object_id="o", **quiz())
        with frozen(LATE), statements(engine_of(host)) as ran:
            assert emit(late, "exp.lost", user_id=ADA, object_id="o").exp == -10
        late.commit()
    tables = ("user_profile", "ledger_entry", "exp_allowance")
    first = [next(number for number, one in enumerate(ran) if name in one) for name in tables]
    assert first == sorted(first)


def test_caps_of_long_ago_are_forgotten_and_what_was_earned_is_not(
    new_host: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "USERS", 1)
    host = new_host(events=CAPPED)
    for user_id in (ADA, BEN):
        for days in (0, 89, 92):
            act(host, user_id=user_id, at=LATE - timedelta(days=days), **quiz())
    with frozen(LATE):
        done = run(mount_on(host), job_called("housekeeping"), LATE, "once")
    assert done is not None
    assert "2 days forgotten" in done.summary
    kept = {(user_id, day.isoformat()) for user_id, _, day, _ in used(host)}
    assert kept == {
        (ADA, "2025-12-12"), (ADA, "2026-03-11"), (BEN, "2025-12-11"), (BEN, "2026-03-10")
    }  # fmt: skip
    assert amounts(host) == amounts(host, BEN) == [10, 10, 10]


def test_a_cap_on_exp_itself_is_for_every_cause_that_is_no_event(new_host: MakeHost) -> None:
    host = new_host(events=[EventType("exp.gained", "EXP", most_exp=5)])
    assert act(host).exp == 5
    assert act(host, context={"cause": "a bonus"}).exp == 5
    assert act(host, **quiz()).exp == 10


@pytest.mark.core
def test_a_batch_costs_one_statement_more_than_an_event_however_many_users(host: Flask) -> None:
    act(host)
    batch = [
        Event(name="exp.gained", user_id=user_id, amount=amount, context={"language_id": language})
        for user_id, amount, language in [(ADA, 1, 0), (BEN, 2, 0), (ADA, 4, 7), (ADA, 8, 0)]
    ]
    with frozen(LATE), statements(engine_of(host)) as ran:
        outcomes = emit_batch(db_of(host).session, batch)
        db_of(host).session.commit()
    said = [one for one in ran if "SAVEPOINT" not in one and one != "BEGIN"]
    assert len(said) == 5  # one to ask where Ben is
    assert [outcome.exp for outcome in outcomes] == [1, 2, 4, 8]
    assert (amounts(host), amounts(host, BEN)) == ([10, 1, 4, 8], [2])
    assert owed(host)[1:] == [
        ("exp.moved", ADA, moved(9)),
        ("exp.moved", ADA, moved(4, language_id=7)),
        ("exp.moved", BEN, moved(2, "2026-03-10")),
    ]


def test_a_batch_that_one_user_cannot_keep_names_the_user_and_moves_nobody(
    server_host: Flask,
) -> None:
    act(server_host, amount=2**31 - 1, user_id=BEN)
    batch = [Event(name="exp.gained", user_id=user_id) for user_id in (ADA, BEN)]
    with pytest.raises(BadInput, match=f"user {BEN} "):
        emit_batch(db_of(server_host).session, batch)
    db_of(server_host).session.commit()
    assert (sum(amounts(server_host)), sum(amounts(server_host, BEN))) == (0, 2**31 - 1)
    assert rows(server_host, select(UserProfile.user_id, UserProfile.exp)) == [(BEN, 2**31 - 1)]


@pytest.mark.core
def test_a_batch_does_and_undoes_in_its_order_and_within_caps(new_host: MakeHost) -> None:
    host = new_host(events=CAPPED)
    ticks = [("exp.gained", "a"), ("exp.lost", "a"), ("exp.lost", "a"), ("exp.gained", "a"),
             ("exp.gained", "b"), ("exp.gained", "c"), ("exp.lost", "b")]  # fmt: skip
    batch = [
        Event(name=name, user_id=ADA, amount=30, object_id=object_id, **quiz())
        for name, object_id in ticks
    ]
    with frozen(LATE):
        outcomes = emit_batch(db_of(host).session, batch)
        db_of(host).session.commit()
    assert [outcome.exp for outcome in outcomes] == [30, -30, 0, 30, 20, 0, -20]
    assert outcomes[2].replayed
    assert sum(amounts(host)) == used(host)[0][3] == 30


@pytest.mark.core
def test_of_an_event_that_a_later_room_refuses_nothing_is_left(
    new_host: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = new_host(events=CAPPED)
    act(host, object_id="done", **quiz())
    before = amounts(host), owed(host), used(host), receipts(host)

    def refuse(*_: object) -> None:
        raise GamifyError("not now")

    monkeypatch.setattr(ProgressSubscriber, "handle", refuse)
    for name, object_id in (("exp.gained", "new"), ("exp.lost", "done")):
        with pytest.raises(GamifyError, match="not now"):
            act(host, name, object_id=object_id, **quiz())
        db_of(host).session.commit()
        assert (amounts(host), owed(host), used(host), receipts(host)) == before
    monkeypatch.undo()
    assert act(host, "exp.lost", object_id="done").exp == -10


def test_of_an_event_whose_message_fails_nothing_is_left(
    host: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise GamifyError("full")

    with monkeypatch.context() as patch:
        patch.setattr("zeeguu_gamify.delivery.outbox.put", refuse)
        with pytest.raises(GamifyError, match="full"):
            act(host, event_id="e")
    db_of(host).session.commit()
    assert (amounts(host), receipts(host)) == ([], 0)
    assert act(host, event_id="e").exp == 10


@pytest.mark.core
@pytest.mark.parametrize("name", ["exp.gained", "exp.lost"])
def test_an_unknown_user_earns_nothing(host: Flask, name: str) -> None:
    with pytest.raises(UnknownUser, match="999"):
        act(host, name, user_id=NOBODY, event_id="e")
    db_of(host).session.commit()
    assert (amounts(host, NOBODY), owed(host), receipts(host)) == ([], [], 0)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"casue": "quiz.completed"}, "context: exp.gained has no 'casue'; did you mean 'cause'?"),
        ({"cause": 7}, "context: 'cause' of exp.gained must be a text"),
        ({"cause": "x" * 65}, "cause must be a text of 1 to 64"),
        ({"language_id": "de"}, "context: 'language_id' of exp.gained must be a whole number"),
        ({"language_id": -1}, "language_id must be a whole number of at least 0"),
        ({"language_id": 2**31}, "language_id must be at most"),
    ],
)
def test_a_context_that_does_not_fit_is_refused_by_its_name(
    sqlite_host: Flask, context: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match="^" + re.escape(message)):
        act(sqlite_host, object_id="o", context=context)
    assert (amounts(sqlite_host), receipts(sqlite_host)) == ([], 0)


def test_an_instant_with_a_zone_counts_in_utc(sqlite_host: Flask) -> None:
    act(sqlite_host, at=LATE.replace(tzinfo=UTC))
    at = select(LedgerEntry.at, func.count()).group_by(LedgerEntry.at)
    assert rows(sqlite_host, at) == [(LATE, 1)]


def test_a_room_without_exp_to_move_undoes_nothing(sqlite_host: Flask) -> None:
    act(sqlite_host)
    session = db_of(sqlite_host).session()
    ExpSubscriber().handle(session, sqlite_host.extensions["gamify"], [])
    ExpSubscriber().undo(session, sqlite_host.extensions["gamify"], [])
    session.commit()
    assert amounts(sqlite_host) == [10]
