"""Whatever a service sends, POST /gamify/events answers as promised, and what it takes counts."""

from __future__ import annotations

import hmac
import io
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from tests.contract.hosts import NOW, Person, World
from tests.contract.test_commands import lines
from tests.contract.test_incoming_events import waiting
from tests.contract.test_openapi_fuzz import FEW, PROMISES
from zeeguu_gamify.endpoints import incoming
from zeeguu_gamify.events import EVENTS
from zeeguu_gamify.testing import deliver


class Signed:
    """The host behind a client that signs whatever it sends, unless it is told not to."""

    def __init__(self, world: World, secret: str) -> None:
        self._app, self._key = world.app, b64decode(secret.removeprefix("whsec_"))
        self.signs = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        if self.signs and environ["REQUEST_METHOD"] == "POST":
            environ |= self._headers(body)
        return self._app(environ, start_response)

    def _headers(self, body: bytes) -> dict[str, str]:
        at = str(int(NOW.replace(tzinfo=UTC).timestamp()))
        signature = hmac.digest(self._key, f"1.{at}.".encode() + body, "sha256")
        return {
            "HTTP_GAMIFY_CLIENT": "arena", "HTTP_WEBHOOK_ID": "1", "HTTP_WEBHOOK_TIMESTAMP": at,
            "HTTP_WEBHOOK_SIGNATURE": f"v1,{b64encode(signature).decode()}",
        }  # fmt: skip


@pytest.fixture
def taking(build: Callable[..., World]) -> World:
    return build(config={"GAMIFY_INGESTION": True})


@pytest.fixture
def ada(taking: World) -> Person:
    return taking.person("Ada")


@pytest.fixture
def signed(taking: World) -> Signed:
    events = " ".join(f"--event {kind.name}" for kind in EVENTS)
    [line] = lines(taking, f"clients add arena {events}")
    return Signed(taking, line.split()[-1])


def operation(signed: Signed) -> Any:
    schema: Any = schemathesis.openapi.from_wsgi("/gamify/openapi.json", signed)
    return schema["/gamify/events"]["POST"]


def statuses(signed: Signed, mode: GenerationMode, sense: st.SearchStrategy[Any]) -> Counter[int]:
    """Send many bodies, with what makes more sense put into them; how often each was the answer."""
    found: Counter[int] = Counter()

    @FEW
    @given(case=operation(signed).as_strategy(generation_mode=mode), sense=sense)
    def call(case: Any, sense: dict[str, Any]) -> None:
        for event in _events(case.body):
            event |= sense
        found[case.call_and_validate(checks=PROMISES).status_code] += 1

    call()
    return found


def _events(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, dict):
        return []
    events = body.get("events", [body])
    return [one for one in events if isinstance(one, dict)] if isinstance(events, list) else []


KNOWN = st.sampled_from([kind.name for kind in EVENTS])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_signed_is_taken_or_refused_and_whatever_is_taken_is_counted(
    taking: World, signed: Signed, ada: Person, mode: GenerationMode
) -> None:
    sense = st.fixed_dictionaries(
        {"event": KNOWN, "user_id": st.just(ada.id), "at": st.none()},
        optional={"value": st.just(3)},
    )
    assert statuses(signed, mode, sense).keys() == {202, 400}
    deliver(taking.app)
    assert waiting(taking) == []


def test_what_makes_no_sense_is_refused(signed: Signed, ada: Person) -> None:
    assert statuses(signed, GenerationMode.NEGATIVE, st.just({})).keys() == {400}


def test_what_is_not_signed_is_refused_whatever_it_says(signed: Signed, ada: Person) -> None:
    signed.signs = False
    assert statuses(signed, GenerationMode.POSITIVE, st.just({})).keys() == {401}


def test_what_is_too_long_is_refused_whatever_it_says(
    signed: Signed, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST_BYTES", 60)
    assert statuses(signed, GenerationMode.POSITIVE, st.just({})).keys() == {400, 413}
