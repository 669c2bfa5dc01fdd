"""Streaks over the wire (docs/contract.md §1.11; the practice calendar is our own)."""

from __future__ import annotations

from marshmallow import Schema, fields

from zeeguu_gamify.endpoints.blueprint import OwnQuery


class DailyStreakSchema(Schema):
    """The streak of the language that the user learns."""

    daily_streak = fields.Integer(required=True)


class LanguageSchema(Schema):
    """A language; all that a stranger sees."""

    code = fields.String(required=True)
    language = fields.String(required=True)


class CurrentStreakSchema(LanguageSchema):
    """A language with its streak today."""

    daily_streak = fields.Integer(required=True)
    practiced_today = fields.Boolean(required=True)


class StreakHistorySchema(LanguageSchema):
    """A language with its streak and the longest there was."""

    daily_streak = fields.Integer(required=True)
    max_streak = fields.Integer(required=True)
    max_streak_date = fields.Date(required=True, allow_none=True)


class OwnStreakSchema(StreakHistorySchema):
    """A language with all that is known of its streak."""

    practiced_today = fields.Boolean(required=True)


class StreaksSchema(Schema):
    """The streaks of a user."""

    daily_streak = fields.Integer(required=True)
    languages = fields.List(fields.Nested(OwnStreakSchema), required=True)


class FriendStreakHistorySchema(LanguageSchema):
    """The same of somebody else; a stranger sees the language only."""

    daily_streak = fields.Integer(metadata={"description": "Only of friends"})
    max_streak = fields.Integer(metadata={"description": "Only of friends"})
    max_streak_date = fields.Date(
        allow_none=True, metadata={"description": "Only of friends; their local date"}
    )


class CalendarQuery(OwnQuery):
    """Which dates; the last 30 when none are given."""

    first = fields.Date(data_key="from", metadata={"description": "First local date"})
    last = fields.Date(data_key="to", metadata={"description": "Last local date"})


class CalendarDaySchema(Schema):
    """A local date on which the user practised, or that was bridged."""

    date = fields.Date(required=True)
    practised = fields.Boolean(required=True)
    languages = fields.List(fields.String(), required=True)
    bridge = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "freeze, repair, travel or amnesty"},
    )


class CalendarSchema(Schema):
    """The practice days of a user."""

    first = fields.Date(data_key="from", required=True)
    last = fields.Date(data_key="to", required=True)
    today = fields.Date(required=True)
    streak = fields.Integer(required=True)
    at_risk = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the streak ends with today, which is soon over where the user "
            "is, unless the user practises"
        },
    )
    freezes = fields.Integer(required=True)
    days = fields.List(fields.Nested(CalendarDaySchema), required=True)
