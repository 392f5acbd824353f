"""PostgreSQL: the same units under SQLAlchemy's greenlet, one pooled connection each."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.database.failures import AGAIN_MAX, WAIT_S, busy, is_away, is_race
from server.database.unit import DialectName, P, R, Unit

POSTGRES_CONNECTIONS: Final = 16
"""Connections of one process on PostgreSQL; its default of 100 carries five processes and a psql."""


class Postgres:
    """The same units under SQLAlchemy's greenlet, one pooled connection each."""

    dialect: DialectName = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        self._writer: AsyncEngine = create_async_engine(
            url, isolation_level="READ COMMITTED", pool_size=POSTGRES_CONNECTIONS, max_overflow=0, pool_timeout=WAIT_S
        )
        self._reader = self._writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        for _ in range(1 + AGAIN_MAX):
            try:
                return await _within(self._writer, unit, *args, **kw)
            except sa.exc.DBAPIError as error:
                if not is_race(error):
                    raise
        raise busy()

    async def read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        return await _within(self._reader, unit, *args, **kw)

    async def close(self) -> None:
        await self._writer.dispose()


async def _within(engine: AsyncEngine, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
    """Run one unit in one transaction. Raises Problem(busy) when PostgreSQL cannot be reached or the connection breaks."""
    try:
        async with engine.begin() as conn:
            return await conn.run_sync(unit, *args, **kw)
    except (sa.exc.SQLAlchemyError, OSError) as error:
        if is_away(error):
            raise busy() from error
        raise
