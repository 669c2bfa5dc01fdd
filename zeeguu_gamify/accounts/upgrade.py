"""An anonymous account that becomes a named one."""

from __future__ import annotations

from zeeguu_gamify.leaderboards import visibility
from zeeguu_gamify.mount import current_mount
from zeeguu_gamify.transaction import AnySession, plain


def upgraded(session: AnySession, user_id: int) -> None:
    """The user is not anonymous any more: the scores so far are listed on boards.

    Call it in the transaction in which the host gives the account its e-mail address, after that;
    it does not commit. A host that does not call it finds the scores listed by the job
    `boards_drift`.
    """
    visibility.look_again(plain(session), current_mount(), user_id)
