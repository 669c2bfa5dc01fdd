"""An event with an id counts once per source, an object once per user, for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from tests.hosts import ADA, BEN, NOBODY, MakeHost, db_of, progress, receipts, send
from zeeguu_gamify import Catalog, Event, GamifyError, emit
from zeeguu_gamify.badges.default_catalog import FAMILIES, ONE_OFFS
from zeeguu_gamify.badges.progress_row import ProgressRow
from zeeguu_gamify.errors import BadInput, UnknownUser
from zeeguu_gamify.events import Outcome, emit_batch
from zeeguu_gamify.models import EventReceipt


def translated(app: Flask, **fields: object) -> Outcome:
    """Emit and commit a translated word of Ada's."""
    session = db_of(app).session
    outcome = emit(session, "word.translated", **{"user_id": ADA, **fields})  # type: ignore[arg-type]
    session.commit()
    return outcome


def words(app: Flask, user_id: int = ADA) -> int:
    """How many translated words were counted."""
    return progress(app, user_id).get("TRANSLATED_WORDS", 0)


def events(*ids: str | None, **fields: object) -> list[Event]:
    """Translated words with these event ids."""
    return [
        Event(**{"name": "word.translated", "user_id": ADA, "event_id": id_, **fields})  # type: ignore[arg-type]
        for id_ in ids
    ]


@pytest.mark.core
def test_an_event_sent_twice_counts_once_and_says_so(host: Flask) -> None:
    assert not translated(host, event_id="e1").replayed
    assert translated(host, event_id="e1").replayed
    assert translated(host, event_id="e1", amount=9, user_id=BEN).replayed
    assert (words(host), words(host, BEN), receipts(host)) == (1, 0, 1)


def test_an_event_sent_twice_in_one_transaction_counts_once(host: Flask) -> None:
    for _ in range(2):
        emit(db_of(host).session, "word.translated", user_id=ADA, event_id="e1")
    db_of(host).session.commit()
    assert words(host) == 1


def test_a_replayed_event_grants_nothing(host: Flask) -> None:
    first = translated(host, event_id="e1", amount=10)
    again = translated(host, event_id="e1", amount=10)
    assert ([badge.code for badge in first.new_badges], again.new_badges) == (
        ["translated_words_1"],
        [],
    )


@pytest.mark.core
def test_ids_are_compared_byte_by_byte(host: Flask) -> None:
    for event_id in ("e", "E", "e ", " e", "é", "ß", "ss", "ё", "日" * 42):
        assert not translated(host, event_id=event_id).replayed
    assert (words(host), receipts(host)) == (9, 9)


def test_two_sources_may_give_the_same_id(host: Flask) -> None:
    translated(host, event_id="e1", source="phone")
    assert not translated(host, event_id="e1", source="web").replayed
    assert translated(host, event_id="e1", source="web").replayed
    assert words(host) == 2


def test_an_event_without_an_id_counts_as_often_as_it_is_sent(host: Flask) -> None:
    assert not any(translated(host).replayed for _ in range(3))
    assert (words(host), receipts(host)) == (3, 0)


@pytest.mark.core
def test_only_the_first_completion_of_an_object_counts(host: Flask) -> None:
    assert not translated(host, object_id="article:7").replayed
    assert translated(host, object_id="article:7").replayed
    assert translated(host, object_id="article:7", source="web").replayed
    assert not translated(host, object_id="article:8").replayed
    assert not translated(host, object_id="article:7", user_id=BEN).replayed
    assert (words(host), words(host, BEN)) == (2, 1)


def test_an_object_may_be_completed_in_several_ways(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "article.read", user_id=ADA, object_id="7")
    assert not emit(session, "word.translated", user_id=ADA, object_id="7").replayed


def test_with_both_ids_either_makes_it_a_replay(host: Flask) -> None:
    assert not translated(host, event_id="e1", object_id="o1").replayed
    assert translated(host, event_id="e2", object_id="o1").replayed
    assert translated(host, event_id="e1", object_id="o2").replayed
    assert not translated(host, event_id="e2", object_id="o2").replayed
    assert words(host) == 2


@pytest.mark.core
def test_a_batch_counts_each_of_its_events_once(host: Flask) -> None:
    translated(host, event_id="old")
    outcomes = emit_batch(db_of(host).session, events("a", "old", "b", "a", None, None))
    db_of(host).session.commit()
    assert [outcome.replayed for outcome in outcomes] == [False, True, False, True, False, False]
    assert (words(host), receipts(host)) == (5, 3)


@pytest.mark.core
def test_a_batch_that_completes_an_object_twice_counts_the_first(host: Flask) -> None:
    """The rows that the failed insert had got in must not pass for counted."""
    translated(host, object_id="before")
    batch = [
        *events("a", "b", object_id="o1"),
        *events(None, None, object_id="o2"),
        *events("c", object_id="before"),
        *events("d", "e", "f"),
    ]
    outcomes = emit_batch(db_of(host).session, batch)
    db_of(host).session.commit()
    replayed = [outcome.replayed for outcome in outcomes]
    assert replayed == [False, True, False, True, True, False, False, False]
    assert words(host) == 1 + 5


def test_a_long_batch_that_completes_an_object_twice_counts_all_the_rest(host: Flask) -> None:
    """The driver sends it in several statements, of which only the last fails."""
    translated(host, object_id="before")
    batch = [*events(*(f"{n:0>128}" for n in range(600))), *events("z", object_id="before")]
    emit_batch(db_of(host).session, batch)
    db_of(host).session.commit()
    assert words(host) == 1 + 600


