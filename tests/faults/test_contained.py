"""Our own faults: logged, and all that the host wrote is there."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from blinker import signal
from flask import Flask
from sqlalchemy import text

from tests.hosts import (
    ADA,
    MakeHost,
    badges,
    change,
    db_of,
    host_rows,
    progress,
    receipts,
    send,
    write_row,
)
from zeeguu_gamify import Catalog, Event, HostMap, emit, one_off
from zeeguu_gamify.badges.default_catalog import FAMILIES
from zeeguu_gamify.events import emit_batch

pytestmark = pytest.mark.core


def raise_value_error(_any: object) -> NoReturn:
    raise ValueError("a callback is broken")


def send_between_rows(app: Flask, times: int = 1) -> None:
    """A request of the host: a row, a signal, a row, a commit."""
    write_row(app, "before")
    send(app, "word_translated", times=times)
    write_row(app, "after")
    db_of(app).session.commit()


def test_the_hosts_rows_are_there_when_our_python_raises(
    new_host: MakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    host = new_host(is_enabled_for=raise_value_error)
    send_between_rows(host)
    assert host_rows(host) == 2
    assert "word.translated of user 1 failed" in caplog.text
    assert "a callback is broken" in caplog.text


def test_the_hosts_rows_are_there_when_a_callback_sends_bad_sql(
    new_host: MakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    def is_enabled_for(_user_id: int) -> bool:
        return bool(db_of(host).session.execute(text("SELECT nonsense FROM nowhere")).scalar())

    host = new_host(is_enabled_for=is_enabled_for)
    send_between_rows(host)
    assert host_rows(host) == 2
    assert "nowhere" in caplog.text


def test_the_hosts_rows_are_there_when_our_own_statement_fails(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    send_between_rows(host)
    change(host, text("ALTER TABLE user_badge_progress RENAME TO elsewhere"))
    send_between_rows(host)
    assert host_rows(host) == 4
    assert "user_badge_progress" in caplog.text


def test_the_hosts_rows_are_there_when_a_value_does_not_fit_its_column(
    server_host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    send_between_rows(server_host)
    change(server_host, text("UPDATE user_badge_progress SET value = 2147483647"))
    send_between_rows(server_host)
    assert host_rows(server_host) == 4
    assert progress(server_host) == {"TRANSLATED_WORDS": 2147483647}
    assert "Out of range" in caplog.text


def test_a_granter_that_fails_leaves_nothing_of_its_own_but_the_progress(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    send_between_rows(host, times=9)
    change(host, text("ALTER TABLE badge_award_log RENAME TO elsewhere"))
    send_between_rows(host)
    assert host_rows(host) == 4
    assert progress(host) == {"TRANSLATED_WORDS": 10}
    assert badges(host) == []
    assert "Granting TRANSLATED_WORDS badges to user 1 failed" in caplog.text
    assert "granted translated_words_1" not in caplog.text


def test_a_badge_deleted_under_us_is_not_granted_and_breaks_nothing(
    server_host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    send_between_rows(server_host, times=9)
    change(server_host, text("DELETE FROM badge WHERE id = 1"))
    send_between_rows(server_host)
    assert host_rows(server_host) == 4
    assert progress(server_host) == {"TRANSLATED_WORDS": 10}
    assert "Granting TRANSLATED_WORDS badges to user 1 failed" in caplog.text


def test_a_zone_callback_that_raises_stops_no_progress(new_host: MakeHost) -> None:
    host = new_host(host_map=HostMap(zone_of=raise_value_error))
    send_between_rows(host, times=10)
    assert host_rows(host) == 2
    assert progress(host) == {"TRANSLATED_WORDS": 10}


def test_a_condition_that_raises_leaves_nothing_of_the_event(new_host: MakeHost) -> None:
    broken = one_off(
        "broken", name="B", trigger="word.translated", unachieved="-", achieved="-",
        when=raise_value_error,
    )  # fmt: skip
    host = new_host(catalog=Catalog((*FAMILIES, broken)))
    with pytest.raises(ValueError, match="a callback is broken"):
        emit(db_of(host).session, "word.translated", user_id=ADA, event_id="e1")
    send_between_rows(host)
    assert host_rows(host) == 2
    assert (progress(host), receipts(host)) == ({}, 0)


def test_an_expected_error_is_one_line_in_the_log(
    host: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    send(host, "word_translated", user_id=999)
    (record,) = [r for r in caplog.records if r.levelname == "ERROR"]
    assert record.getMessage().endswith("Unknown user: 999")
    assert record.exc_info is None


@pytest.mark.parametrize(
    "sent",
    [{}, {"user_id": None}, {"user_id": "1"}, {"user": object(), "article": 5}],
)
def test_a_signal_of_the_same_name_with_other_keywords_breaks_nothing(
    host: Flask, caplog: pytest.LogCaptureFixture, sent: dict[str, Any]
) -> None:
    write_row(host)
    signal("article_read").send(None, **sent)
    db_of(host).session.commit()
    assert host_rows(host) == 1
    assert "user_id must be a whole number" in caplog.text


def test_a_signal_without_a_session_is_written_in_the_hosts(host: Flask) -> None:
    signal("article_read").send(None, user_id=ADA)
    assert progress(host) == {}
    db_of(host).session.commit()
    assert progress(host) == {"READ_ARTICLES": 1}


def test_a_signal_where_nothing_is_mounted_is_none_of_our_business() -> None:
    with Flask("other").app_context():
        signal("article_read").send(None, user_id=ADA)
    signal("article_read").send(None, user_id=ADA)


def test_what_is_contained_leaves_the_host_its_open_transaction(host: Flask) -> None:
    write_row(host)
    send(host, "word_translated", user_id=999)
    db_of(host).session.rollback()
    assert host_rows(host) == 0


def test_the_first_savepoint_of_a_transaction_does_not_commit_it(host: Flask) -> None:
    """SQLite's driver begins late: RELEASE of a savepoint that came first would commit."""
    session = db_of(host).session
    events = [Event(name="word.translated", user_id=ADA) for _ in range(2)]
    emit_batch(session, events)
    write_row(host)
    session.rollback()
    assert (host_rows(host), progress(host)) == (0, {})
