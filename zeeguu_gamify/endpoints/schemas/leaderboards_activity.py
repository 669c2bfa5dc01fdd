"""Boards of activity and the class page over the wire (docs/contract.md §1.10)."""

from __future__ import annotations

from marshmallow import Schema, fields

from zeeguu_gamify.endpoints.blueprint import Tolerant
from zeeguu_gamify.endpoints.schemas.friends import MemberSchema
from zeeguu_gamify.leaderboards.activity_metrics import METRICS


def _text(description: str) -> fields.String:
    return fields.String(metadata={"description": description})


class ActivityBoardQuery(Tolerant):
    """What is counted, and when; read in the contract's order, so all of it is text here."""

    metric = _text(f"One of {', '.join(METRICS)}")
    from_date = _text("ISO 8601, included; UTC unless it has an offset. Default: the beginning")
    to_date = _text("The same; default now. Who is a friend is as of then")
    limit = _text("So many rows at most; default all")


class ActivityRowSchema(Schema):
    """A user and what they did."""

    user = fields.Nested(MemberSchema, required=True)
    value = fields.Integer(
        required=True, metadata={"description": "Milliseconds for times, else a count"}
    )


class StudentSchema(Schema):
    """How a student of the class gets on."""

    user = fields.Nested(MemberSchema, required=True)
    current_streak = fields.Integer(required=True)
    longest_streak = fields.Integer(required=True)
    badges = fields.Integer(required=True)
    last_practice = fields.Date(
        required=True, allow_none=True, metadata={"description": "The student's local date"}
    )
    this_week = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": f"By metric ({', '.join(METRICS)}); times in milliseconds"},
    )


class ClassSchema(Schema):
    """A class."""

    id = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)


class ClassOverviewSchema(Schema):
    """A class as its teacher sees it."""

    cohort = fields.Nested(ClassSchema, required=True)
    week_starts = fields.Date(
        required=True, metadata={"description": "Monday, in the teacher's zone"}
    )
    students = fields.List(fields.Nested(StudentSchema), required=True)
