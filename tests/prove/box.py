"""A time box: how long a proof may still run. `BOX_S=…` runs it until the box is full; without it, by its counts."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Box:
    """So many seconds from here on; without a bound it is never full. Its clock is the machine's, so other processes may look at it too."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._began_s = time.monotonic()

    @property
    def full(self) -> bool:
        return self.left_s() == 0

    def used_s(self) -> float:
        return time.monotonic() - self._began_s

    def left_s(self) -> float | None:
        """None: as long as it takes."""
        return None if self.seconds is None else max(0, self.seconds - self.used_s())

    def at_most_s(self, seconds: float) -> float:
        """So many seconds, or what is left."""
        left_s = self.left_s()
        return seconds if left_s is None else min(seconds, left_s)

    def until_full(self, wanted: Iterable[T]) -> Iterator[T]:
        """As many of these as fit: none is begun once the box is full."""
        for one in wanted:
            if self.full:
                return
            yield one

    def share(self, part: float) -> "Box":
        """A box of its own, from now on: so much of what is left."""
        left_s = self.left_s()
        return Box(None if left_s is None else left_s * part)


def boxed(options: Mapping[str, str]) -> Box:
    """The box that was asked for; its time runs."""
    return Box(float(options["BOX_S"]) if "BOX_S" in options else None)
