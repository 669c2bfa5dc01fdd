"""Run a function in several real processes at once, for what threads cannot show."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import TypeVar

from tests.sql_rules import READ

Result = TypeVar("Result")

#: Makes processes that have imported already what they all need.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.preloaded"])
#: Far more than any call takes, on a machine that does much else too.
SECONDS = 300


def run_processes(target: Callable[..., Result], n: int, *args: object) -> list[Result]:
    """Call `target(*args)` once in each of `n` new processes, all at the same moment.

    Args:
        target: a function at the top of a module, so that a fresh interpreter finds it.
        n: how many processes.
        args: what they are all given; must pickle.

    Returns:
        What each call returned.

    Raises:
        Exception: the first that a call raised, with the traceback of its process.
        multiprocessing.TimeoutError: a process died, or took longer than `SECONDS`.
    """
    with FORKS.Pool(n, initializer=_begin, initargs=(FORKS.Barrier(n), READ)) as pool:
        calls = [pool.apply_async(_call_together, (target, args)) for _ in range(n)]
        return [call.get(SECONDS) for call in calls]


_barrier: Barrier


def _begin(barrier: Barrier, read: set[str]) -> None:
    global _barrier
    _barrier = barrier
    READ.update(read)


def _call_together(target: Callable[..., Result], args: tuple[object, ...]) -> Result:
    _barrier.wait(SECONDS)
    return target(*args)


def meet() -> int:
    """Wait, inside a call, until all the calls are here; a different number for each, from 0."""
    return _barrier.wait(SECONDS)
