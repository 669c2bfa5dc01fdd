"""Classes as clients name them, and what those hear who are not in one."""

from __future__ import annotations

from zeeguu_gamify.errors import NotFound
from zeeguu_gamify.events import MAX_INT

NOT_YOUR_CLASS = "You can only view leaderboards for cohorts you belong to or teach."


def class_id(text: str) -> int:
    """The number that `text` is; raises NotFound for what can be that of no class."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_INT))
    if not is_number or int(text) > MAX_INT:
        raise NotFound("There is no such class.")
    return int(text)
