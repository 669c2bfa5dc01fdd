"""Cursors of boards: where a page goes on, for clients to hand back and not to read."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.events import MAX_INT
from zeeguu_gamify.leaderboards.ranking import After

BAD = "cursor: not one that was given for this list."
#: Cursors are shorter.
LONGEST = 300
#: What a BIGINT of the database holds, as scores are.
MAX_SCORE = 2**63 - 1


def pack(of: str, after: After) -> str:
    """The cursor behind that entry of the list called `of`."""
    text = json.dumps([of, *after], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(of: str, cursor: str) -> After:
    """The entry behind which to go on; raises BadInput for a cursor of anything else than `of`."""
    match _read(cursor):
        case [str(given), int(score), int(user_id)] if given == of:
            numbers = type(score) is type(user_id) is int  # no bool
            if numbers and 0 < score <= MAX_SCORE and 0 < user_id <= MAX_INT:
                return score, user_id
    raise BadInput(BAD)


def _read(cursor: str) -> Any:
    try:
        padded = cursor[:LONGEST] + "=" * (-len(cursor) % 4)
        return json.loads(urlsafe_b64decode(padded.encode()))
    except (ValueError, RecursionError) as error:
        raise BadInput(BAD) from error
