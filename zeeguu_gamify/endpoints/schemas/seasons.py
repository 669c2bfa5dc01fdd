"""Seasons and the wish to be on boards over the wire: shapes of our own."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from zeeguu_gamify.endpoints.blueprint import OwnQuery, Switch
from zeeguu_gamify.endpoints.schemas.badges import iso
from zeeguu_gamify.endpoints.schemas.friends import MemberSchema
from zeeguu_gamify.leaderboards.boards import BOARDS
from zeeguu_gamify.models import SeasonState

PERIODS = tuple(
    dict.fromkeys(period.value.lower() for board in BOARDS.values() for period in board.seasons)
)
STATES = tuple(state.value.lower() for state in SeasonState)
#: So many are answered when nothing is said, and at most.
LIMIT, MOST = 25, 100


class PageQuery(OwnQuery):
    """Which page."""

    cursor = fields.String(metadata={"description": "next_cursor of the page before"})
    limit = fields.Integer(
        load_default=LIMIT,
        validate=validate.Range(min=1),
        metadata={"description": f"So many; at most {MOST} are given"},
    )


class SeasonsQuery(PageQuery):
    """Which seasons."""

    board = fields.String(validate=validate.OneOf(tuple(BOARDS)))
    period = fields.String(validate=validate.OneOf(PERIODS))


class PageSchema(Schema):
    """What every page says of itself."""

    next_cursor = fields.String(required=True, allow_none=True)
    limit = fields.Integer(required=True)
    limit_capped = fields.Boolean(
        required=True, metadata={"description": "Whether fewer are given than were asked for"}
    )


class OwnStandingSchema(Schema):
    """Where the user stood when the season closed."""

    place = fields.Integer(required=True, metadata={"description": "Ties share it: 1, 2, 2, 4"})
    score = fields.Integer(required=True)
    prize = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What was won: the code of a badge, else how many coins and EXP"},
    )


class StandingSchema(OwnStandingSchema):
    """Where somebody stood."""

    user = fields.Nested(MemberSchema, required=True)
    is_me = fields.Boolean(required=True)


class SeasonSchema(Schema):
    """A season; standings there are once it is settled."""

    id = fields.Integer(required=True)
    board = fields.String(required=True)
    period = fields.String(required=True, validate=validate.OneOf(PERIODS))
    starts = fields.Date(required=True, metadata={"description": "In each user's own zone"})
    ends = fields.Date(required=True, metadata={"description": "The last date that counts"})
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    closes_at = iso("When the last date is over everywhere, naive UTC")
    settled_at = iso("When the standings became final, naive UTC")
    me = fields.Nested(OwnStandingSchema, required=True, allow_none=True)


class SeasonsSchema(PageSchema):
    """Seasons, the newest first."""

    seasons = fields.List(fields.Nested(SeasonSchema), required=True)


class SeasonPageSchema(PageSchema):
    """A season and who stood where; who is blocked or opted out is left out."""

    season = fields.Nested(SeasonSchema, required=True)
    standings = fields.List(fields.Nested(StandingSchema), required=True)


class VisibilitySchema(Schema):
    """Whether the user wants to be on EXP boards."""

    listed = fields.Boolean(required=True)


class WishSchema(OwnQuery):
    """The same as a wish."""

    listed = Switch(required=True)
