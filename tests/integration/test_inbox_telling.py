"""Telling open clients and the host of what is new in an inbox: after the commit, never in vain."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from blinker import signal
from flask import Flask, g
from sqlalchemy import insert
from sqlalchemy.orm import Session

from tests.hosts import ADA, BEN, HostRow, MakeHost, change, db_of, engine_of, host_rows, mount_on
from tests.integration.test_inbox import ask, stored, wish
from zeeguu_gamify import clock as clocks
from zeeguu_gamify import doctor, emit
from zeeguu_gamify.delivery import hub
from zeeguu_gamify.delivery.subscription import Subscription
from zeeguu_gamify.friends import blocks
from zeeguu_gamify.inbox import tell
from zeeguu_gamify.inbox.tell import LEASE, TRIES, notified, tell_due
from zeeguu_gamify.jobs.sweep import Telling
from zeeguu_gamify.models import InboxMessage
from zeeguu_gamify.testing import deliver, signals_sent

NOON = datetime(2026, 3, 20, 12)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What the host hears."""
    with signals_sent("gamify_notified") as sent:
        yield sent


def earn(app: Flask, amount: int = 10, user_id: int = ADA) -> None:
    session = db_of(app).session()
    emit(session, "word.translated", user_id=user_id, amount=amount)
    session.commit()
    deliver(app)


def heard(client: Subscription) -> list[tuple[str, Any]]:
    events, _ = client.take(clocks.monotonic(), 0.0)
    return [(event.name, json.loads(event.data)) for event in events]


def waiting(app: Flask) -> list[tuple[Any, int]]:
    """When each message is to be told, and how often that failed."""
    return [(row.tell_at, row.failures) for row in stored(app)]


@pytest.mark.core
def test_the_host_is_told_once_with_a_text_in_the_users_language(
    new_host: MakeHost, told: list[dict[str, Any]]
) -> None:
    app = new_host(language_of=lambda user_id: "de" if user_id == ADA else "unheard-of")
    earn(app)
    earn(app, user_id=BEN)
    deliver(app)
    german, english = told
    data = german.pop("data")
    assert (data["name"], data["code"]) == ("Wortneugierig", "translated_words_1")
    assert german == {
        "message_id": "1:badge:translated_words_1::2026-03-20T12:00:00Z", "user_id": ADA,
        "kind": "badge", "text": "Neues Abzeichen: Wortneugierig", "language": "de",
        "created_at": NOON,
    }  # fmt: skip
    assert (english["text"], english["language"]) == ("New badge: Word Curious", "en")
    assert waiting(app) == [(None, 0)]


def test_open_clients_hear_of_it_and_find_it_then(host: Flask) -> None:
    client, stranger = (mount_on(host).hub.open(user_id) for user_id in (ADA, BEN))
    earn(host)
    [row] = stored(host)
    assert ("inbox.added", {"id": row.id, "kind": "badge"}) in heard(client)
    assert heard(stranger) == []


def test_each_way_of_telling_is_chosen_by_itself(host: Flask, told: list[dict[str, Any]]) -> None:
    client = mount_on(host).hub.open(ADA)
    wish(host, badge={"in_app": False})
    earn(host)
    assert [one["kind"] for one in told] == ["badge"]
    wish(host, badge={"in_app": True, "by_host": False})
    earn(host, 90)
    names = [name for name, _ in heard(client)]
    assert (len(told), names.count("inbox.added")) == (1, 1)


