"""What the next page says once, at its top; a cookie that we sign: hosts may have no key."""

from __future__ import annotations

from flask import g, request
from itsdangerous import BadSignature
from werkzeug.wrappers import Response

from zeeguu_gamify.admin.access import admin, panel_path

COOKIE = "gamify_panel_flash"
_SHOWN = "gamify_panel_flash_shown"


def flash(response: Response, text: str) -> None:
    """Let the next page say `text`."""
    signed = admin().seal.dumps(text)
    response.set_cookie(
        COOKIE, str(signed), httponly=True, samesite="Strict", secure=request.is_secure,
        max_age=60, path=panel_path(),
    )  # fmt: skip


def take() -> str | None:
    """What this page is to say, once."""
    signed = request.cookies.get(COOKIE)
    if not signed:
        return None
    setattr(g, _SHOWN, True)
    try:
        return str(admin().seal.loads(signed))
    except BadSignature:
        return None


def forget_shown(response: Response) -> None:
    """Drop what was said."""
    if g.pop(_SHOWN, False):
        response.delete_cookie(COOKIE, path=panel_path(), httponly=True, samesite="Strict")
