"""Writing in a transaction of our own, for the routes that answer alone for what they write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from zeeguu_gamify.mount import Mount, current_mount
from zeeguu_gamify.transaction import is_deadlock

P = ParamSpec("P")
Result = TypeVar("Result")

TRIES = 3


def committed(
    work: Callable[Concatenate[Session, Mount, P], Result], *args: P.args, **kwargs: P.kwargs
) -> Result:
    """What `work` returns, committed; with an error, nothing is written.

    The transaction is new, so that a lock with which `work` begins comes before all it reads.
    When the server gives the transaction up in favour of another one, `work` is done again.
    """
    mount = current_mount()
    session: Any = mount.db.session()
    session.commit()
    for tries_left in reversed(range(TRIES)):
        try:
            result = work(session, mount, *args, **kwargs)
            session.commit()
            return result
        except BaseException as error:
            session.rollback()
            if not (tries_left and isinstance(error, DBAPIError) and is_deadlock(error)):
                raise
    raise AssertionError  # the last try has returned or raised
