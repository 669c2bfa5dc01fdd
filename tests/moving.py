"""The monotonic clock, as a test moves it on (fixture `later`)."""

from __future__ import annotations

import time


class Later:
    """A clock that the test moves on."""

    def __init__(self) -> None:
        self.seconds = time.monotonic()

    def __call__(self) -> float:
        return self.seconds
