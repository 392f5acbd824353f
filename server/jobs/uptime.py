"""A server says each minute that it is up, so that whatever the clock decides can tell time without a server from silence (D-158)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from server import clock
from server.database import Database
from server.store import uptime

LOGGER: Final = logging.getLogger("outrider.jobs")
EVERY_S: Final = 60.0


@asynccontextmanager
async def beating(database: Database) -> AsyncIterator[None]:
    """As long as this context lasts, phones are heard here; the first word of it stands before anything else is decided."""
    await _told(database)
    task = asyncio.create_task(_repeat(database))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(database: Database) -> None:
    while True:
        await clock.pause(EVERY_S)
        await _told(database)


async def _told(database: Database) -> None:
    """A database that does not answer stops no server."""
    try:
        await beat(database)
    except Exception:
        LOGGER.exception("job failed", extra={"facts": {"job": "uptime"}})


async def beat(database: Database) -> None:
    """Write it, unless another server just did."""
    if not await database.read(uptime.is_fresh, clock.ran_ms()):
        await database.write(uptime.beat, clock.ran_ms())
