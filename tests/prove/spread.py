"""Runs pieces of a proof on several processes, in order, with few of them waiting: so a time box can end it between two pieces."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing.pool import AsyncResult
from typing import Any, Final, TypeVar

from tests.prove.box import Box

T = TypeVar("T")
R = TypeVar("R")
PROCESSES: Final = 2
Begin = tuple[Callable[..., None], tuple[Any, ...]]
"""What each process does first."""


UNBOUND: Final = Box(None)


def spread(
    function: Callable[[T], R], wanted: Iterable[T], processes: int = PROCESSES, begin: Begin | None = None, box: Box = UNBOUND
) -> Iterator[R]:
    """`map` over processes that are started anew, each by `begin`; one more piece waits for each of them. One process: here.

    Pieces that are not done when the box is full are given up, with their processes.
    """
    if processes < 2 and begin is None:
        yield from map(function, wanted)
        return
    left = iter(wanted)
    with multiprocessing.get_context("spawn").Pool(processes, *(begin or ())) as pool:
        asked: deque[AsyncResult[R]] = deque(pool.apply_async(function, (one,)) for one in islice(left, 2 * processes))
        while asked:
            try:
                yield asked.popleft().get(box.left_s())
            except multiprocessing.TimeoutError:
                return
            asked.extend(pool.apply_async(function, (one,)) for one in islice(left, 1))
