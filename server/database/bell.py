"""Touched scopes from process to process by PostgreSQL's LISTEN / NOTIFY: hints that may be lost, never data."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from asyncpg import PostgresError
from asyncpg.exceptions import InterfaceError

from server.database.engines import connected
from server.database.touched import Announce, Touched
from shared_schema.problem import Problem

LOGGER: Final = logging.getLogger("outrider.wake")
CHANNEL: Final = "outrider_wake"
RING: Final = f"BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_notify('{CHANNEL}', '{{}}'); COMMIT"
"""The text is numbers, dots and spaces alone. The setting ends with the transaction: a session may be somebody else's next."""
POOLED: Final = (
    "no hints between processes: a pooler stands before PostgreSQL, and a listener needs a session of its own;"
    " devices look for themselves every 15 seconds; OUTRIDER_LISTEN_URL may name an address past the pooler"
)
RETRY_S: Final = 5.0
PAUSE_S: Final = 0.05
"""The pause after a message: under load, hints that gather in this time go with the next, so that ringing costs writers nothing to speak
of."""
PAIRS_MAX: Final = 190
"""Scopes in one message: a message has less than 8,000 bytes, two 64-bit numbers at most 41."""
_PAIR: Final = re.compile(r"(?<!\S)(\d{1,19})\.(\d{1,19})(?!\S)", re.ASCII)
WAITING_MAX: Final = 20_000
"""Scopes that wait while a message is on its way; beyond, they are forgotten and the devices look for themselves."""


class Bell:
    """One connection of one process that rings for the others and hears them.

    It rings after the commit, not within: a NOTIFY inside the writing transaction holds one lock of the whole server from before its commit
    record until it is on disk, so that all writers of all databases would commit one after the other. Here each message is a transaction of
    its own that waits for no disk, and hints that gather meanwhile go with the next. A process that dies in between loses a hint, which
    costs its hearers one turn of their own looking.
    """

    def __init__(self, address: Callable[[], Awaitable[sa.URL | None]], announce: Announce) -> None:
        self._address, self._announce = address, announce
        self._hangs = True
        self._waiting: set[tuple[int, int]] = set()
        self._rung = asyncio.Event()

    def ring(self, touched: Touched) -> None:
        """Tell the other processes soon. Never blocks."""
        if self._hangs and len(self._waiting) < WAITING_MAX:
            self._waiting |= touched
        self._rung.set()

    async def run(self) -> None:
        """Ring and hear until cancelled, or until there is no address to do it at; connects again whenever the connection is lost."""
        while True:
            try:
                url = await self._address()
                if url is None:
                    LOGGER.warning(POOLED)
                    self._hangs = False
                    self._waiting.clear()
                    return
                await self._connected(url)
            except (OSError, PostgresError, InterfaceError, sa.exc.SQLAlchemyError, Problem) as error:
                LOGGER.warning("no hints between processes", extra={"facts": {"error": type(error).__name__, "again_s": RETRY_S}})
            await asyncio.sleep(RETRY_S)

    async def _connected(self, url: sa.URL) -> None:
        engine = connected(url, poolable=True, poolclass=sa.NullPool)
        async with engine.connect() as conn:
            raw: Any = (await conn.get_raw_connection()).driver_connection
            raw.add_termination_listener(lambda _: self._rung.set())
            await raw.add_listener(CHANNEL, self._heard)
            while not raw.is_closed():
                await self._rung.wait()
                self._rung.clear()
                waiting, self._waiting = self._waiting, set()
                for text in told(waiting):
                    await raw.execute(RING.format(text))
                await asyncio.sleep(PAUSE_S)

    def _heard(self, connection: Any, sender_pid: int, _: str, text: object) -> None:
        """One's own messages come back too: they were told here already."""
        if sender_pid != connection.get_server_pid() and (touched := understood(str(text))):
            self._announce(touched)


def told(waiting: set[tuple[int, int]]) -> Iterator[str]:
    """Messages that name all of them."""
    pairs = sorted(waiting)
    for start in range(0, len(pairs), PAIRS_MAX):
        yield " ".join(f"{org_id}.{number}" for org_id, number in pairs[start : start + PAIRS_MAX])


def understood(text: str) -> Touched:
    """The scopes that a message names. Anybody with a login to the database may send one, so a message that is not understood names
    none."""
    return frozenset((int(org_id), int(number)) for org_id, number in _PAIR.findall(text))
