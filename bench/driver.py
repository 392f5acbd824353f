"""The bare drivers, without SQLAlchemy and without any thought: the limits of the databases on this machine."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol, TypeVar

import asyncpg
import msgspec
import sqlalchemy as sa

T = TypeVar("T")
DEVICES: Final = 16
Parameters = tuple[Any, ...]


class Statement(msgspec.Struct, frozen=True):
    """Driver SQL with its parameters: one tuple per execution; `many` when they went out as one executemany."""

    sql: str
    rows: list[Parameters]
    many: bool


class Bare(Protocol):
    """A database by its driver alone."""

    async def fetch(self, sql: str, parameters: Parameters) -> list[Any]:
        """All rows of one query, in no transaction of ours."""

    async def transact(self, device: int, statements: Sequence[Statement]) -> None:
        """One transaction with these statements, on the connection of one of the devices; rows are fetched."""

    async def close(self) -> None: ...


class BareSqlite:
    """sqlite3 on one thread, with our pragmas: SQLite has one writer, so more connections would only wait for each other."""

    def __init__(self, url: str) -> None:
        path = sa.make_url(url).database or ""
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("busy_timeout=5000", "journal_mode=wal", "synchronous=full"):
            self._connection.execute(f"PRAGMA {pragma}")

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def fetch(self, sql: str, parameters: Parameters) -> list[Any]:
        return await self._run(lambda: self._connection.execute(sql, parameters).fetchall())

    async def transact(self, device: int, statements: Sequence[Statement]) -> None:
        await self._run(lambda: self._transact(statements))

    def _transact(self, statements: Sequence[Statement]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for one in statements:
            if one.many:
                self._connection.executemany(one.sql, one.rows)
            else:
                self._connection.execute(one.sql, one.rows[0]).fetchall()
        self._connection.execute("COMMIT")

    async def close(self) -> None:
        self._connection.close()
        self._thread.shutdown()


class BarePostgres:
    """asyncpg, one connection per device; its own cache keeps the statements prepared."""

    def __init__(self, connections: list[asyncpg.Connection]) -> None:
        self._connections = connections

    @classmethod
    async def open(cls, url: str) -> "BarePostgres":
        dsn = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        return cls([await asyncpg.connect(dsn) for _ in range(DEVICES)])

    async def fetch(self, sql: str, parameters: Parameters) -> list[Any]:
        return await self._connections[0].fetch(sql, *parameters)

    async def transact(self, device: int, statements: Sequence[Statement]) -> None:
        connection = self._connections[device]
        async with connection.transaction():
            for one in statements:
                if one.many:
                    await connection.executemany(one.sql, one.rows)
                else:
                    await connection.fetch(one.sql, *one.rows[0])

    async def close(self) -> None:
        for connection in self._connections:
            await connection.close()


async def open_bare(url: str) -> Bare:
    """The bare driver of a database URL."""
    return BareSqlite(url) if url.startswith("sqlite") else await BarePostgres.open(url)
