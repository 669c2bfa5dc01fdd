"""Numbers, times and shares as the panel's pages show them, and what each template may use."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import url_for

from zeeguu_gamify import clock
from zeeguu_gamify.admin import flashes, navigation
from zeeguu_gamify.admin.access import who
from zeeguu_gamify.mount import current_mount


def number(value: float | None) -> str:
    """E.g. "12,345"; "–" for none."""
    return "–" if value is None else f"{value:,}"


def share(value: float | None) -> str:
    """E.g. "12.5 %" of 0.125; "–" for none."""
    return "–" if value is None else f"{value:.1%}".replace("%", " %")


def when(at: datetime | None) -> str:
    """E.g. "2026-11-20 12:00 UTC"; "–" for never."""
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def ago(at: datetime | None) -> str:
    """E.g. "3 h ago"; "in 2 min" for what is to come."""
    if at is None:
        return "never"
    seconds = int((clock.now() - at).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            count = abs(seconds) // size
            return f"{count} {unit} ago" if seconds > 0 else f"in {count} {unit}"
    return "just now"


def person_url(user_id: int | None) -> str | None:
    """The page of a user, for admins."""
    visitor = who()
    if user_id is None or visitor is None or not visitor.is_admin:
        return None
    page = "gamify_admin.user"
    return url_for(page, user_id=user_id)


def pretty(values: Any) -> str:
    """JSON as a person reads it."""
    return json.dumps(values, indent=2, ensure_ascii=False, default=str)


def badge_names() -> list[tuple[str, str]]:
    """(code, name) of each badge, as the code has it; where it has no name, the code again."""
    known = current_mount().catalog.by_code
    return [(code, known[code].name or code) for code in sorted(known)]


def event_names() -> list[str]:
    """The names of the events."""
    return sorted(current_mount().events)


def for_templates() -> dict[str, Any]:
    """What templates of the panel may use."""
    return {
        "number": number,
        "share": share,
        "when": when,
        "ago": ago,
        "pretty": pretty,
        "badge_names": badge_names,
        "event_names": event_names,
        "person_url": person_url,
        "menu": navigation.menu,
        "flashed": flashes.take,
        "admin": who(),
        "home": navigation.home(),
        "whence": navigation.whence,
    }
