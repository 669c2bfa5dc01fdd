"""The endpoints: made, listed, given new secrets, switched off and on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from zeeguu_gamify import clock
from zeeguu_gamify.delivery import signing
from zeeguu_gamify.delivery.webhooks.guard import Network, target
from zeeguu_gamify.delivery.webhooks.kinds import kind_called
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.models import WebhookEndpoint

#: So long after the first failure without a success an endpoint is switched off.
FAILS_FOR = timedelta(days=5)
URL_LENGTH = 500

_endpoint: Any = WebhookEndpoint.__table__


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A URL that hears of `topics`; of everything, when there are none."""

    id: int
    url: str
    topics: Sequence[str]
    secrets: Sequence[dict[str, Any]]
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str | None

    def hears(self, topic: str) -> bool:
        """Whether it is told of that topic."""
        return not self.topics or topic in self.topics


def add(
    session: Session, url: str, topics: Collection[str] = (), allowed: Sequence[Network] = ()
) -> tuple[int, str]:
    """The id of a new endpoint, and its secret. Does not commit.

    Raises Refused for an address that nothing is sent to, BadInput and UnknownKind.
    """
    if len(url) > URL_LENGTH:
        raise BadInput(f"url: at most {URL_LENGTH} characters")
    target(url, allowed)
    names = [kind_called(topic).type for topic in sorted(set(topics))]
    secrets = signing.with_new_secret((), timedelta())
    row = {"url": url, "topics": names, "secrets": secrets, "created_at": clock.now()}
    made = session.connection().execute(insert(WebhookEndpoint), row)
    return int(made.lastrowid), str(secrets[0]["key"])


def every(session: Session) -> list[Endpoint]:
    """All endpoints, the oldest first."""
    rows = session.connection().execute(select(_endpoint).order_by(_endpoint.c.id))
    return [Endpoint(**row._mapping) for row in rows]


def enabled(session: Session) -> list[Endpoint]:
    """Those that are not switched off."""
    return [endpoint for endpoint in every(session) if endpoint.disabled_at is None]


def rotate(session: Session, endpoint_id: int, overlap: timedelta) -> str:
    """A new secret; messages are signed by the old ones too for `overlap`. Does not commit.

    Raises NotFound.
    """
    wanted = select(_endpoint.c.secrets).where(_endpoint.c.id == endpoint_id).with_for_update()
    kept = session.connection().execute(wanted).scalar_one_or_none()
    secrets = signing.with_new_secret(kept or (), overlap)
    _change(session, endpoint_id, secrets=secrets)
    return str(secrets[0]["key"])


def enable(session: Session, endpoint_id: int) -> None:
    """Send to it again, what still waits too. Does not commit; raises NotFound."""
    _change(session, endpoint_id, disabled_at=None, disabled_why=None, failing_since=None)


def disable(session: Session, endpoint_id: int, why: str) -> None:
    """Send nothing to it, and owe it nothing from now on. Does not commit; raises NotFound."""
    _change(session, endpoint_id, disabled_at=clock.now(), disabled_why=why[:255])


def remove(session: Session, endpoint_id: int) -> None:
    """Forget it and what was sent to it. Does not commit; raises NotFound."""
    gone = delete(_endpoint).where(_endpoint.c.id == endpoint_id)
    if not session.connection().execute(gone).rowcount:
        raise _missing(endpoint_id)


def succeeded(session: Session, endpoint_id: int) -> None:
    """It has received something. Does not commit."""
    failing = (_endpoint.c.id == endpoint_id, _endpoint.c.failing_since.is_not(None))
    session.connection().execute(update(_endpoint).where(*failing).values(failing_since=None))


def failed(session: Session, endpoint_id: int) -> bool:
    """It has not received something; whether it is time to switch it off. Does not commit."""
    now, mine = clock.now(), _endpoint.c.id == endpoint_id
    first = update(_endpoint).where(mine, _endpoint.c.failing_since.is_(None))
    session.connection().execute(first.values(failing_since=now))
    wanted = select(_endpoint.c.failing_since).where(mine, _endpoint.c.disabled_at.is_(None))
    since = session.connection().execute(wanted).scalar_one_or_none()
    return since is not None and now - since >= FAILS_FOR


def _change(session: Session, endpoint_id: int, **values: Any) -> None:
    mine = _endpoint.c.id == endpoint_id
    if session.connection().execute(select(_endpoint.c.id).where(mine)).first() is None:
        raise _missing(endpoint_id)
    session.connection().execute(update(_endpoint).where(mine).values(**values))


def _missing(endpoint_id: int) -> NotFound:
    return NotFound(f"There is no endpoint {endpoint_id}; see `flask gamify webhooks list`.")
