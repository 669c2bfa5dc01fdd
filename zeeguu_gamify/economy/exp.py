"""EXP and coins: what is earned and taken back, as entries of the ledger, sums of the profile and
messages to boards.

An event earns what its line of the dictionary pays, and `exp.gained` what its amount says. What
undoes the completion of an object takes back all that it has earned.

An entry counts on the local date of its instant, also one that takes back: what was earned before
a season closed, taken back and earned again after it, has been earned once.
"""

from __future__ import annotations

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from zeeguu_gamify.economy.asked import asked_by
from zeeguu_gamify.economy.books import Books
from zeeguu_gamify.events import Emitted
from zeeguu_gamify.mount import Mount
from zeeguu_gamify.transaction import is_fatal

_UNDO = "gamify.exp_undo"


class ExpSubscriber:
    """Writes an entry for what is gained and lost, and owes the boards a message of it."""

    def handle(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Three statements for an event, one more for coins; for a batch four. Three more for
        each daily cap, two more for a new level, and one where a user's zone is not remembered.

        Raises BadInput for a wrong context, and UnknownUser.
        """
        undo: list[Executable] = []
        session.info[_UNDO] = undo
        asked = asked_by(session, mount, emitted)
        try:
            if asked:
                Books(session, mount, undo).book(asked)
        except Exception as error:
            if not is_fatal(session, error):
                self.undo(session, mount, emitted)
            raise

    def undo(self, session: Session, mount: Mount, emitted: list[Emitted]) -> None:
        """Take back what the last `handle` wrote; a batch has its savepoint for that."""
        for statement in reversed(session.info.pop(_UNDO, [])):
            session.connection().execute(statement)
