"""A time box: how long a proof may still run. `BOX_S=…` runs it until the box is full; without it, by its counts."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Box:
    """So many seconds, counted from the first look at it; without a bound it is never full."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._began_s: float | None = None

    @property
    def full(self) -> bool:
        used_s = self.used_s()
        return self.seconds is not None and used_s >= self.seconds

    def used_s(self) -> float:
        if self._began_s is None:
            self._began_s = time.monotonic()
        return time.monotonic() - self._began_s

    def until_full(self, wanted: Iterable[T]) -> Iterator[T]:
        """As many of these as fit: none is begun once the box is full."""
        for one in wanted:
            if self.full:
                return
            yield one

    def share(self, part: float) -> "Box":
        """A box of its own, for a part of the time."""
        return Box(None if self.seconds is None else self.seconds * part)


def boxed(options: Mapping[str, str]) -> Box:
    """The box that was asked for; its time runs."""
    box = Box(float(options["BOX_S"]) if "BOX_S" in options else None)
    box.used_s()
    return box
