"""EXP, coins and rewards over the wire: shapes of our own."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from zeeguu_gamify.economy.redeem import MAX_KEY
from zeeguu_gamify.endpoints.blueprint import OwnQuery
from zeeguu_gamify.endpoints.schemas.badges import Iso, iso
from zeeguu_gamify.endpoints.schemas.seasons import PageQuery, PageSchema
from zeeguu_gamify.models import Asset, RedemptionStatus

ASSETS = tuple(asset.value.lower() for asset in Asset)
STATES = tuple(status.value.lower() for status in RedemptionStatus)


class GameProfileSchema(Schema):
    """What the user has."""

    user_id = fields.Integer(required=True)
    exp = fields.Integer(required=True)
    level = fields.Integer(required=True)
    level_at = fields.Integer(
        required=True, metadata={"description": "With so many EXP the level begins"}
    )
    next_level_at = fields.Integer(
        required=True, allow_none=True,
        metadata={"description": "And the next one; null on the last"},
    )  # fmt: skip
    coins = fields.Integer(required=True)
    freezes = fields.Integer(required=True)


class RewardSchema(Schema):
    """What coins buy."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    kind = fields.String(required=True)
    amount = fields.Integer(required=True, metadata={"description": "So many of the kind"})
    cost = fields.Integer(required=True, metadata={"description": "Coins"})
    stock = fields.Integer(
        required=True, allow_none=True, metadata={"description": "0: sold out; null: unlimited"}
    )
    per_user = fields.Integer(
        required=True, allow_none=True,
        metadata={"description": "So many for each user; null: unlimited"},
    )  # fmt: skip
    bought = fields.Integer(required=True, metadata={"description": "So many the user has"})
    starts_at = iso("To be had from then on, naive UTC")
    ends_at = iso("From then on no more, naive UTC")


class RewardsSchema(Schema):
    """What is to be had now, the cheapest first."""

    coins = fields.Integer(required=True, metadata={"description": "What the user has"})
    rewards = fields.List(fields.Nested(RewardSchema), required=True)


class PurchaseSchema(OwnQuery):
    """How a reward is bought."""

    idempotency_key = fields.String(
        validate=validate.Length(min=1, max=MAX_KEY),
        metadata={"description": "Of the client: the same key is the same purchase"},
    )
    cost = fields.Integer(
        validate=validate.Range(min=0),
        metadata={"description": "What the user saw that it costs; at another price it is 409"},
    )


class RedemptionSchema(Schema):
    """A reward that was bought."""

    id = fields.Integer(required=True)
    reward = fields.String(required=True)
    kind = fields.String(required=True)
    amount = fields.Integer(required=True)
    cost = fields.Integer(required=True)
    status = fields.Function(
        lambda bought: bought.status.value.lower(),
        required=True, metadata={"type": "string", "enum": list(STATES)},
    )  # fmt: skip
    redeemed_at = Iso(required=True, metadata={"type": "string", "description": "Naive UTC"})
    refunded_at = iso("Naive UTC")
    replayed = fields.Boolean(
        required=True, metadata={"description": "Bought before, under the same key"}
    )


class LedgerQuery(PageQuery):
    """Which entries."""

    asset = fields.String(validate=validate.OneOf(ASSETS))


class LedgerEntrySchema(Schema):
    """A change of what the user has."""

    id = fields.Integer(required=True)
    asset = fields.Function(
        lambda entry: entry.asset.value.lower(),
        required=True, metadata={"type": "string", "enum": list(ASSETS)},
    )  # fmt: skip
    amount = fields.Integer(required=True, metadata={"description": "Negative when spent"})
    reason = fields.String(required=True)
    at = iso("Naive UTC")


class LedgerSchema(PageSchema):
    """Entries, the newest first."""

    entries = fields.List(fields.Nested(LedgerEntrySchema), required=True)
