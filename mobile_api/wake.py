"""The devices that wait for a hint in this process, and the moment of each hint: after a write, or when the process looks itself.

A hint says "sync", and never which scope moved. Each is given only after the database was asked which device waits and which scopes it may
hold. So a lost, late or needless announcement costs time or one question, and a revoked device gets nothing more.
"""

import asyncio
import signal
import threading
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import Final

from msgspec import Struct

from server.chance import now_ms
from server.database import Database, Touched
from server.domain.tokens import Claims
from server.services import wake
from shared_schema.problem import Code, Problem

LOOK_S: Final = 15.0
"""Each device that waits is looked at this often, hint or none."""
GAP_S: Final = 1.0
"""A scope that moves all the time hints once in this time."""
WAITING_MAX: Final = 1_000
"""Devices that may wait in one process."""
WAITING_OF_LINE_MAX: Final = 2
"""Of one device; with one more the oldest ends, because it may hang on a network that is gone."""
_STOPS: Final = (signal.SIGTERM, signal.SIGINT)


class Hint(Struct, frozen=True):
    """`moved`: there is something to sync that `mark` did not stand for before."""

    moved: bool
    mark: str


class Ear:
    """One device that waits."""

    def __init__(self) -> None:
        self.ended = False
        self.scopes: frozenset[tuple[int, int]] = frozenset()
        self.moved = asyncio.Event()
        self._next_s = 0.0

    def end(self) -> None:
        self.ended = True
        self.moved.set()

    async def wait(self, seconds: float) -> None:
        """Return when one of the scopes moved, or after `seconds`."""
        clock = asyncio.get_running_loop().time
        self._next_s = clock() + min(GAP_S, seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.moved.wait()
        if not self.ended:
            await asyncio.sleep(max(0.0, self._next_s - clock()))
            self.moved.clear()


class Hub:
    """The ears of one process, by the scopes they hear of."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_scope: defaultdict[tuple[int, int], set[Ear]] = defaultdict(set)
        self._by_line: defaultdict[tuple[int, int], list[Ear]] = defaultdict(list)
        self._waiting = 0
        self._stopped = False

    @property
    def waiting(self) -> int:
        """How many devices wait."""
        return self._waiting

    def announce(self, touched: Touched) -> None:
        """Let every device look that waits for one of these scopes."""
        for pair in touched:
            for ear in self._by_scope.get(pair, ()):
                ear.moved.set()

    async def hints(self, claims: Claims, mark: str, seconds: float) -> AsyncGenerator[Hint, None]:
        """A hint at once, then one after each move or look, until `seconds` are over or the server stops.

        Raises Problem(busy) when too many wait, and every problem that forbids the device to ask.
        """
        clock = asyncio.get_running_loop().time
        until_s = clock() + seconds
        with self._listening(claims) as ear:
            while not ear.ended:
                found = await self._look(claims, ear)
                yield Hint(found.mark != mark, found.mark)
                mark = found.mark
                left_s = until_s - clock()
                if left_s <= 0:
                    return
                await ear.wait(min(LOOK_S, left_s))

    async def _look(self, claims: Claims, ear: Ear) -> wake.Watched:
        """Ask again when other scopes are heard of than before: one may have moved between the answer and the listening."""
        while True:
            found = await self._database.read(wake.watched, claims, now_ms())
            scopes = frozenset((claims.org_id, number) for number in found.numbers)
            if scopes == ear.scopes:
                return found
            self._hear(ear, scopes)

    @contextmanager
    def _listening(self, claims: Claims) -> Iterator[Ear]:
        if self._stopped or self._waiting >= WAITING_MAX:
            raise Problem(Code.busy, "no more devices can wait here now")
        line, ear = (claims.org_id, claims.line_no), Ear()
        of_line = self._by_line[line]
        if len(of_line) >= WAITING_OF_LINE_MAX:
            of_line.pop(0).end()
        of_line.append(ear)
        self._waiting += 1
        try:
            yield ear
        finally:
            self._waiting -= 1
            self._hear(ear, frozenset())
            if ear in of_line:
                of_line.remove(ear)
            if not of_line and self._by_line.get(line) is of_line:
                del self._by_line[line]

    def _hear(self, ear: Ear, scopes: frozenset[tuple[int, int]]) -> None:
        for pair in ear.scopes - scopes:
            self._by_scope[pair].discard(ear)
            if not self._by_scope[pair]:
                del self._by_scope[pair]
        for pair in scopes - ear.scopes:
            self._by_scope[pair].add(ear)
        ear.scopes = scopes

    def stop(self) -> None:
        """End all waiting: the server stops, and would otherwise wait for them."""
        self._stopped = True
        for ears in self._by_line.values():
            for ear in ears:
                ear.end()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear of every write while the application runs."""
        async with self._database.listening(self.announce):
            with _told_of_stop(asyncio.get_running_loop(), self.stop):
                yield


@contextmanager
def _told_of_stop(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` when a signal ends the process: the server tells the application only after the last answer has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _STOPS}

    def both(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)
        old = before[signal.Signals(number)]
        if callable(old):
            old(number, frame)

    for number in _STOPS:
        signal.signal(number, both)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
