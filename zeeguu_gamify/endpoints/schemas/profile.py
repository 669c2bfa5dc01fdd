"""Profiles, blocks and account settings over the wire (docs/contract.md §1.3, §1.5, §1.8)."""

from __future__ import annotations

from marshmallow import fields

from zeeguu_gamify.endpoints.blueprint import OwnQuery, Tolerant
from zeeguu_gamify.endpoints.schemas.avatar import AvatarSchema
from zeeguu_gamify.endpoints.schemas.badges import iso
from zeeguu_gamify.endpoints.schemas.friends import CardSchema, FriendshipSchema, PersonSchema


class RelationSchema(FriendshipSchema):
    """A friendship, or a request for one: then with who asked whom."""

    is_accepted = fields.Boolean(required=True)
    sender_username = fields.String()
    receiver_username = fields.String()


class ProfileSchema(PersonSchema):
    """The profile of a user; without `friendship` when there is nothing between the two."""

    created_at = iso("When the account was made, naive UTC")
    user_avatar = fields.Nested(AvatarSchema, required=True, allow_none=True)
    friendship = fields.Nested(RelationSchema)


class SearchQuery(Tolerant):
    """Whom to find."""

    query = fields.String(load_default="")


class AccountSchema(Tolerant):
    """What to change of one's account; what is empty or missing stays."""

    username = fields.String(allow_none=True)
    avatar_image_name = fields.String(allow_none=True)
    avatar_character_color = fields.String(allow_none=True)
    avatar_background_color = fields.String(allow_none=True)


class UsernameSchema(OwnQuery):
    """Whom it is about."""

    username = fields.String(allow_none=True)


class BlockedSchema(CardSchema):
    """A user who is blocked."""

    blocked_at = iso("Since when, naive UTC")
