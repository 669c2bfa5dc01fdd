"""The inbox over the wire: a shape of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from zeeguu_gamify.endpoints.blueprint import OwnQuery, Switch
from zeeguu_gamify.endpoints.schemas.badges import iso
from zeeguu_gamify.endpoints.schemas.seasons import PageQuery, PageSchema
from zeeguu_gamify.inbox.notices import Kind

KINDS = tuple(kind.value for kind in Kind)
#: What a BIGINT of the database holds.
MAX_ID = 2**63 - 1
#: So many messages are named at once.
MOST_IDS = 500


class InboxQuery(PageQuery):
    """Which messages."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    unseen = fields.Boolean(
        load_default=False, metadata={"description": "Only what the user has not seen"}
    )


class UnseenSchema(Schema):
    """How much there is to see."""

    unseen = fields.Integer(
        required=True, metadata={"description": "So many of all kinds the user has not seen"}
    )


class InboxMessageSchema(Schema):
    """What the user was told."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    data = fields.Dict(required=True, metadata={"description": "By kind: docs/inbox.md"})
    text = fields.String(
        required=True, metadata={"description": "Ready to show, in the language of the answer"}
    )
    created_at = iso("Naive UTC")
    seen_at = iso("Naive UTC")


class InboxSchema(PageSchema, UnseenSchema):
    """Messages, the newest first."""

    messages = fields.List(fields.Nested(InboxMessageSchema), required=True)


def _id(**kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=1, max=MAX_ID), **kwargs)


class SeenSchema(OwnQuery):
    """What the user has seen: `ids`, or all `up_to` one."""

    ids = fields.List(
        _id(), validate=validate.Length(max=MOST_IDS), metadata={"description": "These"}
    )
    up_to = _id(metadata={"description": "Or this one and all that are older"})

    @validates_schema
    def _is_one_of_both(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Give these, or up_to.", "ids")


class PreferenceSchema(Schema):
    """How the user is told of a kind."""

    in_app = Switch(required=True, metadata={"description": "In the inbox"})
    by_host = Switch(
        required=True, metadata={"description": "By whatever the host does: e-mail, push"}
    )


class PreferenceChangeSchema(Schema):
    """The same, as far as it changes."""

    class Meta:
        """Refuse unknown keys."""

        unknown = RAISE

    in_app = Switch()
    by_host = Switch()


class PreferencesSchema(Schema):
    """How the user is told of each kind."""

    badge = fields.Nested(PreferenceSchema, required=True)
    level = fields.Nested(PreferenceSchema, required=True)
    friend = fields.Nested(PreferenceSchema, required=True)
    streak = fields.Nested(PreferenceSchema, required=True)
    season = fields.Nested(PreferenceSchema, required=True)


class PreferencesChangeSchema(OwnQuery):
    """What is to change; the rest stays."""

    badge = fields.Nested(PreferenceChangeSchema)
    level = fields.Nested(PreferenceChangeSchema)
    friend = fields.Nested(PreferenceChangeSchema)
    streak = fields.Nested(PreferenceChangeSchema)
    season = fields.Nested(PreferenceChangeSchema)
