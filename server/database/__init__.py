"""The door to the database: `await database.write(unit, …)` is a transaction; the commit precedes the answer."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, runtime_checkable

import sqlalchemy as sa

from server.database.engines import connected, pooled
from server.database.failures import Cause, Unavailable
from server.database.health import Health
from server.database.postgres import Postgres
from server.database.sqlite import Sqlite
from server.database.touched import Announce, Touched
from server.database.unit import DialectName, P, R, Unit

__all__ = [
    "Announce",
    "Cause",
    "Database",
    "DialectName",
    "Health",
    "Postgres",
    "Sqlite",
    "Touched",
    "Unavailable",
    "Unit",
    "async_url",
    "connected",
    "durability",
    "open_database",
    "pooled",
]

_DURABLE: Final[dict[str, dict[str, tuple[object, ...]]]] = {
    "sqlite": {"PRAGMA journal_mode": ("wal",), "PRAGMA synchronous": (2,)},
    "postgresql": {
        "SHOW fsync": ("on",),
        "SHOW full_page_writes": ("on",),
        "SHOW synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
    },
}


@runtime_checkable
class Database(Protocol):
    """Both engines under one shape. Raises Unavailable when the server is ill, Problem(busy) when a unit lost its race four times.

    A key that was taken four times is no race but a fault. `health`: whether the database can be worked with.
    """

    health: Health

    @property
    def dialect(self) -> DialectName: ...
    async def write(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R: ...
    async def read(self, unit: Unit[P, R], *args: P.args, **kw: P.kwargs) -> R: ...
    def listening(self, announce: Announce) -> AbstractAsyncContextManager[None]:
        """Tell `announce` which scopes each committed write moved, while inside; on PostgreSQL those of other processes too."""
        ...

    async def scrub(self, tables: Collection[str]) -> bool:
        """Let no file of the database hold what was deleted from these tables, as far as it is ours; whether nobody was in the way."""
        ...

    async def close(self) -> None: ...


def open_database(url: str, listen_url: str = "") -> Database:
    """Open `sqlite:///path`, `postgresql://…` or `postgresql+asyncpg://…`. `listen_url`: where hints of other processes are heard, if
    the database is reached through a pooler. Raises ValueError on any other kind."""
    parsed = async_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Sqlite(parsed)
    return Postgres(parsed, async_url(listen_url) if listen_url else None)


def async_url(url: str) -> sa.URL:
    """The URL with its asynchronous driver. Raises ValueError on an engine that is not ours, or SQLite without a file."""
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+asyncpg")
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite+aiosqlite")
    raise ValueError("a database URL is sqlite:///path or postgresql://user:password@host:port/name")


def durability(conn: sa.Connection) -> list[str]:
    """Complaints about settings that could lose an acknowledged commit in a power cut; a unit for `write`, whose connection counts."""
    wanted = _DURABLE[conn.dialect.name]
    found = {asked: conn.exec_driver_sql(asked).scalar_one() for asked in wanted}
    return [f"{asked.split()[1]} is {found[asked]}" for asked in wanted if found[asked] not in wanted[asked]]
