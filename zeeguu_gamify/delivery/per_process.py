"""What belongs to one process: locks, threads, and what they guard."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

State = TypeVar("State")


class PerProcess(Generic[State]):
    """A state that is made anew in each process, at first use.

    Threads do not survive a fork, and the locks that they held are never let go. Nor do locks work
    that were made before gevent made threads into greenlets, as under `gunicorn --preload`.
    """

    def __init__(self, make: Callable[[], State]) -> None:
        """`make` is called at the first `get` in each process, and may be called once too often."""
        self._make = make
        self._states: dict[tuple[int, object], State] = {}

    def get(self) -> State:
        """The state of this process."""
        here = (os.getpid(), threading.Lock)
        state = self._states.get(here)
        return self._states.setdefault(here, self._make()) if state is None else state
