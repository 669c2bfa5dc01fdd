"""Badges over the wire (docs/contract.md §1.9; the v2 shapes are our own)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from zeeguu_gamify.badges.explain import Standing
from zeeguu_gamify.endpoints.blueprint import OwnQuery, Tolerant
from zeeguu_gamify.endpoints.language import ContractText, OwnText
from zeeguu_gamify.models import AwardAction


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
    name = ContractText(required=True, allow_none=True)
    unachieved_description = ContractText(required=True)
    achieved_description = ContractText(required=True)
    description = ContractText(
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

    name = ContractText(required=True)
    badges = fields.List(fields.Nested(BadgeSchema), required=True)


class CategorySchema(FriendCategorySchema):
    """A family, as its owner sees it."""

    current_value = fields.Integer(required=True)


class GalleryBadgeSchema(Schema):
    """One level of a family, with all that a gallery shows of it."""

    code = fields.String(required=True, attribute="badge.code")
    level = fields.Integer(required=True)
    threshold = fields.Integer(required=True)
    name = OwnText(required=True, allow_none=True)
    unachieved_description = OwnText(required=True)
    achieved_description = OwnText(required=True)
    icon = fields.String(required=True, allow_none=True, attribute="icon_name")
    color = fields.String(required=True, allow_none=True, attribute="badge.color")
    hidden = fields.Boolean(
        required=True,
        attribute="badge.hidden",
        metadata={"description": "Shown only to those who hold it"},
    )
    achieved = fields.Boolean(required=True)
    achieved_at = iso("When it was granted, naive UTC")
    is_shown = fields.Boolean(required=True)
    holders = fields.Integer(
        required=True,
        attribute="badge.users_with_badge",
        metadata={"description": "How many users hold it, counted once a day"},
    )
    share_active = fields.Float(
        required=True,
        allow_none=True,
        attribute="badge.share_active",
        metadata={"description": "Holders among the active users, 0 to 1; null until counted"},
    )


class GallerySchema(Schema):
    """A family with all its levels, as its owner sees it."""

    family = fields.String(required=True, metadata={"description": "Its metric"})
    name = OwnText(required=True)
    current_value = fields.Integer(required=True)
    badges = fields.List(fields.Nested(GalleryBadgeSchema), required=True)


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
    name = OwnText(required=True, allow_none=True)
    description = OwnText(required=True, attribute="unachieved_description")
    icon = fields.String(required=True, allow_none=True, attribute="icon_name")
    color = fields.String(required=True, allow_none=True)
    created_at = iso("When it was added to the catalog, naive UTC")


class UnlockedBadgeSchema(CatalogBadgeSchema):
    """A badge that a user holds."""

    description = OwnText(required=True, attribute="achieved_description")
    unlocked_at = iso("When it was granted, naive UTC")


class ProfileBadgeSchema(Schema):
    """A badge that a user shows."""

    code = fields.String(required=True, attribute="badge.code")
    family = fields.String(required=True, attribute="badge.metric")
    level = fields.Integer(required=True, attribute="badge.level")
    name = OwnText(required=True, allow_none=True, attribute="badge.name")
    tooltip = fields.String(
        required=True, metadata={"description": 'What it took, e.g. "25 approved reviews"'}
    )
    icon = fields.String(required=True, allow_none=True, attribute="badge.icon_name")
    color = fields.String(required=True, allow_none=True, attribute="badge.color")
    context = fields.String(
        required=True, metadata={"description": "What it is for, when it can be earned repeatedly"}
    )
    pinned = fields.Boolean(required=True)
    unlocked_at = iso("When it was granted, naive UTC")
    holders = fields.Integer(
        required=True, metadata={"description": "How many users hold it, counted once a day"}
    )
    share_active = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Holders among the active users, 0 to 1; null until counted"},
    )


class ConditionSchema(Schema):
    """One thing that a badge asks for."""

    text = OwnText(required=True)
    metric = fields.String(required=True, allow_none=True)
    value = fields.Raw(required=True, metadata={"description": "What the user has, if it is known"})
    wanted = fields.Raw(required=True, metadata={"description": "What it takes"})
    passed = fields.Boolean(required=True)


class Certificate(fields.Dict):
    """What was found at a grant, with the words of its conditions in the language of the answer."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        found: Any = super()._serialize(value, attr, obj, **kwargs)  # type: ignore[no-untyped-call]
        if not (found and "conditions" in found):
            return found
        schema = ConditionSchema(many=True)
        return {**found, "conditions": schema.dump(found["conditions"])}


class GrantSchema(Schema):
    """A grant of a badge."""

    context = fields.String(required=True)
    achieved_at = iso("When it was granted, naive UTC")
    source = fields.String(required=True, metadata={"description": "auto, manual or backfill"})
    certificate = Certificate(
        required=True,
        allow_none=True,
        metadata={"description": "What was found then: rule version, value, threshold, event"},
    )
    revoked_at = iso("When it was taken back, naive UTC")


class HistorySchema(Schema):
    """What happened to a badge of the user; by whom and why is between moderators."""

    action = fields.Enum(AwardAction, required=True)
    at = iso("Naive UTC")


class ExplanationSchema(Schema):
    """How a user stands to a badge."""

    code = fields.String(required=True, attribute="badge.code")
    name = OwnText(required=True, allow_none=True, attribute="badge.name")
    rule_version = fields.Integer(required=True, attribute="badge.rule_version")
    standing = fields.Enum(Standing, by_value=True, required=True)
    conditions = fields.List(
        fields.Nested(ConditionSchema), required=True, attribute="verdict.conditions"
    )
    missing = fields.List(fields.String(), required=True)
    grants = fields.List(fields.Nested(GrantSchema), required=True)
    history = fields.List(fields.Nested(HistorySchema), required=True)


class ProfileQuery(OwnQuery):
    """How much of the profile."""

    top = fields.Integer(
        validate=validate.Range(min=1, max=1000),
        metadata={"description": "Only so many, the first of them"},
    )


class PinSchema(Tolerant):
    """Where a badge stands."""

    position = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        validate=validate.Range(min=-(2**31), max=2**31 - 1),
        metadata={"description": "Greater ones come first; null takes the pin away"},
    )


class CatalogQuery(OwnQuery):
    """Which part of the catalog."""

    family = fields.String(metadata={"description": "Only this metric, e.g. TRANSLATED_WORDS"})
