"""What a host's sign-up calls: a new username and avatar (docs/contract.md §6)."""

from __future__ import annotations

from collections.abc import Callable

from zeeguu_gamify import avatars
from zeeguu_gamify.friends import usernames
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.transaction import AnySession, plain


def open_account(session: AnySession, insert: Callable[[str], int]) -> int:
    """Make a user with a new username and a random avatar; the id of the user.

    insert: (username) → user id; writes the user's row and flushes it. It is called again, and
    what it wrote before is undone, when somebody else has taken the username in this moment; its
    other errors are raised. Does not commit.
    """
    session = plain(session)
    user_id = usernames.give_new(session, current_mount(), insert)
    avatars.give_random(session, user_id)
    return user_id
