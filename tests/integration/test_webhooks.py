"""Webhooks: what happens is sent once it is committed, signed, and for days if need be."""

from __future__ import annotations

import logging
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from openapi_schema_validator import OAS31Validator
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from tests.hosts import ADA, MakeHost, User, change, db_of, engine_of, mount_on
from tests.webhooks import Received, Receiver, receiver
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.delivery.webhooks import endpoints, queue
from zeeguu_gamify.delivery.webhooks.endpoints import Endpoint
from zeeguu_gamify.delivery.webhooks.guard import Network, Refused, networks
from zeeguu_gamify.delivery.webhooks.kinds import KINDS, UnknownKind
from zeeguu_gamify.delivery.webhooks.send import send_due
from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.events import emit
from zeeguu_gamify.jobs.runner import run
from zeeguu_gamify.jobs.schedule import job_called
from zeeguu_gamify.jobs.sweep import Sending
from zeeguu_gamify.models import WebhookDelivery
from zeeguu_gamify.testing import deliver

NOON = datetime(2026, 3, 20, 12)
CONFIG = {"GAMIFY_WEBHOOKS": True, "GAMIFY_WEBHOOK_ALLOW": "127.0.0.0/8"}
LOCAL: tuple[Network, ...] = networks("127.0.0.0/8")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(new_host: MakeHost) -> Flask:
    return new_host(config=CONFIG)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


def add(app: Flask, url: str, *topics: str) -> tuple[int, str]:
    with Session(engine_of(app)) as session:
        made = endpoints.add(session, url, topics, LOCAL)
        session.commit()
    return made


def earn(app: Flask, code: str = "first_words", user_id: int = ADA) -> None:
    """Owe a message, as granting a badge does."""
    session = db_of(app).session()
    put(session, mount_on(app), "badge.earned", {"code": code}, user_id=user_id)
    session.commit()
    deliver(app)


def send(app: Flask) -> int:
    return send_due(mount_on(app))


def logged(app: Flask) -> list[Any]:
    with engine_of(app).connect() as connection:
        table = WebhookDelivery.__table__
        return list(connection.execute(select(table).order_by(table.c.id)))


def endpoint(app: Flask) -> Endpoint:
    with Session(engine_of(app)) as session:
        [one] = endpoints.every(session)
    return one


def codes(received: list[Received]) -> list[str]:
    return [one.payload["data"]["badgeId"] for one in received]


@pytest.mark.core
def test_what_is_committed_is_sent_once_and_an_independent_library_verifies_it(
    app: Flask, hook: Receiver
) -> None:
    _, secret = add(app, hook.url)
    earn(app)
    assert (send(app), send(app)) == (1, 0)
    [received] = hook.received
    assert Webhook(secret).verify(received.body, received.headers) == {
        "type": "badge.earned", "version": 1, "timestamp": "2026-03-20T12:00:00Z",
        "data": {"userId": ADA, "badgeId": "first_words"},
    }  # fmt: skip
    assert received.headers["content-type"] == "application/json"
    [row] = logged(app)
    assert (row.delivered_at, row.due_at, row.status, row.attempts) == (NOON, None, 204, 1)


def test_every_type_is_told_as_its_schema_says(app: Flask, hook: Receiver) -> None:
    add(app, hook.url)
    session = db_of(app).session()
    mount = mount_on(app)
    emit(session, "streak.changed", user_id=ADA, value=4)
    put(session, mount, "badge.earned", {"code": "first_words"}, user_id=ADA)
    put(session, mount, "level.up", {"level": 3, "reward": 20}, user_id=ADA)
    session.commit()
    deliver(app)
    send(app)
    told = {one.payload["type"]: one.payload for one in hook.received}
    assert told.keys() == KINDS.keys()
    for name, payload in told.items():
        OAS31Validator(KINDS[name].schema).validate(payload)
    assert told["level.up"]["data"] == {"userId": ADA, "newLevel": 3, "reward": 20}
    assert told["streak.updated"]["data"] == {"userId": ADA, "currentStreak": 4}


@pytest.mark.sqlite_only
def test_an_endpoint_hears_only_of_its_topics(app: Flask, hook: Receiver) -> None:
    add(app, hook.url, "level.up")
    earn(app)
    assert logged(app) == []


