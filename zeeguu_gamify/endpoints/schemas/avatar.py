"""Avatars over the wire (docs/contract.md §2)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from zeeguu_gamify.avatars import BACKGROUND_COLORS, CHARACTER_COLORS, IMAGE_NAMES
from zeeguu_gamify.endpoints.blueprint import OwnQuery


class AvatarSchema(Schema):
    """How a user looks; null is what the user has not chosen."""

    image_name = fields.String(required=True, allow_none=True)
    character_color = fields.String(required=True, allow_none=True)
    background_color = fields.String(required=True, allow_none=True)


class AvatarChangesSchema(OwnQuery):
    """What is to change; the rest stays."""

    image_name = fields.String(validate=validate.OneOf(IMAGE_NAMES))
    character_color = fields.String(validate=validate.OneOf(CHARACTER_COLORS))
    background_color = fields.String(validate=validate.OneOf(BACKGROUND_COLORS))


class AvatarOptionsSchema(Schema):
    """What there is to choose from."""

    image_names = fields.List(fields.String(), required=True)
    character_colors = fields.List(fields.String(), required=True)
    background_colors = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The one that goes with a character color has the same index"},
    )
    default = fields.Nested(AvatarSchema, required=True)
