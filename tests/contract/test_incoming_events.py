"""POST /gamify/events: other services tell of events, signed by Standard Webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openapi_spec_validator import validate
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from tests.contract.hosts import NOW, Person, World
from tests.contract.test_commands import lines, run
from tests.contract.test_openapi import check, operation_of
from zeeguu_gamify import clock
from zeeguu_gamify.accounts.merge import merge
from zeeguu_gamify.delivery.claims import NEVER
from zeeguu_gamify.ingestion import clients
from zeeguu_gamify.models import EventReceipt, OutboxMessage, UserBadgeProgress
from zeeguu_gamify.testing import deliver

CONFIG = {"GAMIFY_INGESTION": True}
ARENA = "arena"

Headers = Mapping[str, str] | None

#: An event of the user 1, if the number is one that can be kept.
SOUND = '{"event": "word.translated", "user_id": 1, "event_id": "e", "context": {"score": %s}}'


class Sender:
    """A client called arena, which signs by an independent library."""

    def __init__(self, world: World) -> None:
        self.world = world
        [line] = lines(world, f"clients add {ARENA} --event word.translated")
        self.secret = line.split()[-1]

    def send(
        self, told: Any, *, client: str = ARENA, at: datetime = NOW, changed: Headers = None
    ) -> TestResponse:
        return self.send_raw(json.dumps(told), client=client, at=at, changed=changed)

    def send_raw(
        self, body: str, *, client: str = ARENA, at: datetime = NOW, changed: Headers = None
    ) -> TestResponse:
        at = at.replace(tzinfo=UTC)
        headers = {
            "Gamify-Client": client, "webhook-id": "msg_1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign("msg_1", at, body),
        }  # fmt: skip
        headers |= changed or {}
        return self.world.app.test_client().post("/gamify/events", data=body, headers=headers)


@pytest.fixture
def taking(build: Callable[..., World], database_url: str) -> World:
    return build(database_url, config=CONFIG)


@pytest.fixture
def sender(taking: World) -> Sender:
    return Sender(taking)


@pytest.fixture
def ada(taking: World) -> Person:
    return taking.person("Ada")


def word(user: Person, event_id: str = "e1", **keys: Any) -> dict[str, Any]:
    return {"event": "word.translated", "event_id": event_id, "user_id": user.id, **keys}


def words(world: World, user: Person) -> int:
    """How many translated words of the user are counted."""
    with world.app.app_context(), Session(world.db.engine) as session:
        value = select(func.sum(UserBadgeProgress.value)).where(
            UserBadgeProgress.user_id == user.id
        )
        return int(session.execute(value).scalar() or 0)


def waiting(world: World) -> list[Any]:
    with world.app.app_context(), world.db.engine.connect() as connection:
        return list(connection.execute(select(OutboxMessage.__table__)))


@pytest.mark.core
def test_an_event_is_stored_answered_and_counted_right_after(
    taking: World, sender: Sender, ada: Person
) -> None:
    answer = sender.send(word(ada, amount=3))
    assert (answer.status_code, answer.get_json()) == (202, {"accepted": 1, "errors": []})
    assert words(taking, ada) == 0
    assert deliver(taking.app) == 1
    assert words(taking, ada) == 3


@pytest.mark.core
def test_an_event_told_twenty_times_counts_once(taking: World, sender: Sender, ada: Person) -> None:
    for number in range(20):
        assert sender.send(word(ada)).status_code == 202
        if number % 7 == 0:
            deliver(taking.app)
    deliver(taking.app)
    assert words(taking, ada) == 1


@pytest.mark.sqlite_only
def test_the_same_id_of_two_clients_is_two_events(
    taking: World, sender: Sender, ada: Person
) -> None:
    [line] = lines(taking, "clients add other --event word.translated")
    sender.send(word(ada))
    sender.secret = line.split()[-1]
    sender.send(word(ada), client="other")
    deliver(taking.app)
    assert words(taking, ada) == 2
    with taking.app.app_context(), Session(taking.db.engine) as session:
        sources = session.execute(select(EventReceipt.source)).scalars()
        assert sorted(sources) == ["client:arena", "client:other"]


@pytest.mark.core
def test_of_a_batch_each_event_is_judged_by_itself(
    taking: World, sender: Sender, ada: Person
) -> None:
    batch = [
        word(ada, "e1"), {"event": "word.translatd", "event_id": "e2", "user_id": ada.id},
        {**word(ada, "e3"), "user_id": 999}, {"event": "word.translated", "user_id": ada.id},
        "junk", word(ada, "e5", amount=0), word(ada, "e6", at="2027-11-20T12:00:00"),
        word(ada, "e7", junk=1), word(ada, "e8", at="yesterday"), word(ada, "e9"),
    ]  # fmt: skip
    answer = sender.send({"events": batch})
    assert answer.status_code == 202
    body = answer.get_json()
    assert body["accepted"] == 2
    assert [(one["index"], one["event_id"]) for one in body["errors"]] == [
        (1, "e2"), (2, "e3"), (3, None), (4, None), (5, "e5"), (6, "e6"), (7, "e7"), (8, "e8"),
    ]  # fmt: skip
    messages = [one["message"] for one in body["errors"]]
    assert "did you mean 'word.translated'" in messages[0]
    assert messages[1] == "Unknown user: 999"
    assert messages[2].startswith("event_id: ")
    assert messages[4].startswith("amount ")
    assert messages[5].endswith("is in the future")
    assert "junk" in messages[6]
    assert messages[7].startswith("at: ")
    check(taking, operation_of(taking, "/gamify/events", "POST"), answer)
    deliver(taking.app)
    assert words(taking, ada) == 2


@pytest.mark.core
def test_what_no_server_can_keep_is_refused_and_leaves_the_rest_of_its_batch_alone(
    taking: World, sender: Sender, ada: Person
) -> None:
    deep: Any = 7
    for _ in range(19):
        deep = [deep]
    contexts = [{"k" * 255: deep}, {"k": [deep]}, {"k": {"k" * 70_000: 7}}]
    batch = [word(ada, f"e{n}", context=one) for n, one in enumerate(contexts)]
    answer = sender.send({"events": batch})
    assert answer.status_code == 202
    body = answer.get_json()
    assert (body["accepted"], [one["event_id"] for one in body["errors"]]) == (1, ["e1", "e2"])
    assert all(one["message"].startswith("context: ") for one in body["errors"])
    assert deliver(taking.app) == 1


@pytest.mark.sqlite_only
def test_a_client_tells_only_what_it_may(taking: World, sender: Sender, ada: Person) -> None:
    friends = {"friendship_id": 1, "friend_id": 2}
    told = {"event": "friend.accepted", "event_id": "e1", "user_id": ada.id, "context": friends}
    answer = sender.send(told)
    assert answer.status_code == 400
    assert "event: arena may not tell friend.accepted" in answer.get_json()["message"]
    lines(taking, f"clients allow {ARENA} --event article.read")
    assert sender.send(word(ada)).status_code == 400
    assert sender.send(word(ada) | {"event": "article.read"}).status_code == 202


@pytest.mark.sqlite_only
def test_when_no_event_is_sound_it_is_400_and_says_why(
    taking: World, sender: Sender, ada: Person
) -> None:
    answer = sender.send({"event": "quiz.lost", "event_id": "e1", "user_id": ada.id})
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith("events.0: Unknown event: 'quiz.lost'")
    check(taking, operation_of(taking, "/gamify/events", "POST"), answer)
    assert waiting(taking) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "body",
    [
        "", "junk", "7", "[]", "null", '{"events": []}', '{"events": 7}', '{"amount": NaN}',
        SOUND % "1e400", SOUND % "-1e400", SOUND % ("1" + "0" * 400), SOUND % ("1" + "0" * 5000),
        '{"event": "\\ud800"}', "[" * 50_000, '{"event": ["word.translated"], "user_id": 1}',
        '{"event": "word.translated", "user_id": 1, "event_id": 7}',
        '{"event": "word.translated", "user_id": 1, "event_id": "e", "context": 7}',
        '{"event": "word.translated", "user_id": 1, "event_id": "e", "at": "0001-01-01T00+14:00"}',
        '{"event": "word.translated", "user_id": 1, "event_id": "e", "at": "0001-01-01"}',
        '{"event": "word.translated", "user_id": 99999999999, "event_id": "e"}',
    ],
)  # fmt: skip
def test_what_is_no_event_is_400(sender: Sender, ada: Person, body: str) -> None:
    assert ada.id == 1
    assert sender.send_raw(SOUND % "1e300").status_code == 202
    answer = sender.send_raw(body)
    assert answer.status_code == 400
    assert answer.get_json()["message"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "v1,AAAA"}, {"webhook-id": "msg_2"}, {"webhook-timestamp": "1"},
        {"webhook-signature": ""}, {"Gamify-Client": "nobody"}, {"Gamify-Client": ""},
    ],
)  # fmt: skip
def test_what_is_not_signed_by_the_client_is_401(
    taking: World, sender: Sender, ada: Person, changed: dict[str, str]
) -> None:
    answer = sender.send(word(ada), changed=changed)
    assert answer.status_code == 401
    check(taking, operation_of(taking, "/gamify/events", "POST"), answer)
    assert waiting(taking) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_recorded_and_sent_again_later_is_401(
    sender: Sender, ada: Person, minutes: int
) -> None:
    assert sender.send(word(ada), at=NOW + timedelta(minutes=minutes)).status_code == 401


@pytest.mark.sqlite_only
def test_after_a_rotation_both_keys_sign_for_a_while(
    taking: World, sender: Sender, ada: Person
) -> None:
    old = sender.secret
    sender.secret = lines(taking, f"clients rotate {ARENA}")[0].split()[-1]
    assert sender.send(word(ada)).status_code == 202
    sender.secret = old
    assert sender.send(word(ada)).status_code == 202
    lines(taking, f"clients rotate {ARENA} --hours 0")
    assert sender.send(word(ada)).status_code == 401


@pytest.mark.sqlite_only
def test_a_client_is_switched_off_and_on(taking: World, sender: Sender, ada: Person) -> None:
    lines(taking, f"clients disable {ARENA}")
    assert "switched off" in lines(taking, "clients list")[0]
    assert sender.send(word(ada)).status_code == 401
    lines(taking, f"clients enable {ARENA}")
    assert sender.send(word(ada)).status_code == 202
    assert sender.secret not in run(taking, "clients list --json").output


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "command",
    [
        "add arena --event word.read",
        "add arena --event word.translated",
        "rotate aren",
        "add späce --event word.translated",
        "enable x",
        "allow x --event word.translated",
    ],
)
def test_a_client_that_cannot_be_is_refused(taking: World, sender: Sender, command: str) -> None:
    assert run(taking, f"clients {command}").exit_code == 1


@pytest.mark.sqlite_only
def test_too_long_a_body_is_413_and_too_many_events_are_400(sender: Sender, ada: Person) -> None:
    assert sender.send(word(ada, context={"text": "x" * 1_000_000})).status_code == 413
    assert sender.send({"events": [word(ada)] * 501}).status_code == 400


@pytest.mark.sqlite_only
def test_while_events_are_paused_clients_are_told_to_come_again(
    taking: World, sender: Sender, ada: Person
) -> None:
    sender.send(word(ada))
    lines(taking, "pause --reason mending")
    taking.mount.forget()
    answer = sender.send(word(ada, "e2"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    deliver(taking.app)
    assert words(taking, ada) == 1  # what was accepted is counted


@pytest.mark.core
def test_what_was_accepted_for_an_account_that_is_merged_counts_for_the_other(
    taking: World, sender: Sender, ada: Person
) -> None:
    bob = taking.person("Bob")
    sender.send(word(ada))
    with taking.app.app_context(), Session(taking.db.engine) as session:
        merge(session, ada.id, bob.id)
        session.commit()
    deliver(taking.app)
    assert words(taking, bob) == 1


@pytest.mark.sqlite_only
def test_an_event_keeps_the_instant_at_which_it_was_told(
    taking: World, sender: Sender, ada: Person
) -> None:
    sender.send(word(ada))
    sender.send(word(ada, "e2", at="2026-11-20T12:30:00+02:00"))
    kept = {one.payload["told"]["event_id"]: one.payload["told"]["at"] for one in waiting(taking)}
    assert kept == {"e1": clock.now().isoformat(), "e2": "2026-11-20T10:30:00"}


@pytest.mark.core
def test_what_cannot_be_counted_is_parked_with_the_reason_and_counted_once_that_is_mended(
    taking: World, sender: Sender, ada: Person
) -> None:
    bob = taking.person("Bob")
    sender.send({"events": [word(ada), word(bob, "e2")]})
    kind = taking.mount.events["word.translated"]
    del taking.mount.events["word.translated"]  # type: ignore[attr-defined]
    mine = OutboxMessage.user_id == ada.id
    with taking.app.app_context(), taking.db.engine.begin() as connection:
        connection.execute(update(OutboxMessage).where(mine).values(attempts=7))
    deliver(taking.app)
    taking.mount.events["word.translated"] = kind  # type: ignore[index]
    found = {one.user_id: one for one in waiting(taking)}
    assert (found[ada.id].due_at, found[ada.id].attempts) == (NEVER, 8)
    assert found[ada.id].error.startswith("UnknownEvent: Unknown event: 'word.translated'")
    assert found[bob.id].due_at != NEVER
    lines(taking, "outbox --retry")
    deliver(taking.app)
    assert words(taking, ada) == 1


@pytest.mark.sqlite_only
def test_the_route_is_there_only_if_it_is_asked_for(
    build: Callable[..., World], taking: World
) -> None:
    off = build()
    assert off.app.test_client().post("/gamify/events").status_code == 404
    document = taking.app.test_client().get("/gamify/openapi.json").get_json()
    validate(document)
    assert set(document["paths"]["/gamify/events"]["post"]["responses"]) == {
        "202", "400", "401", "413", "503",
    }  # fmt: skip


@pytest.mark.sqlite_only
def test_a_key_that_has_ended_is_forgotten_by_the_next_rotation(taking: World) -> None:
    with taking.app.app_context(), Session(taking.db.engine) as session:
        clients.add(session, taking.mount, "other", ["word.translated"])
        for _ in range(3):
            clients.rotate(session, "other", timedelta())
        client = clients.called(session, "other")
        assert client is not None
        assert len(client.keys) == 1
        assert len(client.secrets) == 2
