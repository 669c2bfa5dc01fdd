"""Daily goals over the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from zeeguu_gamify.endpoints.language import OwnText


class GoalSchema(Schema):
    """A goal of today."""

    code = fields.String(required=True, attribute="goal.code")
    name = OwnText(required=True, attribute="goal.name")
    description = OwnText(required=True, attribute="goal.description")
    event = fields.String(
        required=True, attribute="goal.event", metadata={"description": "What is counted"}
    )
    count = fields.Integer(
        required=True, attribute="goal.count", metadata={"description": "So many reach it"}
    )
    exp = fields.Integer(
        required=True, attribute="goal.exp", metadata={"description": "EXP for reaching it"}
    )
    value = fields.Integer(
        required=True, metadata={"description": "So many have happened, up to count"}
    )
    done = fields.Boolean(required=True)


class TodaySchema(Schema):
    """The goals of a date."""

    local_date = fields.Date(required=True, metadata={"description": "In the user's own zone"})
    goals = fields.List(fields.Nested(GoalSchema), required=True)
