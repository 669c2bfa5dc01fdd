"""`flask gamify webhooks …`, and what doctor says of the endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from standardwebhooks import Webhook

from tests.contract.hosts import World
from tests.contract.test_commands import finding, lines, run
from tests.webhooks import Receiver, receiver
from zeeguu_gamify.delivery.outbox import put
from zeeguu_gamify.testing import deliver

CONFIG = {"GAMIFY_WEBHOOKS": True, "GAMIFY_WEBHOOK_ALLOW": "127.0.0.0/8"}


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


@pytest.fixture
def listened(build: Callable[..., World]) -> World:
    """A host that sends webhooks."""
    return build(config=CONFIG)


def add(world: World, url: str, options: str = "") -> str:
    """The secret of a new endpoint."""
    [line] = lines(world, f"webhooks add {url} {options}")
    return line.split()[-1]


def earn(world: World) -> None:
    ada = world.person("Ada")
    with world.app.app_context():
        session = world.db.session()
        put(session, world.mount, "badge.earned", {"code": "winner"}, user_id=ada.id)
        session.commit()
    deliver(world.app)


def test_an_endpoint_is_added_sent_to_and_looked_up(listened: World, hook: Receiver) -> None:
    secret = add(listened, hook.url, "--topic badge.earned")
    assert lines(listened, "webhooks list") == [f"     1  {hook.url}  badge.earned"]
    earn(listened)
    assert lines(listened, "webhooks send") == ["1 were received."]
    assert Webhook(secret).verify(hook.received[0].body, hook.received[0].headers)
    [line] = lines(listened, "webhooks log")
    assert "endpoint 1" in line
    assert "badge.earned" in line
    assert ": received 2026-" in line
    assert lines(listened, "webhooks log --failed") == []


def test_no_secret_is_shown_but_once(listened: World, hook: Receiver) -> None:
    secret = add(listened, hook.url)
    for command in ("list", "list --json", "log --json"):
        assert secret not in run(listened, f"webhooks {command}").output
    [rotated] = lines(listened, "webhooks rotate 1")
    assert rotated.startswith("secret whsec_")
    assert secret not in rotated


def test_what_failed_is_listed_and_replayed(listened: World, hook: Receiver) -> None:
    hook.status = 500
    add(listened, hook.url)
    earn(listened)
    assert lines(listened, "webhooks send") == ["0 were received."]
    [row] = json.loads(run(listened, "webhooks log --failed --json").output)
    assert (row["status"], row["error"]) == (500, "answered 500")
    assert "has received nothing since" in finding(listened, "webhooks", "warning")["message"]
    hook.status = 200
    assert lines(listened, f"webhooks replay {row['id']}") == ["1 are sent again."]
    assert lines(listened, "webhooks send") == ["1 were received."]
    assert lines(listened, "webhooks replay --endpoint 1 --since 2020-01-01") == [
        "1 are sent again."
    ]
    assert lines(listened, "webhooks replay --endpoint 1 --since 2090-01-01") == [
        "0 are sent again."
    ]


def test_replaying_must_be_told_what(listened: World) -> None:
    result = run(listened, "webhooks replay --endpoint 1")
    assert result.exit_code == 1
    assert "--since" in result.output


def test_an_endpoint_is_switched_off_and_on_and_removed(listened: World, hook: Receiver) -> None:
    add(listened, hook.url)
    lines(listened, "webhooks disable 1")
    assert "switched off since" in lines(listened, "webhooks list")[0]
    assert "webhooks enable 1" in finding(listened, "webhooks", "warning")["remedy"]
    lines(listened, "webhooks enable 1")
    assert "switched off" not in lines(listened, "webhooks list")[0]
    lines(listened, "webhooks remove 1")
    assert lines(listened, "webhooks list") == []
    assert run(listened, "webhooks remove 1").exit_code == 1


def test_a_private_address_is_refused(listened: World) -> None:
    result = run(listened, "webhooks add https://10.0.0.1/hook")
    assert result.exit_code == 1
    assert "not a public address" in result.output


def test_doctor_tells_that_webhooks_are_not_switched_on(
    build: Callable[..., World], hook: Receiver
) -> None:
    world = build(config={**CONFIG, "GAMIFY_WEBHOOKS": False})
    assert "GAMIFY_WEBHOOKS" in run(world, f"webhooks add {hook.url}").output
    assert "not switched on" in finding(world, "webhooks", "warning")["message"]


def test_the_schema_of_each_type_is_printed(listened: World) -> None:
    schema = json.loads(run(listened, "webhooks schema level.up").output)
    assert schema["title"] == "level.up, version 1"
