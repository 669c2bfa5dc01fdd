"""How the codes of badges, daily goals and rewards are written, which also stand in URLs."""

from __future__ import annotations

import re

#: What a code has, in words.
RULE = "1 to 60 letters, digits and underscores"

_CODE = re.compile(r"[A-Za-z0-9_]{1,60}")


def is_code(text: str) -> bool:
    """Whether `text` may be a code."""
    return _CODE.fullmatch(text) is not None
