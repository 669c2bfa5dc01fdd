"""Seasons of EXP boards, and the user's wish to be on boards or not."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g

from zeeguu_gamify.endpoints import cursors, people
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.committed import committed
from zeeguu_gamify.endpoints.schemas import seasons as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import BadInput, NotFound
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.friends.blocks import keeps_apart
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards import season_pages, visibility
from zeeguu_gamify.models import Period, SeasonStanding, SeasonState
from zeeguu_gamify.mount import Mount, current_mount

blueprint = GamifyBlueprint("seasons")


# ---------------------------------------------------------------------------
@blueprint.route("/seasons", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.SeasonsQuery(), "query")
@gives(schemas.SeasonsSchema())
def seasons(query: dict[str, Any]) -> dict[str, Any]:
    """The seasons there are and were, the newest first, each with the user's place."""
    session = current_mount().db.session()
    period = query.get("period")
    name = f"seasons:{query.get('board', '')}:{period or ''}"
    limit = min(query["limit"], schemas.MOST)
    rows = season_pages.history(
        session,
        g.user_id,
        board=query.get("board"),
        period=Period(period.upper()) if period else None,
        after=_after_season(name, query.get("cursor")),
        limit=limit + 1,
    )
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    following = last and cursors.pack(name, (last.starts.toordinal(), last.id))
    return {"seasons": [_season(row) for row in shown], **_page(query, limit, following)}


# ---------------------------------------------------------------------------
@blueprint.route("/seasons/<int:season_id>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.PageQuery(), "query")
@gives(schemas.SeasonPageSchema())
def standings(query: dict[str, Any], season_id: int) -> dict[str, Any]:
    """A season and who stood where when it closed; nobody before it is settled."""
    mount = current_mount()
    mount.host.require(Group.NAMES)
    session = mount.db.session()
    season = season_pages.find(session, season_id, g.user_id) if season_id <= MAX_INT else None
    if season is None:
        raise NotFound("There is no such season.")
    name, limit = f"season:{season.id}", min(query["limit"], schemas.MOST)
    cursor = query.get("cursor")
    after = None if cursor is None else cursors.unpack(name, cursor)
    rows = []
    if season.state is SeasonState.SETTLED:
        apart = keeps_apart(SeasonStanding.__table__.c.user_id, g.user_id)
        rows = season_pages.standings(
            session, season.id, g.user_id, apart, after=after, limit=limit + 1
        )
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    following = last and cursors.pack(name, (last.place, last.user_id))
    return {
        "season": _season(season),
        "standings": _standings(mount, shown),
        **_page(query, limit, following),
    }


# ---------------------------------------------------------------------------
@blueprint.route("/board_visibility", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.VisibilitySchema())
def board_visibility() -> dict[str, bool]:
    """Whether the user wants to be on EXP boards."""
    session = current_mount().db.session()
    return {"listed": visibility.wants_to_be_listed(session, g.user_id)}


# ---------------------------------------------------------------------------
@blueprint.route("/board_visibility", methods=["PUT"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.WishSchema(), "json")
@gives(schemas.VisibilitySchema())
def choose_board_visibility(wish: dict[str, bool]) -> dict[str, bool]:
    """Be on EXP boards, or on none; EXP are earned all the same."""
    committed(visibility.choose, g.user_id, wish["listed"])
    return wish


def _after_season(name: str, cursor: str | None) -> season_pages.AfterSeason | None:
    if cursor is None:
        return None
    ordinal, season_id = cursors.unpack(name, cursor)
    if ordinal > date.max.toordinal():
        raise BadInput(cursors.BAD)
    return date.fromordinal(ordinal), season_id


def _page(query: dict[str, Any], limit: int, next_cursor: str | None) -> dict[str, Any]:
    return {
        "next_cursor": next_cursor,
        "limit": limit,
        "limit_capped": query["limit"] > limit,
    }


def _season(row: Any) -> dict[str, Any]:
    settled = row.state is SeasonState.SETTLED and row.place is not None
    return {
        "id": row.id,
        "board": row.board,
        "period": row.period.value.lower(),
        "starts": row.starts,
        "ends": row.ends,
        "state": row.state.value.lower(),
        "closes_at": row.closes_at,
        "settled_at": row.settled_at,
        "me": {"place": row.place, "score": row.score, "prize": row.prize} if settled else None,
    }


def _standings(mount: Mount, rows: list[Any]) -> list[dict[str, Any]]:
    """Who it was, with names and avatars of now."""
    shown = people.members(mount, (row.user_id for row in rows), g.user_id)
    return [
        {
            "place": row.place,
            "score": row.score,
            "prize": row.prize,
            "user": shown[row.user_id],
            "is_me": row.user_id == g.user_id,
        }
        for row in rows
        if row.user_id in shown
    ]
