"""Badges over the wire (docs/contract.md §1.9; the v2 shapes are our own)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from zeeguu_gamify.endpoints.blueprint import OwnQuery


class Iso(fields.Field[datetime]):
    """A naive UTC datetime as `isoformat()` without `Z`: a `Z` would change what clients show."""

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: Any, **_kwargs: Any
    ) -> str | None:
        return None if value is None else value.isoformat()


def iso(description: str) -> Iso:
    """A time that may be null."""
    return Iso(
        required=True, allow_none=True, metadata={"type": "string", "description": description}
    )


class BadgeSchema(Schema):
    """One level of a family, as a user sees it."""

    level = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)
    unachieved_description = fields.String(required=True)
    achieved_description = fields.String(required=True)
    description = fields.String(
        required=True,
        dump_only=True,
        attribute="achieved_description",
        metadata={"description": "The same as achieved_description, for old mobile apps"},
    )
    threshold = fields.Integer(required=True)
    icon_name = fields.String(required=True, allow_none=True)
    achieved = fields.Boolean(required=True)
    achieved_at = iso("When it was granted, naive UTC")
    is_shown = fields.Boolean(required=True)


class FriendCategorySchema(Schema):
    """A family, as friends see it."""

    name = fields.String(required=True)
    badges = fields.List(fields.Nested(BadgeSchema), required=True)


class CategorySchema(FriendCategorySchema):
    """A family, as its owner sees it."""

    current_value = fields.Integer(required=True)


class UpdatedSchema(Schema):
    """The answer of a change."""

    updated = fields.Boolean(required=True)


class CatalogBadgeSchema(Schema):
    """A badge of the catalog."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    family = fields.String(required=True, attribute="metric")
    level = fields.Integer(required=True)
    threshold = fields.Integer(required=True)
    name = fields.String(required=True, allow_none=True)
    description = fields.String(required=True, attribute="unachieved_description")
    icon = fields.String(required=True, allow_none=True, attribute="icon_name")
    color = fields.String(required=True, allow_none=True)
    created_at = iso("When it was added to the catalog, naive UTC")


class UnlockedBadgeSchema(CatalogBadgeSchema):
    """A badge that a user holds."""

    description = fields.String(required=True, attribute="achieved_description")
    unlocked_at = iso("When it was granted, naive UTC")


class CatalogQuery(OwnQuery):
    """Which part of the catalog."""

    family = fields.String(metadata={"description": "Only this metric, e.g. TRANSLATED_WORDS"})
