"""A part of an EXP board, as a user sees it who asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zeeguu_gamify import clock
from zeeguu_gamify.endpoints import cursors, people
from zeeguu_gamify.endpoints.classes import NOT_YOUR_CLASS
from zeeguu_gamify.endpoints.schemas.leaderboards import MOST
from zeeguu_gamify.errors import BadInput, Forbidden
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards import members, periods
from zeeguu_gamify.leaderboards.activity_members import students_of
from zeeguu_gamify.leaderboards.boards import Board, board_called
from zeeguu_gamify.leaderboards.choice import BestRanking
from zeeguu_gamify.leaderboards.ranking import After, Entry, Key
from zeeguu_gamify.models import Period
from zeeguu_gamify.mount import Mount

#: What a scope cannot do without, and what no other scope takes.
NEEDS = {"language": "language", "cohort": "cohort"}


def board_page(mount: Mount, viewer_id: int, board: str, query: dict[str, Any]) -> dict[str, Any]:
    """The part of the board called `board` that `query` wants, loaded by `BoardQuery`.

    Raises Unknown for the board, BadInput naming the field, Forbidden for a class of others.
    """
    mount.host.require(Group.NAMES)
    asked = _asked(mount, viewer_id, board_called(board), query)
    found = _among_some(mount, asked) if asked.members is not None else _on_board(mount, asked)
    shown = people.members(mount, (entry.user_id for entry in found.entries), viewer_id)
    return {
        "board": asked.board.code,
        "name": asked.board.name,
        "period": _period(asked.key),
        "scope": query["scope"],
        "entries": [
            {
                "rank": entry.rank,
                "user": shown[entry.user_id],
                "score": entry.score,
                "is_me": entry.user_id == viewer_id,
            }
            for entry in found.entries
            if entry.user_id in shown
        ],
        "next_cursor": found.next and cursors.pack(asked.name, found.next),
        "me": found.me,
        "limit": asked.limit,
        "limit_capped": query["limit"] > asked.limit,
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which entries are wanted."""

    viewer_id: int
    board: Board
    key: Key
    name: str  #: of the list, for its cursors
    limit: int
    after: After | None
    around_me: bool
    members: Any = None  #: SELECT user_id; None for everybody


@dataclass(frozen=True, slots=True)
class _Found:
    """The entries, where the next page begins, and where the user stands."""

    entries: list[Entry]
    next: After | None
    me: Entry | None


def _asked(mount: Mount, viewer_id: int, board: Board, query: dict[str, Any]) -> _Asked:
    """What the query means; raises BadInput, and Forbidden for a class of others."""
    _check(board, query)
    scope, session = query["scope"], mount.db.session
    language, cohort_id = query.get("language"), query.get("cohort")
    viewer = members.viewer(session, mount, viewer_id, language, cohort_id)
    if language is not None and viewer.language_id is None:
        raise BadInput(f"language: there is no language {language!r}.")
    if cohort_id is not None and not viewer.in_class:
        raise Forbidden(NOT_YOUR_CLASS)
    period = Period(query["period"].upper())
    day = query.get("date") or clock.local_date(clock.now(), viewer.zone)
    key = Key(board.code, period, periods.starts(period, day), viewer.language_id or 0)
    name = f"{key.board}:{period.value}:{key.starts}:{key.language_id}:{scope}:{cohort_id or ''}"
    cursor = query.get("cursor")
    return _Asked(
        viewer_id,
        board,
        key,
        name,
        limit=min(query["limit"], MOST),
        after=None if cursor is None else cursors.unpack(name, cursor),
        around_me="around" in query,
        members=_members(mount, viewer_id, scope, cohort_id),
    )


def _check(board: Board, query: dict[str, Any]) -> None:
    """Raise BadInput for what does not go together."""
    for scope, field in NEEDS.items():
        if (query["scope"] == scope) != (field in query):
            needed = "is needed" if query["scope"] == scope else "goes only"
            raise BadInput(f"{field}: {needed} with scope={scope}.")
    if "cursor" in query and "around" in query:
        raise BadInput("cursor: does not go with around.")
    if Period(query["period"].upper()) not in board.periods:
        raise BadInput(f"period: the board {board.code} has no {query['period']}.")


def _members(mount: Mount, viewer_id: int, scope: str, cohort_id: int | None) -> Any:
    if scope == "friends":
        return members.friends_of(viewer_id)
    return None if cohort_id is None else students_of(mount, cohort_id)


def _on_board(mount: Mount, asked: _Asked) -> _Found:
    """The entries as all users stand."""
    ranking, viewer_id = BestRanking(mount.db.session(), mount), asked.viewer_id
    if asked.around_me:
        entries = ranking.around(asked.key, viewer_id, (asked.limit - 1) // 2)
        return _Found(entries, None, _mine(entries, asked))
    entries = ranking.page(asked.key, asked.after, asked.limit + 1)
    shown = entries[: asked.limit]
    me = _mine(shown, asked) or ranking.rank(asked.key, viewer_id)
    return _Found(shown, _next(entries, asked.limit), me)


def _among_some(mount: Mount, asked: _Asked) -> _Found:
    """The entries as the members stand among themselves."""
    session = mount.db.session()
    user_ids = members.ids(session, asked.members)
    ranked = BestRanking(session, mount).ranks(asked.key, user_ids)
    me = _mine(ranked, asked)
    if asked.around_me:
        return _Found(_around(ranked, me, (asked.limit - 1) // 2), None, me)
    if asked.after is not None:
        ranked = [entry for entry in ranked if (entry.score, entry.user_id) < asked.after]
    return _Found(ranked[: asked.limit], _next(ranked, asked.limit), me)


def _around(ranked: list[Entry], me: Entry | None, each_side: int) -> list[Entry]:
    if me is None:
        return []
    place = ranked.index(me)
    return ranked[max(place - each_side, 0) : place + each_side + 1]


def _mine(entries: list[Entry], asked: _Asked) -> Entry | None:
    return next((entry for entry in entries if entry.user_id == asked.viewer_id), None)


def _next(entries: list[Entry], limit: int) -> After | None:
    """Where the next page goes on, if there is more than fits on this one."""
    if len(entries) <= limit:
        return None
    return entries[limit - 1].score, entries[limit - 1].user_id


def _period(key: Key) -> dict[str, Any]:
    if key.period is Period.ALL:
        return {"kind": "all", "starts": None, "ends": None}
    ends = periods.ends(key.period, key.starts)
    return {"kind": key.period.value.lower(), "starts": key.starts, "ends": ends}