@pytest.mark.sqlite_only
def test_without_webhooks_nothing_is_owed_and_nothing_asked(new_host: MakeHost) -> None:
    app = new_host(config={**CONFIG, "GAMIFY_WEBHOOKS": False})
    add(app, "http://127.0.0.1:9/")
    earn(app)
    emit(db_of(app).session, "streak.changed", user_id=ADA, value=4)
    db_of(app).session.commit()
    assert (logged(app), deliver(app), send(app)) == ([], 0, 0)


@pytest.mark.sqlite_only
def test_each_endpoint_is_sent_the_same_message_under_the_same_id(app: Flask) -> None:
    with receiver() as one, receiver() as other:
        add(app, one.url)
        add(app, other.url)
        earn(app)
        assert send(app) == 2
    assert one.received[0].body == other.received[0].body
    assert one.received[0].headers["webhook-id"] == other.received[0].headers["webhook-id"]


@pytest.mark.core
def test_a_receiver_that_was_down_for_an_hour_gets_everything(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    add(app, hook.url)
    hook.status = 503
    sent = [f"badge_{number}" for number in range(12)]
    for code in sent:
        earn(app, code)
        send(app)
        clock.shift(timedelta(minutes=5))
    assert len(logged(app)) == 12
    hook.status, hook.received = 200, []
    while any(row.due_at is not None for row in logged(app)):
        send(app)
        clock.shift(timedelta(minutes=10))
    assert sorted(codes(hook.received)) == sorted(sent)
    assert endpoint(app).failing_since is None


@pytest.mark.sqlite_only
def test_a_try_is_signed_anew_under_the_same_id(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    _, secret = add(app, hook.url)
    hook.status = 500
    earn(app)
    send(app)
    clock.shift(timedelta(minutes=10))
    hook.status = 200
    assert send(app) == 1
    first, second = hook.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Webhook(secret).verify(second.body, second.headers)
    with pytest.raises(Exception, match="old"):
        Webhook(secret).verify(first.body, first.headers)


@pytest.mark.sqlite_only
def test_the_pauses_grow_over_days_with_jitter_and_then_it_is_given_up(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    add(app, hook.url)
    hook.status = 500
    earn(app)
    due = NOON
    for number, pause in enumerate(queue.PAUSES, 1):
        send(app)
        [row] = logged(app)
        assert row.attempts == number
        assert pause <= row.due_at - due <= pause * 1.2
        due = row.due_at
        clock.move_to(due - timedelta(seconds=1))
        send(app)
        assert len(hook.received) == number
        clock.move_to(due)
    send(app)
    [row] = logged(app)
    assert (row.due_at, row.delivered_at, row.status) == (None, None, 500)
    assert due - NOON > timedelta(days=3)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("said", "seconds"), [("3600", 3600), ("soon", 5), ("1", 5), ("9" * 8, 86400), ("9" * 99, 5)]
)
def test_a_receiver_is_left_alone_for_as_long_as_it_wishes_up_to_a_day(
    app: Flask, hook: Receiver, said: str, seconds: int
) -> None:
    add(app, hook.url)
    hook.status, hook.answer = 429, {"Retry-After": said}
    earn(app)
    send(app)
    pause = timedelta(seconds=seconds)
    assert pause <= logged(app)[0].due_at - NOON <= pause * 1.2


def test_all_that_waits_for_a_receiver_waits_for_as_long_as_it_wishes(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    with receiver() as patient:
        for one in (hook, patient):
            add(app, one.url)
        for code in ("a", "b", "c"):
            earn(app, code)
        hook.status, hook.answer = 429, {"Retry-After": "60"}
        assert [send(app), send(app), len(hook.received)] == [3, 0, 1]
    hook.status = 200
    clock.shift(timedelta(seconds=59))
    assert send(app) == 0
    clock.shift(timedelta(seconds=60))
    assert send(app) == 3


@pytest.mark.sqlite_only
def test_an_endpoint_that_is_gone_is_switched_off_at_once(
    app: Flask, hook: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    add(app, hook.url)
    hook.status = 410
    earn(app)
    send(app)
    assert endpoint(app).disabled_why == "it answered 410: gone"
    assert [r.levelno for r in caplog.records if "switched off" in r.message] == [logging.ERROR]
    earn(app, "another")
    assert len(logged(app)) == 1


@pytest.mark.sqlite_only
def test_an_endpoint_that_fails_for_days_is_switched_off_with_an_alert(
    app: Flask, hook: Receiver, clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    add(app, hook.url)
    hook.status = 500
    for day in range(6):
        assert endpoint(app).disabled_at is None
        clock.move_to(NOON + timedelta(days=day))
        earn(app, f"day_{day}")
        send(app)
    found = endpoint(app)
    assert found.disabled_at == NOON + timedelta(days=5)
    assert found.disabled_why is not None
    assert found.disabled_why.startswith("it has received nothing for 5 days")
    assert any(r.levelno == logging.ERROR and "switched off" in r.message for r in caplog.records)


@pytest.mark.sqlite_only
def test_a_success_in_between_begins_the_days_anew(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    add(app, hook.url)
    for day in range(9):
        hook.status = 200 if day == 4 else 500
        clock.move_to(NOON + timedelta(days=day))
        earn(app, f"day_{day}")
        while send(app):
            pass
    assert endpoint(app).disabled_at is None


@pytest.mark.sqlite_only
def test_what_waited_is_sent_once_the_endpoint_is_switched_on_again(
    app: Flask, hook: Receiver
) -> None:
    number, _ = add(app, hook.url)
    earn(app)
    with Session(engine_of(app)) as session:
        endpoints.disable(session, number, "by hand")
        session.commit()
        assert send(app) == 0
        endpoints.enable(session, number)
        session.commit()
    assert send(app) == 1


@pytest.mark.sqlite_only
def test_a_redirect_is_not_followed(app: Flask) -> None:
    with receiver() as inside, receiver() as hook:
        hook.status, hook.answer = 307, {"Location": inside.url}
        add(app, hook.url)
        earn(app)
        assert send(app) == 0
        [row] = logged(app)
        assert (row.status, row.error) == (307, "answered 307")
        assert inside.received == []


@pytest.mark.sqlite_only
def test_a_name_that_comes_to_stand_for_a_private_address_is_not_sent_to(
    app: Flask, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(app, hook.url)
    earn(app)
    moved: list[Any] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kw: moved)
    assert send(app) == 0
    assert "169.254.169.254, which is not a public address" in logged(app)[0].error


@pytest.mark.sqlite_only
@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "ftp://a.b/"])
def test_an_endpoint_that_is_not_public_is_not_even_added(app: Flask, url: str) -> None:
    with pytest.raises(Refused):
        add(app, url)


@pytest.mark.sqlite_only
def test_a_topic_that_there_is_not_is_refused(app: Flask, hook: Receiver) -> None:
    with pytest.raises(UnknownKind, match=r"did you mean 'badge\.earned'"):
        add(app, hook.url, "badge.earnt")


@pytest.mark.sqlite_only
def test_nobody_listening_is_a_failure_like_any_other(app: Flask, hook: Receiver) -> None:
    with receiver() as gone:
        add(app, gone.url)
    add(app, hook.url)
    earn(app)
    assert send(app) == 1
    assert "ConnectionRefusedError" in logged(app)[0].error


@pytest.mark.sqlite_only
def test_an_endpoint_that_fails_is_sent_one_message_at_a_time(app: Flask, hook: Receiver) -> None:
    add(app, hook.url)
    for code in ("a", "b", "c"):
        earn(app, code)
    hook.status = 500
    assert (send(app), len(hook.received)) == (0, 1)
    hook.status = 200
    assert (send(app), send(app)) == (2, 0)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for hooks.example, signed by nobody but itself."""
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes certificates")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example",
            "-keyout", key, "-out", certificate,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


@pytest.mark.sqlite_only
def test_by_tls_it_is_sent_to_whom_the_certificate_names_and_to_nobody_else(
    app: Flask, certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, context = certificate
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, *args, **kw: resolve("127.0.0.1", *args, **kw)
    )
    with receiver(context, "hooks.example") as hook, receiver(context, "else.example") as other:
        add(app, hook.url)
        add(app, other.url)
        earn(app)
        assert send(app) == 0
        assert "CERTIFICATE_VERIFY_FAILED" in logged(app)[0].error
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with Session(engine_of(app)) as session:
            queue.again(session)
            session.commit()
        assert send(app) == 1
    assert "Hostname mismatch" in logged(app)[1].error
    assert hook.received[0].headers["host"].startswith("hooks.example:")
    assert other.received == []


@pytest.mark.sqlite_only
def test_after_a_rotation_both_secrets_verify_for_a_while(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    number, old = add(app, hook.url)
    with Session(engine_of(app)) as session:
        new = endpoints.rotate(session, number, timedelta(hours=24))
        session.commit()
    earn(app)
    send(app)
    clock.shift(timedelta(hours=25))
    earn(app)
    send(app)
    during, after = hook.received
    for secret in (old, new):
        with time_machine.travel(NOON, tick=False):
            assert Webhook(secret).verify(during.body, during.headers)
    assert Webhook(new).verify(after.body, after.headers)
    with pytest.raises(Exception, match="match"):
        Webhook(old).verify(after.body, after.headers)


@pytest.mark.core
def test_what_one_process_has_claimed_no_other_one_sends(app: Flask, hook: Receiver) -> None:
    number, _ = add(app, hook.url)
    earn(app)
    with Session(engine_of(app)) as session:
        assert len(queue.claim(session, "another", number)) == 1
    assert send(app) == 0
    assert hook.received == []


@pytest.mark.sqlite_only
def test_what_a_dead_process_had_claimed_is_sent_by_another_one(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    number, _ = add(app, hook.url)
    earn(app)
    with Session(engine_of(app)) as session:
        queue.claim(session, "dead", number)
    clock.shift(queue.LEASE + timedelta(seconds=1))
    assert send(app) == 1


@pytest.mark.core
def test_with_the_user_goes_what_is_owed_about_the_user(app: Flask, hook: Receiver) -> None:
    add(app, hook.url)
    earn(app)
    if engine_of(app).dialect.name == "sqlite":  # which checks foreign keys only if asked to
        change(app, delete(WebhookDelivery).where(WebhookDelivery.user_id == ADA))
    change(app, delete(User).where(User.id == ADA))
    assert (logged(app), send(app)) == ([], 0)


@pytest.mark.sqlite_only
def test_what_was_sent_can_be_sent_again_by_hand(app: Flask, hook: Receiver) -> None:
    add(app, hook.url)
    earn(app)
    send(app)
    with Session(engine_of(app)) as session:
        assert queue.again(session, WebhookDelivery.__table__.c.id == logged(app)[0].id) == 1
        session.commit()
    assert send(app) == 1
    assert len({one.headers["webhook-id"] for one in hook.received}) == 1


@pytest.mark.sqlite_only
def test_an_endpoint_that_there_is_not_is_not_found(app: Flask) -> None:
    with Session(engine_of(app)) as session:
        for act in (endpoints.enable, endpoints.remove):
            with pytest.raises(NotFound):
                act(session, 7)
        with pytest.raises(NotFound):
            endpoints.rotate(session, 7, timedelta())


@pytest.mark.core
def test_the_log_is_kept_for_a_month(
    app: Flask, hook: Receiver, clock: time_machine.Traveller
) -> None:
    add(app, hook.url)
    for code in ("old", "new"):
        earn(app, code)
        send(app)
        clock.shift(timedelta(days=20))
    run(mount_on(app), job_called("housekeeping"), NOON + timedelta(days=40), "once")
    assert [row.payload["data"]["badgeId"] for row in logged(app)] == ["new"]


@pytest.mark.sqlite_only
def test_the_scheduler_sends_and_tells_of_an_outage_once(
    app: Flask, hook: Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(app, hook.url)
    earn(app)
    sending = Sending()
    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "enabled", _out_of_order)
        assert [sending.run(mount_on(app)) for _ in range(3)] == [0, 0, 0]
    assert sending.run(mount_on(app)) == 1
    assert caplog.text.count("webhooks cannot be sent") == 1


def _out_of_order(_session: Session) -> list[Endpoint]:
    raise OSError("gone")
