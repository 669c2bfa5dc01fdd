"""Zeeguu's named signals as events of ours: no change in the host (docs/contract.md §5)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from blinker import signal
from flask import current_app, has_app_context
from sqlalchemy.orm import Session

from zeeguu_gamify.events import emit, whole_number
from zeeguu_gamify.friends.count import active_friends
from zeeguu_gamify.mount import Mount, mount_of
from zeeguu_gamify.streaks.host_owned import learn_of_practice
from zeeguu_gamify.transaction import contained, plain

log = logging.getLogger("zeeguu_gamify")

#: Reads what the signal does not say: (session, mount, user id) → fields of the event.
Read = Callable[[Session, Mount, int], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Listened:
    """What becomes of a signal of the host."""

    event: str
    read: Read = lambda _session, _mount, _user_id: {}


def _friends(session: Session, mount: Mount, user_id: int) -> dict[str, int]:
    return {"value": active_friends(session, mount, user_id)}


#: Signal of the host → event of ours.
SIGNALS = {
    "word_translated": Listened("word.translated"),
    "word_learned": Listened("word.learned"),
    "exercise_correct": Listened("exercise.correct"),
    "article_read": Listened("article.read"),
    "audio_lesson_completed": Listened("audio_lesson.completed"),
    "streak_changed": Listened("streak.changed", learn_of_practice),
    "friend_streak_changed": Listened("friend_streak.changed"),
    "friendship_changed": Listened("friendship.changed", _friends),
}


def _receiver(name: str, listened: Listened) -> Callable[..., None]:
    """A receiver that lives in the host's transaction and never breaks its request.

    It asks for no keyword, because others may use the same name for signals of their own.
    """

    def receive(_sender: Any, **sent: Any) -> None:
        mount = mount_of(current_app) if has_app_context() else None
        if mount is None:
            log.debug("%s sent where no Gamify is mounted", name)
            return
        session = plain(sent.get("db_session") or mount.db.session)
        with contained(session, f"{listened.event} of user {sent.get('user_id')}"):
            user_id = whole_number("user_id", sent.get("user_id"), at_least=1)
            read = listened.read(session, mount, user_id)
            emit(session, listened.event, user_id=user_id, **read)

    return receive


_RECEIVERS = {name: _receiver(name, listened) for name, listened in SIGNALS.items()}


def connect() -> None:
    """Listen to the host's signals; once per process, whatever the number of apps."""
    for name, receiver in _RECEIVERS.items():
        signal(name).connect(receiver)
