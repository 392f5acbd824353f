"""PostgreSQL: the same units under SQLAlchemy's greenlet, one pooled connection each."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from server.database.apart import ApartError, run_apart
from server.database.bell import Bell
from server.database.engines import connected, pooled
from server.database.failures import AGAIN_MAX, WAIT_S, Cause, Unavailable, busy, illness, is_race, lost
from server.database.health import Health
from server.database.touched import Announce, Touched, noted, unheard
from server.database.unit import DialectName, P, R, Unit

PASSED_OVER: Final = "55P03"
"""Said of a table that somebody locks."""
POSTGRES_CONNECTIONS: Final = 16
"""Connections of one process on PostgreSQL; its default of 100 carries five processes and a psql."""


class Postgres:
    """The same units under SQLAlchemy's greenlet, one pooled connection each."""

    dialect: DialectName = "postgresql"

    def __init__(self, url: sa.URL, listen_url: sa.URL | None = None) -> None:
        self._url, self._listen_url = url, listen_url
        self._announce: Announce = unheard
        self.health = Health()
        self._engines: _Engines | None = None
        self._turn = asyncio.Lock()

    async def write(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        last: Exception = busy()
        for _ in range(1 + AGAIN_MAX):
            try:
                result, touched = await self._taken(unit, *args, **kw)
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

    async def _taken(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> tuple[R, Touched]:
        """Run a unit, and at once again where it asks to run apart: it has lost no race, so that is none of its tries."""
        writer = (await self._opened()).writer
        try:
            return await self._within(writer, noted, unit, *args, **kw)
        except ApartError:
            return await self._within(writer, run_apart, unit, *args, **kw)

    async def read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        return await self._within((await self._opened()).reader, unit, *args, **kw)

    async def scrub(self, tables: Collection[str]) -> bool:
        """The space of deleted rows is free for others at once, and the samples of values, by which plans are made, are taken anew. Deleted
        bytes stay in free space until it is used, and in the log (D-479). False where somebody locks a table."""
        names = ", ".join(f'"{name}"' for name in sorted(tables))
        engine = (await self._opened()).writer.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as conn:
            raw: Any = (await conn.get_raw_connection()).driver_connection
            told: list[str] = []

            def hear(_: object, message: Any) -> None:
                told.append(message.sqlstate)

            raw.add_log_listener(hear)
            await conn.exec_driver_sql(f"VACUUM (SKIP_LOCKED, ANALYZE) {names}")
            await asyncio.sleep(0)  # the driver tells what it heard at the loop's next turn
            raw.remove_log_listener(hear)
        return PASSED_OVER not in told

    async def _within(self, engine: AsyncEngine, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Run one unit in one transaction. Raises Unavailable when PostgreSQL cannot be worked with or the connection breaks."""
        try:
            async with engine.begin() as conn:
                return await conn.run_sync(unit, *args, **kw)
        except Exception as error:
            cause = illness(error)
            if cause is None or (cause is Cause.read_only and self._reads(engine)):  # a reader that writes is a fault of the unit
                raise
            self.health.failed(cause)
            raise Unavailable(cause) from error

    @contextlib.asynccontextmanager
    async def listening(self, announce: Announce) -> AsyncIterator[None]:
        bell = Bell(self._address, announce)

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

    async def _address(self) -> sa.URL | None:
        """Where one may LISTEN: where the settings say, else straight at the database; through a pooler nowhere."""
        return self._listen_url or (None if (await self._opened()).pooled else self._url)

    async def _opened(self) -> "_Engines":
        """The pool of connections, of the kind that is right here; the first caller looks whether a pooler stands between."""
        if self._engines is None:
            async with self._turn:
                self._engines = await self._chosen()
        return self._engines

    async def _chosen(self) -> "_Engines":
        """Statements stay prepared in each session, unless sessions are lent for a transaction. Raises Unavailable."""
        if self._engines is not None:
            return self._engines
        between = await self._within(connected(self._url, poolable=True, poolclass=sa.NullPool), pooled)
        bounds = {"pool_size": POSTGRES_CONNECTIONS, "max_overflow": 0, "pool_timeout": WAIT_S}
        writer = connected(self._url, poolable=between, isolation_level="READ COMMITTED", **bounds)
        return _Engines(writer, writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True), between)

    def _reads(self, engine: AsyncEngine) -> bool:
        return self._engines is not None and engine is self._engines.reader

    async def close(self) -> None:
        if self._engines is not None:
            await self._engines.writer.dispose()


class _Engines(NamedTuple):
    """A pool of connections for writing and for reading; whether a pooler stands before the database."""

    writer: AsyncEngine
    reader: AsyncEngine
    pooled: bool
