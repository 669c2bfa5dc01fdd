"""Friends and friend requests over the wire (docs/contract.md §1.5-1.8)."""

from __future__ import annotations

from marshmallow import Schema, fields

from zeeguu_gamify.endpoints.blueprint import Tolerant
from zeeguu_gamify.endpoints.schemas.avatar import AvatarSchema
from zeeguu_gamify.endpoints.schemas.badges import iso
from zeeguu_gamify.endpoints.schemas.streaks import LanguageSchema


class ReceiverSchema(Tolerant):
    """Whom it is about."""

    receiver_username = fields.String(allow_none=True)


class SenderSchema(Tolerant):
    """Whose request it is about."""

    sender_username = fields.String(allow_none=True)


class SuccessSchema(Schema):
    """Whether there was something to do."""

    success = fields.Boolean(required=True)


class PersonSchema(Schema):
    """A user, by name."""

    name = fields.String(required=True, allow_none=True)
    username = fields.String(required=True)


class CardSchema(PersonSchema):
    """A user in a list."""

    avatar = fields.Nested(AvatarSchema, required=True, allow_none=True)


class MemberSchema(PersonSchema):
    """A user on a board."""

    avatar = fields.Nested(
        AvatarSchema, required=True, metadata={"description": "Never null; its fields may be"}
    )


class FriendshipSchema(Schema):
    """A friendship with the user who asks."""

    created_at = iso("Since when they are friends, naive UTC")
    friend_streak = fields.Integer(required=True)
    friend_streak_last_updated = iso("When the streak last moved, naive UTC")


class LanguageWithStreakSchema(LanguageSchema):
    """A language that a friend studies, and for how many days in a row."""

    daily_streak = fields.Integer(required=True)
    max_streak = fields.Integer(required=True)


class FriendSchema(CardSchema):
    """A friend of the user who asks."""

    friendship = fields.Nested(FriendshipSchema, required=True)
    languages = fields.List(fields.Nested(LanguageWithStreakSchema), required=True, allow_none=True)


class FriendOfSchema(CardSchema):
    """A friend of somebody else."""

    languages = fields.List(fields.Nested(LanguageSchema), required=True, allow_none=True)


class RequestSchema(Schema):
    """A request that waits for an answer."""

    sender = fields.Nested(PersonSchema, required=True)
    receiver = fields.Nested(PersonSchema, required=True)
    created_at = iso("When it was sent, naive UTC")


class ReceivedRequestSchema(RequestSchema):
    """A request to the user who asks."""

    sender = fields.Nested(CardSchema, required=True)


class FoundSchema(CardSchema):
    """A user who was found."""

    friendship = fields.Nested(FriendshipSchema, required=True, allow_none=True)
    friend_request = fields.Nested(RequestSchema, required=True, allow_none=True)
