"""Time several ways of one work in alternating rounds, and judge the ratio of their medians against a target."""

import gc
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Final

import msgspec

Work = Callable[[], Awaitable[object]]
Way = Callable[[], Work]
"""Prepares one round outside the clock and returns the part that is timed."""
ROUNDS_MIN: Final = 9
ROUNDS_MAX: Final = 150
SAMPLED_S: Final = 4.0
"""Cheap work is repeated for so long: nine rounds of 3 ms fit into one busy moment, and its reference then looks slower than ours."""


class Target(msgspec.Struct, frozen=True):
    """A bound of the ratio from 7-performance: `at_least` or at most `bound`."""

    bound: float
    at_least: bool

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"

    def met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.at_least else ratio <= self.bound


class Row(msgspec.Struct, frozen=True):
    """One line of the result. `ratio` is in the sense of `target`; `work` ends with the unit of `ours` and `reference`.

    A work for which nobody set a target has an empty one, and `met` is None.
    """

    work: str
    database: str
    ours: float
    reference: float
    ratio: float
    target: str
    met: bool | None


def row(work: str, database: str, pair: tuple[float, float], target: Target | None, *, inverse: bool = False) -> Row:
    """Judge (ours, reference). `inverse`: the ratio is reference / ours, for times whose target speaks of speed."""
    ours, reference = pair
    ratio = reference / ours if inverse else ours / reference
    met = target.met(ratio) if target is not None else None
    return Row(work, database, _short(ours), _short(reference), _short(ratio), str(target or ""), met)


def _short(value: float) -> float:
    """Four significant digits: more would claim a precision that no machine has."""
    return round(value, 3 - math.floor(math.log10(abs(value)))) if value else 0.0


async def alternate(*ways: Way) -> list[float]:
    """Median milliseconds of each way; one round of each in turn, so that a busy moment of the machine hits all of them."""
    for way in ways:
        await way()()
    times: list[list[float]] = [[] for _ in ways]
    until = time.perf_counter() + SAMPLED_S
    while len(times[0]) < ROUNDS_MIN or (len(times[0]) < ROUNDS_MAX and time.perf_counter() < until):
        for way, found in zip(ways, times, strict=True):
            found.append(await _timed(way()))
    return [median(found) for found in times]


async def _timed(work: Work) -> float:
    gc.collect()
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
