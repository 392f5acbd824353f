"""PostgreSQL: the same units under SQLAlchemy's greenlet, one pooled connection each."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.database.bell import Bell
from server.database.failures import AGAIN_MAX, WAIT_S, Cause, Unavailable, busy, illness, is_race, lost
from server.database.health import Health
from server.database.touched import Announce, Touched, noted, unheard
from server.database.unit import DialectName, P, R, Unit

POSTGRES_CONNECTIONS: Final = 16
"""Connections of one process on PostgreSQL; its default of 100 carries five processes and a psql."""


class Postgres:
    """The same units under SQLAlchemy's greenlet, one pooled connection each."""

    dialect: DialectName = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._announce: Announce = unheard
        self.health = Health()
        self._writer: AsyncEngine = create_async_engine(
            url, isolation_level="READ COMMITTED", pool_size=POSTGRES_CONNECTIONS, max_overflow=0, pool_timeout=WAIT_S
        )
        self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        last: Exception = busy()
        for _ in range(1 + AGAIN_MAX):
            try:
                result, touched = await self._within(self._writer, noted, unit, *args, **kw)
            except sa.exc.DBAPIError as error:
                if not is_race(error):
                    raise
                last = lost(error)
            else:
                self.health.worked()
                if touched:
                    self._announce(touched)
                return result
        raise last

    async def read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        return await self._within(self._reader, unit, *args, **kw)

    async def _within(self, engine: AsyncEngine, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Run one unit in one transaction. Raises Unavailable when PostgreSQL cannot be worked with or the connection breaks."""
        try:
            async with engine.begin() as conn:
                return await conn.run_sync(unit, *args, **kw)
        except Exception as error:
            cause = illness(error)
            if cause is None or (cause is Cause.read_only and engine is self._reader):  # a reader that writes is a fault of the unit
                raise
            self.health.failed(cause)
            raise Unavailable(cause) from error

    @contextlib.asynccontextmanager
    async def listening(self, announce: Announce) -> AsyncIterator[None]:
        bell = Bell(self._url, announce)

        def both(touched: Touched) -> None:
            announce(touched)
            bell.ring(touched)

        self._announce = both
        task = asyncio.create_task(bell.run())
        try:
            yield
        finally:
            self._announce = unheard
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        await self._writer.dispose()
