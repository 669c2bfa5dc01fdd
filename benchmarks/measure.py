"""Interleaved slices: every contender meets the same neighbours, so only ratios are kept."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping

SLICES = 41
SLICE_SECONDS = 0.05

#: Does one piece of work.
Work = Callable[[], object]


def pin() -> None:
    """Keep this process on one CPU, so that the server has the other to itself."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def rates(contenders: Mapping[str, Work]) -> dict[str, float]:
    """Pieces of work a second of each contender, the median over interleaved slices."""
    counts = {name: _calibrated(work) for name, work in contenders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(SLICES):
        for name, work in contenders.items():
            seconds[name].append(_time(work, counts[name]) / counts[name])
    return {name: 1 / statistics.median(times) for name, times in seconds.items()}


def _calibrated(work: Work) -> int:
    """How often `work` fits in a slice; warms it up on the way."""
    count = 8
    while (taken := _time(work, count)) < SLICE_SECONDS / 4:
        count *= 2
    return max(1, round(count * SLICE_SECONDS / taken))


def _time(work: Work, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        work()
    return time.perf_counter() - start


def report(title: str, limit: str, found: Mapping[str, float]) -> list[str]:
    """Lines of a table: each contender's rate and its ratio to that of `limit`."""
    lines = [title]
    for name, rate in found.items():
        lines.append(f"  {name:<46} {rate:>9,.0f}/s  {rate / found[limit]:.2f}")
    return lines
