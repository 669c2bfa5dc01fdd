"""The live stream over the wire: a shape of our own."""

from __future__ import annotations

from marshmallow import fields, validate

from zeeguu_gamify.endpoints.blueprint import OwnQuery


class StreamQuery(OwnQuery):
    """What a client wants to hear of besides its own."""

    boards = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={
            "description": "Boards to watch, with commas between them: board:period:scope, "
            "e.g. exp:week:everybody,exp:day:friends,exp:month:language:de,exp:all:cohort:7"
        },
    )
    last_event_id = fields.String(
        metadata={"description": "Resume after this event; or the header Last-Event-ID"}
    )
