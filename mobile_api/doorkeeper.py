"""How many connections a process holds, in all and of one address, and which of them have been silent for too long."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, Protocol

from mobile_api.metrics import Metrics
from mobile_api.proxies import Proxies
from server.domain.throttle import counted_address
from server.settings import Settings
from shared_schema.problem import Code, Problem

LOOK_S: Final = 0.5
"""Each connection is looked at this often."""
REFUSED_MAX: Final = 64
"""Connections beyond the bounds that are told so at once; those beyond these are cut without a word."""


class Watched(Protocol):
    """A connection, as it is looked at."""

    def look(self, now_s: float) -> None:
        """End it if its time is over."""


class Doorkeeper:
    """The bounds of one process, and the connections inside."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.proxies = Proxies(settings.trusted_proxies)
        self._inside: dict[Watched, str | None] = {}
        self._refused: set[Watched] = set()
        self._of_address: Counter[str] = Counter()
        metrics.connections(lambda: len(self._inside))

    def enter(self, connection: Watched, host: str) -> Problem | None:
        """Let a connection in. A problem that is returned is to be answered instead.

        Raises ConnectionRefusedError where there is no room even for that. A trusted proxy's connection counts against no address: its
        requests do, each for its client.
        """
        proxied = self.proxies.believed(host)
        address = None if proxied else counted_address(host)
        problem = None
        if len(self._inside) >= self.settings.connections_max:
            problem = self._refusal("connections_max")
        elif address is not None:
            problem = self.begin(address)
        if problem is None:
            self._inside[connection] = address
        elif len(self._refused) >= REFUSED_MAX:
            raise ConnectionRefusedError
        else:
            self._refused.add(connection)
        return problem

    def leave(self, connection: Watched) -> None:
        """A connection has ended."""
        self._refused.discard(connection)
        address = self._inside.pop(connection, None)
        if address is not None:
            self.end(address)

    def begin(self, address: str) -> Problem | None:
        """Count one more of an address; if a problem is returned, it is to be answered instead, and nothing was counted."""
        if self._of_address[address] >= self.settings.address_connections_max:
            return self._refusal("address_connections_max")
        self._of_address[address] += 1
        return None

    def end(self, address: str) -> None:
        """One less."""
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def _refusal(self, bound: str) -> Problem:
        self.metrics.refused_connection(bound)
        return Problem(Code.busy, "too many connections at this moment")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after the connections while the application runs."""
        task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _look(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(LOOK_S)
            for connection in [*self._inside, *self._refused]:
                connection.look(clock())
