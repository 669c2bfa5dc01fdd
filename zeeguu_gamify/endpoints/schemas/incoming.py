"""What other services send, and are answered."""

from __future__ import annotations

from marshmallow import Schema, fields


class IncomingEventSchema(Schema):
    """An event."""

    event = fields.String(required=True, metadata={"description": "Its name in the dictionary"})
    event_id = fields.String(
        required=True, metadata={"description": "The client's own; it counts once, for ever"}
    )
    user_id = fields.Integer(required=True)
    amount = fields.Integer()
    value = fields.Integer(allow_none=True)
    object_id = fields.String(allow_none=True)
    at = fields.String(allow_none=True, metadata={"description": "ISO; UTC unless it says else"})
    context = fields.Dict()


class IncomingEventsSchema(Schema):
    """A batch; one event may also be sent alone."""

    events = fields.List(fields.Nested(IncomingEventSchema), required=True)


class ProblemSchema(Schema):
    """An event that was not accepted."""

    index = fields.Integer(required=True, metadata={"description": "From 0, in the request"})
    event_id = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)


class AcceptedSchema(Schema):
    """What became of the events."""

    accepted = fields.Integer(required=True)
    errors = fields.List(fields.Nested(ProblemSchema), required=True)


class RefusedSchema(Schema):
    """Why nothing was accepted; with what is wrong with each event, if it came to that."""

    message = fields.String(required=True)
    accepted = fields.Integer()
    errors = fields.List(fields.Nested(ProblemSchema))