def test_the_host_hears_nothing_of_whom_a_block_keeps_apart(
    host: Flask, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = db_of(host).session()
    ask(host, BEN, ADA)
    with monkeypatch.context() as late:
        late.setattr(tell, "_claim", lambda *_args: [])
        deliver(host)
    blocks.add(session, BEN, ADA)
    session.commit()
    assert (tell_due(mount_on(host)), told, waiting(host)) == (1, [], [(None, 0)])


def test_for_whom_gamification_was_switched_off_meanwhile_nobody_is_told(
    new_host: MakeHost, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    enabled = {ADA}
    app = new_host(is_enabled_for=enabled.__contains__)
    client = mount_on(app).hub.open(ADA)
    with monkeypatch.context() as late:
        late.setattr(tell, "_claim", lambda *_args: [])
        earn(app)
    heard(client)
    enabled.clear()
    assert (tell_due(mount_on(app)), told, heard(client)) == (1, [], [])


@pytest.mark.core
def test_a_receiver_that_fails_keeps_it_from_nobody_and_is_called_again(
    host: Flask, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The others are called again too, with the same id; but open clients hear of it once."""
    monkeypatch.setattr(hub, "TOLD", 0)  # it forgets what it has told
    calls: list[str] = []
    client = mount_on(host).hub.open(ADA)

    def send_mail(_sender: Any, **message: Any) -> None:
        calls.append(f"mail {message['message_id']}")
        if sum(call.startswith("mail") for call in calls) < 3:
            raise OSError("no mail server")

    def push(_sender: Any, **message: Any) -> None:
        calls.append(f"push {message['message_id']}")

    with signal("gamify_notified").connected_to(send_mail), notified.connected_to(push):
        earn(host)
        assert sorted(call[:4] for call in calls) == ["mail", "push"]
        assert waiting(host) == [(NOON + MINUTE, 1)]
        clock.shift(MINUTE)
        assert tell_due(mount_on(host)) == 1
        assert waiting(host) == [(NOON + 3 * MINUTE, 2)]
        clock.shift(2 * MINUTE)
        assert tell_due(mount_on(host)) == 1
    assert waiting(host) == [(None, 2)]
    assert sorted(call[:4] for call in calls) == ["mail"] * 3 + ["push"] * 3
    assert len({call[5:] for call in calls}) == 1
    assert [name for name, _ in heard(client)].count("inbox.added") == 1
    assert "a receiver of gamify_notified failed" in caplog.text


def test_the_host_is_left_alone_in_the_end(
    host: Flask, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_sender: Any, **_message: Any) -> None:
        raise OSError

    with notified.connected_to(fail), caplog.at_level(logging.CRITICAL, "zeeguu_gamify.inbox"):
        earn(host)
        for _ in range(TRIES):
            clock.shift(timedelta(days=1))
            tell_due(mount_on(host))
    assert waiting(host) == [(None, TRIES)]


def test_what_a_receiver_writes_is_the_hosts_and_committed_by_it(host: Flask) -> None:
    """Each is called in an app context of its own, and no transaction of ours is open."""

    def note(_sender: Any, user_id: int, text: str, **_message: Any) -> None:
        assert "notes" not in g
        g.notes = True
        session = db_of(host).session()
        session.add(HostRow(user_id=user_id, note=text))
        session.commit()

    with notified.connected_to(note):
        earn(host, 100)
    assert (host_rows(host), waiting(host)) == (2, [(None, 0)] * 2)


def test_a_streak_that_was_at_risk_is_told_late_to_nobody(
    host: Flask, clock: time_machine.Traveller
) -> None:
    calls = []

    def fail(_sender: Any, **message: Any) -> None:
        calls.append(message)
        raise OSError

    ends_at = NOON + timedelta(minutes=30)
    context = {"streak": 4, "freezes": 0, "local_date": date(2026, 3, 20), "ends_at": ends_at}
    with notified.connected_to(fail):
        session = db_of(host).session()
        emit(session, "streak.at_risk", user_id=ADA, context=context)
        session.commit()
        deliver(host)
        clock.shift(timedelta(hours=1))
        tell_due(mount_on(host))
    assert (len(calls), waiting(host)[0][0]) == (1, None)


def test_what_a_process_has_claimed_and_not_told_is_told_by_the_scheduler(
    host: Flask, clock: time_machine.Traveller, told: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def die(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(tell, "_tell_host", die)
        with pytest.raises(KeyboardInterrupt):
            earn(host)
    assert Telling().run(mount_on(host)) == 0
    clock.shift(LEASE)
    assert (Telling().run(mount_on(host)), len(told)) == (1, 1)
    assert Telling().run(mount_on(host)) == 0


def test_doctor_says_when_nobody_tells_or_the_host_does_not_take_it(
    host: Flask, clock: time_machine.Traveller
) -> None:
    def findings() -> list[str]:
        with Session(engine_of(host)) as session:
            return [one.message for one in doctor._inbox(host, session, mount_on(host))]

    def fail(_sender: Any, **_message: Any) -> None:
        raise OSError

    with notified.connected_to(fail):
        earn(host)
    assert findings() == ["a receiver of gamify_notified failed for 1 messages, told again later"]
    clock.shift(timedelta(hours=1))
    assert findings()[0] == "1 messages of inboxes wait to be told"
    tell_due(mount_on(host))
    assert findings() == []


def test_of_much_at_once_the_scheduler_tells_the_rest(
    host: Flask, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that delivers has other things to do too."""
    monkeypatch.setattr(tell, "BATCH", 2)
    earn(host, 500)
    assert len(told) == 2
    assert (Telling().run(mount_on(host)), len(told)) == (1, 3)


def test_what_nobody_can_be_told_now_waits_and_the_log_says_so_once(
    host: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise OSError("away")

    telling = Telling()
    with monkeypatch.context() as broken:
        broken.setattr("zeeguu_gamify.jobs.sweep.tell_due", fail)
        assert [telling.run(mount_on(host)) for _ in range(2)] == [0, 0]
    assert telling.run(mount_on(host)) == 0
    assert caplog.text.count("the host cannot be told: away") == 1


def test_a_message_of_another_version_has_no_text_and_holds_up_nobody(
    host: Flask, told: list[dict[str, Any]]
) -> None:
    unknown = {"kind": "comet", "payload": {}, "dedupe_key": "comet:1", "tell_at": NOON}
    change(host, insert(InboxMessage).values(user_id=ADA, created_at=NOON, **unknown))
    earn(host)
    assert [one["text"] for one in told] == ["", "New badge: Word Curious"]


def test_what_cannot_be_made_into_a_text_holds_up_nobody(
    host: Flask, told: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    broken = {"kind": "level", "payload": {}, "dedupe_key": "level:1", "tell_at": NOON}
    change(host, insert(InboxMessage).values(user_id=ADA, created_at=NOON, **broken))
    earn(host)
    assert [one["text"] for one in told] == ["New badge: Word Curious"]
    assert waiting(host) == [(NOON + MINUTE, 1), (None, 0)]
    assert "could not be made for the host" in caplog.text
