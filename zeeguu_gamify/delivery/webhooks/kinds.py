"""What other services are told, and in which shape: public, so it changes by a new version only.

The JSON Schema of each is in `schemas/`, as `<type>.v<version>.json`. A payload names users by
their id, and nothing else of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from zeeguu_gamify.delivery.announce import BADGE_EARNED
from zeeguu_gamify.delivery.outbox import Message
from zeeguu_gamify.delivery.topics import STREAK_UPDATED
from zeeguu_gamify.errors import Unknown

LEVEL_UP = "level.up"


class UnknownKind(Unknown):
    """No webhook has this type."""

    kind = "type of webhook"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of webhook."""

    type: str
    version: int
    data: Callable[[Message], dict[str, Any]]

    def payload(self, message: Message) -> dict[str, Any]:
        """The body of the webhook."""
        return {
            "type": self.type, "version": self.version,
            "timestamp": f"{message.created_at.isoformat()}Z", "data": self.data(message),
        }  # fmt: skip

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the body."""
        file = files(__package__) / "schemas" / f"{self.type}.v{self.version}.json"
        schema: dict[str, Any] = json.loads(file.read_text())
        return schema


def _level_up(message: Message) -> dict[str, Any]:
    return {
        "userId": message.user_id, "newLevel": message.payload["level"],
        "reward": message.payload["reward"],
    }  # fmt: skip


def _badge_earned(message: Message) -> dict[str, Any]:
    return {"userId": message.user_id, "badgeId": message.payload["code"]}


def _streak_updated(message: Message) -> dict[str, Any]:
    return {"userId": message.user_id, "currentStreak": message.payload["streak"]}


#: By the topic of the outbox, which is the type too.
KINDS: Mapping[str, Kind] = {
    kind.type: kind
    for kind in (
        Kind(LEVEL_UP, 1, _level_up),
        Kind(BADGE_EARNED, 1, _badge_earned),
        Kind(STREAK_UPDATED, 1, _streak_updated),
    )
}


def kind_called(name: str) -> Kind:
    """The type of that name; raises UnknownKind."""
    if name not in KINDS:
        raise UnknownKind(name, KINDS)
    return KINDS[name]