def test_several_sources_in_one_batch_are_told_apart(host: Flask) -> None:
    batch = [*events("e", source="web"), *events("e", source="phone"), *events("e", source="web")]
    outcomes = emit_batch(db_of(host).session, batch)
    assert [outcome.replayed for outcome in outcomes] == [False, False, True]


def test_an_empty_batch_is_nothing(host: Flask) -> None:
    assert emit_batch(db_of(host).session, []) == []


@pytest.mark.core
def test_of_a_batch_with_an_unknown_user_nothing_is_left(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    session = db_of(host).session
    batch = [*events("a", "b", amount=10), *events("c", user_id=NOBODY), *events("d")]
    with pytest.raises(UnknownUser, match="999"):
        emit_batch(session, batch)
    session.commit()
    assert (words(host), receipts(host)) == (0, 0)
    assert "granted" not in caplog.text
    emit_batch(session, [*events("a", "b", amount=10), *events("d")])
    session.commit()
    assert (words(host), receipts(host)) == (21, 3)


@pytest.mark.core
@pytest.mark.parametrize("fields", [{"event_id": "e1"}, {"object_id": "o1"}])
def test_an_event_of_an_unknown_user_leaves_no_receipt(host: Flask, fields: dict[str, str]) -> None:
    with pytest.raises(UnknownUser, match="Unknown user: 999"):
        translated(host, user_id=NOBODY, **fields)
    db_of(host).session.commit()
    assert receipts(host) == 0


def test_an_event_that_fails_after_its_receipt_may_be_sent_again(
    new_host: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two metrics that it moves the second fails: neither moves, and the receipt goes."""
    host = new_host(catalog=Catalog((*FAMILIES, *ONE_OFFS)))
    session = db_of(host).session

    def fail(_row: ProgressRow, _amount: int) -> int:
        raise GamifyError("not now")

    with monkeypatch.context() as patch:
        patch.setattr(ProgressRow, "add", fail)
        with pytest.raises(GamifyError, match="not now"):
            emit(session, "article.read", user_id=ADA, event_id="e1")
    session.commit()
    assert (progress(host), receipts(host)) == ({}, 0)
    assert not emit(session, "article.read", user_id=ADA, event_id="e1").replayed
    session.commit()
    assert progress(host) == {"READ_ARTICLES": 1, "ONE:first_article": 1}


def test_an_event_rolled_back_by_the_host_may_be_sent_again(host: Flask) -> None:
    emit(db_of(host).session, "word.translated", user_id=ADA, event_id="e1")
    db_of(host).session.rollback()
    assert not translated(host, event_id="e1").replayed
    assert words(host) == 1


def test_a_receipt_says_what_was_counted_and_when(host: Flask) -> None:
    with time_machine.travel(datetime(2026, 3, 29, 0, 30, 15, 999_999), tick=False):
        translated(
            host, event_id="e1", object_id="o1", source="phone", amount=3,
            at=datetime(2020, 2, 29, 23, 59, 59, 700_000),
        )  # fmt: skip
    receipt = EventReceipt.__table__
    with db_of(host).engine.connect() as connection:
        (row,) = connection.execute(select(receipt))
    assert row._asdict() == {
        "source": "phone",
        "event_id": "e1",
        "user_id": ADA,
        "event": "word.translated",
        "object_id": "o1",
        "amount": 3,
        "occurred_at": datetime(2020, 2, 29, 23, 59, 59),
        "received_at": datetime(2026, 3, 29, 0, 30, 15),
    }


def test_signals_leave_no_receipts(host: Flask) -> None:
    send(host, "word_translated", times=2)
    db_of(host).session.commit()
    assert (words(host), receipts(host)) == (2, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"event_id": ""},
        {"event_id": "x" * 129},
        {"event_id": "é" * 65},
        {"event_id": 7},
        {"event_id": b"e1"},
        {"event_id": "half a \ud83d"},
        {"object_id": ""},
        {"object_id": "x" * 129},
        {"source": ""},
        {"source": "x" * 65},
        {"source": None},
    ],
)
def test_a_key_that_does_not_fit_is_refused_by_its_name(
    sqlite_host: Flask, fields: dict[str, object]
) -> None:
    with pytest.raises(BadInput, match=f"^{next(iter(fields))} must be a text of 1 to"):
        translated(sqlite_host, **{"event_id": "e1", **fields})
    assert (progress(sqlite_host), receipts(sqlite_host)) == ({}, 0)


@pytest.mark.core
def test_the_longest_keys_fit(host: Flask) -> None:
    longest = {"event_id": "é" * 64, "object_id": "x" * 128, "source": "y" * 64}
    assert not translated(host, **longest).replayed
    assert translated(host, **longest).replayed


def test_a_clock_may_be_five_minutes_ahead(sqlite_host: Flask) -> None:
    with time_machine.travel(datetime(2026, 1, 1, 12), tick=False):
        translated(sqlite_host, at=datetime(2026, 1, 1, 12, 5))
        with pytest.raises(BadInput, match="at: 2026-01-01T12:05:01 is in the future"):
            translated(sqlite_host, at=datetime(2026, 1, 1, 12, 5) + timedelta(seconds=1))
    assert words(sqlite_host) == 1
