"""Errors over the wire (docs/contract.md §0)."""

from __future__ import annotations

from marshmallow import Schema, fields


class MessageSchema(Schema):
    """What went wrong, for a person."""

    message = fields.String(required=True)
