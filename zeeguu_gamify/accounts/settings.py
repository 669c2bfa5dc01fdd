"""What a host's settings page calls: username and avatar (docs/contract.md §1.3)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from zeeguu_gamify import avatars
from zeeguu_gamify.errors import BadInput
from zeeguu_gamify.friends import usernames
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.transaction import AnySession, plain

log = logging.getLogger("zeeguu_gamify")

AVATAR_PREFIX = "avatar_"


def update_account(session: AnySession, user_id: int, form: Mapping[str, Any]) -> None:
    """Change the user's `username` and `avatar_…` as far as `form` has them: all, or nothing.

    form: `username`, `avatar_image_name`, `avatar_character_color`, `avatar_background_color`; an
    empty text is an absent one, and other keys are ignored, because clients post all they know.
    Writes in the session's transaction and does not commit. Raises BadInput with the contract's
    messages; then nothing was changed.
    """
    try:
        _update(plain(session), user_id, form)
    except BadInput as refusal:
        log.warning("the account of user %s was not saved: %s", user_id, refusal.message)
        raise


def _update(session: Session, user_id: int, form: Mapping[str, Any]) -> None:
    """First all checks, in the contract's order; then all writes."""
    mount = current_mount()
    wanted = _text(form, "username")
    username = usernames.check(session, mount, user_id, wanted) if wanted else None
    looks = {
        name: value for name in avatars.DEFAULT if (value := _text(form, AVATAR_PREFIX + name))
    }
    avatars.check(looks, AVATAR_PREFIX)
    if username:
        usernames.write(session, mount, user_id, username)
    avatars.save(session, user_id, looks)


def _text(form: Mapping[str, Any], key: str) -> str:
    """The text under `key`; empty when there is none. Raises BadInput for anything else."""
    value = form.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{key} must be text")
    return value
