"""Boards as sorted sets of Redis: their names and their members."""

from __future__ import annotations

from zeeguu_gamify.leaderboards.ranking import Key

#: As many digits as the largest user id has: then texts stand in the order of their numbers.
DIGITS = 10
#: Of the form of a copy; another one begins anew beside it.
VERSION = 1
#: The member that says: this copy is whole. It stands below all scores.
WHOLE = "!"


def member(user_id: int) -> str:
    """The user in a sorted set; among equal scores, Redis orders these texts byte by byte."""
    return f"{user_id:0{DIGITS}}"


def set_of(key: Key) -> str:
    """The name of the sorted set; what is in braces chooses the node of a cluster."""
    tag = f"{key.board}:{key.period.value}:{key.starts.isoformat()}:{key.language_id}"
    return f"gamify:{{{tag}}}:v{VERSION}"


def new_set_of(key: Key) -> str:
    """Where a new copy is made, to be renamed when it is whole."""
    return f"{set_of(key)}:new"
