"""What a grant leaves behind: a row with its certificate, a line of history, a line of log."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from tests.hosts import ADA, BEN, badges, change, db_of, grants, send
from zeeguu_gamify import Event, emit, increment_badge_progress, update_badge_progress
from zeeguu_gamify.events import emit_batch
from zeeguu_gamify.models import AwardAction, BadgeAwardLog

#: In Berlin, where Ada lives, it is the next day already.
LATE = datetime(2026, 3, 28, 23, 30)
NOW = datetime(2026, 3, 29, 6, 0, 1, 700_000)


def announced(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines in which grants were logged."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "zeeguu_gamify.awards" and record.levelname == "INFO"
    ]


@pytest.mark.core
@time_machine.travel(NOW, tick=False)
def test_a_grant_has_a_certificate(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "word.translated", user_id=ADA, amount=12, event_id="e1", at=LATE)
    session.commit()
    (row,) = grants(host)
    assert row.achieved_at == LATE
    assert (row.source, row.context, bool(row.is_shown)) == ("auto", "", False)
    assert (row.revoked_at, row.revoked_by, row.sort_override) == (None, None, None)
    assert row.evidence == {
        "metric": "TRANSLATED_WORDS",
        "threshold": 10,
        "value": 12,
        "rule_version": 1,
        "event": "word.translated",
        "event_id": "e1",
        "zone": "Europe/Berlin",
        "local_date": "2026-03-29",
    }


@pytest.mark.core
@time_machine.travel(NOW, tick=False)
def test_a_grant_has_a_line_in_the_award_log(host: Flask) -> None:
    session = db_of(host).session
    emit(session, "word.translated", user_id=ADA, amount=12, event_id="e1", at=LATE)
    session.commit()
    table = BadgeAwardLog.__table__
    with db_of(host).engine.connect() as connection:
        (row,) = connection.execute(select(table))
    assert row._asdict() == {
        "id": 1,
        "user_id": ADA,
        "badge_id": 1,
        "context": "",
        "action": AwardAction.GRANTED,
        "at": NOW.replace(microsecond=0),
        "event": "word.translated",
        "event_id": "e1",
        "actor_id": None,
        "reason": None,
    }


def test_the_certificate_of_a_direct_call_names_the_call(host: Flask) -> None:
    session = db_of(host).session
    increment_badge_progress(session, "LEARNED_WORDS", BEN)
    update_badge_progress(session, "FRIENDS", BEN, 1)
    session.commit()
    causes = [(row.code, row.evidence["event"], row.evidence["zone"]) for row in grants(host, BEN)]
    assert causes == [
        ("learned_words_1", "progress.incremented", "UTC"),
        ("friends_1", "progress.updated", "UTC"),
    ]


def test_a_grant_is_logged_once_with_who_what_and_why(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    send(host, "word_translated", times=12)
    assert announced(caplog) == []
    db_of(host).session.commit()
    assert announced(caplog) == [
        "granted translated_words_1 to user 1: TRANSLATED_WORDS reached 10 of 10 by word.translated"
    ]
    send(host, "word_translated")
    db_of(host).session.commit()
    assert len(announced(caplog)) == 1


def test_a_grant_that_the_host_rolls_back_is_never_logged(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    session = db_of(host).session
    for undo in (session.rollback, session.close):
        send(host, "word_translated", times=10)
        undo()
        session.commit()
    assert (announced(caplog), badges(host)) == ([], [])


def test_of_grants_around_a_savepoint_those_are_logged_that_stay(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    session = db_of(host).session
    increment_badge_progress(session, "LEARNED_WORDS", ADA)
    with session.begin_nested():
        increment_badge_progress(session, "LEARNED_WORDS", BEN)
    undone = session.begin_nested()
    increment_badge_progress(session, "COMPLETED_AUDIO_LESSONS", ADA)
    with session.begin_nested():
        increment_badge_progress(session, "COMPLETED_AUDIO_LESSONS", BEN)
    undone.rollback()
    assert announced(caplog) == []
    session.commit()
    assert [line.split(":")[0] for line in announced(caplog)] == [
        "granted learned_words_1 to user 1",
        "granted learned_words_1 to user 2",
    ]
    assert badges(host, ADA) == badges(host, BEN) == ["learned_words_1"]


def test_a_grant_that_was_there_before_is_neither_returned_nor_logged(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """As after the cut-over, where production has granted it."""
    caplog.set_level("INFO")
    change(host, text("INSERT INTO user_badge (user_id, badge_id) VALUES (1, 1)"))
    session = db_of(host).session
    granted = increment_badge_progress(session, "TRANSLATED_WORDS", ADA, 100)
    session.commit()
    assert [badge.level for badge in granted] == [2]
    assert badges(host) == ["translated_words_1", "translated_words_2"]
    assert len(announced(caplog)) == 1


def test_each_grant_of_a_batch_is_logged_with_its_own_cause(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    batch = [Event(name="word.translated", user_id=ADA, amount=n) for n in (11, 100)]
    emit_batch(db_of(host).session, batch)
    db_of(host).session.commit()
    assert [line.partition("reached ")[2] for line in announced(caplog)] == [
        "11 of 10 by word.translated",
        "111 of 100 by word.translated",
    ]
