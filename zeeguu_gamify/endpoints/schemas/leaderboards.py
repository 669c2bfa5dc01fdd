"""EXP boards over the wire: a shape of our own."""

from __future__ import annotations

from datetime import date

from marshmallow import Schema, fields, validate

from zeeguu_gamify.endpoints.blueprint import OwnQuery
from zeeguu_gamify.endpoints.schemas.friends import MemberSchema
from zeeguu_gamify.models import Period

SCOPES = ("everybody", "language", "cohort", "friends")
PERIODS = tuple(period.value.lower() for period in Period)
#: So many entries are answered when nothing is said, and at most.
LIMIT, MOST = 25, 100
FIRST_DATE, LAST_DATE = date(1970, 1, 1), date(9000, 1, 1)


class BoardQuery(OwnQuery):
    """Which part of a board."""

    scope = fields.String(load_default="everybody", validate=validate.OneOf(SCOPES))
    language = fields.String(metadata={"description": "A code, e.g. de; with scope=language"})
    cohort = fields.Integer(
        validate=validate.Range(1, 2**31 - 1), metadata={"description": "With scope=cohort"}
    )
    period = fields.String(load_default="week", validate=validate.OneOf(PERIODS))
    date = fields.Date(
        validate=validate.Range(FIRST_DATE, LAST_DATE),
        metadata={"description": "The period of this date; default: the user's present one"},
    )
    cursor = fields.String(metadata={"description": "next_cursor of the page before"})
    limit = fields.Integer(
        load_default=LIMIT,
        validate=validate.Range(min=1),
        metadata={"description": f"So many entries; at most {MOST} are given"},
    )
    around = fields.String(
        validate=validate.Equal("me"), metadata={"description": "me: the user and the neighbours"}
    )


class PeriodSchema(Schema):
    """Which dates count, in each user's own zone; null for all time."""

    kind = fields.String(required=True, validate=validate.OneOf(PERIODS))
    starts = fields.Date(required=True, allow_none=True)
    ends = fields.Date(required=True, allow_none=True)


class EntrySchema(Schema):
    """A place on a board; equals share a rank: 1, 2, 2, 4."""

    rank = fields.Integer(required=True)
    user = fields.Nested(MemberSchema, required=True)
    score = fields.Integer(required=True)
    is_me = fields.Boolean(required=True)


class MeSchema(Schema):
    """Where the user stands."""

    rank = fields.Integer(required=True)
    score = fields.Integer(required=True)


class BoardPageSchema(Schema):
    """A part of a board. Who is blocked is left out, and ranks stay as they are."""

    board = fields.String(required=True)
    name = fields.String(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    entries = fields.List(fields.Nested(EntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    me = fields.Nested(MeSchema, required=True, allow_none=True)
    limit = fields.Integer(required=True)
    limit_capped = fields.Boolean(
        required=True, metadata={"description": "Whether fewer are given than were asked for"}
    )


class BoardSchema(Schema):
    """A board that there is."""

    board = fields.String(required=True)
    name = fields.String(required=True)
    periods = fields.List(fields.String(validate=validate.OneOf(PERIODS)), required=True)
    scopes = fields.List(fields.String(validate=validate.OneOf(SCOPES)), required=True)


class BoardsSchema(Schema):
    """All boards."""

    boards = fields.List(fields.Nested(BoardSchema), required=True)
