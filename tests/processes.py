"""Run a function in several real processes at once, for what threads cannot show."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import TypeVar

Result = TypeVar("Result")

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
    fork = multiprocessing.get_context("forkserver")
    fork.set_forkserver_preload(["tests.hosts"])  # imported once, not by every process
    with fork.Pool(n, initializer=_meet_at, initargs=(fork.Barrier(n),)) as pool:
        calls = [pool.apply_async(_call_together, (target, args)) for _ in range(n)]
        return [call.get(SECONDS) for call in calls]


_barrier: Barrier


def _meet_at(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _call_together(target: Callable[..., Result], args: tuple[object, ...]) -> Result:
    _barrier.wait(SECONDS)
    return target(*args)


def meet() -> int:
    """Wait, inside a call, until all the calls are here; a different number for each, from 0."""
    return _barrier.wait(SECONDS)
