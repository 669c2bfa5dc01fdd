"""EXP boards: who stands where, in a period, among everybody or among some."""

from __future__ import annotations

from typing import Any

from flask import g

from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.board_pages import board_page
from zeeguu_gamify.endpoints.schemas import leaderboards as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, limited, requires_session
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("leaderboards")

#: What a host must have for a scope.
GROUPS = {"language": Group.LANGUAGE, "cohort": Group.COHORT}


# ---------------------------------------------------------------------------
@blueprint.route("/leaderboards", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@gives(schemas.BoardsSchema())
def boards() -> dict[str, Any]:
    """The boards there are, with their periods and scopes."""
    host = current_mount().host
    scopes = [name for name in schemas.SCOPES if name not in GROUPS or host.has(GROUPS[name])]
    return {
        "boards": [
            {
                "board": board.code,
                "name": board.name,
                "periods": [period.value.lower() for period in board.periods],
                "scopes": scopes,
            }
            for board in BOARDS.values()
        ]
    }


# ---------------------------------------------------------------------------
@blueprint.route("/leaderboards/<board>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@limited("leaderboard")
@gated
@takes(schemas.BoardQuery(), "query")
@gives(schemas.BoardPageSchema())
def board(query: dict[str, Any], board: str) -> dict[str, Any]:
    """A part of a board: its top, a page, or the user with the neighbours; and the user's rank."""
    return board_page(current_mount(), g.user_id, board, query)
