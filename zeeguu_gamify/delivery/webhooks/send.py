"""Sending what is due: no transaction is open meanwhile, and no endpoint holds another one up."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery import signing
from zeeguu_gamify.delivery.claims import publisher_name
from zeeguu_gamify.delivery.deliver import again, own_session
from zeeguu_gamify.delivery.webhooks import endpoints, queue
from zeeguu_gamify.delivery.webhooks.endpoints import Endpoint
from zeeguu_gamify.delivery.webhooks.guard import Network, networks
from zeeguu_gamify.delivery.webhooks.post import Answer, Unreachable, post
from zeeguu_gamify.delivery.webhooks.queue import Due
from zeeguu_gamify.errors import GamifyError, NotFound
from zeeguu_gamify.mount import Mount

log = logging.getLogger("zeeguu_gamify.webhooks")

#: So many endpoints are sent to at once.
THREADS = 8

#: For so many seconds, and the message under way, an endpoint is sent to before others' turn.
LONGEST = 30.0

GONE = 410


@dataclass(frozen=True, slots=True)
class Try:
    """What became of one message."""

    due: Due
    answer: Answer | None = None
    error: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the endpoint has it."""
        return self.answer is not None and self.answer.is_good

    @property
    def status(self) -> int | None:
        """What it was answered, of HTTP."""
        return self.answer.status if self.answer else None


def send_due(mount: Mount, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send a batch of what is due to each endpoint; how many messages were received.

    Must be called in an app context. Raises what the database raises; nothing is lost then.
    """
    if not mount.config.webhooks:
        return 0
    name, allowed, count = publisher_name(), networks(mount.config.webhook_allow), 0
    with own_session(mount.db.engine) as session, ThreadPoolExecutor(THREADS) as pool:
        sending = {}
        for endpoint in endpoints.enabled(session):
            if not stopping() and (batch := _claimed(session, name, endpoint)):
                tries = pool.submit(_send, endpoint, batch, allowed, stopping)
                sending[tries] = (endpoint, batch)
        session.commit()
        for done in as_completed(sending):
            endpoint, batch = sending[done]
            count += _noted(session, name, endpoint, batch, done.result())
    return count


def _send(
    endpoint: Endpoint, batch: Sequence[Due], allowed: Sequence[Network],
    stopping: Callable[[], bool],
) -> list[Try]:  # fmt: skip
    """One after the other, until one is not received: those after it would not be either.

    A slow endpoint gets the rest later, so that this round ends.
    """
    tries: list[Try] = []
    until = clock.monotonic() + LONGEST
    for due in batch:
        if stopping() or clock.monotonic() > until or (tries and not tries[-1].succeeded):
            break
        tries.append(_try(endpoint, due, allowed))
    return tries


def _try(endpoint: Endpoint, due: Due, allowed: Sequence[Network]) -> Try:
    body = json.dumps(due.payload, separators=(",", ":")).encode()
    keys = signing.valid_keys(endpoint.secrets)
    headers = {
        "Content-Type": "application/json", "User-Agent": "zeeguu-gamify",
        **signing.headers(keys, due.message_id, clock.now(), body),
    }  # fmt: skip
    try:
        answer = post(endpoint.url, headers, body, allowed)
    except GamifyError as error:  # above all, Refused
        return Try(due, error=error.message)
    except Unreachable as error:
        return Try(due, error=f"{type(error).__name__}: {error}")
    return Try(due, answer, "" if answer.is_good else f"answered {answer.status}")


def _claimed(session: Session, name: str, endpoint: Endpoint) -> list[Due]:
    return again(session, lambda: queue.claim(session, name, endpoint.id))


def _noted(
    session: Session, name: str, endpoint: Endpoint, batch: Sequence[Due], tries: Sequence[Try]
) -> int:
    def work() -> int:
        count = _note(session, name, endpoint, batch, tries)
        session.commit()
        return count

    return again(session, work)


def _note(
    session: Session, name: str, endpoint: Endpoint, batch: Sequence[Due], tries: Sequence[Try]
) -> int:
    """Write down what became of a batch; how many were received.

    The endpoint comes first: updating its deliveries locks it for reading, and two who then want
    to write it would wait for each other.
    """
    received = [one for one in tries if one.succeeded]
    if received and endpoint.failing_since is not None:
        endpoints.succeeded(session, endpoint.id)
    failures, wish = [one for one in tries if not one.succeeded], timedelta()
    for one in failures:
        _switch_off_if_hopeless(session, endpoint, one)
    for one in received:
        queue.received(session, name, one.due, one.status)
    for one in failures:
        pause = one.answer.retry_after if one.answer else timedelta()
        given_up = queue.failed(session, name, one.due, one.status, one.error, pause)
        log.warning(
            "webhook %s for endpoint %s %s: %s", one.due.message_id, endpoint.id,
            "is given up" if given_up else "was not received", one.error,
        )  # fmt: skip
        wish = max(wish, pause)
    queue.let_go(session, name, [due.id for due in batch[len(tries) :]])
    if wish:
        queue.put_off(session, endpoint.id, wish)
    return len(received)


def _switch_off_if_hopeless(session: Session, endpoint: Endpoint, one: Try) -> None:
    too_long = endpoints.failed(session, endpoint.id)
    if why := _reason(one, too_long):
        with suppress(NotFound):  # it was removed meanwhile
            endpoints.disable(session, endpoint.id, why)
            log.error("webhook endpoint %s is switched off: %s", endpoint.id, why)


def _reason(one: Try, too_long: bool) -> str | None:
    """Why to switch the endpoint off, if there is a reason."""
    if one.status == GONE:
        return "it answered 410: gone"
    if too_long:
        return f"it has received nothing for {endpoints.FAILS_FOR.days} days; last: {one.error}"
    return None
