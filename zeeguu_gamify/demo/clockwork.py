"""The clock of the demo: it may be moved for everybody, and the jobs of midnight follow at once.

When it goes back to the present, what was done meanwhile is undone: nobody has practised tomorrow.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import cast

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from zeeguu_gamify import clock
from zeeguu_gamify.delivery.deliver import deliver
from zeeguu_gamify.demo.database import db
from zeeguu_gamify.jobs.schedule import run_due
from zeeguu_gamify.mount import current_mount

log = logging.getLogger("zeeguu_gamify.demo")

EXTENSION = "demo_clockwork"
#: The jobs are run so often, in seconds, as the scheduler would.
TICK = 60.0
FARTHEST = timedelta(days=366)
#: An hour at which a streak without practice is at risk.
EVENING = 21


class Clockwork:
    """The clock of one app, and through it of the whole process."""

    def __init__(self, app: Flask) -> None:
        """Takes the process's clock over; it shows the present until it is moved."""
        self._app = app
        self._present = clock.now
        self._lock = Lock()
        self._goes = False
        self.ahead = timedelta()
        clock.now = self.now
        app.extensions[EXTENSION] = self
        app.before_request(self._wind_up)

    def now(self) -> datetime:
        """What the clock shows, as naive UTC."""
        return self._present() + self.ahead

    def move(self, by: timedelta) -> bool:
        """Let it be later by so much, for everybody; False where nobody should go."""
        with self._lock:
            if self.ahead + by > FARTHEST:
                return False
            if not self.ahead:
                self._keep()
            self.ahead += by
            follow()
        return True

    def back(self) -> None:
        """Let it be the present again, as it was."""
        with self._lock:
            self.ahead = timedelta()
            self._undo()
            follow()

    def until_evening(self, zone: str) -> timedelta:
        """How long it is until the next evening in the zone."""
        here = clock.offset(self.now(), zone)
        local = self.now() + here
        evening = local.replace(hour=EVENING, minute=0, second=0)
        return evening - local + timedelta(days=evening <= local)

    def _wind_up(self) -> None:
        """At the first request: undo what the process before left in the future, and tick."""
        with self._lock:
            if self._goes:
                return
            self._goes = True
            self._undo()
        Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        while True:
            try:
                with self._app.app_context():
                    follow()
            except SQLAlchemyError:
                log.exception("the jobs were not run; they are tried again in a minute")
            time.sleep(TICK)

    def _keep(self) -> None:
        """Copy the database, if it is a file."""
        if path := _path_of_copy():
            with closing(sqlite3.connect(path)) as copy, _database() as own:
                own.backup(copy)

    def _undo(self) -> None:
        """Let the database be as it was when it was copied."""
        path = _path_of_copy()
        if not path or not path.exists():
            return
        db.session.remove()
        with closing(sqlite3.connect(path)) as copy, _database() as own:
            copy.backup(own)
        path.unlink()
        current_mount().forget()


def clockwork() -> Clockwork | None:
    """The clock of the current app, if it may be moved."""
    found = current_app.extensions.get(EXTENSION)
    return found if isinstance(found, Clockwork) else None


def follow() -> None:
    """Do what is due at the time that the clock shows."""
    run_due(current_mount())
    deliver(current_mount())


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    with closing(db.engine.raw_connection()) as pooled:
        yield cast("sqlite3.Connection", pooled.driver_connection)


def _path_of_copy() -> Path | None:
    url = db.engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(f"{url.database}.before") if is_file else None
