"""Run the jobs beside the server until it stops; a job that fails is told in the log and tried again at its next turn."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from notifications.channels.log import LogChannel
from server.database import Database
from server.domain.desk import JOBS
from server.jobs import turn
from server.jobs.compact import purge
from server.jobs.deliver import deliver
from server.jobs.escalate import hand
from server.settings import Settings

LOGGER: Final = logging.getLogger("outrider.jobs")
DELIVER_S: Final = 2.0
PURGE_S: Final = 24 * 3600.0
HAND_S: Final = 600.0


@asynccontextmanager
async def running(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Jobs run inside this context and are ended with it."""
    channel = LogChannel()
    tasks = [
        asyncio.create_task(_repeat("deliver", DELIVER_S, lambda: deliver(database, channel))),
        *(asyncio.create_task(_repeat(job.name, job.every_s, partial(turn.run, database, job))) for job in JOBS),
        asyncio.create_task(_repeat("purge", PURGE_S, lambda: purge(database, settings.tombstone_days))),
        asyncio.create_task(_repeat("hand", HAND_S, lambda: hand(database))),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _repeat(name: str, pause_s: float, job: Callable[[], Awaitable[int]]) -> None:
    while True:
        try:
            await job()
        except Exception:
            LOGGER.exception("job failed", extra={"facts": {"job": name}})
        await asyncio.sleep(pause_s)
