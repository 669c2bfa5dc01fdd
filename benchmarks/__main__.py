"""`python -m benchmarks [NAME…]`."""

from __future__ import annotations

import sys

from benchmarks import (
    backfill,
    badges,
    boards_activity,
    boards_exp,
    event,
    friend_streak,
    live,
    pages,
    queue,
    replay,
    reset,
)
from benchmarks.measure import pin

ALL = {
    "boards_activity": boards_activity.run,
    "boards_exp": boards_exp.run,
    "live": live.run,
    "queue": queue.run,
    "event": event.run,
    "badges": badges.run,
    "backfill": backfill.run,
    "replay": replay.run,
    "pages": pages.run,
    "reset": reset.run,
    "friend_streak": friend_streak.run,
}


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all, and print a table of each."""
    pin()
    for name in names or ALL:
        print(*ALL[name](), sep="\n", end="\n\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
