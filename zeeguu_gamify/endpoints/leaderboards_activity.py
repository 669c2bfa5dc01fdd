"""Boards of activity among friends and in a class (docs/contract.md §1.10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import g
from sqlalchemy import Select

from zeeguu_gamify import clock
from zeeguu_gamify.endpoints import people as shown
from zeeguu_gamify.endpoints.blueprint import GamifyBlueprint, gives, takes
from zeeguu_gamify.endpoints.classes import NOT_YOUR_CLASS, class_id
from zeeguu_gamify.endpoints.schemas import leaderboards_activity as schemas
from zeeguu_gamify.endpoints.wrappers import cross_domain, gated, requires_session
from zeeguu_gamify.errors import BadInput, Forbidden
from zeeguu_gamify.friends import people
from zeeguu_gamify.friends.blocks import hides
from zeeguu_gamify.host import Group
from zeeguu_gamify.leaderboards import activity
from zeeguu_gamify.leaderboards.activity_members import friends_as_of, is_in_class, students_of
from zeeguu_gamify.leaderboards.activity_span import Span
from zeeguu_gamify.mount import current_mount

blueprint = GamifyBlueprint("leaderboards_activity")


# ---------------------------------------------------------------------------
@blueprint.route("/friends_leaderboard", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.ActivityBoardQuery(), "query")
@gives(schemas.ActivityRowSchema(many=True))
def friends_leaderboard(query: dict[str, str]) -> list[dict[str, Any]]:
    """What the user and those who were friends at the end of the span did, most first."""
    mount = current_mount()
    mount.host.require(Group.NAMES, Group.ACTIVITY)
    asked = _Asked(query)
    members = people.cards(mount, friends_as_of(g.user_id, asked.span.last))
    return asked.rows(members.where(~hides(mount.host.table("user").c.id, g.user_id)))


# ---------------------------------------------------------------------------
@blueprint.route("/cohort_leaderboard/<cohort_id>", methods=["GET"])
# ---------------------------------------------------------------------------
@cross_domain
@requires_session
@gated
@takes(schemas.ActivityBoardQuery(), "query")
@gives(schemas.ActivityRowSchema(many=True))
def cohort_leaderboard(query: dict[str, str], cohort_id: str) -> list[dict[str, Any]]:
    """What the students of a class did, most first; for its students and teachers."""
    mount = current_mount()
    mount.host.require(Group.NAMES, Group.ACTIVITY, Group.COHORT)
    number = class_id(cohort_id)
    asked = _Asked(query)
    if not is_in_class(mount.db.session, mount, g.user_id, number):
        raise Forbidden(NOT_YOUR_CLASS)
    return asked.rows(people.cards(mount, students_of(mount, number)))


class _Asked:
    """The query of a board, read in the contract's order; raises BadInput with its messages."""

    def __init__(self, query: dict[str, str]) -> None:
        self.limit = _limit(query.get("limit"))
        first, last = (_instant(name, query.get(name)) for name in ("from_date", "to_date"))
        if first and last and first > last:
            raise BadInput("from_date must be before or equal to to_date")
        self.metric = activity.metric_called(query.get("metric"))
        self.span = Span(first, last or clock.now())

    def rows(self, members: Select[Any]) -> list[dict[str, Any]]:
        """The board of these members."""
        mount = current_mount()
        found = activity.board(mount.db.session, mount, members, self.metric, self.span)
        return [{"user": shown.member(row), "value": value} for row, value in found[: self.limit]]


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        limit = int(text)
    except ValueError:
        raise BadInput("limit must be an integer") from None
    if limit <= 0:
        raise BadInput("limit must be greater than 0")
    return limit


def _instant(name: str, text: str | None) -> datetime | None:
    """Naive UTC; an offset is converted."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
    except (ValueError, OverflowError):
        raise BadInput(f"{name} must be a valid ISO datetime") from None
