"""Run the jobs beside the server until it stops; a job that fails is told in the log and tried again at its next turn."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from server import clock
from server.database import Database
from server.domain.desk import JOBS
from server.jobs import compare, erase, evaluate, forget, remind, sweep, turn
from server.jobs.channels import ways
from server.jobs.compact import purge, purge_pushes, retire_notices
from server.jobs.escalate import hand
from server.jobs.push import Sender
from server.jobs.sending import Sending
from server.settings import Settings

LOGGER: Final = logging.getLogger("outrider.jobs")
PURGE_S: Final = 24 * 3600.0
HAND_S: Final = 600.0
REMIND_S: Final = 10.0
SWEEP_S: Final = 10.0
COMPARE_S: Final = 2.0
EVALUATE_S: Final = 5.0


@asynccontextmanager
async def running(database: Database, settings: Settings) -> AsyncIterator[None]:
    """The jobs and the sender of pushes run inside this context and are ended with it."""
    sending = Sending(settings)
    tasks = [
        asyncio.create_task(Sender(database, sending, ways(settings)).run()),
        *(asyncio.create_task(_repeat(job.name, job.every_s, partial(turn.run, database, job))) for job in JOBS),
        asyncio.create_task(_repeat("remind", REMIND_S, lambda: remind.run(database))),
        asyncio.create_task(_repeat("sweep", SWEEP_S, lambda: sweep.run(database))),
        asyncio.create_task(_repeat("compare", COMPARE_S, lambda: compare.run(database))),
        asyncio.create_task(_repeat("evaluate", EVALUATE_S, lambda: evaluate.run(database))),
        asyncio.create_task(_repeat("purge", PURGE_S, lambda: purge(database, settings.tombstone_days))),
        asyncio.create_task(_repeat("purge pushes", PURGE_S, lambda: purge_pushes(database))),
        asyncio.create_task(_repeat("retire notices", PURGE_S, lambda: retire_notices(database, settings.notice_days))),
        asyncio.create_task(_repeat(erase.NAME, erase.EVERY_S, lambda: erase.run(database))),
        asyncio.create_task(_repeat(forget.NAME, PURGE_S, lambda: forget.run(database))),
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
        await sending.close()


async def _repeat(name: str, pause_s: float, job: Callable[[], Awaitable[int]]) -> None:
    while True:
        try:
            await job()
        except Exception:
            LOGGER.exception("job failed", extra={"facts": {"job": name}})
        await clock.pause(pause_s)
