"""The server's clock: the machine's; in the demo and in tests it may be ahead of the machine's, and the demo moves it forward."""

import asyncio
import mmap
import time
from pathlib import Path
from typing import Final

FILE_BYTES: Final = 8
FORMAT: Final = "q"
"""The file holds one whole number of milliseconds, which a process reads and writes at once."""
LOOK_S: Final = 0.1
"""So often a pause looks whether the clock was moved."""


class _Simulated:
    """`ahead_ms`: how far the clock was ahead of the machine's when the server started; `moved`: how far the demo has moved it since."""

    def __init__(self) -> None:
        self.is_on = False
        self.ahead_ms = 0
        self.moved = memoryview(bytes(FILE_BYTES)).cast(FORMAT)


_SIMULATED: Final = _Simulated()


def machine_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z by the machine's clock: for what is outside, such as certificates and people's own devices."""
    return time.time_ns() // 1_000_000


def now_ms() -> int:
    """Milliseconds since 1970-01-01T00:00Z by the server's clock."""
    return machine_ms() + _SIMULATED.ahead_ms + _SIMULATED.moved[0]


def ran_ms() -> int:
    """The server's clock without what a demo moved it: by this one a server is off or on, and it was on while the demo moved the other."""
    return machine_ms() + _SIMULATED.ahead_ms


def simulate(ahead_ms: int, file: str = "") -> None:
    """Let this process' clock be ahead of the machine's, or behind; and with `file` follow the clock that a demo moves. 0: the machine's.

    Raises OSError, ValueError when the file is no such file.
    """
    _SIMULATED.moved = shared(file, writing=False) if file else memoryview(bytes(FILE_BYTES)).cast(FORMAT)
    _SIMULATED.ahead_ms = ahead_ms
    _SIMULATED.is_on = bool(ahead_ms or file)


def shared(file: str, *, writing: bool) -> "memoryview[int]":
    """The number in the file, as all processes that opened it have it at this moment. Raises OSError, ValueError."""
    with Path(file).open("r+b" if writing else "rb") as opened:
        found = mmap.mmap(opened.fileno(), FILE_BYTES, access=mmap.ACCESS_WRITE if writing else mmap.ACCESS_READ)
    return memoryview(found).cast(FORMAT)


async def pause(seconds: float) -> None:
    """Sleep for so long by the server's clock: when the demo moves it forward, the pause is over earlier."""
    if not _SIMULATED.is_on:
        await asyncio.sleep(seconds)
        return
    until_ms = now_ms() + round(seconds * 1_000)
    while (left_ms := until_ms - now_ms()) > 0:  # noqa: ASYNC110 - another process moves the clock
        await asyncio.sleep(min(left_ms / 1_000, LOOK_S))
