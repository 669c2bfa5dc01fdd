"""Which boards a client of the live stream watches, and whose scores are on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.subscription import Watch
from zeeguu_gamify.endpoints.classes import NOT_YOUR_CLASS
from zeeguu_gamify.errors import BadInput, Forbidden, Unknown
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.leaderboards import members, periods
from zeeguu_gamify.leaderboards.activity_members import students_of
from zeeguu_gamify.leaderboards.boards import board_called
from zeeguu_gamify.models import Period
from zeeguu_gamify.mount import Mount

#: A client watches at most so many boards.
MOST = 10


def watches(mount: Mount, user_id: int, text: str) -> list[Watch]:
    """The boards named in `text`, e.g. `exp:week:everybody,exp:day:language:de`.

    Who is on a board of friends or of a class is settled here, for as long as the stream lasts.
    Raises BadInput, which names the board that is wrong, and Forbidden for a class of others.
    """
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    if len(names) > MOST:
        raise BadInput(f"boards: at most {MOST} can be watched.")
    return [_watch(mount, user_id, name) for name in names]


def _watch(mount: Mount, user_id: int, name: str) -> Watch:
    board, period, scope, argument = ([*name.split(":", 3), "", "", ""])[:4]
    try:
        offered = [period.value.lower() for period in board_called(board).periods]
    except Unknown as error:
        raise BadInput(f"boards: {error.message}") from None
    if period not in offered:
        raise BadInput(f"boards: {name!r} must be of {_any(offered)}.")
    since = periods.earliest_current(Period(period.upper()), clock.now())
    about = Watch(board, period, f"{scope}:{argument}" if argument else scope, since=since)
    match scope, argument:
        case "everybody", "":
            return about
        case "friends", "":
            return _among(mount, about, members.friends_of(user_id))
        case "language", code if code:
            return _of_language(mount, user_id, about, code)
        case "cohort", number if number.isascii() and number.isdigit() and int(number) <= MAX_INT:
            return _of_class(mount, user_id, about, int(number))
    raise BadInput(
        f"boards: {name!r} must end with everybody, friends, language:<code> or cohort:<id>."
    )


def _of_language(mount: Mount, user_id: int, about: Watch, code: str) -> Watch:
    language_id = members.viewer(mount.db.session, mount, user_id, code, None).language_id
    if language_id is None:
        raise BadInput(f"boards: there is no language {code!r}.")
    return replace(about, language_id=language_id)


def _of_class(mount: Mount, user_id: int, about: Watch, cohort_id: int) -> Watch:
    if not members.viewer(mount.db.session, mount, user_id, None, cohort_id).in_class:
        raise Forbidden(NOT_YOUR_CLASS)
    return _among(mount, about, students_of(mount, cohort_id))


def _among(mount: Mount, about: Watch, selected: Any) -> Watch:
    return replace(about, members=frozenset(members.ids(mount.db.session, selected)))


def _any(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
