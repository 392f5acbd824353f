"""How PostgreSQL is connected to: straight, or through a pooler that lends a session for one transaction only."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

POOLABLE: Final[dict[str, Any]] = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: "",
}
"""Nothing stays behind in a session: each statement is prepared anew, without a name, inside the transaction that runs it."""


class _Dialect(PGDialect_asyncpg):
    """The driver's dialect without its codecs of JSON, which no column of ours has.

    To install them it asks four questions outside any transaction, whose two halves a pooler may give to two sessions: at best that is an
    error, at worst the second half runs a statement that another program prepared there.
    """

    supports_statement_cache = True

    async def setup_asyncpg_json_codec(self, conn: Any) -> None: ...

    async def setup_asyncpg_jsonb_codec(self, conn: Any) -> None: ...


sa.dialects.registry.register("postgresql.outrider", __name__, _Dialect.__name__)


def connected(url: sa.URL, *, poolable: bool, **words: Any) -> AsyncEngine:
    """An engine for a PostgreSQL URL. `poolable`: right through any pooler, at two round trips for each statement instead of one."""
    more = {"connect_args": POOLABLE} if poolable else {}
    return create_async_engine(url.set(drivername="postgresql+outrider"), **more, **words)


def pooled(conn: sa.Connection) -> bool:
    """Whether a pooler stands between: it greets its clients with session numbers of its own, and another session answers."""
    if conn.dialect.name == "sqlite":
        return False
    greeted: Any = conn.connection.driver_connection
    return bool(conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != greeted.get_server_pid())
